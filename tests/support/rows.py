"""Reads the library's row of an utterance, as the app would after a restart."""

import msgspec

from mica.events import Transcript
from mica.library.store import Library, LibraryEntry


def entry(history: Library, utterance: int) -> LibraryEntry:
    """The row of an utterance."""
    [found] = history._read("where id = ?", (utterance,))
    return found


def transcript(history: Library, utterance: int) -> Transcript:
    """The complete result, a column that the app itself never reads."""
    query = "select transcript from utterance where id = ?"
    [text] = history._database.execute(query, (utterance,)).fetchone()
    return msgspec.json.decode(text, type=Transcript)
