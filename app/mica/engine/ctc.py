"""Decodes the logits of the CTC heads into labels and text; numpy in, values out.

It runs no network: the encoder's heads produce the logits.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

BLANK: Final = 0
_FIRST_KATAKANA: Final = 256  # labels from here on are U+30A1 and up
_KATAKANA: Final = 0x30A1
_KATAKANA_LABELS: Final = 92


def log_posteriors(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log softmax of logits (T, characters), by row."""
    above = logits - logits.max(axis=-1, keepdims=True)
    likely: NDArray[np.float32] = above - np.log(
        np.exp(above).sum(axis=-1, keepdims=True)
    )
    return likely


def labels(logits: NDArray[np.float32]) -> list[int]:
    """The best path of logits (T, characters), without repeats and blanks."""
    return collapsed(logits.argmax(axis=-1).tolist())


def collapsed(best: Sequence[int]) -> list[int]:
    """The best label of each frame, without repeats and blanks."""
    return [label for label, _ in groupby(best) if label != BLANK]


def characters(found: Sequence[int]) -> str:
    """The text of character labels: 32 to 255 are Latin-1, then Katakana."""
    return "".join(map(_character, found)).strip()


def label(character: str) -> int | None:
    """The label of a lower-case letter, hiragana as katakana; None if it has none.

    Digits and symbols have labels too, but the CTC spells them out.
    """
    code = ord(character)
    if 0x3041 <= code <= 0x3096:
        code += _KATAKANA - 0x3041
    if _KATAKANA <= code < _KATAKANA + _KATAKANA_LABELS:
        return code - _KATAKANA + _FIRST_KATAKANA
    return code if character.isalpha() and code < _FIRST_KATAKANA else None


def is_katakana(label: int) -> bool:
    return label >= _FIRST_KATAKANA


def _character(label: int) -> str:
    if is_katakana(label):
        return chr(_KATAKANA + label - _FIRST_KATAKANA)
    return chr(label) if label >= 32 else ""
