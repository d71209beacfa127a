"""What became of words that were added to a list, and how that is said."""

from dataclasses import dataclass, replace
from typing import Self


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
    heading      of a list's columns, not added; empty where it had none
    guessed      the list was no UTF-8
    """

    words: tuple[str, ...] = ()
    duplicates: int = 0
    shortened: int = 0
    unusable: int = 0
    joined: int = 0
    split: int = 0
    comments: int = 0
    heading: str = ""
    guessed: bool = False

    def typed(self, split: int) -> Self:
        return replace(self, split=split)

    def of_a_list(self, *, comments: int, heading: str, guessed: bool) -> Self:
        return replace(self, comments=comments, heading=heading, guessed=guessed)

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
            told.append(f"heading “{self.heading}” skipped")
        if self.guessed:
            told.append("read as Windows-1252")
        return ", ".join(told)


def plural(count: int, noun: str) -> str:
    """The noun as it goes with the number."""
    return noun if count == 1 else f"{noun}s"
