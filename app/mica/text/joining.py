"""Segment texts put together to one text; a pure rule over strings.

Where the pause at a cut was short, the sentence goes on: the text before it loses its
final stop and the next initial is lowered, unless the word is always capital. It never
touches what lies inside a segment.
"""

from collections.abc import Iterable
from typing import Final

SENTENCE_PAUSE_S: Final = 0.6  # from here on a pause ends a sentence
_ALWAYS_CAPITAL: Final = frozenset(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    January February March April June July August September October November December
    English French German Spanish Italian American British European
    London Paris Berlin America Europe Christmas Easter Internet Mr Mrs Ms Dr
    """.split()  # noqa: SIM905 the words stay readable
)
_STRIPPED: Final = ".,;:!?\"'()[]“”‘’…"


def one_spaced(text: str) -> str:
    """The words with one space between them and none around."""
    return " ".join(text.split())


def without_stop(text: str) -> str:
    """The text before a cut where its sentence goes on."""
    return text[:-1].rstrip() if text.endswith(".") and text[-2:] != ".." else text


def lower_first(text: str, keywords: Iterable[str]) -> str:
    """The text behind a cut where its sentence goes on."""
    bare = next(iter(text.split()), "").strip(_STRIPPED)
    if not bare or not bare[0].isupper() or _stays(bare, text, keywords):
        return text
    at = text.index(bare)
    return text[:at] + text[at].lower() + text[at + 1 :]


def _stays(word: str, text: str, keywords: Iterable[str]) -> bool:
    stem = word.split("'")[0].split("’")[0]
    if stem == "I" or stem in _ALWAYS_CAPITAL or any(c.isupper() for c in word[1:]):
        return True
    starts = (keyword.split() for keyword in keywords)
    return any(words and words[0] in (word, stem) for words in starts)
