"""Splits a text into words. Pure; it knows no sound.

Spaces separate words; Han characters and kana, which are written without spaces, are
one word each. A mark between spaces is not spoken and belongs to the word before it, or
to the next one if it opens something or comes first: `a – b (c)` is `a –`, `b`, `(c)`.
"""

import re
import unicodedata
from typing import Final

#: Kana that change the character before, and marks that repeat it.
_CONTINUING: Final = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ々ゝゞーヽヾ"
_ALONE: Final = (
    rf"(?![{_CONTINUING}])"
    "[\u3006\u3007\u3041-\u3096\u30a1-\u30fa"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_PARTS: Final = re.compile(rf"{_ALONE}|(?:(?!{_ALONE})\S)+")
_SPOKEN: Final = frozenset("&%@#+=°")  # and all currencies


def words(text: str) -> list[str]:
    """The text's words in order, each with the marks around it."""
    return [text[start:stop] for start, stop in spans(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """The start and end of each word in the text; empty if it has none."""
    found: list[tuple[int, int]] = []
    opened: int | None = None  # start of marks that belong to the next word
    for match in _PARTS.finditer(text):
        start, stop = match.span()
        if _is_word(match.group()):
            found.append((start if opened is None else opened, stop))
            opened = None
        elif opened is None:
            opening = start + _opening(match.group()) if found else start
            if opening > start:
                found[-1] = (found[-1][0], opening)
            opened = opening if opening < stop else None
    if opened is not None and found:
        found[-1] = (found[-1][0], len(text.rstrip()))
    return found


def is_spoken(character: str) -> bool:
    """Whether a character is spoken, as punctuation is not."""
    if character.isalnum() or character in _SPOKEN:
        return True
    return unicodedata.category(character) == "Sc"


def _is_word(part: str) -> bool:
    return any(is_spoken(one) for one in part if one not in _CONTINUING)


def _opening(quotes: str) -> int:
    """The index of the first mark that opens something, or their number."""
    kinds = [unicodedata.category(quote) in ("Ps", "Pi") for quote in quotes]
    return kinds.index(True) if True in kinds else len(quotes)
