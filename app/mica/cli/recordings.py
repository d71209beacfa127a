"""`mica recordings`: what was dictated and is kept, by number."""

import time
import unicodedata
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from mica import paths
from mica.audio import files
from mica.audio.journal import extent, recover
from mica.cli.messages import failed, say
from mica.cli.recognise import Recogniser
from mica.errors import AudioFileError, EngineError, HistoryError
from mica.events import Language, Style, TranscribeOptions, Transcript
from mica.library.store import AGAIN, EntryStatus, Library, LibraryEntry
from mica.library.writer import is_kept
from mica.text.format import FORMATS

LISTED: Final = 20
LARGEST: Final = 2**63 - 1  # number of a row, by SQLite
SHOWN_CHARACTERS: Final = 60
GROWING_S: Final = 3.0  # a recording that was written so lately is not over
UNDER_WAY: Final = (EntryStatus.SPEAKING, EntryStatus.WORKING)
_LIST: Final = "Run `mica recordings --all` to see which there are."


@click.command()
@click.option("--all", "every", is_flag=True, help=f"Not only the newest {LISTED}.")
def recordings(every: bool) -> None:
    """List what was dictated, newest first, by the number --recording takes.

    An exclamation mark stands before what has no text, or not all of it:
    `mica transcribe --recording N` makes one.
    """
    with closing(Library(paths.history_file())) as history:
        kept = history.recorded(-1 if every else LISTED)
    for entry in filter(is_kept, kept):
        click.echo(_line(entry))


@dataclass(frozen=True, slots=True)
class Wanted:
    """How recordings are to be transcribed.

    style, to   None: as when they were dictated
    form        of text.format
    """

    model: str | None
    style: Style | None
    to: Language | None
    keywords: Sequence[str]
    keyword_budget: int
    form: str


def transcribe_again(numbers: Sequence[int], wanted: Wanted) -> int:
    """Each one's text to stdout and into the history; the exit code. A batch goes on
    past one that is not there or cannot be read."""
    code = 0
    found: list[tuple[LibraryEntry, Path]] = []
    with closing(Library(paths.history_file())) as history:
        for number in numbers:
            try:
                found.append(_found(history, number))
            except AudioFileError as why:
                code = failed(why)
        if not found:
            return code
        with Recogniser(wanted.model, lambda event: None) as recogniser:
            for entry, recording in found:
                try:
                    transcript = _transcribed(recogniser, entry, recording, wanted)
                except (AudioFileError, EngineError) as why:
                    say(f"Recording {entry.id}: {why.line()}")
                    code = why.exit_code
                    continue
                code = _kept(history, entry.id, transcript) or code
                for note in transcript.notes:
                    say(note)
                if not transcript.text:
                    say(f"No speech in recording {entry.id}.")
                click.echo(FORMATS[wanted.form](transcript), nl=False)
    return code


def _kept(history: Library, number: int, transcript: Transcript) -> int:
    """The text into the history; the exit code. It is printed in any case."""
    try:
        history.set_text(number, transcript)
        history.mark(number, EntryStatus.WRITTEN, AGAIN)
    except HistoryError as why:
        return failed(why)
    return 0


def _found(history: Library, number: int) -> tuple[LibraryEntry, Path]:
    """Its row and its file, whose header is right. Raises AudioFileError."""
    entry = history.entry(number) if abs(number) <= LARGEST else None
    recording = entry.journal if entry is not None else None
    if entry is None or recording is None or not recording.is_file():
        raise AudioFileError(f"There is no recording {number}.", _LIST)
    age_s = time.time() - recording.stat().st_mtime
    if entry.status in UNDER_WAY and age_s < GROWING_S:
        raise AudioFileError(f"Recording {number} is still under way.", "Wait for it.")
    with suppress(OSError):  # one that may only be read is read as it is
        recover(recording)
    return entry, recording


def _transcribed(
    recogniser: Recogniser, entry: LibraryEntry, recording: Path, wanted: Wanted
) -> Transcript:
    style, to = wanted.style or entry.style, wanted.to or entry.to
    pieces = files.read(recording)
    options = TranscribeOptions(
        style, tuple(wanted.keywords), wanted.keyword_budget, target_language=to
    )
    return recogniser.transcribe(pieces, options)


def _line(entry: LibraryEntry) -> str:
    assert entry.journal is not None
    rate_hz, samples = extent(entry.journal)
    minutes, seconds = divmod(round(samples / rate_hz), 60)
    began = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.started_s))
    lacking = entry.status in (*UNDER_WAY, EntryStatus.FAILED)
    text = _plain(entry.text) or _without_text(entry, lacking)
    if len(text) > SHOWN_CHARACTERS:
        text = text[:SHOWN_CHARACTERS].rsplit(" ", 1)[0] + "…"
    mark = "!" if lacking else " "
    return f"{mark} {entry.id:5}  {began}  {minutes:3}:{seconds:02}  {text}".rstrip()


def _plain(text: str) -> str:
    """In one line, without what a terminal would obey."""
    kept = (" " if unicodedata.category(one) == "Cc" else one for one in text)
    return " ".join("".join(kept).split())


def _without_text(entry: LibraryEntry, lacking: bool) -> str:
    if entry.status is EntryStatus.CANCELLED:
        return "(cancelled)"
    return "" if lacking else "(no speech)"
