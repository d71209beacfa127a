"""`mica keywords`: the list of terms to spell as written."""

import sys
from pathlib import Path

import click

from mica import paths, textfile
from mica.cli.main import say
from mica.errors import TextFileError
from mica.text.additions import plural
from mica.text.vocabulary import Keywords


@click.group()
def keywords() -> None:
    """Names and terms that text should spell your way."""


@keywords.command("list")
def list_() -> None:
    """Print them, one per line."""
    for word in _own().read():
        click.echo(word)


@keywords.command()
@click.argument("words", nargs=-1, required=True)
def add(words: tuple[str, ...]) -> None:
    """Add terms; commas separate them."""
    say(_own().add(words).line())


@keywords.command()
@click.argument("words", nargs=-1, required=True)
def remove(words: tuple[str, ...]) -> None:
    """Remove terms, however they are capitalized."""
    count = len(_own().remove(words))
    say(f"Removed {count:,} {plural(count, 'keyword')}.")


@keywords.command("import")
@click.argument("file")
def import_(file: str) -> None:
    """Add a file's terms; - reads stdin.

    One per line, CSV or TSV. Lines that begin with # and a heading are skipped.
    """
    say(_own().import_text(read_list(file)).line())


@keywords.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write them to a file, one per line."""
    file.write_text(_own().export(), "utf-8")


def read_list(file: str) -> textfile.UserText:
    """A list that the user names; - for stdin. TextFileError where there is none."""
    if file == "-":
        return textfile.read_stream(sys.stdin.buffer, "The input")
    try:
        return textfile.read(Path(file), pipe=True)
    except FileNotFoundError as why:
        raise TextFileError(f"{file} does not exist.", "Check the path.") from why


def _own() -> Keywords:
    return Keywords(paths.keywords_file())
