"""Converts text to token ids and back with the model folder's tokenizer.json.

Only the `tokenizers` library reads the file; no template or code from a model folder is
used. Special tokens in text are encoded as plain characters: user text cannot insert an
audio slot or end the text.
"""

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer as Library

from mica.errors import ModelError
from mica.model.config import REMEDY, read_json


class Tokenizer:
    """A model's tokenizer.

    eos, audio   the ids of the end mark and of audio
    """

    def __init__(self, library: Any, eos: int, audio: int) -> None:
        self.eos = eos
        self.audio = audio
        self._library = library

    def encode(self, text: str) -> list[int]:
        """The token ids of plain text, without added special tokens."""
        return list(self._library.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: list[int]) -> str:
        """The text of token ids, without special tokens."""
        return str(self._library.decode(ids, skip_special_tokens=True))

    @property
    def size(self) -> int:
        return int(self._library.get_vocab_size(with_added_tokens=True))


def load_tokenizer(folder: Path, audio: int) -> Tokenizer:
    """The tokenizer of a model folder; `audio` is config.json's audio token."""
    file = folder / "tokenizer.json"
    if not file.is_file():
        raise ModelError("The model folder has no tokenizer.json.", REMEDY)
    try:
        library = Library.from_file(str(file))
    except Exception as error:
        raise ModelError("The model’s tokenizer.json can’t be read.", REMEDY) from error
    name = _eos_name(folder)
    eos = library.token_to_id(name)
    if eos is None:
        raise ModelError(f"The model’s tokenizer doesn’t have {name}.", REMEDY)
    library.encode_special_tokens = True
    return Tokenizer(library, eos, audio)


def _eos_name(folder: Path) -> str:
    """The eos_token in tokenizer_config.json, which may be an object with `content`."""
    value = read_json(folder / "tokenizer_config.json").get("eos_token")
    name = value.get("content") if isinstance(value, dict) else value
    if not isinstance(name, str):
        raise ModelError("The model’s tokenizer_config.json has no eos_token.", REMEDY)
    return name
