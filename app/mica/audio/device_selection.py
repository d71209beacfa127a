"""Chooses which microphone to use. A pure rule: no queries, nothing is opened."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mica.errors import MicrophoneError
from mica.host.sound import Transport

#: What the user wants: the system default (None), exactly this device, or the first
#: device of a list that is connected.
WantedDevice = str | tuple[str, ...] | None

CHOSEN = "you chose it"
FIRST = "the first of your list that is connected"
NONE_OF_LIST = "none of your list is connected"
SYSTEM = "the system’s choice"
SPARED = "the system’s choice is a Bluetooth headset, which would play worse"
ONLY = "the system names no other"


@dataclass(frozen=True, slots=True)
class Device:
    """A microphone as listed by the sound system.

    index      PortAudio's number, valid until devices change
    rate_hz    its native rate
    default    it is the system default
    """

    index: int
    name: str
    rate_hz: int
    default: bool
    transport: Transport = Transport.UNKNOWN


def transport_of(device: Device | None) -> Transport:
    """How a device is attached; UNKNOWN for None."""
    return device.transport if device is not None else Transport.UNKNOWN


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """A microphone, and for the user the reason why it was chosen."""

    device: Device
    why: str


def choose(
    devices: Sequence[Device],
    wanted: WantedDevice = None,
    output: Transport = Transport.UNKNOWN,
    excluded: Collection[str] = (),
) -> DeviceChoice:
    """The microphone to use; raises MicrophoneError if there is none.

    wanted   a name must be connected; from a list, the first that is connected, else
             the system default
    output   how the system's output device is attached
    excluded names of microphones that gave nothing; used only as a last resort
    """
    if not devices:
        raise MicrophoneError("No microphone was found.", "Connect one and try again.")
    if isinstance(wanted, str):
        return DeviceChoice(_named(devices, wanted), CHOSEN)
    usable = [device for device in devices if device.name not in excluded] or devices
    by_name = {device.name: device for device in reversed(usable)}
    for name in wanted or ():
        if name in by_name:
            return DeviceChoice(by_name[name], FIRST)
    choice = _systems(usable, output)
    return (
        DeviceChoice(choice.device, f"{NONE_OF_LIST}; {choice.why}")
        if wanted
        else choice
    )


def _named(devices: Sequence[Device], name: str) -> Device:
    for device in devices:
        if device.name == name:
            return device
    what = f"The microphone “{name}” is not connected."
    raise MicrophoneError(what, "Connect it or choose another one.")


def _systems(devices: Sequence[Device], output: Transport) -> DeviceChoice:
    """The system default, unless recording would degrade what the user hears.

    A Bluetooth headset switches to a lower-quality codec while it records; besides,
    its first second or two are zeros.
    """
    default = next((device for device in devices if device.default), None)
    if default is None:
        return DeviceChoice(devices[0], ONLY)
    if default.transport is output is Transport.BLUETOOTH:
        for device in devices:
            if device.transport is Transport.BUILT_IN:
                return DeviceChoice(device, SPARED)
    return DeviceChoice(default, SYSTEM)
