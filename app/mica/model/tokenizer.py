"""Converts text to token ids and back with the model folder's tokenizer.json.

Only the `tokenizers` library reads the file; no template or code from a model folder is
used. Special tokens in text are encoded as plain characters: user text cannot insert an
audio slot or end the text. Parts that Granite's tokenizers do not have are refused,
because some can make an endless text of a few tokens.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

from tokenizers import Tokenizer as Library

from mica.errors import ModelError
from mica.model.config import read_json
from mica.model.regular_file import REMEDY, read_regular, shown

MAX_BYTES: Final = 32 << 20  # with 100,000 tokens, it has up to 10 MB
MAX_TOKEN: Final = 1024  # characters of one token
_FILE: Final = "tokenizer.json"
_CONTROLS: Final = dict.fromkeys({*range(32), *range(127, 160)} - {*b"\t\n\r"}, " ")
_NORMALIZERS: Final = {"Sequence", "NFC", "NFD", "NFKC", "NFKD"}
_PRE_TOKENIZERS: Final = {"Sequence", "ByteLevel", "Digits", "Split"}
_DECODERS: Final = {"Sequence", "ByteLevel"}


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
        """The text of token ids, without special tokens and control characters, which
        a window could take for keys."""
        text = str(self._library.decode(ids, skip_special_tokens=True))
        return text.translate(_CONTROLS)


def load_tokenizer(folder: Path, audio: int, vocabulary: int) -> Tokenizer:
    """The tokenizer of a model folder.

    audio        config.json's audio token
    vocabulary   number of token ids that the decoder knows
    """
    library = _library(read_regular(folder / _FILE, MAX_BYTES))
    _check_parts(library)
    tokens = library.get_vocab(with_added_tokens=True)
    if max(map(len, tokens)) > MAX_TOKEN:
        raise ModelError(f"The model’s {_FILE} has endless tokens.", REMEDY)
    if max(tokens.values()) >= vocabulary:
        raise ModelError("The tokenizer has more tokens than the decoder.", REMEDY)
    name = _eos_name(folder)
    eos = library.token_to_id(name)
    if eos is None:
        raise ModelError(f"The model’s tokenizer doesn’t have {shown(name)}.", REMEDY)
    library.encode_special_tokens = True
    library.no_padding()
    library.no_truncation()
    return Tokenizer(library, eos, audio)


def _library(data: bytes) -> Any:
    try:
        library = Library.from_buffer(data)
        if not library.get_vocab_size(with_added_tokens=True):
            raise ValueError("no tokens")
    except BaseException as error:  # a panic of the library isn't an Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise ModelError(f"The model’s {_FILE} can’t be read.", REMEDY) from error
    return library


def _check_parts(library: Any) -> None:
    """Raises ModelError if the tokenizer has a part of a kind that Granite's lack."""
    for part, known in (
        (library.normalizer, _NORMALIZERS),
        (library.pre_tokenizer, _PRE_TOKENIZERS),
        (library.decoder, _DECODERS),
    ):
        if unknown := set(_kinds(part)) - known:
            _refuse(min(unknown))
    kind = type(library.model).__name__
    if kind != "BPE":
        _refuse(kind)
    if library.model.dropout:  # encodes the same text differently each time
        _refuse("dropout")


def _kinds(part: Any) -> Iterator[str]:
    """The kinds of a part and of the parts in it; none of a missing part."""
    if part is not None:
        yield from _kinds_in(json.loads(part.__getstate__()))


def _kinds_in(state: dict[str, Any]) -> Iterator[str]:
    yield state["type"]
    for name in ("normalizers", "pretokenizers", "decoders"):
        for inner in state.get(name, ()):
            yield from _kinds_in(inner)


def _refuse(kind: str) -> NoReturn:
    what = f"The model’s {_FILE} has a part that isn’t known: {kind}."
    raise ModelError(what, "Choose another model.")


def _eos_name(folder: Path) -> str:
    """The eos_token in tokenizer_config.json, which may be an object with `content`."""
    value = read_json(folder / "tokenizer_config.json").get("eos_token")
    name = value.get("content") if isinstance(value, dict) else value
    if not isinstance(name, str):
        raise ModelError("The model’s tokenizer_config.json has no eos_token.", REMEDY)
    return name
