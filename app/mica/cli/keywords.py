"""`mica keywords`: the list of terms to spell as written."""

from pathlib import Path

import click

from mica import paths
from mica.text.vocabulary import Keywords


@click.group()
def keywords() -> None:
    """Names and terms the text should spell as you do."""


@keywords.command("list")
def list_() -> None:
    """Print them, one a line."""
    click.echo(_own().export(), nl=False)


@keywords.command()
@click.argument("words", nargs=-1, required=True)
def add(words: tuple[str, ...]) -> None:
    """Add terms."""
    _tell(_own().add(words), "added")


@keywords.command()
@click.argument("words", nargs=-1, required=True)
def remove(words: tuple[str, ...]) -> None:
    """Take terms out."""
    _tell(_own().remove(words), "removed")


@keywords.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
def import_(file: click.File) -> None:
    """Add a file's terms, one a line or separated by commas; - reads stdin."""
    _tell(_own().import_text(file.read()), "added")  # type: ignore[attr-defined]


@keywords.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write them to a file, one a line."""
    file.write_text(_own().export(), "utf-8")


def _own() -> Keywords:
    return Keywords(paths.keywords_file())


def _tell(count: int, verb: str) -> None:
    noun = "keyword" if count == 1 else "keywords"
    click.echo(f"mica: {count} {noun} {verb}.", err=True)
