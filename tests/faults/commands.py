"""Random runs of `mica transcribe`, with a fault while it works."""

import io
import random
import signal
import threading
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from faults.laws import Broken
from faults.session import Session
from faults.speech import RATE_HZ, sound_of, words_of
from mica.cli.main import run
from support.wav_files import write_wav

FILES: Final = 2
HANGS_S: Final = 150.0
FLOW_S: Final = 0.003  # of real time between two steps: other processes need that


@dataclass(frozen=True)
class Result:
    """What a command gave: its exit code, and what it printed."""

    code: int
    out: str
    err: str
    hangs: bool


class FileRun:
    """Transcribes two files while something is wrong, and again when it is not."""

    def __init__(self, session: Session, rng: random.Random) -> None:
        self._session, self._random = session, rng
        self._files: list[Path] = []
        self._words: list[list[int]] = []
        for number in range(FILES):
            words = [20 * number + at for at in range(1, rng.randint(3, 8))]
            path = session.home.with_name(f"talk-{number}.wav")
            silence = np.zeros(RATE_HZ // 4, np.float32)
            parts = [part for word in words for part in (silence, sound_of(word))]
            samples = np.concatenate([*parts, silence]).astype(float)
            self._files.append(write_wav(path, samples[:, None], RATE_HZ, "f32"))
            self._words.append(words)

    def play(self, begin: Callable[[], None], end: Callable[[], None]) -> list[Broken]:
        if self._random.random() < 0.5:
            begin()
        else:
            self._session.engines.hooks.on_end = begin
        broken = self._check(self._transcribe())
        end()
        result = self._transcribe()
        if result.code != 0 or self._missing(result):
            broken.append(Broken("next works", f"{result.code}: {result.err}"))
        scratch = self._session.home / "scratch"
        if left := [path.name for path in scratch.rglob("*.wav")]:
            broken.append(Broken("leftovers", f"{left}"))
        return broken

    def _check(self, result: Result) -> list[Broken]:
        broken = []
        if result.hangs:
            broken.append(Broken("next works", f"it hangs, told {result.err}"))
        if result.code == 0 and (missing := self._missing(result)):
            broken.append(Broken("told is true", f"exit 0 without {missing}"))
        if result.code != 0 and not result.err.strip():
            broken.append(Broken("silence", f"exit {result.code} without a line"))
        if "Something went wrong" in result.err:
            broken.append(Broken("guards", result.err.strip()))
        return broken

    def _missing(self, result: Result) -> list[int]:
        found = words_of(result.out)
        said = [word for words in self._words for word in words]
        return [word for word in said if word not in found]

    def _transcribe(self) -> Result:
        """Run the command, with time passing on another thread."""
        world, is_over = self._session.world, threading.Event()
        out, err, hung = io.StringIO(), io.StringIO(), threading.Event()

        main = threading.get_ident()

        def flow() -> None:
            end_s = world.now_s + HANGS_S
            while not is_over.wait(FLOW_S):
                world.run(0.0)  # one step
                if world.now_s >= end_s and not hung.is_set():
                    hung.set()
                    signal.pthread_kill(main, signal.SIGINT)

        world.turn = lambda: None
        world.driver = threading.Thread(target=flow, name="time")
        world.driver.start()
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = run(["transcribe", *map(str, self._files)])
        finally:
            is_over.set()
            world.driver.join()
            world.driver = threading.main_thread()
        return Result(code, out.getvalue(), err.getvalue(), hung.is_set())
