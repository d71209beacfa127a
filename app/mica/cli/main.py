"""The command line: its commands, exit codes, and one-line errors.

stdout carries results only; everything else that people read goes to stderr. It imports
neither MLX nor Qt, and each command imports what it needs when it runs.
"""

import importlib
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from mica.cli import strings
from mica.cli.reporting import (
    did_you_mean,
    keep_log_off_stderr,
    report,
    report_error,
)

_TERMINATIONS = (signal.SIGTERM, signal.SIGHUP)
_COMMANDS = {
    "transcribe": "mica.cli.transcribe:transcribe",
    "library": "mica.cli.library:library",
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
    """Commands by name, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = _COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, name = where.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            guess = did_you_mean(args[0], _COMMANDS)
            raise click.UsageError(f"{error.message}{guess}", ctx) from error


@click.command(cls=_Commands, invoke_without_command=True)
@click.option("--debug", is_flag=True, help="Show a traceback if something fails.")
@click.version_option(package_name="mica-dictation", prog_name="mica")
@click.option(
    "--notices",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, wanted: _print_notices(context) if wanted else None,
    help="Show the licenses of what comes with Mica.",
)
@click.pass_context
def mica(context: click.Context, debug: bool) -> None:
    """Dictate and transcribe offline.

    Without a command, Mica starts the app, or dictates in the terminal if there is no
    display.
    """
    context.obj = debug
    if context.invoked_subcommand is None:
        from mica.cli.listen import dictate_in_terminal

        dictate_in_terminal()


def _print_notices(context: click.Context) -> None:
    from mica.cli import notices

    click.echo(notices.text(), nl=False)
    context.exit()


def run(arguments: list[str]) -> int:
    """Run a command; its exit code: 0, 2 for wrong usage, or the error's own
    (errors.py)."""
    debug = "--debug" in arguments
    if not debug:
        keep_log_off_stderr()
    try:
        with _exit_on_signals():
            result = mica.main(arguments, prog_name="mica", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:  # a group without a command
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        report(_usage(error))
        return 2
    except (KeyboardInterrupt, click.Abort):
        return 130
    except Exception as error:  # a traceback would help nobody
        if debug:
            raise
        return report_error(error)


def _usage(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "mica"
    message = error.format_message()
    ended = message if message.endswith((".", "?")) else f"{message}."
    return strings.USAGE.format(ended, command)


@contextmanager
def _exit_on_signals() -> Iterator[None]:
    """Inside, a closed terminal or a kill ends the command like an error, so that its
    temporary files are removed and its child processes end."""
    handled = []
    if threading.current_thread() is threading.main_thread():
        # `nohup` ignores SIGHUP, and it must stay ignored
        handled = [s for s in _TERMINATIONS if signal.getsignal(s) is signal.SIG_DFL]
    for number in handled:
        signal.signal(number, _exit)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)


def _exit(number: int, _frame: FrameType | None) -> None:
    for other in _TERMINATIONS:
        signal.signal(other, signal.SIG_IGN)  # shells send more than one
    raise SystemExit(128 + number)
