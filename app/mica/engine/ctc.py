"""Text and tokens that the CTC heads heard; numpy in, plain values out.

It runs no network: the encoder's heads give logits, this reads them.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

BLANK: Final = 0
_FIRST_KATAKANA: Final = 256  # labels from here on are U+30A1 and its followers
_KATAKANA: Final = 0x30A1


def labels(logits: NDArray[np.float32]) -> list[int]:
    """The best labels (T,) of logits (T, characters), repeats and blanks left out."""
    return collapsed(logits.argmax(axis=-1).tolist())


def collapsed(best: Sequence[int]) -> list[int]:
    """A frame's best label each, repeats and blanks left out."""
    return [label for label, _ in groupby(best) if label != BLANK]


def characters(found: Sequence[int]) -> str:
    """The text of character labels: 32 to 255 are Latin-1, then Katakana."""
    return "".join(map(_character, found)).strip()


def is_katakana(label: int) -> bool:
    return label >= _FIRST_KATAKANA


def _character(label: int) -> str:
    if is_katakana(label):
        return chr(_KATAKANA + label - _FIRST_KATAKANA)
    return chr(label) if label >= 32 else ""
