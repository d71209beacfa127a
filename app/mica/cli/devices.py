"""`mica devices`: the microphones, and which one is used."""

import click

from mica.audio.device_selection import Device, choose
from mica.audio.devices import list_devices
from mica.cli.messages import chosen_settings, say
from mica.errors import MicrophoneError
from mica.host.select import open_sound_devices


@click.command()
def devices() -> None:
    """List microphones, and say which one Mica uses and why.

    The system's own choice is marked with *.
    """
    found = list_devices()
    if not found:
        say("No microphone was found. Connect one and try again.")
        return
    for device in found:
        mark = "*" if device.default else " "
        click.echo(f"{mark} {device.name}  ({_facts(device)})")
    wanted = chosen_settings().microphone
    try:
        choice = choose(found, wanted, open_sound_devices().output())
    except MicrophoneError as why:
        say(why.line())
    else:
        click.echo(f"Mica uses {choice.device.name}: {choice.why}.")


def _facts(device: Device) -> str:
    facts = [f"{device.rate_hz} Hz", device.transport.value]
    return ", ".join(fact for fact in facts if fact)
