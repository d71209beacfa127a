"""What a history keeps of an utterance, as the next start of the app would read it."""

import msgspec

from mica.events import Transcript
from mica.library.store import Library, LibraryEntry


def entry(history: Library, utterance: int) -> LibraryEntry:
    """Its row."""
    [found] = history._read("where id = ?", (utterance,))
    return found


def transcript(history: Library, utterance: int) -> Transcript:
    """The whole result, which only other programs read."""
    asked = "select transcript from utterance where id = ?"
    [text] = history._database.execute(asked, (utterance,)).fetchone()
    return msgspec.json.decode(text, type=Transcript)
