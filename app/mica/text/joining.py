"""Joins the texts of segments; pure rules over strings.

If the pause at a cut was short, the sentence continues: the text before it loses its
final period, and the first letter after it is lowered (capitals.py). Text inside a
segment is never changed.
"""

from typing import Final

SENTENCE_PAUSE_S: Final = 0.6  # a pause at least this long ends a sentence


def one_spaced(text: str) -> str:
    """The text with single spaces between words and none around them."""
    return " ".join(text.split())


def without_stop(text: str) -> str:
    """The text without its final period, for a sentence that continues; "..." stays."""
    return text[:-1].rstrip() if text.endswith(".") and text[-2:] != ".." else text
