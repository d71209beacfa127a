"""Random runs: one fault, at one stage, and whether the laws held."""

import random
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtWidgets import QApplication

from faults import laws
from faults.commands import FileRun
from faults.known import FAULTS, Fault, Stage, duration_s
from faults.laws import Broken, Dictation
from faults.session import Session, fresh_home
from mica.dictation.control import ControlCommand

Undo = Callable[[pytest.MonkeyPatch], None]
SLACK_S: Final = 0.1  # a word that begins with the key need not be complete
HELD_S: Final = 0.5  # longer than a tap, even with one word
RETRIES: Final = 6
HOOKS: Final = {
    Stage.ENCODING: "on_end",
    Stage.DECODING: "on_commit",
    Stage.SAVING: "on_finish",
}


@dataclass(frozen=True)
class Case:
    """One run; its name repeats it."""

    fault: Fault
    stage: Stage
    seed: int

    def __str__(self) -> str:
        return f"{self.fault.name}/{self.stage.value}/{self.seed}"


def possible(stage: Stage) -> list[Fault]:
    """The faults that can occur at a stage."""
    return [fault for fault in FAULTS if stage not in fault.not_at]


def case(name: str) -> Case:
    """The run of this name."""
    fault, stage, seed = name.split("/")
    [found] = [one for one in FAULTS if one.name == fault]
    return Case(found, Stage(stage), int(seed))


def play(
    case: Case, application: QApplication, undo: Undo = lambda patch: None
) -> list[Broken]:
    """Run the app with a fault; the laws that did not hold. undo: of a fix."""
    folder = Path(tempfile.mkdtemp(prefix="mica-faults-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            home = fresh_home(folder, case.fault.is_deaf)
            session = Session(home, application, patch)
            undo(patch)
            return Run(session, case).play()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Run:
    """One run of the app, with one fault."""

    def __init__(self, session: Session, case: Case) -> None:
        self._session, self._case = session, case
        self._world = session.world
        self._random = random.Random(f"{case}")
        self._broken: list[Broken] = []
        self._ended = self._begun = self._is_crashed = False
        self._said: list[int] = []
        self._dictation: Dictation | None = None

    def play(self) -> list[Broken]:
        stage = self._case.stage
        if stage is Stage.FILE:
            return self._file()
        if stage is Stage.START:
            self._life(self._before)
            self._begin()
        script = {
            Stage.CAPTIONS: self._captions,
            Stage.QUIT: self._quit,
        }.get(stage, self._dictate_and_check)
        self._life(script)
        self._end()
        if self._is_crashed or stage is Stage.QUIT:
            self._life(self._after)
        if {*self._said} - laws.in_library(self._session):
            self._life(self._recover)
        self._broken += laws.kept(self._session, self._said)
        self._broken += laws.reachable(self._session, self._said)
        self._broken += laws.rows_are_true(self._session)
        self._broken += laws.guarded(self._session)
        return self._broken

    def _file(self) -> list[Broken]:
        run = FileRun(self._session, self._random)
        return run.play(self._begin, self._end) + laws.guarded(self._session)

    # Lives

    def _life(self, script: Callable[[], None]) -> None:
        try:
            self._session.life(script)
        except Exception as why:  # noqa: BLE001 it is what a run looks for
            self._broken.append(Broken("guards", f"the app ended with {why!r}"))
        if not self._session.has_started:
            self._broken.append(Broken("start", "the app did not start"))

    def _before(self) -> None:
        """A life before the one that is looked at; it may end in a dictation."""
        self._next()
        if self._random.random() < 0.5:
            self._session.press()
            self._session.user.pause(0.2)
            words = self._session.user.speak(2)
            self._speak_on()
            self._session.crash()
            self._said += words

    def _dictate_and_check(self) -> None:
        """A dictation with the fault, and one after it."""
        if self._random.random() < 0.3 and self._case.stage is not Stage.START:
            self._next()
        self._dictation = self._dictate()
        if self._is_crashed:
            return
        self._session.settle()
        if self._is_crashed:
            return
        self._end()
        self._after_fault()

    def _captions(self) -> None:
        session, rng = self._session, self._random
        session.choose(ControlCommand.CAPTIONS, "on")
        self._world.run(0.3)
        words = session.user.speak(rng.randint(2, 4))
        self._world.later(rng.uniform(0.1, 1.0), self._begin)
        self._speak_on()
        self._begin()  # if the words were said sooner
        if self._is_crashed:
            self._said += self._heard(words)
            return
        self._world.run(rng.uniform(0.2, 3.0))
        session.choose(ControlCommand.CAPTIONS, "off")
        session.settle()
        self._end()
        self._said += self._heard(words)
        self._after_fault()

    def _quit(self) -> None:
        """Quit while the user speaks, or while the text is being made."""
        self._dictate(releases=self._random.random() < 0.5)
        self._begin()
        self._world.run(self._random.uniform(0.0, 0.3))

    def _after(self) -> None:
        """The first life after one that ended in a dictation."""
        self._world.run(0.5)
        self._retry()
        self._next()
        self._broken += laws.clipboard_is_theirs(self._session)

    def _recover(self) -> None:
        """A later start of the app: what is left is transcribed."""
        self._world.run(0.5)
        self._retry()

    def _after_fault(self) -> None:
        session = self._session
        session.settle()
        if self._dictation is not None:
            self._broken += laws.told_is_true(session, self._dictation)
        self._next()
        self._broken += laws.clipboard_is_theirs(session)
        self._retry()

    def _retry(self) -> None:
        """Choose Transcribe Again as often as the menu offers it."""
        session = self._session
        for _ in range(RETRIES):
            if not session.can_transcribe_again():
                return
            session.choose(ControlCommand.RETRY)
            session.settle(60.0)

    # Dictations

    def _next(self) -> None:
        """A dictation without any fault."""
        session = self._session
        dictation = Dictation(len(session.told))
        session.press()
        self._world.run(0.2)
        dictation.words = dictation.spoken = session.user.speak(2)
        self._speak_on()
        self._world.run(HELD_S)
        session.release()
        dictation.released_s = self._world.now_s
        self._said += dictation.words

        def arrived() -> bool:
            found = laws.words_of(session.window.text)
            return all(word in found for word in dictation.words)

        self._world.run_until(arrived, 20.0)
        self._broken += laws.next_works(session, dictation, self._world.now_s)
        session.settle()

    def _dictate(self, *, releases: bool = True) -> Dictation:
        """A dictation in which the fault begins at its stage."""
        session, rng, stage = self._session, self._random, self._case.stage
        dictation = Dictation(len(session.told))
        if stage is Stage.ARMING:
            self._begin()
        elif stage is Stage.INSERTING:
            session.window.on_keys = self._begin_soon
        elif stage in HOOKS:
            setattr(session.engines.hooks, HOOKS[stage], self._begin_soon)
        session.press()
        session.user.pause(rng.uniform(0.12, 0.3))
        words = session.user.speak(rng.randint(1, 3))
        for _ in range(rng.randint(0, 2)):
            session.user.pause(rng.choice((0.2, 0.7, 1.5)))
            words += session.user.speak(rng.randint(1, 2))
        if stage is Stage.LISTENING:
            self._world.later(rng.uniform(0.2, 0.15 * len(words)), self._begin)
        self._speak_on()
        self._world.run(HELD_S)
        if stage in (Stage.LISTENING, Stage.RELEASE):
            self._begin()
        if releases and not self._is_crashed:
            session.release()
        dictation.released_s = self._world.now_s
        dictation.words, dictation.spoken = self._heard(words), words
        self._said += dictation.words
        return dictation

    def _speak_on(self) -> None:
        session = self._session
        self._world.run_until(lambda: not session.user.is_speaking, 60.0)
        self._world.run(0.1)

    def _heard(self, words: list[int]) -> list[int]:
        """Those of the words that must have been recorded."""
        if self._is_crashed:
            ends_s = {word: self._session.user.said[word][1] for word in words}
            return [word for word in words if ends_s[word] < self._begun_s]
        if not self._case.fault.is_deaf:
            return words
        return [word for word in words if self._session.user.is_heard.get(word)]

    # The fault

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun, self._begun_s = True, self._world.now_s
        fault = self._case.fault
        fault.begin(self._session)
        self._is_crashed = fault.name == "killed"
        self._world.later(duration_s(self._random), self._end)

    def _begin_soon(self) -> None:
        """Begin it when the app has done what it is doing."""
        self._world.later(0.0, self._begin)

    def _end(self) -> None:
        if self._begun and not self._ended:
            self._ended = True
            with suppress(AttributeError):  # the app did not start
                self._case.fault.end(self._session)
