"""Options that several commands take."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from mica.cli import strings
from mica.events import LANGUAGE_CODES, Language, Style, language_named
from mica.text.format import FORMATS

F = TypeVar("F", bound=Callable[..., Any])


def _language(_context: object, _option: object, name: str | None) -> Language | None:
    """The language of this name; a usage error that lists them if there is none."""
    found = language_named(name) if name is not None else None
    if name is not None and found is None:
        known = ", ".join(
            f"{one.value} ({code})" for one, code in LANGUAGE_CODES.items()
        )
        raise click.BadParameter(strings.UNKNOWN_LANGUAGE.format(name, known))
    return found


model_option = click.option(
    "--model", help="Model to use: a name from `mica models list`, or a folder."
)
style_option = click.option(
    "--style",
    type=click.Choice([style.value for style in Style]),
    help="Write punctuated text, or plain lowercase words (raw).",
)
translate_option = click.option(
    "--translate",
    "to",
    metavar="LANGUAGE",
    callback=_language,
    help="Translate into this language: an English name or an ISO code.",
)
keyword_option = click.option(
    "--keyword",
    multiple=True,
    help="Spell this term as written, instead of those of `mica keywords`. "
    "Can be repeated.",
)
keywords_file_option = click.option(
    "--keywords-file",
    metavar="FILE",
    help="Read keywords from a file (one per line, CSV, or TSV), or from standard "
    "input with -.",
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="Format of the result.",
)
overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace files that already exist."
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def recognition_options(command: F) -> F:
    """The options of every command that transcribes recordings."""
    for option in (
        format_option,
        keywords_file_option,
        keyword_option,
        translate_option,
        style_option,
        model_option,
    ):
        command = option(command)
    return command
