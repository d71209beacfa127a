"""`mica devices`: the microphones."""

import click

from mica.audio.devices import list_devices
from mica.cli.main import say


@click.command()
def devices() -> None:
    """List microphones; the system's own choice is marked with *."""
    found = list_devices()
    if not found:
        say("No microphone was found. Connect one and try again.")
    for device in found:
        mark = "*" if device.default else " "
        click.echo(f"{mark} {device.name}  ({device.rate_hz} Hz)")
