"""Open sentences from a folder of text, by source, ready to be spoken.

A source is one file, `NAME.txt` or `NAME.txt.gz`, a sentence a line; "sentences-" in
front of the name does not count. A source without capitals serves the raw style only.
"""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

from grammar import SEEN_RIVALS
from spell import spelled

LENGTHS = range(1, 26)  # words
CASED_SHARE = 0.5  # of the lines, from which a source counts as cased
_CANONICAL = {other: first for first, other in SEEN_RIVALS}
_SECOND = re.compile(rf"\b({'|'.join(_CANONICAL)})\b")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its sentences, without digits; cased: with capitals and marks."""

    name: str
    cased: bool
    sentences: list[str]


def raw_form(text: str) -> str:
    """The words alone: lower case, no marks but the apostrophe."""
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split())


def canonical(text: str) -> str:
    """Of two spellings that sound alike, the one written unless a keyword asks."""
    return _SECOND.sub(lambda found: _CANONICAL[found[0]], text)


def read(file: Path) -> Source:
    """What of a file can be spoken."""
    data = file.read_bytes()
    text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    capitals = sum(line[0].isupper() or line[0].isdigit() for line in lines)
    said = (spelled(line) for line in lines)
    kept = [canonical(text) for text in said if text]
    kept = [text for text in kept if len(raw_form(text).split()) in LENGTHS]
    name = file.name.split(".")[0].removeprefix("sentences-")
    return Source(name, capitals > CASED_SHARE * len(lines), kept)


def sources(folder: Path, left_out: list[str]) -> list[Source]:
    """All of a folder but those named.

    Raises ValueError for a name that is not there: a share-alike file must not come
    in by a slip of the pen.
    """
    files = sorted([*folder.glob("*.txt"), *folder.glob("*.txt.gz")])
    names = {f: f.name.split(".")[0].removeprefix("sentences-") for f in files}
    missing = set(left_out) - set(names.values())
    if missing:
        raise ValueError(f"no such source in {folder}: {', '.join(sorted(missing))}")
    return [read(file) for file in files if names[file] not in left_out]
