"""Which microphones there are, and which one to use. Opens none of them."""

import threading
from collections.abc import Collection
from typing import Final

import sounddevice

from mica.audio.choice import Choice, Device, Wanted, choose
from mica.errors import MicrophoneError
from mica.host.sound import Sound, Transport, open_sound

#: Held while the list is read, and from choosing a device until it is open: a new look
#: in between would end PortAudio under the opening stream.
looking: Final = threading.RLock()
_open_streams: set[object] = set()


def list_devices(sound: Sound | None = None) -> list[Device]:
    """All microphones, PortAudio's list read anew; may be empty. Any thread."""
    with looking:
        _read_anew()
        chosen = _default_index()
        devices = sounddevice.query_devices()
    attached = (sound or open_sound()).inputs()
    return [
        Device(
            index,
            str(d["name"]),
            round(d["default_samplerate"]),
            index == chosen,
            attached.get(str(d["name"]), Transport.UNKNOWN),
        )
        for index, d in enumerate(devices)
        if d["max_input_channels"] > 0
    ]


def find_device(wanted: Wanted, avoid: Collection[str] = ()) -> Choice:
    """The microphone to use now, of those that are there; see choice.choose."""
    return choose(list_devices(), wanted, open_sound().output(), avoid)


def outputs() -> object:
    """The devices that play, as PortAudio last read them; equal while none changed."""
    with looking:
        found = sounddevice.query_devices()
        apis = sounddevice.query_hostapis()
    chosen = [api["default_output_device"] for api in apis]
    return chosen, [d["name"] for d in found if d["max_output_channels"] > 0]


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
