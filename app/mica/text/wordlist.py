"""Parses lists of words: one per line, CSV or TSV, with comments and headings.

Our own file is parsed line by line, so that no line changes the meaning of another. An
imported list may be a table, whose separator is decided once for the whole file. In a
table with the heading `Name;Phone`, only the names are words. Entries are not cleaned.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

RECORD_LINES: Final = (
    8  # of a quoted cell; more if its row has as many cells as the first
)
_SEPARATORS: Final = re.compile(r"[,;]")
_SPECIAL: Final = re.compile(r'["#,;\t=]')
_QUOTED: Final = re.compile(r'(?:^|[,;])\s*"|\t[^\S\t]*"')
_CLOSED: Final = re.compile(r'"[^"]*"')
_TRAILING_COMMENT: Final = re.compile(r"\s#\s.*")
_SURE_COMMENT: Final = re.compile(r"\s*#(\s|$)")
_BULLET: Final = re.compile(r"\s*[-*•–—·▪◦‣]\s+")
_NUMBER: Final = re.compile(r"\s*\d+[.)]\s+")
_WORD_COLUMNS: Final = frozenset(
    (
        *("entry", "entries", "keyword", "name", "phrase", "spelling", "term", "word"),
        *("vocabulary", "first name", "full name", "given name", "last name"),
        *("surname", "family name", "middle name", "display name", "nickname"),
        *("company", "organization", "organization name"),
        *("begriff", "firma", "nachname", "stichwort", "vorname", "wort"),  # German
        *("entreprise", "mot", "nom", "prénom", "société", "terme"),  # French
        *("apellido", "empresa", "nombre", "palabra", "término"),  # Spanish
        *("nome", "palavra", "sobrenome", "termo"),  # Portuguese
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
Row = tuple[str, ...]


class Record(NamedTuple):
    """One line of our own file.

    raw       the line, without its end
    entries   none for a comment; empty ones keep their column
    """

    raw: str
    entries: Row = ()


@dataclass(frozen=True, slots=True)
class Entries:
    """The words of an imported list, and what was skipped.

    heading   the column headings; empty: it has none
    skipped   the headings of skipped columns, which hold no words
    beyond    number of cells skipped beyond the last heading
    """

    words: Row
    comments: int = 0
    heading: Row = ()
    skipped: Row = ()
    beyond: int = 0


def records(text: str) -> Iterator[Record]:
    """The lines of our own file."""
    for line in text.splitlines():
        if not _SPECIAL.search(line):  # most lines; this matters for 300,000
            yield Record(line, (line.strip(),))
        elif _is_comment(line):
            yield Record(line)
        else:
            yield Record(line, _own_line(line))


def typed_line(line: str) -> Row:
    """The entries of a typed line, in which `#` starts no comment."""
    cells = _in_quotes(line)
    return _split(_without_quotes(line)) if cells is None else cells


def is_plain(entry: str) -> bool:
    """Whether an entry can be read back without quotes, from any list."""
    if _is_comment(entry) or _BULLET.match(entry) or _NUMBER.match(entry):
        return False
    return not _SPECIAL.search(entry) or _own_line(entry) == (entry,)


def entries_of(text: str) -> Entries:
    """The entries of an imported list; of a table, only those in columns of words."""
    lines = _without_bullets(text.splitlines())
    rows, comments = _rows(lines)
    if len(rows) < 2 or (columns := _word_columns(rows)) is None:
        words = (word for row in rows for word in row if word)
        return Entries(tuple(words), comments)
    heading, *rows = rows
    beyond = 0
    if len(heading) > 1:  # below a single heading, commas separate words
        beyond = sum(bool(cell) for row in rows for cell in row[len(heading) :])
        rows = [tuple(row[at] for at in columns if at < len(row)) for row in rows]
    used = set(columns)
    others = (name for at, name in enumerate(heading) if at not in used and name)
    words = (word for row in rows for word in row if word)
    named = tuple(filter(None, heading))
    return Entries(tuple(words), comments, named, tuple(others), beyond)


def _own_line(line: str) -> Row:
    cells = _in_quotes(line)
    if cells is None:  # a stray quote, perhaps in a trailing comment
        cells = _in_quotes(line.rpartition(" # ")[0])
    if cells is not None:
        return cells
    return _split(_TRAILING_COMMENT.sub("", _without_quotes(line)))


def _in_quotes(line: str) -> Row | None:
    """The cells of a line with quoted cells; None for any other line."""
    if not _QUOTED.search(line):
        return None
    separated = ";" if re.search(r'";|;\s*"', line) else ","
    between = "\t" if "\t" in line.strip() else separated
    return _csv([line.strip()], 0, between)[1]


def _without_quotes(line: str) -> str:
    """A line without its stray quotes; a quote after a word may mean inches, and
    stays."""
    return line.replace('"', "") if _QUOTED.search(line) else line


def _split(line: str) -> Row:
    has_tab = "\t" in line.strip()
    parts = line.split("\t") if has_tab else _SEPARATORS.split(line)
    return tuple(part.strip() for part in parts)


def _csv(lines: Sequence[str], at: int, between: str) -> tuple[int, Row | None]:
    """The number of lines of a row, and its cells; None if it has a stray quote."""
    some = (f"{lines[place]}\n" for place in range(at, len(lines)))
    reader = csv.reader(some, delimiter=between, strict=True, skipinitialspace=True)
    try:
        cells = next(reader)
    except csv.Error:
        return 1, None
    return reader.line_num, tuple(" ".join(cell.split()) for cell in cells)


def _rows(lines: list[str]) -> tuple[list[Row], int]:
    """The rows that have cells, and the number of comments."""
    between = _separator(lines)
    has_comments = any(
        map(_SURE_COMMENT.match, lines)
    )  # else lines such as #word are words
    rows: list[Row] = []
    at = comments = 0
    while at < len(lines):
        line, count = lines[at], 1
        if line.casefold().startswith("sep=") or (
            line.lstrip().startswith("#") and has_comments
        ):
            comments += line.lstrip().startswith("#")
        else:
            width = len(rows[0]) if rows else 0
            count, row = _row(lines, at, between, width)
            rows += [row] if any(row) else []
        at += count
    return rows, comments


def _row(lines: list[str], at: int, between: str, width: int) -> tuple[int, Row]:
    """The number of lines of a row, and its cells. Quotes are ignored if they are not
    closed, or if their lines do not form a row of the table."""
    line = lines[at]
    if _QUOTED.search(line):
        count, cells = _csv(lines, at, between)
        if cells is not None:
            is_like_others = count <= RECORD_LINES or len(cells) == width
            if count == 1 or (len(cells) > 1 and is_like_others):
                return count, cells
        line = line.replace('"', "")
    return 1, tuple(" ".join(cell.split()) for cell in line.split(between))


def _separator(lines: list[str]) -> str:
    """The separator of the cells: the first of tab, semicolon and comma that is in at
    least as many lines as have only a later one."""
    first = next((line for line in lines if line.strip()), "").casefold()
    if first.startswith("sep=") and len(first) > 4:
        return first[4]
    bare = [_CLOSED.sub('""', line) for line in lines if _SPECIAL.search(line)]
    bare = [line for line in bare if not _SURE_COMMENT.match(line)]
    if any("\t" in line.strip() for line in bare) and _prevails("\t", ",;", bare):
        return "\t"
    has_any = any(";" in line for line in bare)
    return ";" if has_any and _prevails(";", ",", bare) else ","


def _prevails(separator: str, lesser: str, lines: list[str]) -> bool:
    has = [separator in line for line in lines]
    others = (any(one in line for one in lesser) for line in lines)
    only = sum(other and not own for own, other in zip(has, others, strict=True))
    return sum(has) >= only


def _without_bullets(lines: list[str]) -> list[str]:
    """The lines without list bullets. Numbers count as bullets if most lines have one,
    since some names start with a number."""
    filled = sum(bool(line.strip()) for line in lines)
    numbered = sum(bool(_NUMBER.match(line)) for line in lines)
    lines = [
        _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
        for line in lines
    ]
    if filled > 1 and 2 * numbered > filled:
        lines = [
            line[m.end() :] if (m := _NUMBER.match(line)) else line for line in lines
        ]
    return lines


def _word_columns(rows: list[Row]) -> list[int] | None:
    """The columns of words if the first row is a heading, else None: all its names are
    known, or one is and at least half of the rows have as many cells."""
    first, *others = rows
    names = [name.strip().casefold() for name in first]
    plain = [
        name if name in _WORD_COLUMNS else name.removesuffix("s") for name in names
    ]
    if not all(name in _WORD_COLUMNS | _OTHER_COLUMNS for name in plain):
        alike = sum(len(row) == len(first) for row in others)
        if len(first) < 2 or 2 * alike < len(others):
            return None
    return [at for at, name in enumerate(plain) if name in _WORD_COLUMNS] or None


def _is_comment(line: str) -> bool:
    """Whether a line is a comment, or tells Excel the separator."""
    return line.lstrip().startswith("#") or line.casefold().startswith("sep=")
