"""Recordings as killed processes leave them."""

import shutil
from pathlib import Path

from mica.audio.journal import Journal


def left_behind(folder: Path, number: int, pcm: bytes = b"\0\0\0\1" * 100) -> Path:
    """A recording whose process was killed: its header is out of date, and nobody has
    locked it."""
    journal = Journal.open(folder, number, 16_000)
    journal.append(pcm)
    copy = journal.path.with_suffix(".copy")
    shutil.copy(journal.path, copy)
    journal.close()
    copy.rename(journal.path)
    return journal.path
