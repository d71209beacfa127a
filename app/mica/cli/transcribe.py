"""`mica transcribe`: sound files to text, one after the other."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID

from mica import paths
from mica.audio import files
from mica.cli.keywords import read_list
from mica.cli.main import chosen_settings, say
from mica.cli.recognise import Recogniser
from mica.engine.client import Committed, EngineEvent
from mica.errors import AudioFileError, MicaError
from mica.events import Language, Style, Transcript
from mica.text.format import FORMATS, SUFFIXES
from mica.text.languages import CODES, language
from mica.text.vocabulary import (
    MOST_USED,
    TOO_MANY,
    Keywords,
    gather,
    gather_text,
    typed,
)

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
def transcribe(
    sounds: tuple[str, ...],
    numbers: tuple[int, ...],
    model: str | None,
    style: str | None,
    to: Language | None,
    keyword: tuple[str, ...],
    keywords_file: str | None,
    form: str,
    output: Path | None,
) -> int:
    """Turn sound or video files into text.

    A batch goes on past a file that cannot be used; the exit code says there was one.
    """
    if numbers:
        from mica.cli import recordings  # the history besides, which files do not need

        if sounds or output is not None:
            raise click.UsageError("--recording takes no files and no --output")
        kept_words = _keywords(keyword, keywords_file)
        chosen_style = Style(style) if style else None
        wanted = recordings.Wanted(model, chosen_style, to, kept_words, form)
        return recordings.transcribe_again(numbers, wanted)
    if not sounds:
        raise click.UsageError("Missing argument 'PATH...', or --recording N")
    if output is not None:
        _refuse_same_names(sounds)
        _make(output)
    chosen = chosen_settings()
    written = Style(style) if style else chosen.style
    words = _keywords(keyword, keywords_file)
    failed = 0
    bar = Bar()
    with Recogniser(model, bar.on_event) as recogniser:
        for name in sounds:
            path = Path(name)
            try:
                with bar.shown(path):
                    pieces = files.read(path)
                    transcript = recogniser.transcribe(pieces, written, words, to)
            except AudioFileError as why:
                say(why.line())
                failed = why.exit_code
                continue
            failed = _deliver(transcript, path, form, output) or failed
    return failed


def _refuse_same_names(sounds: tuple[str, ...]) -> None:
    """One result would be written over another."""
    stems = [Path(name).stem for name in sounds]
    twice = next((stem for stem in stems if stems.count(stem) > 1), None)
    if twice is not None:
        raise click.UsageError(f"Two files are called “{twice}”; name one anew.")


def _make(output: Path) -> None:
    """The folder is there before a word is heard."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        what = f"The folder {output} cannot be made ({why.strerror})."
        raise MicaError(what, "Give --output another one.") from why


def _keywords(given: tuple[str, ...], file: str | None) -> list[str]:
    """Those of the command line; without any, the user's own list."""
    if not given and file is None:
        return Keywords(paths.keywords_file(), say).all()
    own = gather(part for word in given for part in typed(word)).words
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
    def shown(self, path: Path) -> Iterator[None]:
        if not sys.stderr.isatty():
            yield
            return
        total_s = files.duration_s(path)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            self._task = progress.add_task(escape(path.name), total=total_s)
            self._progress = progress
            try:
                yield
            finally:
                self._progress = None

    def on_event(self, event: EngineEvent) -> None:
        if self._progress and isinstance(event, Committed):
            self._progress.update(self._task, completed=event.end_s)


def _deliver(transcript: Transcript, path: Path, form: str, output: Path | None) -> int:
    """The result to its place; the exit code. What no file takes goes to stdout."""
    for note in transcript.notes:
        say(note)
    text = FORMATS[form](transcript)
    if output is None:
        click.echo(text, nl=False)
        return 0
    file = output / f"{path.stem}.{SUFFIXES[form]}"
    try:
        file.write_text(text, "utf-8")
    except OSError as why:
        say(f"{file} cannot be written ({why.strerror}). Its text is printed instead.")
        click.echo(text, nl=False)
        return MicaError.exit_code
    return 0
