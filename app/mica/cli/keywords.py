"""`mica keywords`: the list of terms to spell as written."""

import errno
import os
import sys
from pathlib import Path

import click

from mica import atomic, paths, textfile
from mica.cli.messages import say
from mica.errors import MicaError, TextFileError
from mica.text.additions import plural
from mica.text.keywords import Keywords


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
    say(_own().add(map(argument, words)).line())


@keywords.command()
@click.argument("words", nargs=-1, required=True)
def remove(words: tuple[str, ...]) -> int:
    """Remove terms, however they are capitalized. Exit code 1 when one is not there."""
    own, count, unknown = _own(), 0, list[str]()
    for word in map(argument, words):
        removed = len(own.remove([word]))
        count += removed
        unknown += [] if removed else [word]
    if count or not unknown:
        say(f"Removed {count:,} {plural(count, 'keyword')}.")
    for word in unknown:
        say(f"“{word}” is not one of your keywords.")
    return 1 if unknown else 0


@keywords.command("import")
@click.argument("file")
def import_(file: str) -> None:
    """Add a file's terms; - reads stdin.

    One per line, CSV, TSV or contacts as vCard. Comments and a heading are skipped.
    """
    say(_own().import_text(read_list(file)).line())


@keywords.command()
@click.argument("file")
@click.option("--overwrite", is_flag=True, help="Also over a file that is there.")
def export(file: str, overwrite: bool) -> None:
    """Write them to a file, one per line; - writes to stdout."""
    text = _own().export()
    if file == "-":
        click.echo(text, nl=False)
        return
    if not Path(file).parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file)
    with atomic.locked(Path(file)) as real:
        if os.path.lexists(real) and (real.is_dir() or not overwrite):
            remedy = "Choose another name, or give --overwrite."
            raise MicaError(f"{file} exists already.", remedy)
        atomic.replace(real, text)


def argument(word: str) -> str:
    """A word of the command line; one that is no UTF-8 is read as a file would be."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return os.fsencode(word).decode("cp1252", "replace")
    return word


def read_list(file: str) -> textfile.UserText:
    """A list that the user names; - for stdin. TextFileError where there is none."""
    if file == "-":
        return textfile.read_stream(sys.stdin.buffer, "The input")
    try:
        return textfile.read(Path(file), pipe=True)
    except FileNotFoundError as why:
        raise TextFileError(f"{file} does not exist.", "Check the path.") from why


def _own() -> Keywords:
    return Keywords(paths.keywords_file(), say)
