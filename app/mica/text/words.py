"""Where the words of a text lie. A pure rule over strings; it knows no sound.

Spaces part words; Han characters and kana are written without, and are one word each.
What nobody says alone (a mark between spaces) belongs to the word before it, or, where
it opens something or nothing stands before, to the one behind.
"""

import re
import unicodedata
from typing import Final

#: Kana that only change the one before, and marks that repeat it.
_GO_ON: Final = "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ々ゝゞーヽヾ"
_ALONE: Final = (
    rf"(?![{_GO_ON}])"
    "[\u3006\u3007\u3041-\u3096\u30a1-\u30fa"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_PARTS: Final = re.compile(rf"{_ALONE}|(?:(?!{_ALONE})\S)+")
_SAID: Final = frozenset("&%@#+=°")  # and whatever is a currency


def words(text: str) -> list[str]:
    """The text's words in order, each with the marks around it."""
    return [text[start:stop] for start, stop in spans(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """Where each word begins and ends, spaces in between; empty without a word."""
    found: list[tuple[int, int]] = []
    opened: int | None = None  # where marks begin that belong to the next word
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


def is_said(character: str) -> bool:
    """Whether a character stands for a sound, as marks do not."""
    if character.isalnum() or character in _SAID:
        return True
    return unicodedata.category(character) == "Sc"


def _is_word(part: str) -> bool:
    return any(is_said(one) for one in part if one not in _GO_ON)


def _opening(marks: str) -> int:
    """Where among them the first one stands that opens something."""
    kinds = [unicodedata.category(mark) in ("Ps", "Pi") for mark in marks]
    return kinds.index(True) if True in kinds else len(marks)
