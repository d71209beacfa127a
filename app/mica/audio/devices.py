"""Which microphones there are, and which one to use. Opens none of them.

To read PortAudio's list anew takes several times as long as to open a microphone: on
Linux it tries all there are. So a recording reads it only where it may have changed.
"""

import threading
from collections.abc import Collection
from contextlib import suppress
from typing import Final

import sounddevice

from mica.audio.device_selection import Device, DeviceChoice, WantedDevice, choose
from mica.errors import MicrophoneError
from mica.host.select import open_sound_devices
from mica.host.sound import SoundDevices, Transport

#: Held while the list is read, and from choosing a device until it is open: a new look
#: in between would end PortAudio under the opening stream.
list_lock: Final = threading.RLock()
_open_streams: set[object] = set()


class _DeviceListCache:
    """What is known of PortAudio's list; read while `list_lock`.

    stamp   the system's, before the list was read; None: it is to be read anew
    old     the last choice was made from a list that was not read for it
    """

    stamp: object = None
    old = False


_cache: Final = _DeviceListCache()


def list_devices(sound: SoundDevices | None = None) -> list[Device]:
    """All microphones, PortAudio's list read anew; may be empty. Any thread."""
    sound = sound or open_sound_devices()
    with list_lock:
        _read_anew(sound)
        return _listed(sound)


def find_device(wanted: WantedDevice, excluded: Collection[str] = ()) -> DeviceChoice:
    """The microphone to use now, of those that are connected."""
    sound = open_sound_devices()
    with list_lock:
        _cache.old = _cache.stamp is not None and _cache.stamp == sound.list_version()
        if _cache.old:
            with suppress(MicrophoneError):  # there may be others by now
                return choose(
                    _listed(sound), wanted, sound.output_transport(), excluded
                )
        _read_anew(sound)
        _cache.old = False
        return choose(_listed(sound), wanted, sound.output_transport(), excluded)


def is_superseded(
    device: Device, wanted: WantedDevice, excluded: Collection[str] = ()
) -> bool | None:
    """Whether another one than this would be chosen by now.

    By what the system tells: PortAudio's list stays old while a stream is open. None
    where it does not tell, or not of this one: whether that is gone is soon heard.
    """
    sound = open_sound_devices()
    names, chosen = sound.inputs(), sound.default_input()
    if device.name not in names:
        return None
    now = [Device(0, name, 0, name == chosen, how) for name, how in names.items()]
    try:
        return (
            choose(now, wanted, sound.output_transport(), excluded).device.name
            != device.name
        )
    except MicrophoneError:
        return None


def selects_other_device(
    device: Device, wanted: WantedDevice, excluded: Collection[str] = ()
) -> bool:
    """Whether what the user wants means another device than this, which is open.

    By the system's word where there is one, else by PortAudio's list, however old.
    """
    superseded = is_superseded(device, wanted, excluded)
    if superseded is not None:
        return superseded
    try:
        return find_device(wanted, excluded).device.name != device.name
    except MicrophoneError:
        return True


def invalidate() -> bool:
    """Have the next choice read the list anew; whether the last one did not.

    For a device that does not open, or falls silent. Waits for nobody.
    """
    _cache.stamp = None
    return _cache.old


def outputs() -> object:
    """The devices that play, as PortAudio last read them; equal while none changed."""
    with list_lock:
        found = sounddevice.query_devices()
        apis = sounddevice.query_hostapis()
    chosen = [api["default_output_device"] for api in apis]
    return chosen, [d["name"] for d in found if d["max_output_channels"] > 0]


def opened(stream: object) -> None:
    """A stream records: the list stays as it is until closed() says otherwise."""
    _open_streams.add(stream)


def closed(stream: object) -> None:
    _open_streams.discard(stream)


def _listed(sound: SoundDevices) -> list[Device]:
    chosen, attached = _default_index(), sound.inputs()
    return [
        Device(
            index,
            str(d["name"]),
            round(d["default_samplerate"]),
            index == chosen,
            attached.get(str(d["name"]), Transport.UNKNOWN),
        )
        for index, d in enumerate(sounddevice.query_devices())
        if d["max_input_channels"] > 0
    ]


def _default_index() -> int | None:
    try:
        return int(sounddevice.query_devices(kind="input")["index"])
    except (sounddevice.PortAudioError, ValueError):
        return None


def _read_anew(sound: SoundDevices) -> None:
    """PortAudio keeps the list of its start; a new start reads it again.

    It would end every open stream, so nothing is read anew while one is.
    """
    if _open_streams:
        return
    stamp, _cache.stamp = sound.list_version(), None
    try:
        sounddevice._terminate()
        sounddevice._initialize()
    except sounddevice.PortAudioError as error:
        what = "The sound system cannot be used."
        raise MicrophoneError(what, "Restart the sound system.") from error
    _cache.stamp = stamp
