"""Splits a text into words and into grapheme clusters. Pure; it knows no audio.

Spaces separate words; Han characters and kana, which are written without spaces, are
one word each. A mark between spaces is not spoken and belongs to the word before it, or
to the next one if it opens something or comes first: `a – b (c)` is `a –`, `b`, `(c)`.

A grapheme cluster is what a caret moves over in one step. Implemented are the parts of
UAX 29 that dictation needs: marks, joined emoji, flags, Hangul syllables, line ends.
Editors differ on the rest, so a caller that counts must check the result.
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
_JOINER: Final = "\u200d"
_FLAGS: Final = range(0x1F1E6, 0x1F200)
_SKIN: Final = range(0x1F3FB, 0x1F400)
_LEADING: Final = range(0x1100, 0x1160)  # Hangul letters that start a syllable
_FOLLOWING: Final = range(0x1160, 0x1200)  # and those that continue one


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


def grapheme_count(text: str) -> int:
    """Number of grapheme clusters: presses of Left from the text's end to its start."""
    return len(graphemes(text))


def graphemes(text: str) -> list[str]:
    """The text split into grapheme clusters."""
    found: list[str] = []
    flags = 0
    before = ""
    for character in text:
        flag = ord(character) in _FLAGS
        flags = flags + 1 if flag else 0
        second_of_flag = flag and flags % 2 == 0
        if before and (second_of_flag or _joins(before, character)):
            found[-1] += character
        else:
            found.append(character)
        before = character
    return found


def _joins(before: str, character: str) -> bool:
    if before == "\r" and character == "\n":
        return True
    if _is_control(before) or _is_control(character):
        return False
    code = ord(character)
    if unicodedata.category(character).startswith("M") or code in _SKIN:
        return True
    if character == _JOINER or before == _JOINER:
        return True
    return code in _FOLLOWING and ord(before) in (*_LEADING, *_FOLLOWING)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc"
