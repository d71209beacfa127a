"""Transcribes one utterance at a time in an engine process, for the commands.

Audio is first written to a journal, even that of a file: the journal is replayed if the
engine dies, and a long file waits on disk instead of in memory. Only the recording of a
microphone has a name there. Does not import MLX.
"""

import queue
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mica import paths, settings
from mica.audio import journal
from mica.audio.journal import Journal
from mica.engine.client import (
    EngineClient,
    EngineEvent,
    Failed,
    Finished,
    Ready,
    Restarted,
)
from mica.engine.prompt import cannot_translate
from mica.errors import JournalError
from mica.events import Priority, TranscribeOptions, Transcript
from mica.store import catalog
from mica.units import SAMPLE_RATE_HZ

Floats = NDArray[np.float32]


class Recognizer:
    """A context manager around an engine with its model. Used by one thread.

    disk_error   why the recording is no longer saved; it is still transcribed
    mlx          version and build of the engine's MLX
    """

    def __init__(
        self, model: str | None, on_event: Callable[[EngineEvent], None]
    ) -> None:
        loaded, _ = settings.load()
        folder = catalog.folder(model or loaded.model, typed=bool(model))
        self._events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self._on_event = on_event
        self._client = EngineClient(folder, self._events.put)
        self._utterance = 0
        self._journal: Journal | None = None
        self._samples = 0
        self.disk_error: JournalError | None = None

    def __enter__(self) -> Self:
        self._exit_stack = ExitStack()
        self._exit_stack.callback(self._client.close)
        self._client.start()
        try:
            while not isinstance(ready := self._next(None), Ready):
                pass
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self._model, self._translates = ready.model, ready.translates
        self.mlx = ready.mlx
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._exit_stack.close()
        finally:
            self._end_recording()

    def begin(
        self,
        rate_hz: int,
        options: TranscribeOptions,
        folder: Path | None,
        number: int = 1,
    ) -> Path:
        """Begin an utterance; returns the file of its recording. Raises ModelError if
        the model can't translate it.

        folder   where the recording is kept; None: it is deleted afterwards
        number   that names it, or a later one if there is such a recording
        """
        if options.target_language is not None and not self._translates:
            raise cannot_translate(self._model)
        self._end_recording()
        self._utterance += 1
        self._is_stored = folder is not None
        if folder is None:
            self._journal = Journal.open_private(paths.scratch_folder(), rate_hz)
        else:
            self._journal = Journal.open_next(folder, number, rate_hz)
        self._samples, self.disk_error = 0, None
        self._client.begin(self._utterance, rate_hz, options, self._journal.path)
        return self._journal.path

    def push(self, samples: Floats) -> None:
        assert self._journal is not None
        pcm = samples.astype("<f4", copy=False).tobytes()
        if self.disk_error is None:
            try:
                self._journal.append(pcm)
            except JournalError as error:
                if not self._is_stored:
                    raise  # the engine reads a file from disk, and it can be rerun
                self.disk_error = error
        self._client.push(self._utterance, self._samples, pcm)
        self._samples += len(samples)

    def poll(self) -> None:
        """Pass on the events received so far; raises their errors."""
        while not self._events.empty():
            self._next(None)

    def finish(self) -> Transcript:
        """End the utterance; returns the transcript of everything since begin()."""
        assert self._journal is not None
        self._journal.close()
        self._client.end(self._utterance, self._samples)
        while True:
            event = self._next(self._utterance)
            if isinstance(event, Finished) and event.utterance == self._utterance:
                return event.transcript

    def transcribe(
        self,
        pieces: Iterable[Floats],
        options: TranscribeOptions,
    ) -> Transcript:
        """A whole file's transcript, without hypotheses; raises like begin().

        pieces   at 16 kHz
        """
        options = replace(options, live=False, priority=Priority.FILE)
        self.begin(SAMPLE_RATE_HZ, options, None)
        try:
            for piece in pieces:
                self.push(piece)
                self.poll()
            return self.finish()
        except BaseException:
            self._client.cancel(self._utterance)
            raise
        finally:
            self._end_recording()

    def _end_recording(self) -> None:
        """Complete the recording's header, and delete it unless it is kept."""
        recording, self._journal = self._journal, None
        if recording is not None:
            recording.close()
            if not self._is_stored:
                journal.remove(recording.path)

    def _next(self, utterance: int | None) -> EngineEvent:
        event = self._events.get()
        if isinstance(event, Failed) and event.utterance in (None, utterance):
            raise event.error
        if isinstance(event, Failed) and event.utterance == self._utterance:
            raise event.error
        if not isinstance(event, Restarted | Ready):
            self._on_event(event)
        return event
