"""`mica keywords`: the list of terms to spell exactly as written."""

import errno
import os
import sys
from pathlib import Path

import click

from mica import atomic, paths, textfile
from mica.cli import strings
from mica.cli.reporting import report
from mica.cli.shared_options import overwrite_option
from mica.errors import MicaError, TextFileError
from mica.text.additions import plural
from mica.text.keywords import MOST_USED, TOO_MANY, Keywords, gather, gather_text, typed


@click.group()
def keywords() -> None:
    """Manage the names and terms that Mica should spell your way."""


@keywords.command("list")
def list_() -> None:
    """List keywords, one per line."""
    words = _own(create=False).read()
    for word in words:
        click.echo(word)
    if not words:
        report(strings.NO_KEYWORDS)


@keywords.command()
@click.argument("words", metavar="KEYWORD...", nargs=-1, required=True)
def add(words: tuple[str, ...]) -> None:
    """Add keywords.

    Quote a keyword that contains spaces. Commas separate keywords, too.
    """
    own = _own()
    report(own.add(map(decode_argument, words)).line())
    own.all()  # reports a list that is too long


@keywords.command()
@click.argument("words", metavar="KEYWORD...", nargs=-1, required=True)
def remove(words: tuple[str, ...]) -> int:
    """Remove keywords, regardless of capitalization.

    The exit code is 1 if a keyword isn’t in the list.
    """
    own, count, unknown = _own(), 0, list[str]()
    for word in map(decode_argument, words):
        removed = len(own.remove([word]))
        count += removed
        unknown += [] if removed else [word]
    if count or not unknown:
        report(strings.REMOVED.format(count, plural(count, "keyword")))
    for word in unknown:
        report(strings.NOT_A_KEYWORD.format(word))
    return 1 if unknown else 0


@keywords.command("import")
@click.argument("file")
def import_(file: str) -> None:
    """Add keywords from FILE, or from standard input with -.

    FILE lists one keyword per line, or is a CSV, TSV, or contacts (vCard) file.
    Comments and column headings are skipped.
    """
    own = _own()
    report(own.import_text(read_list(file)).line())
    own.all()  # reports a list that is too long


@keywords.command()
@click.argument("file")
@overwrite_option
def export(file: str, overwrite: bool) -> None:
    """Save keywords to FILE, one per line, or print them with -."""
    text = _own(create=False).export()
    if file == "-":
        click.echo(text, nl=False)
        return
    if not Path(file).parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file)
    with atomic.locked(Path(file)) as real:
        if os.path.lexists(real) and (real.is_dir() or not overwrite):
            what = strings.FILE_EXISTS.format(file)
            raise MicaError(what, strings.RENAME_OR_OVERWRITE)
        atomic.replace(real, text)


def chosen_keywords(words: tuple[str, ...], file: str | None) -> list[str]:
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


def decode_argument(word: str) -> str:
    """A command-line argument as text; if it isn't UTF-8, it is read as Windows-1252,
    as a file would be."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return os.fsencode(word).decode("cp1252", "replace")
    return word


def read_list(file: str) -> textfile.UserText:
    """The text of a file, or of stdin for -. Raises TextFileError if there is none."""
    if file == "-":
        return textfile.read_stream(sys.stdin.buffer, strings.STANDARD_INPUT)
    try:
        return textfile.read(Path(file), pipe=True)
    except FileNotFoundError as error:
        what = strings.NOT_FOUND.format(file)
        raise TextFileError(what, strings.CHECK_PATH) from error


def _own(*, create: bool = True) -> Keywords:
    """create   the data folder if it is missing, for keywords to be added"""
    return Keywords(paths.keywords_file(create=create), report)
