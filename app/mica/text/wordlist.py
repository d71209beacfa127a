"""What stands in a list of words: one a line, or as CSV or TSV; comments and a heading.

Takes a text apart into entries and cleans none of them. An entry in quotes is one, its
commas included; so is one between tabs, as spreadsheets copy cells.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

RECORD_LINES: Final = 8  # an entry in quotes may go on over; more is a stray quote
_SEPARATORS: Final = re.compile(r"[,;]")
_SPECIAL: Final = re.compile(r'["#,;\t=]')
_QUOTED: Final = re.compile(r'(?:^|[,;\t])\s*"')
_COMMENT_BEHIND: Final = re.compile(r"\s#\s.*")
_WORD_COLUMNS: Final = frozenset(
    (
        *("entry", "entries", "keyword", "name", "phrase", "spelling", "term", "word"),
        *("vocabulary", "first name", "full name", "given name", "last name"),
        "surname",
    )
)
_OTHER_COLUMNS: Final = frozenset(
    (
        *("", "#", "boost", "category", "comment", "definition", "description"),
        *("email", "e-mail", "frequency", "group", "id", "kind", "label", "language"),
        *("no", "note", "number", "part of speech", "phone", "priority"),
        *("pronunciation", "score", "sounds like", "tag", "type", "weight"),
    )
)


class Record(NamedTuple):
    """One line, or the lines that an entry in quotes goes on over.

    raw       as it stands there, without its last line end
    entries   none on a comment; empty ones keep their column
    """

    raw: str
    entries: tuple[str, ...] = ()

    @property
    def is_comment(self) -> bool:
        return _is_comment(self.raw)


@dataclass(frozen=True, slots=True)
class Entries:
    """What a list gives, and what was left out of it.

    heading   of its columns; empty where it has none
    """

    words: tuple[str, ...]
    comments: int = 0
    heading: str = ""


def records(text: str) -> Iterator[Record]:
    """All of a text, line by line."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        if not _SPECIAL.search(line):  # most are; of 300 000 this is felt
            yield Record(line, (line.strip(),))
        elif _is_comment(line):
            yield Record(line)
        elif _QUOTED.search(line):
            count, entries = _csv(lines, at)
            yield Record("\n".join(lines[at : at + count]), entries)
            at += count - 1
        else:
            yield Record(line, tuple(split_line(line)))
        at += 1


def split_line(line: str) -> list[str]:
    """The entries of one line that has no quotes."""
    line = _COMMENT_BEHIND.sub("", line).strip()
    parts = line.split("\t") if "\t" in line else _SEPARATORS.split(line)
    return [part.strip() for part in parts]


def entries_of(text: str) -> Entries:
    """All entries, without the heading of its columns; of columns that hold something
    else than words, none."""
    found = list(records(text))
    comments = sum(record.is_comment for record in found)
    rows = [record.entries for record in found if any(record.entries)]
    columns = _word_columns(rows[0]) if len(rows) > 1 else None
    heading = ""
    if columns is not None:
        first, *rows = rows
        heading = ", ".join(filter(None, first))
        if len(first) > 1:  # below a single one, commas part words
            rows = [tuple(row[at] for at in columns if at < len(row)) for row in rows]
    words = tuple(word for row in rows for word in row if word)
    return Entries(words, comments, heading)


def _word_columns(row: tuple[str, ...]) -> list[int] | None:
    """Which columns hold words, where this is the heading of columns."""
    names = [name.strip().casefold() for name in row]
    plain = [
        name if name in _WORD_COLUMNS else name.removesuffix("s") for name in names
    ]
    if not all(name in _WORD_COLUMNS | _OTHER_COLUMNS for name in plain):
        return None
    return [at for at, name in enumerate(plain) if name in _WORD_COLUMNS] or None


def _is_comment(line: str) -> bool:
    """Also what tells Excel the separator."""
    return line.lstrip().startswith("#") or line.casefold().startswith("sep=")


def _csv(lines: list[str], at: int) -> tuple[int, tuple[str, ...]]:
    """How many lines the record takes, and its entries."""
    line = lines[at]
    separated = ";" if re.search(r'";|;\s*"', line) else ","
    between = "\t" if "\t" in line else separated
    some = (f"{line}\n" for line in islice(lines, at, at + RECORD_LINES))
    reader = csv.reader(some, delimiter=between, strict=True, skipinitialspace=True)
    try:
        cells = next(reader)
    except csv.Error:  # a stray quote
        return 1, tuple(split_line(line.replace('"', "")))
    return reader.line_num, tuple(" ".join(cell.split()) for cell in cells)
