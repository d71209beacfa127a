"""`mica tell`: what the menu does, in the app that is running."""

import click

from mica import paths
from mica.dictation import control
from mica.dictation.control import ABOUT, Tell

WHAT = [what.value for what in Tell if what is not Tell.SHOW]


@click.command()
@click.argument("what", metavar="WHAT", type=click.Choice(WHAT))
@click.argument("name", default="")
def tell(what: str, name: str) -> None:
    """Have the running app do something; bind it to keys of your own.

    toggle starts a dictation or ends it, translate does so into another language, lock
    has it go on until toggle however quiet you are, and cancel forgets it. undo takes a
    cancel back, else the last insertion; raw puts the last one's words there without
    punctuation; paste-last inserts and copy-last copies it again. retry transcribes the
    newest dictation that failed; dismiss clears what the icon says is wrong.
    restore-clipboard brings back what the clipboard held where Mica had to leave
    something else there. captions starts or ends live captions, copy-captions copies
    them. pause leaves all hotkeys alone until resume. keywords and settings open their
    windows. reload puts changes of the settings file in force.

    microphone NAME chooses that one of `mica devices`; quote a name with spaces.
    Without a name Mica follows the system again. Only microphone takes one.
    """
    asked = Tell(what)
    if name and asked not in ABOUT:
        raise click.UsageError(f"“{what}” takes no name")
    control.tell(paths.control_socket(), asked, name)
