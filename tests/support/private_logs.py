"""Finds in Mica's logs what must not be there: words that were said, titles of windows
and names of files.

A word that Mica's own code contains may be in a log for other reasons, so only the
others count.
"""

import re
import sqlite3
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import mica

_WORD: Final = re.compile(r"[^\W\d_]{3,}")
#: Logs, and what the app prints.
LOGS: Final = ("logs/*", "stderr.txt")


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


@cache
def _words_of_the_code() -> set[str]:
    files = Path(mica.__file__).parent.rglob("*.py")
    return set().union(*(_words(file.read_text("utf-8")) for file in files))


def library_text(home: Path) -> str:
    """Everything that was dictated or captioned into a library."""
    library = home / "history.sqlite"
    if not library.exists():
        return ""
    with sqlite3.connect(f"file:{library}?mode=ro", uri=True) as database:
        rows = database.execute("select text, target from utterance").fetchall()
    return " ".join(text for row in rows for text in row)


def content(home: Path, other: Iterable[str] = ()) -> dict[str, set[str]]:
    """The words in each log that were said; none are expected.

    other   further texts that must not be there: titles of windows, names of files
    """
    secrets = _words(" ".join([library_text(home), *other])) - _words_of_the_code()
    logs = [file for pattern in LOGS for file in home.glob(pattern) if file.is_file()]
    found = {
        file.name: _words(file.read_text("utf-8", "replace")) & secrets for file in logs
    }
    return {name: words for name, words in found.items() if words}
