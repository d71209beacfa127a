"""`mica devices`: the microphones, and which one is used."""

import click

from mica.audio.device_selection import Device, choose
from mica.audio.devices import list_devices
from mica.cli import strings
from mica.cli.reporting import load_settings, report
from mica.errors import MicrophoneError
from mica.host.select import open_sound_devices


@click.command()
def devices() -> None:
    """List microphones and show which one Mica uses, and why.

    An asterisk (*) marks the system default.
    """
    found = list_devices()
    if not found:
        report(strings.NO_MICROPHONE)
        return
    for device in found:
        marker = "*" if device.default else " "
        click.echo(f"{marker} {device.name}  ({_facts(device)})")
    wanted = load_settings().microphone
    try:
        choice = choose(found, wanted, open_sound_devices().output_transport())
    except MicrophoneError as error:
        report(error.line())
    else:
        click.echo(strings.MICROPHONE_IN_USE.format(choice.device.name, choice.why))


def _facts(device: Device) -> str:
    facts = [f"{device.rate_hz} Hz", device.transport.value]
    return ", ".join(fact for fact in facts if fact)
