"""Decides where subtitle cues and their lines break, by the lowest total cost.

The costs prefer breaks after sentences to breaks at clauses to breaks between words; a
pause always ends a cue. Sizes follow Netflix's Timed Text Style Guide. Pure; it knows
words, their widths and times, and no transcript.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

LINE_COLUMNS: Final = 42  # a full-width character takes two
LONGEST_S: Final = 7.0
SHORTEST_S: Final = 1.0  # unless the next cue starts earlier
PAUSE_S: Final = 1.0
SENTENCE_PAUSE_S: Final = 0.6  # counts as a sentence's end
CLAUSE_PAUSE_S: Final = 0.3  # counts as a clause's end
SHORT_WORD: Final = 3  # letters; articles and the like go with the next word

# Costs of a cue by where it ends,
_AT_SENTENCE, _AT_CLAUSE, _AT_WORD, _BEHIND_SHORT_WORD = 0.0, 1.0, 3.0, 1.0
# and of each cue, of each further sentence in it, and of being too short.
_ONE_MORE, _TWO_SENTENCES, _TOO_SHORT = 1.0, 1.5, 2.0

_CLOSING: Final = r"[\"'”’»)\]」』）]*$"
_SENTENCE_END: Final = re.compile(rf"[.?!…。！？]{_CLOSING}")
_CLAUSE_END: Final = re.compile(rf"[.?!…,;:–—、，；：]{_CLOSING}")
_ABBREVIATIONS: Final = (
    "Mr|Mrs|Ms|Dr|Prof|St|Ste|Mt|Ft|No|Nr|Nos|vs|etc|Jr|Sr|Gen|Lt|Col|Maj|Capt|Cpl|Sgt|"
    "Adm|Sen|Rep|Gov|Pres|Hon|Rev|Msgr|Fr|Inc|Ltd|Corp|Co|Bros|Dept|Univ|Assn|Ph\\.D|"
    "Ave|Blvd|Rd|Hwy|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|approx|ca|cf|"
    "fig|pp|bzw|usw|Mme|Mlle|Sra?"
)
_ABBREVIATION: Final = re.compile(
    rf"^\W*(?:(?!I\.)(?:[^\W\d_]\.)+|(?:{_ABBREVIATIONS})\.)$"
)
_DIGITS_END: Final = re.compile(r"\d\.$")


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest unit of a line: a word, or a part of one wider than a line.

    width    in columns
    spaced   whether a space precedes it
    """

    text: str
    width: int
    start_s: float
    end_s: float
    spaced: bool = True
    speaker: str | None = None


class Breaks:
    """The best breaks for atoms in order of time, each at most a line wide."""

    def __init__(self, atoms: Sequence[Atom]) -> None:
        self._atoms = atoms
        widths = (atom.spaced + atom.width for atom in atoms)
        self._widths = list(accumulate(widths, initial=0))
        self._ends = [self._end(stop) for stop in range(1, len(atoms) + 1)]
        self._sentences = list(
            accumulate((end == _AT_SENTENCE for end in self._ends), initial=0)
        )
        self._line_ends: list[int] = []  # of the longest line from each atom on
        for start in range(len(atoms)):
            stop = max([start + 1, *self._line_ends[-1:]])
            while stop < len(atoms) and self._width(start, stop + 1) <= LINE_COLUMNS:
                stop += 1
            self._line_ends.append(stop)

    def cues(self) -> list[tuple[int, int]]:
        """The first atom of each cue, and the one after its last."""
        costs, starts = [0.0], [0]
        for stop in range(1, len(self._atoms) + 1):
            possible = {
                start: costs[start] + self._cost(start, stop)
                for start in self._starts(stop)
            }
            start = min(possible, key=possible.__getitem__)
            costs.append(possible[start])
            starts.append(start)
        found: list[tuple[int, int]] = []
        stop = len(self._atoms)
        while stop > 0:
            found.append((starts[stop], stop))
            stop = starts[stop]
        return found[::-1]

    def lines(self, start: int, stop: int) -> list[tuple[int, int]]:
        """A cue's lines as (start, stop): one if it fits, else two."""
        if self._line_ends[start] >= stop:
            return [(start, stop)]
        middles = [
            middle
            for middle in range(start + 1, self._line_ends[start] + 1)
            if self._line_ends[middle] >= stop
        ]

        def cost(middle: int) -> float:
            uneven = self._width(start, middle) - self._width(middle, stop)
            return abs(uneven) / LINE_COLUMNS + self._ends[middle - 1] / 4

        middle = min(middles, key=cost)
        return [(start, middle), (middle, stop)]

    def _starts(self, stop: int) -> Iterator[int]:
        """Possible starts of a cue that ends before the atom `stop`."""
        yield stop - 1
        end_s = self._atoms[stop - 1].end_s
        for start in range(stop - 2, -1, -1):
            second = self._line_ends[start]
            fits = second >= stop or self._line_ends[second] >= stop
            too_long = end_s - self._atoms[start].start_s > LONGEST_S
            if not fits or too_long or self._must_split(start + 1):
                return
            yield start

    def _cost(self, start: int, stop: int) -> float:
        filled = self._width(start, stop) / (2 * LINE_COLUMNS)
        more = self._sentences[stop - 1] - self._sentences[start]
        shortest_s = self._atoms[start].start_s + SHORTEST_S
        too_short = stop < len(self._atoms) and self._atoms[stop].start_s < shortest_s
        return (
            _ONE_MORE
            + self._ends[stop - 1]
            + more * _TWO_SENTENCES
            + too_short * _TOO_SHORT
            + filled**2  # two halves are better than a full cue and a rest
        )

    def _end(self, stop: int) -> float:
        """The cost of a break before the atom `stop`."""
        text = self._atoms[stop - 1].text
        if stop == len(self._atoms) or self._must_split(stop):
            return _AT_SENTENCE
        following = self._atoms[stop]
        continues = next(filter(str.isalnum, following.text), "").islower()
        is_number = _DIGITS_END.search(text) and following.text[:1].isdigit()
        whole = not (_ABBREVIATION.search(text) or is_number)
        pause_s = following.start_s - self._atoms[stop - 1].end_s
        ends = whole and not continues and _SENTENCE_END.search(text)
        if ends or pause_s >= SENTENCE_PAUSE_S:
            return _AT_SENTENCE
        if (whole and _CLAUSE_END.search(text)) or pause_s >= CLAUSE_PAUSE_S:
            return _AT_CLAUSE
        short = following.spaced and len(text) <= SHORT_WORD
        return _AT_WORD + short * _BEHIND_SHORT_WORD

    def _must_split(self, at: int) -> bool:
        """Whether an atom and the one before it must be in different cues."""
        before, atom = self._atoms[at - 1], self._atoms[at]
        pause_s = atom.start_s - before.end_s
        return pause_s > PAUSE_S or atom.speaker != before.speaker

    def _width(self, start: int, stop: int) -> int:
        """The width of atoms in columns, without a leading space."""
        whole = self._widths[stop] - self._widths[start]
        return whole - self._atoms[start].spaced
