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

    An asterisk (*) marks the microphone in use.
    """
    found = list_devices()
    if not found:
        report(strings.NO_MICROPHONE)
        return
    wanted = load_settings().microphone
    choice = None
    try:
        choice = choose(found, wanted, open_sound_devices().output_transport())
    except MicrophoneError as error:
        report(error.line())
    for device in found:
        marker = "*" if choice is not None and device == choice.device else " "
        click.echo(f"{marker} {device.name}  ({_facts(device)})")
    if choice is not None:
        click.echo(strings.MICROPHONE_IN_USE.format(choice.device.name, choice.why))


def _facts(device: Device) -> str:
    default = strings.SYSTEM_DEFAULT if device.default else ""
    facts = [f"{device.rate_hz} Hz", device.transport.value, default]
    return ", ".join(fact for fact in facts if fact)
