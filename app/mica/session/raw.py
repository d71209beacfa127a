"""A dictation without its dress: no punctuation, no capitals of sentences.

The words stay as they were heard: names, I, numbers and what is inside a word.
"""

from collections.abc import Iterable
from typing import Final

from mica.text.joining import lowered

_MARKS: Final = '.,;:!?…"“”„«»()[]'
_ENDS: Final = (".", "!", "?", "…")
_CLOSING: Final = '"”»)]'


def as_raw(text: str, keywords: Iterable[str] = ()) -> str:
    """The words alone, with the spaces they had around them."""
    known = tuple(keywords)
    words, begins = [], True
    for dressed in text.split():
        bare = dressed.strip(_MARKS)
        if bare:
            words.append(lowered(bare, known) if begins else bare)
        begins = dressed.rstrip(_CLOSING).endswith(_ENDS)
    core = text.strip()
    before, after = text.split(core) if core else (text, "")
    return f"{before}{' '.join(words)}{after}"
