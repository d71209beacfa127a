"""Maps each kind of model to the reader for its segments, with a fallback for failures.

To add a kind: one file in mica.model, one reader, and one line here. If a reader
raises, the offline reader reads the segment again from its samples, with no earlier
state that could already be wrong. If that raises too, the result is an empty text with
the reason, so one odd sound never costs the words around it. Benchmarks and most tests
read without the fallback, so that failures show.
"""

import logging
from collections.abc import Callable
from typing import Final

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mica.engine.guards import SegmentResult, Units
from mica.engine.live_text import Interim
from mica.engine.notes import UNREADABLE
from mica.engine.offline import OfflineReader
from mica.engine.streaming_reader import StreamingReader
from mica.engine.utterance import MakeReader, SegmentReader
from mica.errors import MicaError, ModelError
from mica.events import TranscribeOptions
from mica.model.granite import Granite
from mica.model.speech_model import SpeechModel

_log = logging.getLogger(__name__)
Floats = NDArray[np.float32]
#: By kind: the reader, and the fallback for segments on which it fails.
_READERS: Final[dict[type, tuple[MakeReader, MakeReader]]] = {
    Granite: (StreamingReader, OfflineReader),
}


class FallbackReader:
    """push and work while the segment is spoken, then finish once. None of them raises
    an Exception.

    Other BaseExceptions pass through: GeneratorExit ends the work when an utterance is
    cancelled between two units.
    """

    def __init__(
        self, make_reader: Callable[[], SegmentReader], offline_reader: SegmentReader
    ) -> None:
        self._offline_reader = offline_reader
        self._reader: SegmentReader | None = None
        try:
            self._reader = make_reader()
        except Exception:  # noqa: BLE001 the offline reader reads it at its end
            self._failed()

    @property
    def interim(self) -> Interim | None:
        """The reader's interim text; None once it has failed."""
        return None if self._reader is None else self._reader.interim

    def push(self, samples: Floats) -> None:
        """Give the reader more of the segment."""
        if self._reader is not None:
            try:
                self._reader.push(samples)
            except Exception:  # noqa: BLE001 as above
                self._failed()

    def work(self, pause: int | None) -> bool:
        """Do one unit of the available work; False if there is none."""
        if self._reader is None:
            return False
        try:
            return self._reader.work(pause)
        except Exception:  # noqa: BLE001 as above
            self._failed()
            return False

    def finish(self, samples: Floats) -> Units[SegmentResult]:
        """The segment's text; if both readers fail, an empty one with `failure`."""
        if self._reader is not None:
            try:
                return (yield from self._reader.finish(samples))
            except Exception:  # noqa: BLE001 as above
                self._failed()
        try:
            return (yield from self._offline_reader.finish(samples))
        except MicaError as why:
            _log.exception("a segment is left out")
            return SegmentResult("", failure=why.line())
        except Exception:  # noqa: BLE001 the next segment may still be readable
            _log.exception("a segment is left out")
            return SegmentResult("", failure=UNREADABLE)

    def _failed(self) -> None:
        _log.exception("a segment's reader failed; it is read again by the plain path")
        self._reader = None  # frees its decoder cache
        mx.clear_cache()


def with_fallback(reader: MakeReader, offline_reader: MakeReader) -> MakeReader:
    """A reader that uses `reader`, and `plain` for segments on which that fails."""

    def make(model: SpeechModel, options: TranscribeOptions) -> FallbackReader:
        return FallbackReader(
            lambda: reader(model, options), offline_reader(model, options)
        )

    return make


def make_reader(model: SpeechModel) -> MakeReader:
    """The factory that makes a reader for each segment. ModelError if the model's kind
    has no reader."""
    for kind, (reader, offline_reader) in _READERS.items():
        if isinstance(model, kind):
            return with_fallback(reader, offline_reader)
    raise ModelError("No reader for this kind of model.", "Choose another model.")
