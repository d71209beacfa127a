"""Maps each kind of model to the reader for its segments.

To add a kind: one file in mica.model, one reader, and one line here.
"""

from typing import Final

from mica.engine.fallback import with_fallback
from mica.engine.offline import OfflineReader
from mica.engine.streaming_reader import StreamingReader
from mica.engine.utterance import MakeReader
from mica.errors import ModelError
from mica.model.granite import Granite
from mica.model.speech_model import SpeechModel

#: By kind: the reader, and the fallback for segments on which it fails.
_READERS: Final[dict[type, tuple[MakeReader, MakeReader]]] = {
    Granite: (StreamingReader, OfflineReader),
}


def make_reader(model: SpeechModel) -> MakeReader:
    """The factory that makes a reader for each segment. ModelError if the model's kind
    has no reader."""
    for kind, (reader, plain) in _READERS.items():
        if isinstance(model, kind):
            return with_fallback(reader, plain)
    raise ModelError("No reader for this kind of model.", "Choose another model.")
