"""`mica devices`: the microphones."""

import click

from mica.audio.devices import list_devices


@click.command()
def devices() -> None:
    """List microphones; the system's own choice is marked with *."""
    for device in list_devices():
        mark = "*" if device.default else " "
        click.echo(f"{mark} {device.name}  ({device.rate_hz} Hz)")
