"""Word times and confidences for a segment's final text.

Uses forced alignment of the text to the character CTC's posteriors. Where the text
matches what the CTC heard, its best path already is that alignment; a search is needed
only around words that the CTC heard differently. Numpy in, values out; it runs no
network.
"""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mica.engine import ctc
from mica.engine.align import match_key
from mica.engine.ctc import STAR, Letter, forced_align
from mica.events import Word
from mica.text.words import is_spoken, spans
from mica.text.words import words as text_words
from mica.units import FRAME_S

Floats = NDArray[np.float32]

SPACE: Final = ord(" ")
DIGITS: Final = 4  # of seconds; with three, words in a dense text could have no length
# The CTC emits a letter in its middle, so words begin earlier and end later than their
# letters. Measured with pebble on espeak-ng's word events; at most half of a gap.
BEFORE_FRAMES: Final = 1.5
AFTER_FRAMES: Final = 3.0


class _Place(NamedTuple):
    """A word's frames, and the mean probability of its letters."""

    first: float
    stop: float
    confidence: float | None


def timed(text: str, scores: Floats) -> tuple[Word, ...]:
    """The text's words in order, timed in seconds from the first frame. Each ends later
    than it begins, and begins no earlier than the previous one ends.

    scores  (T, characters), log posteriors of the segment's frames
    """
    places = spans(text)
    if not places or len(scores) == 0:
        return ()
    frames = len(scores) - 0.5  # half of the last frame may lie beyond the samples
    words = [text[start:stop] for start, stop in places]
    labels = [
        [SPACE] * (start > 0 and text[start - 1].isspace()) + _labels(word)
        for word, (start, _) in zip(words, places, strict=True)
    ]
    letters = _aligned(words, labels, scores)
    if letters is None:
        found = _divided(words, _Place(0, frames, None))
    else:
        found = _shared(words, labels, _places(letters, scores))
    edges = _widened(found, frames)
    return tuple(
        Word(
            word,
            round(first * FRAME_S, DIGITS),
            round(stop * FRAME_S, DIGITS),
            confidence,
        )
        for word, (first, stop, confidence) in zip(words, edges, strict=True)
    )


def later(words: Sequence[Word], seconds: float) -> tuple[Word, ...]:
    """The words with `seconds` added to their times."""
    return tuple(
        replace(
            word,
            start_s=None
            if word.start_s is None
            else round(word.start_s + seconds, DIGITS),
            end_s=None if word.end_s is None else round(word.end_s + seconds, DIGITS),
        )
        for word in words
    )


def with_spelling(words: Sequence[Word], text: str) -> tuple[Word, ...]:
    """The words as spelled in `text`, which differs only in case and punctuation."""
    pairs = zip(words, text_words(text), strict=False)
    return tuple(replace(word, text=text) for word, text in pairs)


def _labels(word: str) -> list[int]:
    """The CTC labels of a word; each run of characters without a label is one STAR."""
    found: list[int] = []
    for character in filter(is_spoken, word.lower()):
        label = ctc.label(character)
        if label is not None:
            found.append(label)
        elif found[-1:] != [STAR]:
            found.append(STAR)
    return found or [STAR]


def _aligned(
    words: Sequence[str], labels: Sequence[list[int]], scores: Floats
) -> list[list[Letter]] | None:
    """Each word's letters; None if the text has more letters than the frames allow.

    labels  of each word, starting with SPACE if a space precedes it
    """
    matched = _matched(words, scores)
    free = [not letters for letters in matched]
    found = matched
    while not all(found):
        # A match next to a mismatch may be a different occurrence of the same word.
        free = [any(free[max(0, at - 1) : at + 2]) for at in range(len(free))]
        found = _searched(matched, free, labels, scores)
        if all(free) and not all(found):
            return None
    return found


def _matched(words: Sequence[str], scores: Floats) -> list[list[Letter]]:
    """The letters of each word that matches the CTC's text; empty for the others."""
    path = _best_path_words(scores)
    texts = [ctc.characters([letter.label for letter in word]) for word in path]
    found: list[list[Letter]] = [[] for _ in words]
    matcher = SequenceMatcher(
        None, list(map(match_key, words)), list(map(match_key, texts)), autojunk=False
    )
    for at, other, size in matcher.get_matching_blocks():
        found[at : at + size] = path[other : other + size]
    return found


def _best_path_words(scores: Floats) -> list[list[Letter]]:
    """The words of the CTC's best path."""
    words: list[list[Letter]] = [[]]
    stop = 0
    for label, run in groupby(scores.argmax(axis=1).tolist()):
        first, stop = stop, stop + len(list(run))
        if label == SPACE:
            words.append([])
        elif label != ctc.BLANK:
            words[-1].append(Letter(label, first, stop))
    return [word for word in words if word]


def _searched(
    matched: list[list[Letter]],
    free: list[bool],
    labels: Sequence[list[int]],
    scores: Floats,
) -> list[list[Letter]]:
    """The matched words, with the `free` words force-aligned between them; empty for
    those that do not fit."""
    found: list[list[Letter]] = []
    while len(found) < len(matched):
        start = len(found)
        if not free[start]:
            found.append(matched[start])
            continue
        stop = free.index(False, start) if False in free[start:] else len(free)
        first = matched[start - 1][-1].stop if start else 0
        last = matched[stop][0].first if stop < len(free) else len(scores)
        wanted = [label for word in labels[start:stop] for label in word]
        letters = forced_align(wanted, scores[first:last]) or []
        moved = (Letter(label, a + first, b + first) for label, a, b in letters)
        for word in labels[start:stop]:
            own = [next(moved, None) for _ in word]
            found.append([one for one in own if one and one.label != SPACE])
    return found


def _places(words: Sequence[Sequence[Letter]], scores: Floats) -> list[_Place]:
    """The frames and confidence of each word; each has at least one letter."""
    letters = [letter for word in words for letter in word]
    frames = [frame for _, first, stop in letters for frame in range(first, stop)]
    labels = [label for label, first, stop in letters for _ in range(first, stop)]
    likely = scores[frames, labels]
    stars = np.array(labels) == STAR
    likely[stars] = scores[np.array(frames)[stars], 1:].max(axis=1, initial=-np.inf)
    likelihoods = iter(np.exp(likely).tolist())
    found: list[_Place] = []
    for word in words:
        own = [next(likelihoods) for _, first, stop in word for _ in range(first, stop)]
        confidence = round(min(1.0, sum(own) / len(own)), 3)
        found.append(_Place(word[0].first, word[-1].stop, confidence))
    return found


def _shared(
    words: Sequence[str], labels: Sequence[list[int]], places: Sequence[_Place]
) -> list[_Place]:
    """The places, with those of consecutive star words divided among them: alignment
    cannot tell where one star ends and the next begins."""
    found: list[_Place] = []
    stars = [set(word) <= {SPACE, STAR} for word in labels]
    for star, run in groupby(
        zip(stars, words, places, strict=True), lambda one: one[0]
    ):
        own = [(word, place) for _, word, place in run]
        if star:
            first, last = own[0][1], own[-1][1]
            whole = _Place(first.first, last.stop, first.confidence)
            found += _divided([word for word, _ in own], whole)
        else:
            found += [place for _, place in own]
    return found


def _divided(words: Sequence[str], place: _Place) -> list[_Place]:
    """A place divided among words in proportion to their characters."""
    lengths = [sum(map(is_spoken, word)) or 1 for word in words]
    ends = np.cumsum([0, *lengths]) / sum(lengths) * (place.stop - place.first)
    starts = [place.first + float(end) for end in ends]
    return [_Place(a, b, place.confidence) for a, b in pairwise(starts)]


def _widened(places: Sequence[_Place], frames: float) -> list[_Place]:
    """The places, extended from the middle of the outer letters to the word's ends."""
    stops = [0.0, *(place.stop for place in places)]
    firsts = [*(place.first for place in places), frames]
    free = [(first - stop) / 2 for stop, first in zip(stops, firsts, strict=True)]
    return [
        place._replace(
            first=place.first - min(before, BEFORE_FRAMES),
            stop=min(place.stop + min(after, AFTER_FRAMES), frames),
        )
        for place, before, after in zip(places, free, free[1:], strict=False)
    ]
