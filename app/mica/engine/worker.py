"""The engine process: `mica --engine`. Requests on its input, replies on its output.

Two threads. The main thread is the inference thread: it loads the model and does all
that is MLX. The pipe thread reads requests, sends heartbeats and ends the process when
its input ends. File descriptor 1 carries messages only; what libraries print goes to
stderr. It never opens a network socket.
"""

import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from mica.engine import messages as m
from mica.engine.worker_pipe import Cancelled, Pipe
from mica.errors import EngineError, MicaError, ModelError
from mica.events import Commit, Tentative, UtteranceStats

if TYPE_CHECKING:
    from mica.engine.transcriber import Transcriber

LONGEST_GAP_S: Final = 60.0
_log = logging.getLogger(__name__)


def main() -> None:
    """Serve until Quit or the end of the input."""
    out = os.dup(1)
    os.dup2(2, 1)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    pipe = Pipe(0, out)
    pipe.start()
    Worker(pipe).run()


class Worker:
    """Answers requests in order, on the inference thread."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._transcriber: Transcriber | None = None
        self._no_model: MicaError = ModelError("No model is loaded.")
        self._begun: m.Begin | None = None
        self._next_sample = 0

    def run(self) -> None:
        """Until Quit. What fails is answered; the loop goes on."""
        while not isinstance((item := self._pipe.next())[0], m.Quit):
            request, pcm = item
            try:
                self._answer(request, pcm)
            except Cancelled:
                self._forget()
            except MicaError as why:
                self._fail(request, why)
            except Exception as why:  # noqa: BLE001 the app is told, the next may work
                _log.exception("%s failed", type(request).__name__)
                self._fail(request, EngineError(f"The engine failed: {why}."))

    def _answer(self, request: m.Request, pcm: bytes) -> None:
        match request:
            case m.Load():
                self._load(request)
            case m.Begin():
                self._begin(request)
            case m.Samples() if self._is_open(request.utterance):
                self._samples(request, pcm)
            case m.End() if self._is_open(request.utterance):
                self._end(request.utterance)
            case m.Cancel() if self._is_open(request.utterance):
                self._forget()

    def _load(self, request: m.Load) -> None:
        # MLX is imported here, so that heartbeats begin before it is.
        from mica.engine.fallback import with_fallback
        from mica.engine.streaming_reader import StreamingReader
        from mica.engine.transcriber import Transcriber
        from mica.model.load import load_model

        folder = Path(request.model_folder)
        start = time.perf_counter()
        try:
            model = load_model(folder)
        except MicaError as why:
            self._no_model = why
            raise
        self._transcriber = Transcriber(
            model,
            folder.name,
            on_unit=self._pipe.unit,
            should_yield=lambda: self._pipe.waiting,
            reader=with_fallback(StreamingReader),
        )
        self._transcriber.warm_up()
        load_s = time.perf_counter() - start
        self._pipe.say(m.Ready(folder.name, load_s, self._transcriber.translates))

    def _begin(self, request: m.Begin) -> None:
        first = request.earlier.start_s * request.rate
        self._begun, self._next_sample = request, first
        if self._transcriber is None:
            raise self._no_model
        self._pipe.working_on(request.utterance)
        self._transcriber.begin(request.rate, request.options, request.earlier)
        self._transcriber.touch()

    def _samples(self, request: m.Samples, pcm: bytes) -> None:
        assert self._transcriber is not None and self._begun is not None
        samples = np.frombuffer(pcm, "<f4")
        gap = request.first - self._next_sample
        if gap > LONGEST_GAP_S * self._begun.rate:
            raise EngineError("A part of the recording did not reach the engine.")
        if gap > 0:
            _log.warning("%d samples are missing; taken as silence", gap)
            samples = np.concatenate([np.zeros(gap, np.float32), samples])
        samples = samples[max(0, -gap) :]
        self._next_sample += len(samples)
        said = self._transcriber.push(samples)
        self._say(request.utterance, said, self._transcriber.stats())

    def _end(self, utterance: int) -> None:
        assert self._transcriber is not None
        committed, transcript = self._transcriber.finish()
        stats = UtteranceStats(
            transcript.keywords_applied, transcript.notes, transcript.timing
        )
        self._say(utterance, committed, stats)
        self._begun = None
        self._pipe.working_on(None)
        self._pipe.say(m.Finished(utterance, transcript))

    def _say(
        self,
        utterance: int,
        said: Sequence[Commit | Tentative],
        stats: UtteranceStats,
    ) -> None:
        for what in said:
            if isinstance(what, Commit):
                self._pipe.say(m.committed(utterance, what, stats))
            else:
                self._pipe.say(m.Hypothesis(utterance, what.text))

    def _forget(self) -> None:
        self._begun = None
        self._pipe.working_on(None)
        if self._transcriber is not None:
            self._transcriber.cancel()

    def _is_open(self, utterance: int) -> bool:
        return self._begun is not None and self._begun.utterance == utterance

    def _fail(self, request: m.Request, why: MicaError) -> None:
        utterance = None if isinstance(request, m.Load | m.Quit) else request.utterance
        self._forget()
        self._pipe.say(m.Failed(utterance, why))
