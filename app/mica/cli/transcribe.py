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

from mica import paths
from mica.cli import strings
from mica.cli.batch_files import ResultFiles, existing_file, open_sound
from mica.cli.keywords import decode_argument, read_list
from mica.cli.recognizer import Floats, Recognizer
from mica.cli.reporting import load_settings, report, report_error
from mica.cli.shared_options import model_option, overwrite_option, style_option
from mica.engine.client import Committed, EngineEvent
from mica.errors import MicaError, ModelError
from mica.events import (
    LANGUAGE_CODES,
    Language,
    Style,
    TranscribeOptions,
    Transcript,
    language_named,
)
from mica.text.format import FORMATS
from mica.text.keywords import MOST_USED, TOO_MANY, Keywords, gather, gather_text, typed

Transcribe = Callable[[Iterator[Floats]], Transcript]


def _language(_context: object, _option: object, name: str | None) -> Language | None:
    """The language of this name; a usage error that lists them if there is none."""
    found = language_named(name) if name is not None else None
    if name is not None and found is None:
        known = ", ".join(
            f"{one.value} ({code})" for one, code in LANGUAGE_CODES.items()
        )
        raise click.BadParameter(strings.UNKNOWN_LANGUAGE.format(name, known))
    return found


@click.command()
@click.argument("sounds", metavar="[FILE]...", nargs=-1)
@click.option(
    "--recording",
    "numbers",
    metavar="N",
    type=int,
    multiple=True,
    help="Transcribe recording N of `mica recordings` again and save its text. "
    "Can be repeated.",
)
@model_option
@style_option
@click.option(
    "--translate",
    "to",
    metavar="LANGUAGE",
    callback=_language,
    help="Translate into this language: an English name or an ISO code.",
)
@click.option(
    "--keyword",
    multiple=True,
    help="Spell this term as written, instead of those of `mica keywords`. "
    "Can be repeated.",
)
@click.option(
    "--keywords-file",
    metavar="FILE",
    help="Read keywords from a file (one per line, CSV, or TSV), or from standard "
    "input with -.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="Format of the result.",
)
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
    if options.numbers:
        return _transcribe_recordings(options)
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
        tuple(_keywords(options.keyword, options.keywords_file)),
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
    numbers: tuple[int, ...]
    model: str | None
    style: str | None
    to: Language | None
    keyword: tuple[str, ...]
    keywords_file: str | None
    form: str
    output: Path | None
    overwrite: bool
    track: int | None


def _transcribe_recordings(options: CommandOptions) -> int:
    """Transcribe recordings of the library again; the exit code."""
    from mica.cli import recordings  # imports the library, which files do not need

    if options.sounds or options.output or options.overwrite or options.track:
        raise click.UsageError(strings.NO_FILES_HERE)
    retry_options = recordings.RecordingOptions(
        options.model,
        Style(options.style) if options.style else None,
        options.to,
        _keywords(options.keyword, options.keywords_file),
        load_settings().keyword_token_budget,
        options.form,
    )
    return recordings.transcribe_again(options.numbers, retry_options)


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


def _keywords(words: tuple[str, ...], file: str | None) -> list[str]:
    """The keywords of the command line; if there are none, the user's list."""
    if not words and file is None:
        return Keywords(paths.keywords_file(), report).all()
    own = gather(part for word in words for part in typed(decode_argument(word))).words
    if file is None:
        return list(own)
    listed = gather_text(read_list(file), own)
    if listed.remarks():
        report(f"{file}: {listed.remarks()}.")
    keywords = [*own, *listed.words]
    if len(keywords) > MOST_USED:
        report(TOO_MANY)
    return keywords[:MOST_USED]


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
