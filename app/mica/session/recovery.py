"""Recordings of a sudden end, brought in order at the next start."""

from contextlib import suppress

from mica.audio.journal import recover
from mica.history.store import History


def recovered(history: History) -> list[str]:
    """What to tell the user of them; nothing where there are none."""
    entries = history.interrupted()
    for entry in entries:
        if entry.journal is not None:
            with suppress(OSError):
                recover(entry.journal)
    if not any(entry.journal for entry in entries):
        return []
    return ["Mica ended during a dictation. Its recording is kept."]
