"""Lines for people on stderr: errors, notes and what is wrong with the settings."""

import sys

import click

from mica import settings
from mica.errors import MicaError
from mica.settings import Settings


def failed(why: Exception) -> int:
    """Say what went wrong in one line; the exit code."""
    if isinstance(why, MicaError):
        say(why.line())
        return why.exit_code
    if isinstance(why, OSError):
        say(_refused(why))
    else:
        say(f"Something went wrong ({why}). Run again with --debug for details.")
    return MicaError.exit_code


def _refused(why: OSError) -> str:
    """What the system would not do, and with what."""
    where = f"{why.filename}: " if why.filename else ""
    remedy = "Check the path, its permissions and the free space."
    return f"The system refused ({where}{why.strerror or why}). {remedy}"


def chosen_settings() -> Settings:
    """The user's settings; what is wrong with their file is said."""
    chosen, notes = settings.load()
    for note in notes:
        say(note)
    return chosen


def say(line: str) -> None:
    """One line for people."""
    click.echo(f"mica: {line}", file=sys.stderr)
