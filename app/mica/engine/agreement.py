"""Decides how far a segment's text can be trusted, by comparing it with the CTC's text.

The decoder has learned how sentences continue, and may write one that nobody said. The
character CTC has learned no words: it misspells them, but it follows the sound, and
its probabilities show where it is guessing. So

    they agree                     the decoder's text
    they differ, the CTC is sure   the CTC's text, to be checked
    they differ, the CTC guesses   the decoder's text, not understood

Letters are compared, without case, accents, spaces or punctuation. Numbers and keywords
are spelled differently by the two and not compared. A translation, or a text in another
script than the CTC's, cannot be compared and counts as agreeing. Pure functions; the
thresholds are measured with pebble by packaging/pebble/evaluate.py.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.engine import ctc
from mica.engine.align import edits, match_key
from mica.engine.draft import add_punctuation
from mica.engine.guards import SegmentResult
from mica.engine.word_times import timed
from mica.events import Certainty, Style, TranscribeOptions

#: The texts differ by more than FAR of their letters, not counting the first SPARE.
FAR: Final = 0.2
SPARE: Final = 4
#: The CTC guesses if more than GUESSED of its letters are less probable than SURE.
SURE: Final = 0.7
GUESSED: Final = 0.2
NUMBER_LETTERS: Final = 6  # of a digit or symbol as it is spoken

Floats = NDArray[np.float32]


def checked(
    result: SegmentResult, scores: Floats, options: TranscribeOptions
) -> SegmentResult:
    """The result with its certainty and timed words, and with the CTC's text if that
    can be trusted more.

    result   its certainty is CHECK if the decoder failed and the text is the CTC's
    scores   (T, characters), the CTC's log posteriors
    """
    if options.target_language is not None:
        return result
    is_rough = result.certainty is Certainty.CHECK
    if is_rough or differs(result.text, result.ctc_text, result.keywords):
        if is_guessing(scores):
            result = replace(result, certainty=Certainty.NOT_UNDERSTOOD)
        else:
            text = result.ctc_text
            if options.style is Style.PUNCTUATED:
                text = add_punctuation(text, result.keywords)
            result = replace(result, text=text, certainty=Certainty.CHECK)
    return replace(result, words=timed(result.text, scores))


def differs(text: str, ctc_text: str, keywords: Sequence[str]) -> bool:
    """Whether the text says something else than the CTC's.

    keywords   names and terms that the text may spell in their own way
    """
    own, credit = _compared(text, keywords)
    other = _letters(ctc_text)
    if not all(map(_is_latin, own + other)):
        return False
    limit = SPARE + FAR * max(len(own), len(other)) + credit
    return edits(own, other)[-1] > limit


def is_guessing(scores: Floats) -> bool:
    """Whether the CTC is unsure of many letters; scores as for checked()."""
    letters = ctc.letter_probabilities(scores)
    return int(np.count_nonzero(letters < SURE)) > GUESSED * len(letters)


def _compared(text: str, keywords: Sequence[str]) -> tuple[str, float]:
    """The letters to compare, and how many letters of the CTC's stand for the rest."""
    names = {match_key(part) for keyword in keywords for part in keyword.split()}
    own, credit = [], 0.0
    for word in text.split():
        numbers = sum(not letter.isalpha() and _is_written(letter) for letter in word)
        if numbers:
            credit += numbers * NUMBER_LETTERS + len(word)
        elif match_key(word) in names:
            credit += 1.5 * len(word)
        else:
            own.append(_letters(word))
    return "".join(own), credit


def _is_written(character: str) -> bool:
    """Whether it is read aloud as a word or more: a digit, or a symbol such as %."""
    return character.isnumeric() or unicodedata.category(character)[0] == "S"


def _letters(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(filter(str.isalpha, apart))


def _is_latin(letter: str) -> bool:
    return ord(letter) < 0x250
