"""`mica tell`: runs the menu's commands in the running app."""

import click

from mica import paths
from mica.cli import strings
from mica.cli.reporting import did_you_mean, report
from mica.dictation import control
from mica.dictation.control import ABOUT, OFF, ON, ControlCommand

COMMANDS = [
    command.value for command in ControlCommand if command is not ControlCommand.SHOW
]


@click.command()
@click.argument("command", metavar="COMMAND")
@click.argument("name", default="")
def tell(command: str, name: str) -> int:
    """Control the running app.

    Use these commands in scripts or for your own keyboard shortcuts:

    \b
    toggle             start or stop a dictation
    translate          start or stop a dictation that is translated
    lock               keep dictating through silence until toggle
    cancel             cancel the current dictation
    undo               restore a canceled dictation, or undo the last insertion
    raw                remove the punctuation from the last dictation
    paste-last         insert the last dictation again
    copy-last          copy the last dictation
    retry [N]          transcribe recording N of `mica library list` again, or the
                       last one that failed
    insert N, copy N   insert or copy its text
    delete N|all       delete it and its text, or everything, without asking
    private [on|off]   keep nothing you say on disk
    dismiss            clear the error shown by the icon
    restore-clipboard  bring back what Mica replaced on the clipboard
    captions [on|off]  start or stop live captions
    copy-captions      copy the live captions
    microphone [NAME]  use a microphone from `mica devices`, or the system default
    pause, resume      turn all shortcuts off, or on again
    keywords           open the Keywords window
    settings           open the Settings window
    reload             apply changes made in the settings file
    status             print what Mica is doing, and its network connections
    quit               quit Mica

    Quote a NAME that contains spaces.
    """
    if command not in COMMANDS:
        guess = did_you_mean(command, COMMANDS)
        raise click.UsageError(f"{strings.NO_SUCH_COMMAND.format(command)}{guess}")
    wanted = ControlCommand(command)
    if name and wanted not in ABOUT:
        raise click.UsageError(strings.NO_ARGUMENT.format(command))
    if wanted is ControlCommand.CAPTIONS and name not in ("", ON, OFF):
        raise click.UsageError(strings.ON_OR_OFF.format(name))
    if wanted is ControlCommand.PRIVATE and name not in ("", ON, OFF):
        raise click.UsageError(strings.PRIVATE_ON_OR_OFF.format(name))
    note = control.send_command(paths.control_socket(), wanted, name)
    if note is None:
        return 0
    if wanted is ControlCommand.STATUS:  # a result, not a message
        click.echo(note)
        return 0
    report(note)
    # Mistakes in the file are what somebody who edits it wants to know.
    return 1 if wanted is ControlCommand.RELOAD else 0
