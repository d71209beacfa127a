"""`mica library retry`: transcribes saved recordings again."""

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from mica import paths
from mica.audio import files, journal
from mica.cli import strings
from mica.cli.batch_files import print_text
from mica.cli.keywords import chosen_keywords
from mica.cli.recognizer import Recognizer
from mica.cli.reporting import load_settings, report, report_error
from mica.cli.shared_options import recognition_options
from mica.errors import AudioFileError, EngineError, LibraryError
from mica.events import Language, Style, TranscribeOptions, Transcript
from mica.library.entries import EntryStatus, LibraryEntry
from mica.library.store import TRANSCRIBED_AGAIN, Library
from mica.text.format import FORMATS

MAX_NUMBER: Final = 2**63 - 1  # of a row in SQLite


@click.command()
@click.argument("numbers", metavar="NUMBER...", type=int, nargs=-1, required=True)
@recognition_options
def retry(
    numbers: tuple[int, ...],
    model: str | None,
    style: str | None,
    to: Language | None,
    keyword: tuple[str, ...],
    keywords_file: str | None,
    form: str,
) -> int:
    """Transcribe recordings again; print and save their texts.

    Recordings that can’t be transcribed are skipped; the exit code then isn’t 0.
    """
    chosen = Style(style) if style else None
    keywords = chosen_keywords(keyword, keywords_file)
    budget = load_settings().keyword_token_budget
    options = RetryOptions(model, chosen, to, keywords, budget, form)
    return transcribe_again(numbers, options)


@dataclass(frozen=True, slots=True)
class RetryOptions:
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


def transcribe_again(numbers: Sequence[int], options: RetryOptions) -> int:
    """Print and save the text of each recording; returns the exit code. Numbers without
    a recording, and unreadable recordings, are reported and skipped."""
    code = 0
    found: list[tuple[LibraryEntry, Path]] = []
    with closing(Library(paths.history_file(), sets_aside=False)) as history:
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
                code = _save(history, entry, transcript) or code
                for note in transcript.notes:
                    report(note)
                if not transcript.text:
                    recording_name = strings.RECORDING.format(entry.id)
                    report(strings.NO_SPEECH.format(recording_name))
                name = strings.RECORDING.format(entry.id) if len(found) > 1 else None
                print_text(FORMATS[options.form](transcript), options.form, name)
    return code


def _save(history: Library, entry: LibraryEntry, transcript: Transcript) -> int:
    """Save the text in the library, besides printing it; returns the exit code. Words
    that were heard before are not replaced by fewer."""
    try:
        if not history.may_replace_text(entry.id, transcript):
            if transcript.text:
                report(strings.RECORDING_SHORTER.format(entry.id))
            return 0
        history.set_text(entry.id, transcript)
        history.set_status(entry.id, EntryStatus.WRITTEN, TRANSCRIBED_AGAIN)
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
    if journal.is_recorded_now(recording):
        what = strings.IN_PROGRESS.format(number)
        raise AudioFileError(what, strings.TRY_LATER)
    with suppress(OSError):  # a read-only file is read as it is
        journal.recover(recording)
    return entry, recording


def _transcribe(
    recognizer: Recognizer,
    entry: LibraryEntry,
    recording: Path,
    options: RetryOptions,
) -> Transcript:
    style, to = options.style or entry.style, options.to or entry.to
    pieces = files.read(recording)
    transcribe_options = TranscribeOptions(
        style, tuple(options.keywords), options.keyword_budget, target_language=to
    )
    return recognizer.transcribe(pieces, transcribe_options)
