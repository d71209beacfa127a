"""What became of words that were added to a list, and how that is said."""

from dataclasses import dataclass, replace
from typing import Final, Self

from mica.text.wordlist import Entries

SHOWN: Final = 5  # columns


@dataclass(frozen=True, slots=True)
class Additions:
    """What was added, and what was not or not as it was.

    words        that were new
    duplicates   that were listed already, or came twice
    shortened    of the words, those that were too long
    unusable     of which nothing was left, or that were one endless word
    joined       of the words, those that stood in quotes and lost their commas
    split        what was typed as one and became several
    comments     lines
    heading      the names of a list's columns, not added; empty where it had none
    left_out     those of its columns that were not taken
    beyond       cells beyond the heading's last column, not added
    guessed      the list was no UTF-8
    """

    words: tuple[str, ...] = ()
    duplicates: int = 0
    shortened: int = 0
    unusable: int = 0
    joined: int = 0
    split: int = 0
    comments: int = 0
    heading: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    beyond: int = 0
    guessed: bool = False

    def typed(self, split: int) -> Self:
        return replace(self, split=split)

    def of_a_list(self, found: Entries, *, guessed: bool) -> Self:
        return replace(
            self,
            comments=found.comments,
            heading=found.heading,
            left_out=found.left_out,
            beyond=found.beyond,
            guessed=guessed,
        )

    def line(self) -> str:
        """One sentence for people."""
        count = len(self.words)
        told = f"Added {count:,} {plural(count, 'keyword')}"
        told = told if count else "No new keywords"
        remarks = self.remarks()
        return f"{told} ({remarks})." if remarks else f"{told}."

    def remarks(self) -> str:
        """What was not taken as it was; often nothing."""
        counted = (
            (self.duplicates, plural(self.duplicates, "duplicate")),
            (self.split, "split at commas"),
            (self.joined, "without commas"),
            (self.shortened, "shortened"),
            (self.unusable, "not usable"),
            (self.comments, f"{plural(self.comments, 'comment')} skipped"),
        )
        told = [f"{count:,} {what}" for count, what in counted if count]
        if self.heading:
            told.append(f"heading “{_some(self.heading)}” skipped")
        if self.left_out:
            columns = plural(len(self.left_out), "column")
            told.append(f"{columns} “{_some(self.left_out)}” left out")
        if self.beyond:
            cells = plural(self.beyond, "cell")
            told.append(f"{self.beyond:,} {cells} beyond the heading left out")
        if self.guessed:
            told.append("read as Windows-1252")
        return ", ".join(told)


def plural(count: int, noun: str) -> str:
    """The noun as it goes with the number."""
    return noun if count == 1 else f"{noun}s"


def _some(names: tuple[str, ...]) -> str:
    """A few of them, and how many more there are."""
    shown = ", ".join("".join(filter(str.isprintable, one)) for one in names[:SHOWN])
    more = len(names) - SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown
