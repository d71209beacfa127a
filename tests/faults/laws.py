"""What must hold after every run, whatever went wrong in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from faults.session import Session
from faults.speech import on_disk, words_of
from mica.dictation import strings
from mica.insertion import strings as insertion

#: What is said when a text, or a note of Mica's, is left on the clipboard.
ON_CLIPBOARD: Final = (
    insertion.ON_CLIPBOARD,
    insertion.TAKEN_OVER,
    insertion.MAYBE_TAKEN_OVER,
    strings.COPIED,
)


@dataclass(frozen=True)
class Broken:
    """A law that did not hold.

    law    its short name
    how    what was found instead
    """

    law: str
    how: str

    def __str__(self) -> str:
        return f"{self.law}: {self.how}"


@dataclass
class Dictation:
    """What the user did once, and what came of it.

    words        those that were said and had to be recorded
    spoken       all that were said
    released_s   when the key went up
    told         how many lines had been told before
    """

    told: int
    words: list[int] = field(default_factory=list)
    spoken: list[int] = field(default_factory=list)
    released_s: float = 0.0


def in_library(session: Session) -> set[int]:
    """The words in the library's texts."""
    return {word for text in session.texts() for word in words_of(text)}


def kept(session: Session, said: Iterable[int]) -> list[Broken]:
    """Audio said is on disk, or its text is in the library, or at least in its window:
    a full disk takes neither."""
    missing = set(said) - in_library(session) - {*words_of(session.window.text)}
    if missing:
        missing -= on_disk(session.home)
    return [Broken("kept", f"words {_list(missing)} are nowhere")] if missing else []


def reachable(session: Session, said: Iterable[int]) -> list[Broken]:
    """After Transcribe Again, and a start of the app, every word has its text."""
    missing = set(said) - in_library(session) - {*words_of(session.window.text)}
    if not missing:
        return []
    return [Broken("reachable", f"words {_list(missing)} never became text")]


def next_works(session: Session, dictation: Dictation, at_s: float) -> list[Broken]:
    """A dictation after the fault is in its window within 3 s."""
    found = words_of(session.window.text)
    if all(word in found for word in dictation.words):
        late_s = at_s - dictation.released_s
        if late_s <= 3.0:
            return []
        return [Broken("next works", f"it took {late_s:.1f} s")]
    return [Broken("next works", f"{_since(session, dictation)}; no text")]


def told_is_true(session: Session, dictation: Dictation) -> list[Broken]:
    """What was told since a dictation began; call before the next one."""
    lines = [line for _, line in session.told[dictation.told :]]
    said, texts = {*dictation.words}, in_library(session)
    gone, gap = said - texts - on_disk(session.home), _gap(session, said)
    inserted = {*words_of(session.window.text)}
    broken = []
    for line in lines:
        if strings.NOTHING_LOST in line and (gone or gap):
            broken.append(Broken("told is true", f"“{line}”, without {gone | gap}"))
        if strings.NO_SPEECH in line and said:
            broken.append(Broken("told is true", f"“{line}”, but there was speech"))
        if strings.RECORDING_SAFE in line and gone:
            broken.append(Broken("told is true", f"“{line}”, without {gone}"))
    has_arrived = bool(inserted.intersection(dictation.spoken)) and said <= inserted
    if not has_arrived and not lines:
        broken.append(Broken("silence", "the text did not arrive; nothing was told"))
    return broken


def _gap(session: Session, said: set[int]) -> set[int]:
    """Words that are missing from a final text that has others of them."""
    for row in session.rows():
        found = said.intersection(words_of(row["text"]))
        if found and row["status"] in ("inserted", "written", "copied", "unknown"):
            return said - found
    return set()


def rows_are_true(session: Session) -> list[Broken]:
    """The library says of each text what became of it; each went in once."""
    inserted, broken = words_of(session.window.text), []
    for row in session.rows():
        words = words_of(row["text"])
        if row["status"] == "inserted" and not {*words} <= {*inserted}:
            broken.append(Broken("told is true", f"row {row['id']} is not inserted"))
        if row["status"] in ("speaking", "working"):
            broken.append(Broken("told is true", f"row {row['id']} is {row['status']}"))
    twice = {word for word in inserted if inserted.count(word) > 1}
    if twice:
        broken.append(Broken("once", f"words {_list(twice)} went in twice"))
    return broken


def clipboard_is_theirs(session: Session) -> list[Broken]:
    """The clipboard is the user's, unless they were told what else is on it."""
    found = session.window.clipboard_text
    said = any(line in told for _, told in session.told for line in ON_CLIPBOARD)
    if found == session.window.theirs or (said and words_of(found)):
        return []
    return [Broken("clipboard", f"it holds “{found}”")]


def guarded(session: Session) -> list[Broken]:
    """No exception got past the app's guards."""
    return [Broken("guards", repr(error)) for error in session.unhandled]


def _since(session: Session, dictation: Dictation) -> str:
    lines = [line for _, line in session.told[dictation.told :]]
    return f"told {lines}"


def _list(words: Iterable[int]) -> str:
    return ", ".join(str(word) for word in sorted(words))


def summary(broken: Sequence[Broken]) -> str:
    return "; ".join(str(one) for one in broken)
