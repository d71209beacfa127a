"""Random dictations: keys, microphones, windows, an engine, a user who goes away.

In hold mode, nothing records once the key has been physically up for 1 s. A text is
inserted at most once, and only in the window that had the focus when its key went down.
Every text is in the library. At the end, nothing is active and no row is left open. The
state shown changes only along legal transitions (Dictation asserts this).
"""

import queue
import re
import tempfile
import threading
from collections import Counter
from pathlib import Path
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dictation.harness import Harness
from mica.audio.device_selection import Device
from mica.audio.failover import FailoverMicrophone
from mica.audio.microphone_source import AudioSpan
from mica.dictation import recording
from mica.dictation.state import Latch
from mica.dictation.utterances import PendingUtterance
from mica.engine.client import Failed, Finished
from mica.errors import EngineError, MicrophoneError
from mica.events import Transcript
from mica.host.hold_key import Input
from mica.host.values import Target
from mica.settings import Settings
from support.fakes import DESK, LIMIT_S, FakeMicrophone

TICK_S = 0.01
UP_S = 1.0  # the limit in the docstring above
LAMP = Device(4, "Lamp", 48_000, False)
WINDOWS = (None, Target(1, 100, "Editor"), Target(2, 200, "Browser"))
UNPLUGGED = MicrophoneError("No microphone was found.", "Connect one.")
FAILED = EngineError("The engine died.", "Try again.")
NUMBER = re.compile(r"\d{5}")  # each text contains the number of its utterance


class Counted(FailoverMicrophone):
    """Counts how often get() found nothing."""

    vain = 0

    def get(self, timeout_s: float) -> AudioSpan:
        try:
            return super().get(timeout_s)
        except queue.Empty:
            self.vain += 1
            raise


class Simulation(RuleBasedStateMachine):
    """Open microphones always deliver something. Recordings run on their own threads,
    which each step waits for."""

    @initialize(quiet_stop_s=st.sampled_from([0.0, 3.0]))
    def begin(self, quiet_stop_s: float) -> None:
        self.patches = [
            patch.object(recording, "POLL_S", 0.0005),
            patch.object(recording, "FailoverMicrophone", Counted),
        ]
        for one in self.patches:
            one.start()
        self.harness = harness = Harness(Path(tempfile.mkdtemp()))
        self.dictation = harness.dictation
        paster = harness.fake.paster
        self.paste, paster.press_paste_keys = paster.press_paste_keys, self.pastes
        harness.chosen = Settings(quiet_stop_s=quiet_stop_s, max_dictation_s=20.0)
        self.open: list[FakeMicrophone] = []
        self.up_s = 0.0  # how long the key has been up while the app was ticking
        self.meant: dict[int, Target | None] = {}
        self.final_texts: dict[int, str] = {}

    @rule(seen=st.booleans())
    def press(self, seen: bool) -> None:
        self.harness.fake.hotkeys.down, self.up_s = True, 0.0
        if seen:
            self.key(Input.PRESS)

    @rule(seen=st.booleans())
    def release(self, seen: bool) -> None:
        self.harness.fake.hotkeys.down, self.up_s = False, 0.0
        if seen:
            self.key(Input.RELEASE)

    @rule(
        what=st.sampled_from(
            [Input.OTHER, Input.ESCAPE, Input.UNDO, Input.TOGGLE, Input.LOCK]
        )
    )
    def key(self, what: Input) -> None:
        self.dictation.key(what, self.harness.clock.now_s)
        self.settle()

    @rule(
        ticks=st.sampled_from([1, 5, 30, 120, 500]),
        level=st.sampled_from([0.0, 1e-5, 0.1]),
    )
    def time_passes(self, ticks: int, level: float) -> None:
        for tick in range(ticks):
            self.harness.clock.now_s += TICK_S
            if tick % 2:
                for microphone in self.open:
                    microphone.speak(2 * TICK_S, level)
            self.tick()
            if tick % 50 == 0:
                self.settle()
        self.settle()

    @rule(held=st.sampled_from([5, 120]), window=st.sampled_from(WINDOWS))
    def dictate(self, held: int, window: Target | None) -> None:
        """A typical dictation; if the key is held only briefly, it is a tap."""
        self.dictation.resume()
        self.focus(window)
        self.press(seen=True)
        self.time_passes(held, 0.1)
        self.release(seen=True)
        self.time_passes(30, 0.0)

    @rule()
    def finish_and_insert(self) -> None:
        self.finish_transcription(fails=False, has_words=True)
        self.time_passes(30, 0.0)

    @rule(seconds=st.sampled_from([0.2, 4.9, 60.0]))
    def clock_jumps(self, seconds: float) -> None:
        self.harness.clock.now_s += seconds

    @rule(window=st.sampled_from(WINDOWS))
    def focus(self, window: Target | None) -> None:
        self.harness.fake.focus.target = window

    @rule()
    def lose(self) -> None:
        if self.open:
            self.open.pop().lose()
            self.settle()

    @rule(there=st.booleans(), device=st.sampled_from([DESK, LAMP]))
    def plug(self, there: bool, device: Device) -> None:
        self.harness.microphones.refusal = None if there else UNPLUGGED
        self.harness.microphones.device = device

    @rule(wanted=st.sampled_from([None, "Desk", "Lamp", ("Lamp", "Desk")]))
    def choose(self, wanted: str | None) -> None:
        self.dictation.change_microphone(wanted)
        self.settle()

    @rule(here=st.booleans())
    def suspend_or_resume(self, here: bool) -> None:
        if here:
            self.dictation.resume()
        else:
            self.dictation.suspend()
        self.settle()

    @rule(fails=st.booleans(), has_words=st.booleans())
    def finish_transcription(self, fails: bool, has_words: bool) -> None:
        self.harness.loop.run()
        for pending in self.dictation._utterances:
            number = pending.recording.utterance
            waits = pending.waits_for_replay
            if pending.recording.over.is_set() and not waits:
                if fails and pending.engine_failure is None:  # it will be replayed
                    self.harness.on(Failed(number, FAILED))
                    return
                text = f"{number:05} times." if has_words and not fails else ""
                transcript = Transcript(text, "m", 1.0)
                self.final_texts[number] = text
                event = (
                    Failed(number, FAILED) if fails else Finished(number, transcript)
                )
                self.harness.on(event)
                return

    def pastes(self, target: Target) -> None:
        assert target == self.harness.fake.focus.current()
        self.paste(target)

    def tick(self) -> None:
        self.harness.tick()
        down = self.harness.fake.hotkeys.down
        self.up_s = 0.0 if down else self.up_s + TICK_S
        if self.up_s >= UP_S and self.dictation._keys.latch is Latch.OFF:
            assert self.dictation._utterances.speaking is None

    def settle(self) -> None:
        """Wait until every recording has received all samples, and has ended if due."""
        for pending in self.dictation._utterances:
            self.meant.setdefault(pending.recording.utterance, pending.target)
            has_looked(pending)
        self.harness.loop.run()
        while not self.harness.microphones.opened.empty():
            self.open.append(self.harness.microphones.opened.get())
        self.open = [one for one in self.open if not one.closed]

    @invariant()
    def every_text_is_inserted_once_in_its_window(self) -> None:
        if not hasattr(self, "harness"):
            return
        times = Counter[int]()
        for text, target in self.harness.fake.paster.pasted:
            for found in NUMBER.findall(text):
                assert target == self.meant[int(found)]
                times[int(found)] += 1
        assert not times or max(times.values()) == 1

    def teardown(self) -> None:
        if not hasattr(self, "harness"):
            return
        try:
            self.ends_quietly()
        finally:
            self.harness.close()
            for one in self.patches:
                one.stop()

    def ends_quietly(self) -> None:
        self.plug(True, DESK)
        self.dictation.resume()
        self.harness.fake.hotkeys.down = False
        if self.dictation._utterances.speaking is not None:
            self.dictation.toggle()
        for _ in range(40):
            self.time_passes(100, 0.0)
            self.finish_transcription(False, True)
            if self.dictation.is_quiet:
                break
        assert self.dictation.is_quiet
        rows = self.harness.history._read("where true")
        assert {row.status.value for row in rows} <= ENDS
        for row in rows:
            is_written = row.status.value not in ("cancelled", "failed")
            assert row.text == (self.final_texts[row.id] if is_written else "")


ENDS = {"written", "inserted", "copied", "cancelled", "failed"}


def has_looked(pending: PendingUtterance) -> None:
    microphone, over = pending.recording._microphone, pending.recording.over
    assert isinstance(microphone, Counted)
    before, pause = microphone.vain, threading.Event()
    for _ in range(round(LIMIT_S / 0.0005)):
        if over.is_set() or microphone.vain >= before + 2:
            return
        pause.wait(0.0005)
    raise AssertionError("a recording hangs")


TestSimulation = Simulation.TestCase
TestSimulation.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None
)
