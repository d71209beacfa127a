"""A transcript's words in cues that can be read: what SRT and WebVTT files hold.

A cue has two lines at most, ends with its last word and lies in no pause. Where words
have no times, as a translation's have none, they share their segment's. Pure; it writes
no file format, and where cues and lines break is cue_breaks.py's.
"""

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

from mica.events import SegmentText, Transcript, Word
from mica.text.cue_breaks import LINE_COLUMNS, LONGEST_S, SHORTEST_S, Atom, Breaks
from mica.text.graphemes import graphemes
from mica.text.words import spans

PACE: Final = 12.0  # columns a second that are read with ease
TICK_S: Final = 0.001  # what subtitle files can tell apart
GAP_S: Final = 0.08  # two frames of film from a cue to the next

_Times = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cue:
    """One or two lines, shown from `start_s` to `end_s` of the utterance."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


def cues(transcript: Transcript) -> list[Cue]:
    """The cues in order; none overlaps another one."""
    atoms = _in_order(
        atom for segment in transcript.segments for atom in _atoms(segment)
    )
    paced = (one for segment in transcript.segments for one in _atoms(segment, PACE))
    breaks = Breaks(_in_order(paced))
    found: list[Cue] = []
    for start, stop in breaks.cues():
        first, last = atoms[start], atoms[stop - 1]
        end_s = max(last.end_s, min(first.start_s + SHORTEST_S, transcript.duration_s))
        end_s = min(end_s, first.start_s + LONGEST_S)
        if stop < len(atoms):
            end_s = _ended(first.start_s, end_s, atoms[stop].start_s)
        lines = (atoms[a:b] for a, b in breaks.lines(start, stop))
        found.append(Cue(first.start_s, end_s, tuple(map(_line, lines))))
    return found


def _in_order(atoms: Iterable[Atom]) -> list[Atom]:
    """With times that players accept: each begins after the one before it, and ends
    after it began."""
    found: list[Atom] = []
    at_s = 0.0
    for atom in atoms:
        start_s = max(atom.start_s, at_s)
        end_s = max(atom.end_s, start_s + TICK_S)
        found.append(replace(atom, start_s=start_s, end_s=end_s))
        at_s = start_s + TICK_S
    return found


def columns(text: str) -> int:
    """How wide a text is, in Latin letters."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _ended(start_s: float, end_s: float, following_s: float) -> float:
    """The end of a cue that leaves a gap before the one that follows."""
    latest = following_s - GAP_S
    return min(end_s, latest if latest > start_s + GAP_S else following_s)


def _line(atoms: Sequence[Atom]) -> str:
    return "".join(" " * atom.spaced + atom.text for atom in atoms).strip()


def _atoms(segment: SegmentText, pace: float = 0) -> Iterator[Atom]:
    """The segment's words; one that is wider than a line in parts.

    pace   columns a second at which words without times are said at least
    """
    text = " ".join(segment.text.split())
    text = "".join(one for one in text if unicodedata.category(one) != "Cc")
    places = spans(text) or [(0, len(text))] * bool(text)
    texts = [text[start:stop] for start, stop in places]
    for word, (start, _), times in zip(
        texts, places, _times(segment, texts, pace), strict=True
    ):
        spaced = start == 0 or text[start - 1] == " "
        parts = _parts(word)
        widths = list(map(columns, parts))
        for part, width, (start_s, end_s) in zip(
            parts, widths, _divided(times, widths), strict=True
        ):
            yield Atom(part, width, start_s, end_s, spaced, segment.speaker)
            spaced = False


def _parts(word: str) -> list[str]:
    """The word in pieces that fit in a line."""
    parts = [""]
    for grapheme in graphemes(word):
        if columns(parts[-1] + grapheme) > LINE_COLUMNS:
            parts.append("")
        parts[-1] += grapheme
    return parts


def _times(segment: SegmentText, texts: Sequence[str], pace: float) -> list[_Times]:
    """When each word is said; those of which it is not known share the time between."""
    timed: Sequence[Word] = _plausible(segment.words)
    if len(timed) != len(texts):
        timed = [Word(text) for text in texts]
    found: list[_Times] = []
    unknown: list[int] = []  # widths of the words before whose time is not known
    at_s, end_s = segment.start_s, segment.end_s
    if pace and not any(word.start_s is not None for word in timed):
        end_s = min(end_s, at_s + sum(map(columns, texts)) / pace)
    for word, text in zip(timed, texts, strict=True):
        if word.start_s is None or word.end_s is None:
            unknown.append(columns(text))
            continue
        found += _divided((at_s, word.start_s), unknown)
        found.append((word.start_s, word.end_s))
        unknown, at_s = [], word.end_s
    return found + _divided((at_s, end_s), unknown)


def _plausible(words: Sequence[Word]) -> list[Word]:
    """Words without the times that cannot be: before zero or an earlier word's start,
    or with no length."""
    found: list[Word] = []
    at_s = 0.0
    for word in words:
        start_s, end_s = word.start_s, word.end_s
        if start_s is None or end_s is None or not at_s <= start_s < end_s < math.inf:
            found.append(Word(word.text))
        else:
            found.append(word)
            at_s = start_s
    return found


def _divided(times: _Times, widths: Sequence[int]) -> list[_Times]:
    """The time from one to the other, in parts as long as these are wide."""
    start_s, end_s = times[0], max(times)
    sums = list(accumulate(widths, initial=0))
    per_column = (end_s - start_s) / max(1, sums[-1])
    return list(pairwise(start_s + width * per_column for width in sums))
