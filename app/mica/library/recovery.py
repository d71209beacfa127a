"""Keeps the rows and the files of recordings together: after a crash, and when old
recordings are deleted.

    recover(library, folder)   what an earlier run left: rows without their text, and
                               files without a row
    prune(library, folder)     deletes the oldest recordings whose text is complete
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Final

from mica.audio import journal
from mica.library.entries import EntryStatus, LibraryEntry
from mica.library.store import INTERRUPTED, Library
from mica.library.writer import has_samples

MAX_RECORDINGS: Final = 200
MAX_BYTES: Final = 8 << 30  # about twelve hours of captions
KEPT_S: Final = 86_400.0  # no recording younger than this is deleted


def recover(library: Library, folder: Path) -> list[LibraryEntry]:
    """The recordings that an earlier run has left without their text, each returned
    once; they are failed from now on, and their headers are repaired."""
    found = []
    for entry in library.unfinished():
        file = entry.journal
        if file is not None and journal.is_recorded_now(file):
            continue  # by another process
        library.set_status(entry.id, EntryStatus.FAILED, INTERRUPTED)
        if file is not None:
            with suppress(OSError):
                journal.recover(file)
        if has_samples(entry):
            found.append(entry)
    return found + list(adopt(library, folder))


def adopt(
    library: Library, folder: Path, least_age_s: float = 0.0
) -> Iterable[LibraryEntry]:
    """Add a row for each recording that no row knows, or knows where it was before
    MICA_HOME was moved.

    least_age_s   since it was last written to: the app may be about to add its row
    """
    known = {e.journal.name: e for e in library.journals() if e.journal is not None}
    for file in sorted(folder.glob("*.wav")):
        entry = known.get(file.name)
        if entry is not None:
            if entry.journal != file and not _exists(entry.journal):
                library.set_journal(entry.id, file)
            continue
        with suppress(OSError):
            written_s = file.stat().st_mtime
            is_new = time.time() - written_s < least_age_s
            if is_new or journal.is_recorded_now(file) or not journal.recover(file):
                continue
            rate_hz, samples = journal.extent(file)
            number = library.add_found(written_s - samples / rate_hz, file)
            added = library.entry(number)
            if added is not None:
                yield added


def prune(
    library: Library,
    folder: Path,
    count: int = MAX_RECORDINGS,
    most_bytes: int = MAX_BYTES,
) -> None:
    """Delete old recordings: keep `count` and `most_bytes` of the newest, and all that
    are being recorded, younger than KEPT_S, or without their whole text. Raises
    LibraryError."""
    known = {e.journal.name: e for e in library.journals() if e.journal is not None}
    remaining, now_s = most_bytes, time.time()
    for number, (written_s, size, file) in enumerate(_by_age(folder)):
        remaining -= size
        is_beyond = number >= count or remaining < 0
        if not is_beyond or now_s - written_s < KEPT_S:
            continue
        entry = known.get(file.name)
        has_text = entry is not None and not entry.is_incomplete
        is_empty = size <= journal.HEADER_BYTES
        if (has_text or is_empty) and not journal.is_recorded_now(file):
            with suppress(OSError):
                file.unlink()
                if entry is not None:
                    library.set_journal(entry.id, None)


def _by_age(folder: Path) -> list[tuple[float, int, Path]]:
    """When each recording was last written to, its size and its path; newest first."""
    found = []
    for file in folder.glob("*.wav"):
        with suppress(OSError):
            state = file.lstat()
            if S_ISREG(state.st_mode):
                found.append((state.st_mtime, state.st_size, file))
    return sorted(found, reverse=True)


def _exists(file: Path | None) -> bool:
    return file is not None and file.exists()
