"""Repairs at the next start what a crash or kill left behind."""

from contextlib import suppress

from mica.audio.journal import recover
from mica.dictation.strings import RECOVERABLE_MANY, RECOVERABLE_ONE, UNINSERTED
from mica.library.store import Library, LibraryEntry
from mica.library.writer import has_samples


def recovered(history: Library) -> list[str]:
    """Messages about recordings to recover and texts not inserted; empty if none."""
    saved = [entry for entry in history.interrupted() if _is_repaired(entry)]
    lines = []
    if saved:
        lines.append(
            RECOVERABLE_ONE if len(saved) == 1 else RECOVERABLE_MANY.format(len(saved))
        )
    waiting, last = history.uninserted(), history.newest()
    if last is not None and last.id in [entry.id for entry in waiting]:
        lines.append(UNINSERTED)
    return lines


def _is_repaired(entry: LibraryEntry) -> bool:
    """Repair the header of its recording; returns whether it has samples."""
    if entry.journal is not None:
        with suppress(OSError):
            recover(entry.journal)
    return has_samples(entry)
