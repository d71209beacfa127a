"""A fake engine process, in this process, that understands faults.speech.

It speaks the engine's protocol over real pipes. What it hears becomes its text, so
that a text shows which samples have arrived.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, Final

import numpy as np

from faults.speech import CHUNK, HEARD, tally, text_of
from faults.world import World
from mica.engine import messages as m
from mica.errors import EngineError, MicaError
from mica.events import Commit, SegmentText, Transcript, UtteranceStats

ENCODE_S: Final = 0.1
DECODE_S: Final = 0.2
BEAT_S: Final = 0.5
PAUSE_S: Final = 0.5  # commits what was said before a pause of this length


@dataclass
class EngineFaults:
    """What goes wrong with the engines; a test changes it at any time.

    spawn     starting one raises this
    deaths    so many engines die as soon as they get samples
    failures  so many utterances fail with this
    stopped   the process is stopped: it neither reads nor writes
    stuck     its heartbeats say that one unit never ends
    mute      it never answers, though its heart beats
    nonsense  its next message is garbage
    model     the model cannot be loaded
    """

    spawn: OSError | None = None
    deaths: int = 0
    failures: list[MicaError] = field(default_factory=list)
    stopped: bool = False
    stuck: bool = False
    mute: bool = False
    nonsense: bool = False
    model: MicaError | None = None


@dataclass
class EngineHooks:
    """Called on the main thread when an engine gets that far."""

    on_end: Callable[[], None] = lambda: None
    on_commit: Callable[[], None] = lambda: None
    on_finish: Callable[[], None] = lambda: None


@dataclass
class _Heard:
    """What the engine knows of one utterance."""

    begun: m.Begin
    next: int
    words: dict[int, int] = field(default_factory=dict)  # to samples of them
    order: list[int] = field(default_factory=list)
    segments: tuple[SegmentText, ...] = ()
    quiet: int = 0  # samples since the last word

    def push(self, first: int, samples: "np.ndarray[Any, Any]") -> None:
        until = round(self.begun.resume_from.until_s * self.begun.rate)
        self.next = first + len(samples)
        fresh = samples[max(0, until - first) :]
        for at in range(0, len(fresh), CHUNK):
            found = tally(fresh[at : at + CHUNK])
            self.quiet = 0 if found else self.quiet + CHUNK
            for word, count in found.items():
                self.words[word] = self.words.get(word, 0) + count
                if word not in self.order and self.words[word] >= HEARD:
                    self.order.append(word)

    def commit(self) -> Commit | None:
        """What was said since the last commit; None: nothing."""
        if not self.order:
            return None
        end_s = self.next / self.begun.rate
        start_s = self.segments[-1].end_s if self.segments else 0.0
        segment = SegmentText(start_s, end_s, text_of(self.order))
        self.segments += (segment,)
        self.order, self.words = [], {}
        return Commit(segment, end_s)


class FakeEngines:
    """Takes the place of `subprocess` in mica.engine.process.

    started   how many engines were started
    """

    def __init__(self, world: World) -> None:
        self.faults, self.hooks = EngineFaults(), EngineHooks()
        self.started = 0
        self._world = world
        self._running: list[FakeEngineProcess] = []

    def module(self, real: Any) -> SimpleNamespace:
        """The module as mica.engine.process needs it."""
        names = {
            name: getattr(real, name) for name in ("DEVNULL", "PIPE", "TimeoutExpired")
        }
        return SimpleNamespace(Popen=self._start, **names)

    def kill(self) -> None:
        """Kill the running engine, if any."""
        for engine in self._running:
            engine.kill()

    def _start(self, command: list[str], **options: Any) -> "FakeEngineProcess":
        if self.faults.spawn is not None:
            raise self.faults.spawn
        self.started += 1
        engine = FakeEngineProcess(self._world, self.faults, self.hooks)
        self._running = [one for one in self._running if not one.is_dead]
        self._running.append(engine)
        return engine


class FakeEngineProcess:
    """One engine, as subprocess.Popen shows it."""

    pid = 0

    def __init__(self, world: World, faults: EngineFaults, hooks: EngineHooks) -> None:
        self._world, self._faults, self._hooks = world, faults, hooks
        self._requests, given = os.pipe()
        taken, self._replies = os.pipe()
        self.stdin: IO[bytes] = open(given, "wb", buffering=0)  # noqa: SIM115, PTH123
        self.stdout: IO[bytes] = open(taken, "rb", buffering=0)  # noqa: SIM115, PTH123
        self.is_dead = False
        self._lock = threading.Lock()
        self._heard: dict[int, _Heard] = {}
        self._at_s = world.now_s  # when it last finished something
        self._thread = threading.Thread(
            target=self._run, name="fake-engine", daemon=True
        )
        self._thread.start()
        self._beat()

    def kill(self) -> None:
        with self._lock:
            if not self.is_dead:
                self.is_dead = True
                os.close(self._replies)

    def poll(self) -> int | None:
        return -9 if self.is_dead else None

    def wait(self, timeout: float | None = None) -> int:
        """It is over once its input has ended; a stopped one must be killed first."""
        self._thread.join(timeout)
        self.kill()
        return 0

    def _run(self) -> None:
        unpacker = m.Unpacker()
        while data := os.read(self._requests, 1 << 16):
            while self._faults.stopped and not self.is_dead:
                self._world.block(0.1, lambda: False)
            if not self.is_dead:
                for header, pcm in unpacker.push(data):
                    self._handle(m.request(header), pcm)
        os.close(self._requests)

    def _send(self, reply: m.Reply) -> None:
        self._write(m.pack(reply))

    def _write(self, data: bytes) -> None:
        with self._lock:
            if not (self.is_dead or self._faults.stopped):
                os.write(self._replies, data)

    def _beat(self) -> None:
        if self.is_dead:
            return
        age_s = self._world.now_s - self._at_s if self._faults.stuck else 0.0
        if not self._faults.stuck:
            self._at_s = self._world.now_s
        self._send(m.Heartbeat(age_s))
        self._world.later(BEAT_S, self._beat)

    def _handle(self, request: m.Request, pcm: bytes) -> None:
        if self._faults.nonsense and not isinstance(request, m.Load):
            self._faults.nonsense = False
            self._write(b"\xff" * 100)
            return
        match request:
            case m.Load(model_folder=folder):
                broken = self._faults.model
                ready = m.Ready(Path(os.fsdecode(folder)).name, 0.0)
                self._send(m.Failed(None, broken) if broken else ready)
            case m.Begin(utterance=utterance):
                start = request.resume_from.start_s * request.rate
                heard = _Heard(request, start)
                heard.segments = request.resume_from.segments
                self._heard[utterance] = heard
            case m.Samples(utterance, first) if utterance in self._heard:
                self._listen(self._heard[utterance], first, pcm)
            case m.Cancel(utterance):
                self._heard.pop(utterance, None)
            case m.End(utterance) if utterance in self._heard:
                self._world.later(0.0, self._hooks.on_end)
                self._world.later(ENCODE_S, lambda: self._commit_last(utterance))

    def _listen(self, heard: _Heard, first: int, pcm: bytes) -> None:
        utterance = heard.begun.utterance
        self._send(m.Working(utterance))
        if self._faults.deaths:
            self._faults.deaths -= 1
            self.kill()
            return
        heard.push(first, np.frombuffer(pcm, "<f4"))
        if self._faults.stuck:
            return
        self._send(m.Consumed(utterance, heard.next))
        if self._faults.failures:
            del self._heard[utterance]
            self._send(m.Failed(utterance, self._faults.failures.pop(0)))
        elif heard.quiet >= PAUSE_S * heard.begun.rate:
            self._commit(heard)

    def _commit(self, heard: _Heard) -> None:
        if (commit := heard.commit()) is not None:
            stats = UtteranceStats()
            self._send(m.committed(heard.begun.utterance, commit, stats))

    def _commit_last(self, utterance: int) -> None:
        heard = self._heard.get(utterance)
        if heard is None or not self._answers(lambda: self._commit_last(utterance)):
            return
        self._commit(heard)
        self._world.later(0.0, self._hooks.on_commit)
        self._world.later(DECODE_S, lambda: self._finish(utterance))

    def _finish(self, utterance: int) -> None:
        if not self._answers(lambda: self._finish(utterance)):
            return
        heard = self._heard.pop(utterance, None)
        if heard is None:
            return
        self._hooks.on_finish()
        text = " ".join(segment.text for segment in heard.segments)
        length_s = heard.next / heard.begun.rate
        self._send(
            m.Finished(utterance, Transcript(text, "fake", length_s, heard.segments))
        )

    def _answers(self, again: Callable[[], None]) -> bool:
        """Whether it can answer now; if it is held up, it tries again later."""
        if self._faults.failures:
            error = self._faults.failures.pop(0)
            if self._heard:
                self._send(m.Failed(self._heard.popitem()[0], error))
            return False
        if self._faults.nonsense:
            self._faults.nonsense = False
            self._write(b"\xff" * 100)
        if self._faults.deaths:
            self._faults.deaths -= 1
            self.kill()
        if self._faults.mute or self._faults.stuck or self._faults.stopped:
            if not self.is_dead:
                self._world.later(0.1, again)
            return False
        return not self.is_dead


def broken(detail: str) -> EngineError:
    """The error that an engine reports for an exception it did not expect."""
    return EngineError(f"The engine failed: {detail}.", "Try again.")
