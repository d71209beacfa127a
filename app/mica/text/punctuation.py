"""A text without its punctuation and the capitals of its sentences.

The words stay as they were spoken: names, I, numbers and what is inside a word.
“Well, I met Ann at 8.30.” becomes “well I met Ann at 8.30”.
"""

from collections.abc import Iterable
from typing import Final

from mica.text.capitals import lower_first

_MARKS: Final = '.,;:!?…"“”„«»()[]'
_ENDS: Final = (".", "!", "?", "…")
_CLOSING: Final = '"”»)]'


def without_punctuation(text: str, keywords: Iterable[str] = ()) -> str:
    """The words alone, with the spaces they had around them.

    keywords   what begins one keeps its first letter
    """
    known = tuple(keywords)
    words, begins = [], True
    for spoken in text.split():
        word = spoken.strip(_MARKS)
        if word:
            words.append(lower_first(word, known) if begins else word)
        begins = spoken.rstrip(_CLOSING).endswith(_ENDS)
    core = text.strip()
    before, after = text.split(core) if core else (text, "")
    return f"{before}{' '.join(words)}{after}"
