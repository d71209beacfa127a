"""The engine process, `mica --engine`: requests on stdin, replies on stdout.

Two threads. The main thread is the inference thread: it loads the model and makes all
MLX calls. The pipe thread reads requests, sends heartbeats and ends the process when
its input ends. File descriptor 1 carries messages only; anything libraries print goes
to stderr. It never opens a network socket. Over 300 lines: all request handlers, which
share the open utterances.
"""

import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from mica.engine import messages as m
from mica.engine.messages import MAX_PCM_BYTES, SAMPLE_BYTES
from mica.engine.schedule import Scheduler
from mica.engine.worker_pipe import Item, Pipe
from mica.errors import EngineError, MicaError, ModelError
from mica.events import Commit, Tentative, UtteranceStats
from mica.log_format import ContentFreeFormatter, log_unhandled
from mica.model.mlx_build import installed_build, open_gpu, use_suited_build

if TYPE_CHECKING:
    from mica.engine.guards import Units
    from mica.engine.transcriber import Transcriber

LONGEST_GAP_S: Final = 3600.0
_log = logging.getLogger(__name__)


def main() -> None:
    """Serve until Quit or the end of the input."""
    out = os.dup(1)
    os.dup2(2, 1)
    log = logging.StreamHandler(sys.stderr)
    log.setFormatter(ContentFreeFormatter())
    logging.basicConfig(handlers=[log], level=logging.INFO)
    log_unhandled()
    pipe = Pipe(0, out)
    pipe.start()
    Worker(pipe).run()


@dataclass(slots=True)
class _OpenUtterance:
    """The worker's state of one open utterance.

    transcriber   set once Begin has been handled
    inbox         waiting requests, in order
    work          the request being handled
    next_sample   index of the next sample expected
    consumed      bytes of samples since the last Consumed was sent
    """

    begin: m.Begin
    inbox: deque[Item]
    next_sample: int
    transcriber: "Transcriber | None" = None
    work: "Units[None] | None" = None
    consumed: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether it has something to do."""
        return self.work is not None or bool(self.inbox)

    def forget(self) -> None:
        """Stop all work on it. Not while one of its units is running."""
        if self.work is not None:
            self.work.close()
        if self.transcriber is not None:
            self.transcriber.cancel()


class Worker:
    """Handles requests on the inference thread; those of one utterance in order.

    Before every unit the Scheduler chooses the utterance to serve, so that a more
    urgent one waits for at most one unit.
    """

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._transcriber: Callable[[Callable[[], bool]], Transcriber] | None = None
        self._no_model: MicaError = ModelError("No model is loaded.")
        self._open: dict[int, _OpenUtterance] = {}
        self._scheduler = Scheduler()
        self._at: _OpenUtterance | None = None  # whose unit is running
        self._named: int | None = None  # in the last Working
        self._to_load: m.Load | None = None
        self._quits = False

    def run(self) -> None:
        """Serve until Quit. Failures are reported; the loop continues."""
        self._quits = False
        while True:
            self._receive(wait=not self._ready)
            if self._quits:
                break
            if self._to_load is not None:
                self._load(self._to_load)
                self._to_load = None
            chosen = self._scheduler.choose(self._ready)
            if chosen is not None:
                self._step(chosen, self._open[chosen])
                self._pipe.unit()

    @property
    def _ready(self) -> list[int]:
        return [number for number, one in self._open.items() if one.is_ready]

    def _receive(self, *, wait: bool = False) -> None:
        """File all requests that have arrived; also called while a unit is prepared.

        wait   for at least one
        """
        while (item := self._pipe.next(wait=wait)) is not None:
            wait = False
            match item[0]:
                case m.Quit():
                    self._quits = True
                    return
                case m.Load():
                    self._to_load = item[0]
                case m.Begin(utterance):
                    self._close(utterance)
                    self._open_utterance(item[0])
                case m.Release(utterance):
                    self._scheduler.release(utterance)
                case m.Cancel(utterance):
                    self._close(utterance)
                case m.Samples(utterance):
                    self._file(utterance, item)
                case m.End(utterance):
                    self._scheduler.release(utterance)
                    self._file(utterance, item)

    def _file(self, utterance: int, item: Item) -> None:
        if utterance in self._open:
            self._open[utterance].inbox.append(item)

    def _open_utterance(self, request: m.Begin) -> None:
        first = request.resume_from.start_s * request.rate
        inbox = deque[Item]([(request, b"")])
        self._open[request.utterance] = _OpenUtterance(request, inbox, first)
        self._scheduler.open(request.utterance, request.options.priority)

    def _close(self, utterance: int) -> None:
        """Remove an utterance; ends its work, or leaves that to _step() if a unit of it
        is running."""
        closed = self._open.pop(utterance, None)
        self._scheduler.close(utterance)
        if self._named == utterance:
            self._named = None
        if closed is not None and closed is not self._at:
            closed.forget()

    def _step(self, utterance: int, one: _OpenUtterance) -> None:
        """Run one unit of an utterance."""
        if self._named != utterance:
            self._named = utterance
            self._pipe.send(m.Working(utterance))
        self._at = one
        try:
            if one.work is None:
                one.work = self._answer(one, *one.inbox.popleft())
            next(one.work)
        except StopIteration:
            one.work = None
        except MicaError as why:
            self._fail(one, why)
        except Exception as why:  # noqa: BLE001 report it; the next one may work
            _log.exception("an utterance failed")
            self._fail(one, _failed(why))
        self._at = None
        if not self._is_open(one):
            one.forget()

    def _is_open(self, one: _OpenUtterance) -> bool:
        """Whether it was neither cancelled nor replaced by another with its number."""
        return self._open.get(one.begin.utterance) is one

    def _answer(
        self, one: _OpenUtterance, request: m.Request, pcm: bytes
    ) -> "Units[None]":
        match request:
            case m.Begin():
                yield from self._begin(one)
            case m.Samples():
                yield from self._samples(one, request, pcm)
            case m.End():
                yield from self._end(one)

    def _load(self, request: m.Load) -> None:
        """Load a model; reply with Ready or Failed."""
        folder = request.model_folder
        start = time.perf_counter()
        try:
            self._transcriber, translates = _loaded(folder)
        except MicaError as why:
            self._no_model = why
            self._report_failure(None, why)
        except Exception as why:  # noqa: BLE001 as in _step()
            _log.exception("Load failed")
            self._report_failure(None, _failed(why))
        else:
            load_s = time.perf_counter() - start
            mlx = build.line() if (build := installed_build()) else ""
            self._pipe.send(m.Ready(folder.name, load_s, translates, mlx))

    def _begin(self, one: _OpenUtterance) -> "Units[None]":
        if self._transcriber is None:
            raise self._no_model
        one.transcriber = self._transcriber(lambda: self._has_more(one))
        one.transcriber.begin(one.begin.rate, one.begin.options, one.begin.resume_from)
        one.transcriber.prefetch_weights()
        yield

    def _has_more(self, one: _OpenUtterance) -> bool:
        """Whether to stop reading ahead: more of it has come, or it was cancelled."""
        self._receive()
        return bool(one.inbox) or not self._is_open(one)

    def _samples(
        self, one: _OpenUtterance, request: m.Samples, pcm: bytes
    ) -> "Units[None]":
        assert one.transcriber is not None
        self._consume(one, len(pcm), request)
        samples = np.frombuffer(pcm, "<f4")
        gap = request.first - one.next_sample
        if gap > LONGEST_GAP_S * one.begin.rate:
            raise EngineError("A part of the recording did not reach the engine.")
        if gap > 0:
            _log.warning("%d samples are missing; taken as silence", gap)
            one.transcriber.note_gap(gap / one.begin.rate)
        while gap > 0 and self._is_open(one):
            silence = np.zeros(min(gap, one.begin.rate), np.float32)
            gap -= len(silence)
            yield from self._push(one, silence)
        if self._is_open(one):
            yield from self._push(one, samples[max(0, -gap) :])

    def _push(self, one: _OpenUtterance, samples: NDArray[np.float32]) -> "Units[None]":
        assert one.transcriber is not None
        one.next_sample += len(samples)
        updates = yield from one.transcriber.push_in_units(samples)
        if self._is_open(one):
            utterance = one.begin.utterance
            self._report(utterance, updates, one.transcriber.stats())

    def _consume(self, one: _OpenUtterance, size: int, request: m.Samples) -> None:
        one.consumed += size
        if one.consumed >= MAX_PCM_BYTES:
            one.consumed = 0
            until = request.first + size // SAMPLE_BYTES
            self._pipe.send(m.Consumed(request.utterance, until))

    def _end(self, one: _OpenUtterance) -> "Units[None]":
        assert one.transcriber is not None
        committed, transcript = yield from one.transcriber.finish_in_units()
        stats = UtteranceStats(
            transcript.keywords_applied, transcript.notes, transcript.timing
        )
        utterance = one.begin.utterance
        self._report(utterance, committed, stats)
        self._close(utterance)
        self._pipe.send(m.Finished(utterance, transcript))

    def _report(
        self,
        utterance: int,
        updates: Sequence[Commit | Tentative],
        stats: UtteranceStats,
    ) -> None:
        for update in updates:
            if isinstance(update, Commit):
                self._pipe.send(m.committed(utterance, update, stats))
            else:
                self._pipe.send(m.Hypothesis(utterance, update.text))

    def _fail(self, one: _OpenUtterance, why: MicaError) -> None:
        if self._is_open(one):
            self._close(one.begin.utterance)
            self._report_failure(one.begin.utterance, why)

    def _report_failure(self, utterance: int | None, why: MicaError) -> None:
        self._pipe.send(m.Failed(utterance, why))


def _failed(why: Exception) -> EngineError:
    """The error for the user; not the message, which may quote what was said."""
    return EngineError(f"The engine failed ({type(why).__name__}).")


def _loaded(folder: Path) -> "tuple[Callable[[Callable[[], bool]], Transcriber], bool]":
    """A factory of transcribers, given their should_yield; and whether the model can
    translate."""
    use_suited_build()
    open_gpu()
    # MLX is imported here, so that heartbeats begin before that.
    from mica.engine.live_cadence import live_interval_s
    from mica.engine.readers import make_reader
    from mica.engine.transcriber import Transcriber
    from mica.model.load import load_model
    from mica.model.speech_model import Ability

    model = load_model(folder)
    every_s = live_interval_s(model.warm_up())
    reader = make_reader(model)

    def made(should_yield: Callable[[], bool]) -> Transcriber:
        return Transcriber(
            model,
            folder.name,
            should_yield=should_yield,
            reader=reader,
            live_every_s=every_s,
        )

    return made, Ability.TRANSLATION in model.abilities
