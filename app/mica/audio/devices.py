"""Lists microphones and chooses the one to use. Opens none of them.

Rereading PortAudio's list takes several times as long as opening a microphone: on Linux
it probes every device. So a recording rereads it only if it may have changed.
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

#: Held while the list is read, and from choosing a device until it is open: rereading
#: in between would terminate PortAudio under the stream that is being opened.
list_lock: Final = threading.RLock()
_open_streams: set[object] = set()


class _DeviceListCache:
    """The state of PortAudio's device list; guarded by `list_lock`.

    stamp   the system's list version from before the list was read; None: reread it
    old     the last choice was made from a cached list
    """

    stamp: object = None
    old = False


_cache: Final = _DeviceListCache()


def list_devices(sound: SoundDevices | None = None) -> list[Device]:
    """All microphones, from a freshly read list; may be empty. Any thread."""
    sound = sound or open_sound_devices()
    with list_lock:
        _read_anew(sound)
        return _listed(sound)


def find_device(wanted: WantedDevice, excluded: Collection[str] = ()) -> DeviceChoice:
    """The microphone to use now, among those connected."""
    sound = open_sound_devices()
    with list_lock:
        _cache.old = _cache.stamp is not None and _cache.stamp == sound.list_version()
        if _cache.old:
            with suppress(MicrophoneError):  # others may have been connected since
                return choose(
                    _listed(sound), wanted, sound.output_transport(), excluded
                )
        _read_anew(sound)
        _cache.old = False
        return choose(_listed(sound), wanted, sound.output_transport(), excluded)


def is_superseded(
    device: Device, wanted: WantedDevice, excluded: Collection[str] = ()
) -> bool | None:
    """Whether a device other than this one would be chosen now.

    Asks the operating system, since PortAudio's list stays unchanged while a stream is
    open. None if the system does not know, or does not list this device: if it is gone,
    its stream will soon stall.
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
    """Whether `wanted` means another device than this one, which is open.

    Asks the operating system if it knows, else PortAudio's list, however old.
    """
    superseded = is_superseded(device, wanted, excluded)
    if superseded is not None:
        return superseded
    try:
        return find_device(wanted, excluded).device.name != device.name
    except MicrophoneError:
        return True


def invalidate() -> bool:
    """Have the next choice reread the list; returns whether the last one used a cached
    list.

    For a device that does not open, or falls silent. Takes no lock.
    """
    _cache.stamp = None
    return _cache.old


def outputs() -> object:
    """The output devices as PortAudio last read them; equal as long as none change."""
    with list_lock:
        found = sounddevice.query_devices()
        apis = sounddevice.query_hostapis()
    chosen = [api["default_output_device"] for api in apis]
    return chosen, [d["name"] for d in found if d["max_output_channels"] > 0]


def opened(stream: object) -> None:
    """Note an open stream: the list is not reread until closed()."""
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
    """Restart PortAudio, which reads the device list only when it is initialized.

    That would end every open stream, so it does nothing while there is one.
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
