"""Segment texts joined to one text; pure rules over strings.

Where the pause at a cut was short, the sentence continues: the text before it loses its
final stop, and the first letter behind it is lowered (capitals.py). What lies inside a
segment is never touched.
"""

from typing import Final

SENTENCE_PAUSE_S: Final = 0.6  # from here on a pause ends a sentence


def one_spaced(text: str) -> str:
    """The words with one space between them and none around."""
    return " ".join(text.split())


def without_stop(text: str) -> str:
    """The text before a cut where its sentence goes on."""
    return text[:-1].rstrip() if text.endswith(".") and text[-2:] != ".." else text
