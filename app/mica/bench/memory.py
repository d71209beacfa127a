"""Benchmarks whether the engine's memory grows with the length of speech.

A real engine process gets minutes of speech as fast as it accepts them, the way
`mica listen --pace 0` sends a file: through the client, with a journal on disk. Its
resident memory is read at every commit. This module loads no MLX.
"""

import os
import queue
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from mica.audio.journal import Journal
from mica.bench.child import print_progress
from mica.bench.report import Row, report
from mica.bench.speech import PAUSE_S, Floats, clips
from mica.engine.client import (
    Committed,
    EngineClient,
    EngineEvent,
    Failed,
    Finished,
    Restarted,
)
from mica.errors import EngineError
from mica.events import TranscribeOptions
from mica.units import SAMPLE_RATE_HZ

MINUTES: Final = (5, 60)
PROGRESS_EVERY_S: Final = 300
_UTTERANCE: Final = 1
_ENGINE_ARGUMENT: Final = "--engine"  # its last argument
_RETRY_HINT: Final = "Try again with --debug."


def run(model_folder: Path, minutes: tuple[int, int] = MINUTES) -> dict[str, object]:
    """`mica bench memory --json`: {"bench", "machine", "model", "rows"}.

    minutes   early and late; less than an hour is for trying the benchmark itself
    """
    found = resident_mb(model_folder, minutes[1])
    early, late = (highest_mb(found, 60 * minute) for minute in minutes)
    rows = [
        Row(f"{minutes[0]}min", "engine_memory_mb", None, None, early, None),
        Row(f"{minutes[1]}min", "engine_memory_mb", None, None, late, None),
        Row(f"{minutes[1]}min", "memory_growth", None, None, late / early, None),
    ]
    return report("memory", model_folder.name, rows)


def highest_mb(found: Sequence[tuple[float, float]], until_s: float) -> float:
    """The maximum in the minute before `until_s`; if there is no reading in it, the
    last one before.

    found   (seconds of audio, megabytes) in order
    """
    before = [(at_s, mb) for at_s, mb in found if at_s <= until_s]
    if not before:
        raise EngineError("The engine committed nothing.", "Try longer recordings.")
    minute = [mb for at_s, mb in before if at_s > until_s - 60]
    return max(minute, default=before[-1][1])


def resident_mb(model_folder: Path, minutes: int) -> list[tuple[float, float]]:
    """An engine's memory while it transcribes `minutes`: (seconds of audio, MB)."""
    events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
    client = EngineClient(model_folder, events.put)
    client.start()
    try:
        with tempfile.TemporaryDirectory(prefix="mica-") as scratch:
            _speak(client, Path(scratch), minutes)
            return list(readings(events))
    finally:
        client.close()


def _speak(client: EngineClient, folder: Path, minutes: int) -> None:
    journal = Journal.open(folder, _UTTERANCE, SAMPLE_RATE_HZ)
    client.begin(_UTTERANCE, SAMPLE_RATE_HZ, TranscribeOptions(), journal.path)
    pushed = 0
    for samples in spoken(minutes):
        pcm = samples.astype("<f4").tobytes()
        journal.append(pcm)
        client.push(_UTTERANCE, pushed, pcm)
        pushed += len(samples)
    journal.close()
    client.end(_UTTERANCE, pushed)


def spoken(minutes: int) -> Iterator[Floats]:
    """The clips, repeated as needed, with a short pause after each."""
    found = clips()
    pause = np.zeros(round(PAUSE_S * SAMPLE_RATE_HZ), np.float32)
    missing, turn = minutes * 60 * SAMPLE_RATE_HZ, 0
    while missing > 0:
        samples = np.concatenate([found[turn % len(found)].samples, pause])[:missing]
        missing, turn = missing - len(samples), turn + 1
        yield samples


def readings(
    events: "queue.SimpleQueue[EngineEvent]",
    memory_mb: Callable[[], float] | None = None,
) -> Iterator[tuple[float, float]]:
    """(seconds of audio, megabytes) at each commit and at the end."""
    memory_mb, printed_s = memory_mb or engine_mb, 0.0
    while not isinstance(event := events.get(), Finished):
        if isinstance(event, Failed):
            raise event.error
        if isinstance(event, Restarted):
            raise EngineError("The engine quit unexpectedly.", _RETRY_HINT)
        if isinstance(event, Committed):
            if event.end_s >= printed_s + PROGRESS_EVERY_S:
                printed_s = event.end_s
                print_progress(f"memory: {printed_s / 60:.0f} minutes heard")
            yield event.end_s, memory_mb()
    yield event.transcript.duration_s, memory_mb()


def engine_mb() -> float:
    """Resident megabytes of the engine started by this process."""
    try:
        listed = subprocess.run(
            ["ps", "-A", "-o", "ppid=,rss=,args="],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError) as why:
        remedy = "Install ps (on Debian: procps)."
        raise EngineError("The engine’s memory cannot be read.", remedy) from why
    return engine_in(listed, os.getpid())


def engine_in(listed: str, parent: int) -> float:
    """The engine’s memory in MB from the output of ps, which has a line per process and
    kilobytes."""
    for line in listed.splitlines():
        ppid, rss, arguments = line.split(None, 2)
        if int(ppid) == parent and arguments.endswith(_ENGINE_ARGUMENT):
            return int(rss) / 1024
    raise EngineError("The engine quit unexpectedly.", _RETRY_HINT)
