"""The result of adding words to a list, and its summary for people."""

from dataclasses import dataclass, replace
from typing import Final, Self

from mica.text.wordlist import Entries

MAX_SHOWN: Final = 5  # columns


@dataclass(frozen=True, slots=True)
class Additions:
    """The keywords that were added, changed and skipped.

    words        the new words
    duplicates   number already in the list, or repeated
    respelled    before and after, of those that were listed in other capitals
    shortened    number of new words that were too long
    unusable     number skipped: nothing was left of them, or one endless word
    joined       number of new words that were quoted and lost their commas
    split        number of typed words that were split at commas
    comments     number of skipped lines
    heading      the column headings of a list, skipped; empty: it had none
    skipped      the headings of skipped columns
    beyond       number of cells skipped beyond the last heading
    guessed      the list was not UTF-8
    """

    words: tuple[str, ...] = ()
    duplicates: int = 0
    shortened: int = 0
    unusable: int = 0
    joined: int = 0
    split: int = 0
    comments: int = 0
    heading: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    beyond: int = 0
    guessed: bool = False
    respelled: tuple[tuple[str, str], ...] = ()

    def with_respelled(self, respelled: tuple[tuple[str, str], ...]) -> Self:
        duplicates = self.duplicates - len(respelled)
        return replace(self, respelled=respelled, duplicates=duplicates)

    def with_split(self, split: int) -> Self:
        return replace(self, split=split)

    def with_list(self, found: Entries, *, guessed: bool) -> Self:
        return replace(
            self,
            comments=found.comments,
            heading=found.heading,
            skipped=found.skipped,
            beyond=found.beyond,
            guessed=guessed,
        )

    def line(self) -> str:
        """A summary in one sentence."""
        new, changed = len(self.words), len(self.respelled)
        done = [
            f"{what} {count:,} {plural(count, 'keyword')}"
            for what, count in (("added", new), ("changed the spelling of", changed))
            if count
        ]
        summary = " and ".join(done).capitalize() or "No new keywords"
        remarks = self.remarks()
        return f"{summary} ({remarks})." if remarks else f"{summary}."

    def remarks(self) -> str:
        """Remarks about changed and skipped keywords; often none."""
        counted = (
            (self.duplicates, plural(self.duplicates, "duplicate")),
            (self.split, "split at commas"),
            (self.joined, "with commas removed"),
            (self.shortened, "shortened"),
            (self.unusable, "unusable"),
            (self.comments, f"{plural(self.comments, 'comment')} skipped"),
        )
        remarks = [f"{count:,} {what}" for count, what in counted if count]
        if self.heading:
            remarks.append(f"heading “{_some(self.heading)}” skipped")
        if self.skipped:
            columns = plural(len(self.skipped), "column")
            remarks.append(f"{columns} “{_some(self.skipped)}” skipped")
        if self.beyond:
            cells = plural(self.beyond, "cell")
            remarks.append(f"{self.beyond:,} {cells} beyond the last heading skipped")
        if self.guessed:
            remarks.append("read as Windows-1252")
        return ", ".join(remarks)


def plural(count: int, noun: str) -> str:
    """The noun in its singular or plural."""
    return noun if count == 1 else f"{noun}s"


def _some(names: tuple[str, ...]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(
        "".join(filter(str.isprintable, one)) for one in names[:MAX_SHOWN]
    )
    more = len(names) - MAX_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown
