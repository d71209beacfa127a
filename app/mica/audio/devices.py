"""Which microphones there are. Opens none of them."""

import threading
from dataclasses import dataclass
from typing import Final

import sounddevice

from mica.errors import MicrophoneError

#: Held while the list is read, and from choosing a device until it is open: a new look
#: in between would end PortAudio under the opening stream.
looking: Final = threading.RLock()
_open_streams: set[object] = set()


@dataclass(frozen=True, slots=True)
class Device:
    """A microphone.

    index      PortAudio's number, valid until devices change
    rate_hz    its native rate
    default    the system's choice
    """

    index: int
    name: str
    rate_hz: int
    default: bool


def list_devices() -> list[Device]:
    """All microphones, PortAudio's list read anew; may be empty. Any thread."""
    with looking:
        _read_anew()
        chosen = _default_index()
        devices = sounddevice.query_devices()
    return [
        Device(index, str(d["name"]), round(d["default_samplerate"]), index == chosen)
        for index, d in enumerate(devices)
        if d["max_input_channels"] > 0
    ]


def find_device(name: str | None) -> Device:
    """The microphone of that name, or the system's when None."""
    devices = list_devices()
    if not devices:
        raise MicrophoneError("No microphone was found.", "Connect one and try again.")
    if name is None:
        return next((d for d in devices if d.default), devices[0])
    for device in devices:
        if device.name == name:
            return device
    what = f"The microphone “{name}” is not connected."
    raise MicrophoneError(what, "Connect it or choose another one.")


def opened(stream: object) -> None:
    """A stream records: the list stays as it is until closed() says otherwise."""
    _open_streams.add(stream)


def closed(stream: object) -> None:
    _open_streams.discard(stream)


def _default_index() -> int | None:
    try:
        return int(sounddevice.query_devices(kind="input")["index"])
    except (sounddevice.PortAudioError, ValueError):
        return None


def _read_anew() -> None:
    """PortAudio keeps the list of its start; a new start reads it again.

    It would end every open stream, so nothing is read anew while one is.
    """
    if _open_streams:
        return
    try:
        sounddevice._terminate()
        sounddevice._initialize()
    except sounddevice.PortAudioError as error:
        what = "The sound system cannot be used."
        raise MicrophoneError(what, "Restart the sound system.") from error
