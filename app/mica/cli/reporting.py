"""Messages on stderr: errors, notes, and problems with the settings."""

import difflib
import logging
import sys
from collections.abc import Iterable

import click

from mica import settings
from mica.cli import strings
from mica.errors import MicaError
from mica.settings import Settings


def keep_log_off_stderr() -> None:
    """Otherwise Python prints logged warnings between our lines."""
    logging.getLogger("mica").addHandler(logging.NullHandler())


def report_error(error: Exception) -> int:
    """Print an error in one line; returns the exit code."""
    if isinstance(error, MicaError):
        report(error.line())
        return error.exit_code
    if isinstance(error, OSError):
        report(_system_error(error))
    else:
        report(strings.UNEXPECTED.format(error))
    return MicaError.exit_code


def _system_error(error: OSError) -> str:
    """The system's message, with the file it is about."""
    reason = error.strerror or str(error)
    where = f"{error.filename}: {reason}" if error.filename else reason
    return strings.SYSTEM_ERROR.format(where)


def load_settings() -> Settings:
    """The user's settings; prints problems with their file."""
    loaded, notes = settings.load()
    for note in notes:
        report(note)
    return loaded


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question with the most similar known word; empty if none is similar."""
    near = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean “{near[0]}”?" if near else ""


def report(line: str) -> None:
    """Print one line for people on stderr."""
    click.echo(f"mica: {line}", file=sys.stderr)
