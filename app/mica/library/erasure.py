"""Deletes recordings and texts so that no file in MICA_HOME has any of their words."""

from pathlib import Path
from typing import Final

from mica.audio import journal
from mica.errors import LibraryError, MicaError
from mica.library.store import Library

BEING_RECORDED: Final = "Mica is recording."
STOP_FIRST: Final = "Stop the recording, then try again."
NOT_DELETED: Final = "{} couldn’t be deleted ({})."
CHECK: Final = "Check the folder’s permissions, then try again."
#: Besides the database, and only what Mica has written: recordings, unreadable
#: databases, what older versions and killed processes left, and the copy of the
#: clipboard, which may hold a dictation.
_PATTERNS: Final = (
    "journal/[0-9]*.wav",
    "journal/.[0-9]*.wav.part",
    "history.sqlite.broken*",
    "borrowed-clipboard*",
    "scratch/*",
    "scratch/*/*",
    "logs/mica.log.*",
    "logs/engine.log.*",
)
_LOGS: Final = ("logs/mica.log", "logs/engine.log", "logs/network.log")


def erase(library: Library, number: int) -> None:
    """Delete one recording and its text. Raises MicaError."""
    entry = library.entry(number)
    if entry is not None and entry.journal is not None:
        if journal.is_recorded_now(entry.journal):
            raise MicaError(BEING_RECORDED, STOP_FIRST)
        try:
            journal.remove(entry.journal)
        except OSError as why:
            raise _refused(entry.journal, why) from why
    library.erase(number)


def erase_all(library: Library, home: Path) -> None:
    """Delete all recordings and texts; settings, keywords and models stay. Raises
    MicaError if anything is left; nothing is deleted while something is being recorded
    or another program locks the history."""
    files = [file for pattern in _PATTERNS for file in home.glob(pattern)]
    if any(map(journal.is_recorded_now, files)):
        raise MicaError(BEING_RECORDED, STOP_FIRST)
    in_memory = library.journals_in_memory()
    problem: MicaError | None = None
    try:
        library.erase_all()
    except LibraryError as why:
        if library.kept(1):
            raise
        problem = why
    for recording in in_memory:
        journal.remove(recording)
    logs = [home / name for name in _LOGS]
    for file in (*files, *filter(Path.exists, logs)):
        try:
            _delete(file, is_log=file in logs)
        except OSError as why:
            problem = problem or _refused(file, why)
    if problem is not None:
        raise problem


def _delete(file: Path, *, is_log: bool) -> None:
    """A log is emptied instead, because this process and the engine have it open; a
    link is deleted, and what it points to stays."""
    if file.is_dir() and not file.is_symlink():
        return
    if is_log and not file.is_symlink():
        file.write_bytes(b"")
    else:
        file.unlink(missing_ok=True)


def _refused(file: Path, why: OSError) -> MicaError:
    return MicaError(NOT_DELETED.format(file, why.strerror or why), CHECK)
