"""`mica transcribe`: sound files to text, one after the other."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from mica import paths, settings
from mica.audio import files
from mica.cli.main import say
from mica.cli.recognise import Recogniser
from mica.errors import AudioFileError
from mica.events import Style, Transcript
from mica.text.format import FORMATS, SUFFIXES
from mica.text.vocabulary import Keywords, clean_keyword
from mica.units import SAMPLE_RATE_HZ

STYLES = click.Choice([style.value for style in Style])


@click.command()
@click.argument("sounds", metavar="PATH...", nargs=-1, required=True)
@click.option("--model", help="A model's name or folder.")
@click.option("--style", type=STYLES, help="How the text is written.")
@click.option("--keyword", multiple=True, help="A term to spell like this; repeatable.")
@click.option(
    "--keywords-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Terms, one a line.",
)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write <stem>.<format> here instead of to stdout.",
)
def transcribe(
    sounds: tuple[str, ...],
    model: str | None,
    style: str | None,
    keyword: tuple[str, ...],
    keywords_file: Path | None,
    form: str,
    output: Path | None,
) -> int:
    """Turn sound or video files into text.

    A batch goes on past a file that cannot be used; the exit code says there was one.
    """
    chosen, _ = settings.load()
    written = Style(style) if style else chosen.style
    words = _keywords(keyword, keywords_file)
    failed = 0
    with Recogniser(model, lambda _: None) as recogniser:
        for name in sounds:
            path = Path(name)
            try:
                pieces = _shown(path)
                transcript = recogniser.transcribe(pieces, written, words)
            except AudioFileError as why:
                say(why.line())
                failed = why.exit_code
                continue
            _deliver(transcript, path, form, output)
    return failed


def _keywords(given: tuple[str, ...], file: Path | None) -> list[str]:
    """Those of the command line; without any, the user's own list."""
    if not given and file is None:
        return Keywords(paths.keywords_file()).all()
    cleaned = [clean_keyword(word) for word in given]
    listed = Keywords(file).all() if file else []
    return list(dict.fromkeys([w for w in cleaned if w] + listed))


def _shown(path: Path) -> Iterator[NDArray[np.float32]]:
    """The file's samples, with a progress bar on a terminal."""
    if not sys.stderr.isatty():
        yield from files.read(path)
        return
    total = files.duration_s(path)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(path.name, total=total)
        for piece in files.read(path):
            yield piece
            progress.advance(task, len(piece) / SAMPLE_RATE_HZ)


def _deliver(
    transcript: Transcript, path: Path, form: str, output: Path | None
) -> None:
    for note in transcript.notes:
        say(note)
    text = FORMATS[form](transcript)
    if output is None:
        click.echo(text, nl=False)
        return
    output.mkdir(parents=True, exist_ok=True)
    (output / f"{path.stem}.{SUFFIXES[form]}").write_text(text, "utf-8")
