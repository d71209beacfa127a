"""`mica recordings`: what was dictated and is kept, by number."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from mica import paths
from mica.audio import files
from mica.audio.journal import extent, recover
from mica.cli.messages import say
from mica.cli.recognise import Recogniser
from mica.errors import AudioFileError, EngineError
from mica.events import Language, Style, Transcript
from mica.library.store import AGAIN, Entry, History, Status
from mica.library.writer import is_kept
from mica.text.format import FORMATS

LISTED: Final = 20
SHOWN_CHARACTERS: Final = 60
GROWING_S: Final = 3.0  # a recording that was written so lately is not over
UNDER_WAY: Final = (Status.SPEAKING, Status.WORKING)
_LIST: Final = "Run `mica recordings --all` to see which there are."


@click.command()
@click.option("--all", "every", is_flag=True, help=f"Not only the newest {LISTED}.")
def recordings(every: bool) -> None:
    """List what was dictated, newest first, by the number --recording takes.

    An exclamation mark stands before what has no text, or not all of it:
    `mica transcribe --recording N` makes one.
    """
    with closing(History(paths.history_file())) as history:
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
    form: str


def transcribe_again(numbers: Sequence[int], wanted: Wanted) -> int:
    """Each one's text to stdout and into the history; the exit code. A batch goes on
    past one that cannot be read."""
    code = 0
    with closing(History(paths.history_file())) as history:
        entries = [_found(history, number) for number in numbers]
        with Recogniser(wanted.model, lambda event: None) as recogniser:
            for entry, recording in entries:
                try:
                    transcript = _transcribed(recogniser, entry, recording, wanted)
                except (AudioFileError, EngineError) as why:
                    say(f"Recording {entry.id}: {why.line()}")
                    code = why.exit_code
                    continue
                history.set_text(entry.id, transcript)
                history.mark(entry.id, Status.WRITTEN, AGAIN)
                for note in transcript.notes:
                    say(note)
                if not transcript.text:
                    say(f"No speech in recording {entry.id}.")
                click.echo(FORMATS[wanted.form](transcript), nl=False)
    return code


def _found(history: History, number: int) -> tuple[Entry, Path]:
    """Its row and its file, whose header is right. Raises AudioFileError."""
    entry = history.entry(number)
    recording = entry.journal if entry is not None else None
    if entry is None or recording is None or not recording.exists():
        raise AudioFileError(f"There is no recording {number}.", _LIST)
    age_s = time.time() - recording.stat().st_mtime
    if entry.status in UNDER_WAY and age_s < GROWING_S:
        raise AudioFileError(f"Recording {number} is still under way.", "Wait for it.")
    recover(recording)
    return entry, recording


def _transcribed(
    recogniser: Recogniser, entry: Entry, recording: Path, wanted: Wanted
) -> Transcript:
    style, to = wanted.style or entry.style, wanted.to or entry.to
    pieces = files.read(recording)
    return recogniser.transcribe(pieces, style, wanted.keywords, to)


def _line(entry: Entry) -> str:
    assert entry.journal is not None
    rate_hz, samples = extent(entry.journal)
    minutes, seconds = divmod(round(samples / rate_hz), 60)
    began = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.started_s))
    lacking = entry.status in (*UNDER_WAY, Status.FAILED)
    text = entry.text or _without_text(entry, lacking)
    if len(text) > SHOWN_CHARACTERS:
        text = text[:SHOWN_CHARACTERS].rsplit(" ", 1)[0] + "…"
    mark = "!" if lacking else " "
    return f"{mark} {entry.id:5}  {began}  {minutes:3}:{seconds:02}  {text}".rstrip()


def _without_text(entry: Entry, lacking: bool) -> str:
    if entry.status is Status.CANCELLED:
        return "(cancelled)"
    return "" if lacking else "(no speech)"
