"""`mica library`: saved recordings and texts, by number."""

import json
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

import click

from mica import paths
from mica.audio.journal import extent
from mica.cli import strings
from mica.cli.reporting import report, report_error
from mica.cli.retry import MAX_NUMBER, retry
from mica.cli.shared_options import json_option
from mica.dictation.control import ALL, ControlCommand, listens, send_command
from mica.errors import AudioFileError, MicaError
from mica.events import Certainty
from mica.library import erasure
from mica.library.entries import EntryStatus, LibraryEntry
from mica.library.recovery import adopt
from mica.library.store import Library
from mica.library.writer import has_samples

LISTED: Final = 20
CONSIDERED: Final = 500  # of the newest: some have neither text nor recording any more
SHOWN_CHARACTERS: Final = 60
ADOPTED_S: Final = 60.0  # since a recording ended whose row may be about to be added


@click.group()
def library() -> None:
    """List, use, and delete saved recordings and texts."""


library.add_command(retry)


@library.command("list")
@click.option("--all", "every", is_flag=True, help=f"List all, not just {LISTED}.")
@json_option
def list_(every: bool, as_json: bool) -> None:
    """List dictations and captions, the newest first.

    An exclamation mark (!) marks a recording whose text is missing or incomplete. To
    get its text, use `mica library retry`. A question mark (?) marks a text that needs
    checking: Mica did not understand all of it.
    """
    with _opened() as found:
        entries = _listed(found, every) if found is not None else []
    if as_json:
        click.echo(json.dumps([_values(entry) for entry in entries], indent=2))
        return
    for entry in entries:
        click.echo(_line(entry))
    if not entries:
        report(strings.NO_RECORDINGS)


@library.command()
@click.argument("number", type=int)
@json_option
def show(number: int, as_json: bool) -> None:
    """Print the text of recording NUMBER."""
    entry = _entry(number)
    if as_json:
        click.echo(json.dumps(_values(entry), indent=2))
        return
    if entry.is_incomplete:
        report(strings.INCOMPLETE.format(number))
    elif entry.certainty is not Certainty.SURE:
        report(strings.CHECK.format(number))
    click.echo(entry.text)


@library.command()
@click.argument("number", type=int)
def copy(number: int) -> None:
    """Copy the text of recording NUMBER.

    The running app does it.
    """
    _send(ControlCommand.COPY, number)


@library.command()
@click.argument("number", type=int)
def insert(number: int) -> None:
    """Insert the text of recording NUMBER at the cursor.

    The running app does it.
    """
    _send(ControlCommand.INSERT, number)


def _send(command: ControlCommand, number: int) -> None:
    """Have the running app use a recording that exists."""
    _entry(number)
    send_command(paths.control_socket(), command, str(number))


@library.command()
@click.argument("numbers", metavar="[NUMBER]...", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="Delete all recordings and texts.")
@click.option("--yes", is_flag=True, help="Don’t ask.")
def delete(numbers: tuple[int, ...], every: bool, yes: bool) -> int:
    """Delete recordings and their texts.

    With --all, nothing that you said is left in Mica’s data folder. Settings, keywords,
    and models stay.
    """
    if bool(numbers) is every:
        raise click.UsageError(strings.NUMBERS_OR_ALL)
    if not yes and not click.confirm(_question(numbers), err=True):
        report(strings.NOTHING_DELETED)
        return 0
    code = 0
    for about in map(str, numbers) if numbers else [ALL]:
        try:
            _delete(about)
        except MicaError as error:
            code = report_error(error)
    return code


def _question(numbers: Sequence[int]) -> str:
    if not numbers:
        return strings.CONFIRM_ALL
    one, several = strings.CONFIRM_DELETION, strings.CONFIRM_DELETIONS
    shown = ", ".join(map(str, numbers))
    return (one if len(numbers) == 1 else several).format(shown)


def _delete(about: str) -> None:
    """Delete by number, or everything; a running app does it, since it has texts in
    memory."""
    address = paths.control_socket()
    if listens(address):
        send_command(address, ControlCommand.DELETE, about)
    elif about == ALL:
        with closing(Library(paths.history_file())) as found:
            erasure.erase_all(found, paths.home())
    else:
        number = _entry(int(about)).id
        with closing(Library(paths.history_file(), sets_aside=False)) as found:
            erasure.erase(found, number)


@contextmanager
def _opened() -> Iterator[Library | None]:
    """The library, with all recordings that are on disk; None if there is none."""
    file = paths.history_file(create=False)
    if not (file.exists() or (file.parent / "journal").exists()):
        yield None  # opening it would create it
        return
    with closing(Library(file, sets_aside=False)) as found:
        with suppress(MicaError, OSError):  # read-only
            list(adopt(found, file.parent / "journal", ADOPTED_S))
        yield found


def _listed(found: Library, every: bool) -> list[LibraryEntry]:
    entries: list[LibraryEntry] = []
    for entry in found.kept(-1 if every else CONSIDERED):
        if entry.text or has_samples(entry):
            entries.append(entry)
        if len(entries) == LISTED and not every:
            break
    return entries


def _entry(number: int) -> LibraryEntry:
    """The row with this number. Raises AudioFileError."""
    with _opened() as found:
        entry = None
        if found is not None and abs(number) <= MAX_NUMBER:
            entry = found.entry(number)
    if entry is None or not (entry.text or has_samples(entry)):
        what = strings.NO_RECORDING.format(number)
        raise AudioFileError(what, strings.LIST_RECORDINGS)
    return entry


def _values(entry: LibraryEntry) -> dict[str, Any]:
    """An entry as JSON."""
    is_recorded = has_samples(entry)
    return {
        "number": entry.id,
        "kind": entry.kind.value,
        "started": datetime.fromtimestamp(entry.started_s, UTC).isoformat(),
        "duration_s": _seconds(entry),
        "status": entry.status.value,
        "incomplete": entry.is_incomplete,
        "certainty": entry.certainty.value,
        "app": entry.target or None,
        "translated_to": entry.to.value if entry.to is not None else None,
        "note": entry.error,
        "recording": str(entry.journal) if is_recorded else None,
        "text": entry.text,
    }


def _seconds(entry: LibraryEntry) -> float | None:
    """The length of its recording."""
    rate_hz, samples = extent(entry.journal) if entry.journal else (0, 0)
    return round(samples / rate_hz, 2) if rate_hz else None


def _line(entry: LibraryEntry) -> str:
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.started_s))
    text = _single_line(entry.text) or _placeholder(entry)
    if len(text) > SHOWN_CHARACTERS:
        text = text[:SHOWN_CHARACTERS].rsplit(" ", 1)[0] + "…"
    marker = "?" if entry.certainty is not Certainty.SURE else " "
    marker = "!" if entry.is_incomplete else marker
    seconds = _seconds(entry)
    length = "      "
    if seconds is not None:
        minutes, rest = divmod(round(seconds), 60)
        length = f"{minutes:3}:{rest:02}"
    kind = f"{entry.kind.value:9}"
    return f"{marker} {entry.id:5}  {started}  {kind} {length}  {text}".rstrip()


def _single_line(text: str) -> str:
    """The text in one line, without a terminal's control characters."""
    printable = (" " if unicodedata.category(c) == "Cc" else c for c in text)
    return " ".join("".join(printable).split())


def _placeholder(entry: LibraryEntry) -> str:
    if entry.status is EntryStatus.CANCELLED:
        return strings.CANCELED
    return "" if entry.is_incomplete else strings.WITHOUT_SPEECH
