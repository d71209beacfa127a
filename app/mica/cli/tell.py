"""`mica tell`: what the menu does, in the app that is running."""

import click

from mica import paths
from mica.session import control
from mica.session.control import Tell

WHAT = [what.value for what in Tell if what is not Tell.SHOW]


@click.command()
@click.argument("what", type=click.Choice(WHAT))
def tell(what: str) -> None:
    """Have the running app do something; bind it to keys of your own.

    toggle starts a dictation or ends it, cancel forgets it, undo takes a cancel back,
    paste-last inserts the last transcript again, captions starts or ends live captions.
    """
    control.tell(paths.control_socket(), Tell(what))
