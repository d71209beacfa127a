"""`mica transcribe`: transcribes sound files, one after another."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

from mica.cli import strings
from mica.cli.batch_files import ResultFiles, existing_file, open_sound
from mica.cli.keywords import chosen_keywords
from mica.cli.recognizer import Floats, Recognizer
from mica.cli.reporting import load_settings, report, report_error
from mica.cli.shared_options import (
    overwrite_option,
    recognition_options,
)
from mica.engine.client import Committed, EngineEvent
from mica.errors import MicaError, ModelError
from mica.events import Language, Style, TranscribeOptions, Transcript

Transcribe = Callable[[Iterator[Floats]], Transcript]


@click.command()
@click.argument("sounds", metavar="[FILE]...", nargs=-1)
@recognition_options
@click.option(
    "--output",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Save each text to a file in this folder instead of printing it.",
)
@overwrite_option
@click.option(
    "--track",
    type=click.IntRange(1),
    help="Transcribe this audio track instead of the file’s default track.",
)
@click.pass_context
def transcribe(context: click.Context, /, **values: Any) -> int:
    """Transcribe sound or video files. Use - for standard input.

    Names are printed above the texts of several files.

    Mica skips files that it can’t use; the exit code then isn’t 0.
    """
    options = CommandOptions(**values)
    if not options.sounds:
        raise click.UsageError(strings.NO_FILE)
    has_several = len(options.sounds) > 1
    results = ResultFiles(options.form, options.output, options.overwrite, has_several)
    names = {Path(name): name for name in options.sounds}  # as typed
    sounds = [Path(name) for name in options.sounds]
    free = results.prepare(sounds)
    code = MicaError.exit_code if len(free) < len(sounds) else 0
    if not free:
        return code
    settings = load_settings()
    transcribe_options = TranscribeOptions(
        Style(options.style) if options.style else settings.style,
        tuple(chosen_keywords(options.keyword, options.keywords_file)),
        settings.keyword_token_budget,
        target_language=options.to,
    )
    progress = ProgressBar()
    with Recognizer(options.model, progress.on_event) as recognizer:
        transcribe = partial(recognizer.transcribe, options=transcribe_options)
        for sound in free:
            try:
                existing_file(names[sound])
                transcript = _transcript(sound, options.track, transcribe, progress)
                if not transcript.text:
                    report(strings.NO_SPEECH.format(_display_name(sound)))
                code = results.deliver(transcript, sound) or code
            except (BrokenPipeError, ModelError):
                raise  # nobody reads the results; no file can be transcribed
            except Exception as error:  # no single file ends the batch
                if context.find_root().obj:
                    raise
                code = report_error(error)
    return code


@dataclass(frozen=True, slots=True)
class CommandOptions:
    """The arguments and options of the command, as given."""

    sounds: tuple[str, ...]
    model: str | None
    style: str | None
    to: Language | None
    keyword: tuple[str, ...]
    keywords_file: str | None
    form: str
    output: Path | None
    overwrite: bool
    track: int | None


def _transcript(
    path: Path, track: int | None, transcribe: Transcribe, progress: "ProgressBar"
) -> Transcript:
    """A file's transcript, with notes about parts that could not be read."""
    with open_sound(path, track) as sound, progress.shown(path.name, sound.duration_s):
        transcript = transcribe(sound.pieces())
    notes = [*transcript.notes, *sound.notes]
    if sound.tracks and not transcript.text.strip():
        notes.append(strings.NO_SPEECH_IN_TRACK.format(path.name, sound.tracks))
    return replace(transcript, notes=tuple(notes))


def _display_name(sound: Path) -> str:
    return strings.STANDARD_INPUT.lower() if str(sound) == "-" else sound.name


class ProgressBar:
    """How much of a file has been transcribed, on stderr if that is a terminal.

    It counts committed text, because samples are read long before they are transcribed.
    """

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task = TaskID(0)

    @contextmanager
    def shown(self, name: str, total_s: float | None) -> Iterator[None]:
        if not sys.stderr.isatty():
            yield
            return
        with Progress(console=Console(stderr=True), transient=True) as progress:
            self._task = progress.add_task(escape(name), total=total_s)
            self._progress = progress
            try:
                yield
            finally:
                self._progress = None

    def on_event(self, event: EngineEvent) -> None:
        if self._progress and isinstance(event, Committed):
            self._progress.update(self._task, completed=event.end_s)
