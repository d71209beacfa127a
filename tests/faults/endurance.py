"""`make endurance`: two thousand dictations, eight idle hours, and what they cost.

    python tests/faults/endurance.py                  2 000 dictations
    python tests/faults/endurance.py --dictations 200

First the whole app in a simulated world, then a real engine process with a tiny model.
The last hundred dictations are the same as the first hundred: as long, as loud, and
spaced alike. So their cost can be compared, as CPU time, whatever else the machine
does.
"""

import argparse
import os
import queue
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(Path(__file__).parents[1]))

import pytest
from PySide6.QtWidgets import QApplication

from faults.laws import in_library
from faults.runs import HELD_S
from faults.session import Session, fresh_home
from mica.audio.journal import Journal
from mica.engine.client import EngineClient, EngineEvent, Failed, Finished
from mica.events import TranscribeOptions
from support import sounds
from support.processes import children
from support.tiny_model import write_tiny_model

DICTATIONS: Final = 2000
COMPARED: Final = 100
IDLE_S: Final = 8 * 3600.0
SLOWER: Final = 1.05  # the last ones may cost this much more
MB: Final = 1 << 20
GROWTH_MB: Final = 8.0  # of memory, between the first hundred and the last
ANSWER_S: Final = 60.0


@dataclass(frozen=True)
class Plan:
    """One dictation. Times in seconds; noise is its largest sample."""

    words: int
    pauses_s: tuple[float, ...]
    noise: float
    spacing_s: float


@dataclass
class Readings:
    """What was measured after each dictation.

    cpu_s   CPU time that it took
    """

    cpu_s: list[float]
    memory_mb: list[float]
    threads: list[int]
    descriptors: list[int]
    files: list[int]

    def complaints(self, compared: int) -> list[str]:
        """What has grown."""
        found = []
        pairs = zip(self.cpu_s[:compared], self.cpu_s[-compared:], strict=True)
        ratio = statistics.median(last / first for first, last in pairs)
        if ratio > SLOWER:
            found.append(f"the last dictations cost {ratio:.3f} times the first")
        grown_mb = _middle(self.memory_mb[-compared:]) - _middle(
            self.memory_mb[compared : 2 * compared]
        )
        if grown_mb > GROWTH_MB:
            found.append(f"memory has grown by {grown_mb:.1f} MB")
        for name in ("threads", "descriptors", "files"):
            values = getattr(self, name)
            before, after = max(values[:compared]), max(values[-compared:])
            if after > before:
                found.append(f"{name}: {before} before, {after} after")
        return found

    def line(self, compared: int) -> str:
        """All figures in one line."""
        first, last = self.cpu_s[:compared], self.cpu_s[-compared:]
        ratio = statistics.median(b / a for a, b in zip(first, last, strict=True))
        memory = self.memory_mb[compared], self.memory_mb[-1]
        return (
            f"{len(self.cpu_s)} dictations: CPU {_middle(first) * 1e3:.1f} and "
            f"{_middle(last) * 1e3:.1f} ms (ratio {ratio:.3f}), memory {memory[0]:.1f} "
            f"and {memory[1]:.1f} MB, threads {max(self.threads)}, descriptors "
            f"{max(self.descriptors)}, files {self.files[0]} and {self.files[-1]}"
        )


def plans(count: int, compared: int, seed: int = 0) -> list[Plan]:
    """Random dictations; the last ones are the first ones again."""
    rng = random.Random(seed)
    made = [
        Plan(
            words=rng.randint(1, 8),
            pauses_s=tuple(rng.choice((0.1, 0.3, 0.8)) for _ in range(8)),
            noise=rng.choice((0.0, 1e-3, 0.01, 0.05)),
            spacing_s=rng.choice((0.3, 1.0, 5.0, 40.0)),
        )
        for _ in range(count - compared)
    ]
    return made + made[:compared]


def app(
    count: int, compared: int, application: QApplication, idle_s: float = IDLE_S
) -> Readings:
    """The app through many dictations, with a fake engine, and then idle."""
    folder = Path(tempfile.mkdtemp(prefix="mica-endurance-"))
    readings = Readings([], [], [], [], [])
    try:
        with pytest.MonkeyPatch.context() as patch:
            home = fresh_home(folder, closes_at_once=False)
            session = Session(home, application, patch)

            def script() -> None:
                for plan in plans(count, compared):
                    readings.cpu_s.append(_cpu_of(lambda: _dictate(session, plan)))  # noqa: B023
                    _read(readings, os.getpid(), home, threading.active_count())
                    session.world.idle(plan.spacing_s)
                session.world.idle(idle_s)
                _dictate(session, plans(1, 0)[0])
                _read(readings, os.getpid(), home, threading.active_count())

            session.life(script)
            assert session.unhandled == []
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return readings


def engine(count: int, compared: int) -> Readings:
    """A real engine process with a tiny model, through many dictations."""
    folder = Path(tempfile.mkdtemp(prefix="mica-endurance-"))
    readings = Readings([], [], [], [], [])
    events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
    model = write_tiny_model(folder / "tiny")
    client = EngineClient(model, events.put)
    client.start()
    try:
        for number, plan in enumerate(plans(count, compared), 1):
            before_s = _child_cpu_s()
            _transcribe(client, events, number, plan, folder)
            readings.cpu_s.append(_child_cpu_s() - before_s)
            [pid] = children("--engine")
            _read(readings, pid, folder, _threads(pid))
    finally:
        client.close()
        shutil.rmtree(folder, ignore_errors=True)
    return readings


def _dictate(session: Session, plan: Plan) -> None:
    user, world = session.user, session.world
    session.press()
    words = []
    for at in range(plan.words):
        user.noise(plan.pauses_s[at], plan.noise)
        words += user.speak(1)
    world.run_until(lambda: not user.is_speaking, 60.0)
    world.run(HELD_S)
    session.release()
    assert session.settle(30.0)
    session.window.text = ""
    assert {*words} <= in_library(session) or plan.words == 0


def _transcribe(
    client: EngineClient,
    events: "queue.SimpleQueue[EngineEvent]",
    number: int,
    plan: Plan,
    folder: Path,
) -> None:
    noise = sounds.voice(plan.words / 2, plan.noise, seed=number)
    samples = sounds.words(plan.words / 2) + noise
    journal = Journal.open(folder, number, sounds.RATE_HZ)
    client.begin(number, sounds.RATE_HZ, TranscribeOptions(), journal.path)
    for first in range(0, len(samples), 1600):
        pcm = samples[first : first + 1600].astype("<f4").tobytes()
        journal.append(pcm)
        client.push(number, first, pcm)
    journal.close()
    client.end(number, len(samples))
    while not isinstance(event := events.get(timeout=ANSWER_S), Finished):
        assert not isinstance(event, Failed), event
    journal.path.unlink()


def _cpu_of(act: Callable[[], None]) -> float:
    before_s = time.process_time()
    act()
    return time.process_time() - before_s


def _child_cpu_s() -> float:
    """CPU time of the engine so far."""
    pids = children("--engine")
    if not pids:
        return 0.0
    fields = Path(f"/proc/{pids[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def _read(readings: Readings, pid: int, home: Path, threads: int) -> None:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    readings.memory_mb.append(pages * os.sysconf("SC_PAGE_SIZE") / MB)
    readings.threads.append(threads)
    readings.descriptors.append(len(list(Path(f"/proc/{pid}/fd").iterdir())))
    # recordings are kept; what else is there?
    others = [path for path in home.rglob("*") if path.suffix != ".wav"]
    readings.files.append(len(others))


def _middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dictations", type=int, default=DICTATIONS)
    count = parser.parse_args().dictations
    compared = min(COMPARED, count // 4)
    complaints = []
    for name, measure in (
        ("app", lambda: app(count, compared, QApplication([]))),
        ("engine", lambda: engine(count, compared)),
    ):
        readings = measure()
        print(f"{name}: {readings.line(compared)}", flush=True)
        complaints += [f"{name}: {one}" for one in readings.complaints(compared)]
    print(*complaints, sep="\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
