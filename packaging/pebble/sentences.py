"""Sentences from a folder of text, by source, prepared for speech synthesis.

A source is one file, `NAME.txt` or `NAME.txt.gz`, with one sentence per line; a prefix
"sentences-" is not part of its name. A source without capitals is used only for the raw
style.
"""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

from grammar import SEEN_RIVALS
from spell import spelled

LENGTHS = range(1, 26)  # words
CASED_SHARE = 0.5  # of lines that start with a capital; above it, a source is cased
_CANONICAL = {other: first for first, other in SEEN_RIVALS}
_SECOND = re.compile(rf"\b({'|'.join(_CANONICAL)})\b")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its sentences without digits; cased: with capitals and punctuation."""

    name: str
    cased: bool
    sentences: list[str]


def raw_form(text: str) -> str:
    """The words alone: lower case, no punctuation except the apostrophe."""
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split())


def canonical(text: str) -> str:
    """Replace names by the spelling that is used unless a keyword lists the other."""
    return _SECOND.sub(lambda found: _CANONICAL[found[0]], text)


def read(file: Path) -> Source:
    """The sentences of a file that can be spoken."""
    data = file.read_bytes()
    text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    capitals = sum(line[0].isupper() or line[0].isdigit() for line in lines)
    readable = (spelled(line) for line in lines)
    texts = [canonical(text) for text in readable if text]
    texts = [text for text in texts if len(raw_form(text).split()) in LENGTHS]
    name = file.name.split(".")[0].removeprefix("sentences-")
    return Source(name, capitals > CASED_SHARE * len(lines), texts)


def sources(folder: Path, left_out: list[str]) -> list[Source]:
    """All sources in a folder except those in `left_out`.

    Raises ValueError if a name in `left_out` does not exist, so that a typo cannot let
    a share-alike file in.
    """
    files = sorted([*folder.glob("*.txt"), *folder.glob("*.txt.gz")])
    names = {f: f.name.split(".")[0].removeprefix("sentences-") for f in files}
    missing = set(left_out) - set(names.values())
    if missing:
        raise ValueError(f"no such source in {folder}: {', '.join(sorted(missing))}")
    return [read(file) for file in files if names[file] not in left_out]
