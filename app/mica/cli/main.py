"""The command line: its commands, exit codes and one-line errors.

stdout carries results only; everything said to people goes to stderr. It imports
neither MLX nor Qt, and each command imports what it needs when it runs.
"""

import importlib
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from mica.cli.messages import failed, say

_ENDINGS = (signal.SIGTERM, signal.SIGHUP)
_COMMANDS = {
    "transcribe": "mica.cli.transcribe:transcribe",
    "recordings": "mica.cli.recordings:recordings",
    "listen": "mica.cli.listen:listen",
    "tell": "mica.cli.tell:tell",
    "keywords": "mica.cli.keywords:keywords",
    "models": "mica.cli.models:models",
    "devices": "mica.cli.devices:devices",
    "doctor": "mica.cli.doctor:doctor",
    "uninstall": "mica.cli.uninstall:uninstall",
    "bench": "mica.cli.bench:bench",
}


class _Commands(click.Group):
    """Commands by name, imported when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = _COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, name = where.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.command(cls=_Commands, invoke_without_command=True)
@click.option("--debug", is_flag=True, help="Show where an error comes from.")
@click.version_option(package_name="mica-dictation", prog_name="mica")
@click.pass_context
def mica(context: click.Context, debug: bool) -> None:
    """Offline dictation. Without a command it starts the app."""
    context.obj = debug
    if context.invoked_subcommand is None:
        from mica.cli.listen import dictate

        dictate()


def run(arguments: list[str]) -> int:
    """The exit code: 0, 2 for usage, or the error's own (errors.py)."""
    debug = "--debug" in arguments
    if not debug:  # else Python prints warnings of the log between our lines
        logging.getLogger("mica").addHandler(logging.NullHandler())
    try:
        with _unwound_by_signals():
            result = mica.main(arguments, prog_name="mica", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.ClickException as why:
        say(f"{why.format_message().rstrip('.')}. See `mica --help`.")
        return 2
    except (KeyboardInterrupt, click.Abort):
        return 130
    except Exception as why:  # nobody is helped by a traceback
        if debug:
            raise
        return failed(why)


@contextmanager
def _unwound_by_signals() -> Iterator[None]:
    """A closed terminal or a kill ends the command as an error does: what it keeps on
    disk for itself is removed, and children end."""
    ours = []
    if threading.current_thread() is threading.main_thread():
        # who starts us with `nohup` has SIGHUP ignored, and means it
        ours = [one for one in _ENDINGS if signal.getsignal(one) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> None:
    for one in _ENDINGS:
        signal.signal(one, signal.SIG_IGN)  # shells send more than one
    raise SystemExit(128 + number)
