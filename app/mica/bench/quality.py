"""How right a text is: word errors, and marks and capitals of the words that are right.

Counts over many texts; pure functions of strings. Words are compared without case and
marks; a mark or a capital is only looked at where both texts have the same word.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from mica.bench.wer import edits, words

MARKS: Final = ".,?!"


@dataclass(slots=True)
class Agreement:
    """How often both texts have it, the reference has it, the text has it."""

    both: int = 0
    wanted: int = 0
    got: int = 0

    @property
    def f1_percent(self) -> float:
        return 200 * self.both / max(1, self.wanted + self.got)


@dataclass(slots=True)
class Quality:
    """Of all the texts added."""

    errors: int = 0
    units: int = 0
    marks: Agreement = field(default_factory=Agreement)
    capitals: Agreement = field(default_factory=Agreement)

    @property
    def wer_percent(self) -> float:
        return 100 * self.errors / max(1, self.units)

    def add(self, wanted: str, got: str) -> None:
        """A reference and what was written of it."""
        reference = words(wanted)
        self.errors += edits(reference, words(got))
        self.units += len(reference)
        left, right = wanted.split(), got.split()
        for side, name in ((left, "wanted"), (right, "got")):
            for word in side:
                _count(self.marks, name, word[-1] in MARKS)
                _count(self.capitals, name, word[0].isupper())
        for one, other in _same(left, right):
            marked = one[-1] in MARKS and one[-1] == other[-1]
            _count(self.marks, "both", marked)
            _count(self.capitals, "both", one[0].isupper() and other[0].isupper())


def quality(texts: Iterable[tuple[str, str]]) -> Quality:
    """Of (reference, text) pairs."""
    found = Quality()
    for wanted, got in texts:
        found.add(wanted, got)
    return found


def _same(left: list[str], right: list[str]) -> Iterable[tuple[str, str]]:
    """The words both texts have, in order."""
    bare = [[word.casefold().strip(MARKS) for word in side] for side in (left, right)]
    matcher = SequenceMatcher(a=bare[0], b=bare[1], autojunk=False)
    for a, b, size in matcher.get_matching_blocks():
        yield from zip(left[a : a + size], right[b : b + size], strict=True)


def _count(agreement: Agreement, name: str, whether: bool) -> None:
    setattr(agreement, name, getattr(agreement, name) + whether)
