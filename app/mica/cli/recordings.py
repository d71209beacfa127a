"""`mica recordings`: the saved recordings, by number."""

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
from mica.cli import strings
from mica.cli.batch_files import print_text
from mica.cli.recognizer import Recognizer
from mica.cli.reporting import report, report_error
from mica.errors import AudioFileError, EngineError, LibraryError
from mica.events import Language, Style, TranscribeOptions, Transcript
from mica.library.store import TRANSCRIBED_AGAIN, EntryStatus, Library, LibraryEntry
from mica.library.writer import has_samples
from mica.text.format import FORMATS

LISTED: Final = 20
MAX_NUMBER: Final = 2**63 - 1  # of a row in SQLite
SHOWN_CHARACTERS: Final = 60
IN_PROGRESS_S: Final = 3.0  # a recording written to this recently is still in progress
IN_PROGRESS: Final = (EntryStatus.SPEAKING, EntryStatus.WORKING)


@click.command()
@click.option(
    "--all",
    "every",
    is_flag=True,
    help=f"List all recordings, not just the newest {LISTED}.",
)
def recordings(every: bool) -> None:
    """List saved dictations and captions.

    The newest come first. An exclamation mark (!) marks a recording whose text is
    missing or incomplete. To transcribe one again, pass its number to
    `mica transcribe --recording`.
    """
    file = paths.history_file(create=False)
    saved: list[LibraryEntry] = []
    if file.exists():  # opening it would create it
        with closing(Library(file)) as history:
            saved = history.recorded(-1 if every else LISTED)
    listed = list(filter(has_samples, saved))
    for entry in listed:
        click.echo(_line(entry))
    if not listed:
        report(strings.NO_RECORDINGS)


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """How to transcribe recordings again.

    style, to   None: as dictated
    form        one of text.format.FORMATS
    """

    model: str | None
    style: Style | None
    to: Language | None
    keywords: Sequence[str]
    keyword_budget: int
    form: str


def transcribe_again(numbers: Sequence[int], options: RecordingOptions) -> int:
    """Print and save the text of each recording; returns the exit code. Numbers without
    a recording, and unreadable recordings, are reported and skipped."""
    code = 0
    found: list[tuple[LibraryEntry, Path]] = []
    with closing(Library(paths.history_file())) as history:
        for number in numbers:
            try:
                found.append(_find(history, number))
            except AudioFileError as error:
                code = report_error(error)
        if not found:
            return code
        with Recognizer(options.model, lambda event: None) as recognizer:
            for entry, recording in found:
                try:
                    transcript = _transcribe(recognizer, entry, recording, options)
                except (AudioFileError, EngineError) as error:
                    report(strings.RECORDING_ERROR.format(entry.id, error.line()))
                    code = error.exit_code
                    continue
                code = _save(history, entry.id, transcript) or code
                for note in transcript.notes:
                    report(note)
                if not transcript.text:
                    recording_name = strings.RECORDING.format(entry.id)
                    report(strings.NO_SPEECH.format(recording_name))
                name = strings.RECORDING.format(entry.id) if len(found) > 1 else None
                print_text(FORMATS[options.form](transcript), options.form, name)
    return code


def _save(history: Library, number: int, transcript: Transcript) -> int:
    """Save the text in the library, besides printing it; returns the exit code."""
    try:
        history.set_text(number, transcript)
        history.set_status(number, EntryStatus.WRITTEN, TRANSCRIBED_AGAIN)
    except LibraryError as error:
        return report_error(error)
    return 0


def _find(history: Library, number: int) -> tuple[LibraryEntry, Path]:
    """A recording's row and its file, with a repaired header. Raises AudioFileError."""
    entry = history.entry(number) if abs(number) <= MAX_NUMBER else None
    recording = entry.journal if entry is not None else None
    if entry is None or recording is None or not recording.is_file():
        what = strings.NO_RECORDING.format(number)
        raise AudioFileError(what, strings.LIST_RECORDINGS)
    age_s = time.time() - recording.stat().st_mtime
    if entry.status in IN_PROGRESS and age_s < IN_PROGRESS_S:
        what = strings.IN_PROGRESS.format(number)
        raise AudioFileError(what, strings.TRY_LATER)
    with suppress(OSError):  # a read-only file is read as it is
        recover(recording)
    return entry, recording


def _transcribe(
    recognizer: Recognizer,
    entry: LibraryEntry,
    recording: Path,
    options: RecordingOptions,
) -> Transcript:
    style, to = options.style or entry.style, options.to or entry.to
    pieces = files.read(recording)
    transcribe_options = TranscribeOptions(
        style, tuple(options.keywords), options.keyword_budget, target_language=to
    )
    return recognizer.transcribe(pieces, transcribe_options)


def _line(entry: LibraryEntry) -> str:
    assert entry.journal is not None
    rate_hz, samples = extent(entry.journal)
    minutes, seconds = divmod(round(samples / rate_hz), 60)
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.started_s))
    incomplete = entry.status in (*IN_PROGRESS, EntryStatus.FAILED)
    text = _single_line(entry.text) or _placeholder(entry, incomplete)
    if len(text) > SHOWN_CHARACTERS:
        text = text[:SHOWN_CHARACTERS].rsplit(" ", 1)[0] + "…"
    marker = "!" if incomplete else " "
    length = f"{minutes:3}:{seconds:02}"
    kind = f"{entry.kind.value:9}"
    return f"{marker} {entry.id:5}  {started}  {kind} {length}  {text}".rstrip()


def _single_line(text: str) -> str:
    """The text in one line, without a terminal's control characters."""
    printable = (" " if unicodedata.category(c) == "Cc" else c for c in text)
    return " ".join("".join(printable).split())


def _placeholder(entry: LibraryEntry, incomplete: bool) -> str:
    if entry.status is EntryStatus.CANCELLED:
        return strings.CANCELED
    return "" if incomplete else strings.WITHOUT_SPEECH
