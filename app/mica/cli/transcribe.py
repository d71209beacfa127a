"""`mica transcribe`: sound files to text, one after the other."""

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
from mica.cli.keywords import argument, read_list
from mica.cli.messages import chosen_settings, failed, say
from mica.cli.recognise import Floats, Recogniser
from mica.cli.results import Results, named, opened
from mica.engine.client import Committed, EngineEvent
from mica.errors import MicaError, ModelError
from mica.events import Language, Style, TranscribeOptions, Transcript
from mica.text.format import FORMATS
from mica.text.keywords import MOST_USED, TOO_MANY, Keywords, gather, gather_text, typed
from mica.text.languages import CODES, language

Write = Callable[[Iterator[Floats]], Transcript]
STYLES = click.Choice([style.value for style in Style])


def _language(_context: object, _option: object, wanted: str | None) -> Language | None:
    """The one that is meant; a usage error that lists them for any other."""
    found = language(wanted) if wanted is not None else None
    if wanted is not None and found is None:
        known = ", ".join(f"{one.value} ({code})" for one, code in CODES.items())
        raise click.BadParameter(f"“{wanted}” is none of {known}.")
    return found


@click.command()
@click.argument("sounds", metavar="PATH...", nargs=-1)
@click.option(
    "--recording",
    "numbers",
    metavar="N",
    type=int,
    multiple=True,
    help="One of `mica recordings`, whose text is kept in the history; repeatable.",
)
@click.option("--model", help="A model's name or folder.")
@click.option("--style", type=STYLES, help="How the text is written.")
@click.option(
    "--translate",
    "to",
    metavar="LANG",
    callback=_language,
    help="Write it in this language; by English name or ISO code.",
)
@click.option("--keyword", multiple=True, help="A term to spell like this; repeatable.")
@click.option(
    "--keywords-file",
    metavar="FILE",
    help="Terms, one per line, CSV or TSV; - reads stdin.",
)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write <stem>.<format> here instead of to stdout.",
)
@click.option("--overwrite", is_flag=True, help="Also over a file that is there.")
@click.option(
    "--track",
    type=click.IntRange(1),
    help="Which audio track; without it the default one.",
)
@click.pass_context
def transcribe(context: click.Context, /, **given: Any) -> int:
    """Turn sound or video files into text; `-` is standard input.

    A batch goes on past a file that cannot be used; the exit code says there was one.
    """
    asked = Asked(**given)
    if asked.numbers:
        return _again(asked)
    if not asked.sounds:
        raise click.UsageError("Missing argument 'PATH...', or --recording N")
    results = Results(asked.form, asked.output, asked.overwrite)
    typed_names = {Path(name): name for name in asked.sounds}
    sounds = [Path(name) for name in asked.sounds]
    wanted = results.prepare(sounds)
    code = MicaError.exit_code if len(wanted) < len(sounds) else 0
    if not wanted:
        return code
    chosen = chosen_settings()
    options = TranscribeOptions(
        Style(asked.style) if asked.style else chosen.style,
        tuple(_keywords(asked.keyword, asked.keywords_file)),
        chosen.keyword_token_budget,
        target_language=asked.to,
    )
    bar = Bar()
    with Recogniser(asked.model, bar.on_event) as recogniser:
        write = partial(recogniser.transcribe, options=options)
        for sound in wanted:
            try:
                named(typed_names[sound])
                transcript = _transcript(sound, asked.track, write, bar)
                if not transcript.text:
                    say(f"No speech in {_called(sound)}.")
                code = results.deliver(transcript, sound) or code
            except (BrokenPipeError, ModelError):
                raise  # nobody reads our results any more; no file can be written
            except Exception as why:  # a batch ends for no file
                if context.find_root().obj:
                    raise
                code = failed(why)
    return code


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they are given."""

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


def _again(asked: Asked) -> int:
    """Recordings of the history, whose text is kept there."""
    from mica.cli import recordings  # the history besides, which files do not need

    if asked.sounds or asked.output is not None or asked.overwrite or asked.track:
        options = "--output, --overwrite or --track"
        raise click.UsageError(f"--recording takes no files, and no {options}")
    words = _keywords(asked.keyword, asked.keywords_file)
    style = Style(asked.style) if asked.style else None
    budget = chosen_settings().keyword_token_budget
    wanted = recordings.Wanted(asked.model, style, asked.to, words, budget, asked.form)
    return recordings.transcribe_again(asked.numbers, wanted)


def _transcript(path: Path, track: int | None, write: Write, bar: "Bar") -> Transcript:
    """Of one file, with notes of what could not be read."""
    with opened(path, track) as sound, bar.shown(path.name, sound.duration_s):
        transcript = write(sound.pieces())
    notes = [*transcript.notes, *sound.notes]
    if sound.tracks and not transcript.text.strip():
        notes.append(
            f"No speech was found in this track of {path.name}. "
            f"Choose another with --track from {sound.tracks}."
        )
    return replace(transcript, notes=tuple(notes))


def _called(sound: Path) -> str:
    return "standard input" if str(sound) == "-" else sound.name


def _keywords(given: tuple[str, ...], file: str | None) -> list[str]:
    """Those of the command line; without any, the user's own list."""
    if not given and file is None:
        return Keywords(paths.keywords_file(), say).all()
    own = gather(part for word in given for part in typed(argument(word))).words
    if file is None:
        return list(own)
    listed = gather_text(read_list(file), own)
    if listed.remarks():
        say(f"{file}: {listed.remarks()}.")
    words = [*own, *listed.words]
    if len(words) > MOST_USED:
        say(TOO_MANY)
    return words[:MOST_USED]


class Bar:
    """How much of a file is text by now, on stderr where that is a terminal.

    Counted by committed text, since samples are taken long before they are understood.
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
