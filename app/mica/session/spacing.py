"""How a text goes on from the one inserted before it: the space between, the first
letter. Pure rules over two strings.

Where the text before may still change or is not ours, nobody asks here: the caller
knows whether the caret still stands behind it. A capital is lowered only where it is
sure to be wrong: in the midst of an English sentence, and only of words that are no
name. It never changes anything but the first letter.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

_OPENING: Final = frozenset("([{<“‘„‚«‹¿¡/\\@#$£€_-–—")  # what follows joins them
_CLOSING: Final = frozenset(".,;:!?…%)]}>”’»›")  # these join what stands before
_QUOTES: Final = "\"')]}”’»›"  # may close a sentence behind its stop
_UNSPACED: Final = (
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "IDEOGRAPHIC",
    "FULLWIDTH",
    "THAI",
    "LAO",
    "KHMER",
    "MYANMAR",
    "TIBETAN",
)  # scripts without spaces
_GOES_ON: Final = frozenset(",;")  # beside letters: a sentence that has not ended
_NO_NAMES: Final = frozenset(
    """
    A An The And But Or Nor So Yet Because Although Though While When Where Which Who
    Whose That This These Those It Its He She They We You Him Her Them Us His Our Your
    Their There Then Than Of In On At To From For With Without By About After Before
    Into Over Under As If Is Are Was Were Be Been Has Have Had Do Does Did Not No Also
    Just Only Very Too Even Still Maybe Please Can Could Would Should Might Must
    """.split()  # noqa: SIM905 the words stay readable
)


def continued(
    before: str, text: str, *, punctuated: bool, keywords: Iterable[str] = ()
) -> str:
    """The text as it goes on behind `before`, which was inserted right before it.

    punctuated   whether its style has sentences; else its letters stay as they are
    keywords     the user's; what begins one keeps its capital
    """
    if not before or not text:
        return text
    if punctuated and _in_sentence(before) and _is_lowerable(text, keywords):
        text = text[0].lower() + text[1:]
    return f" {text}" if _apart(before, text) else text


def _apart(before: str, text: str) -> bool:
    """Whether a space belongs between them."""
    last, first = before[-1], text[0]
    if last.isspace() or first.isspace():
        return False
    if last in _OPENING or first in _CLOSING:
        return False
    return not (_is_unspaced(last) or _is_unspaced(first))


def _is_unspaced(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_UNSPACED)


def _in_sentence(before: str) -> bool:
    """Whether a sentence has begun there and has not ended."""
    last = before.rstrip().rstrip(_QUOTES)[-1:]
    return last.isalnum() or last in _GOES_ON if last else False


def _is_lowerable(text: str, keywords: Iterable[str]) -> bool:
    """Whether its first word is sure to be no name: nor part of one ("The Hague"), nor
    a letter that stands for itself ("A minor" after "in")."""
    word, _, rest = text.partition(" ")
    if word.rstrip(".,;:!?") not in _NO_NAMES:
        return False
    if rest[:1].isupper() and rest.split()[0] != "I":
        return False
    if word == "A" and not rest:
        return False
    return not any(keyword.split()[:1] == [word] for keyword in keywords)
