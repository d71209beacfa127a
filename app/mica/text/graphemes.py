"""Grapheme clusters: the characters of a text as people see them.

A caret moves over one at a time. It knows the parts of Unicode's rule (UAX 29) that
dictation meets: marks, joined emoji, flags, Hangul syllables, line ends. Editors differ
on the rest, so a caller that counts for them must check the result.
"""

import unicodedata
from typing import Final

_JOINER: Final = "\u200d"
_FLAGS: Final = range(0x1F1E6, 0x1F200)
_SKIN: Final = range(0x1F3FB, 0x1F400)
_LEADING: Final = range(0x1100, 0x1160)  # Hangul letters that start a syllable
_FOLLOWING: Final = range(0x1160, 0x1200)  # and those that continue one


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
