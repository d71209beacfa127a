"""Core Audio's properties through ctypes: things by number, properties by four letters.

Any thread. pyobjc wraps these calls too, but not for values of any type.

The sound devices as the Mac knows them: how each is attached, which ones the system
chose. Any thread. Records and plays nothing.
"""

import ctypes
from collections.abc import Mapping
from typing import Any, Final

from mica.host.ports import Callback
from mica.host.sound import Transport

LIBRARY: Final = "/System/Library/Frameworks/CoreAudio.framework/CoreAudio"
SYSTEM: Final = 1  # kAudioObjectSystemObject
LISTENER: Final = ctypes.CFUNCTYPE(
    ctypes.c_int32, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p
)
_UTF8: Final = 0x08000100  # kCFStringEncodingUTF8
_TEXT_BYTES: Final = 1024


class Address(ctypes.Structure):
    """AudioObjectPropertyAddress; element 0 is the main one."""

    _fields_ = (
        ("selector", ctypes.c_uint32),
        ("scope", ctypes.c_uint32),
        ("element", ctypes.c_uint32),
    )


def load() -> Any:
    """The library, with the types that ctypes would guess wrong."""
    library = ctypes.CDLL(LIBRARY)
    number, place = ctypes.c_uint32, ctypes.c_void_p
    library.AudioObjectGetPropertyDataSize.argtypes = [
        number, place, number, place, place,
    ]  # fmt: skip
    library.AudioObjectGetPropertyData.argtypes = [
        number, place, number, place, place, place,
    ]  # fmt: skip
    library.AudioObjectAddPropertyListener.argtypes = [number, place, LISTENER, place]
    library.CFStringGetCString.argtypes = [place, place, ctypes.c_long, number]
    library.CFStringGetCString.restype = ctypes.c_bool
    library.CFRelease.argtypes = [place]
    library.CFRelease.restype = None
    return library


def address(what: bytes, scope: bytes = b"glob") -> Address:
    return Address(int.from_bytes(what, "big"), int.from_bytes(scope, "big"), 0)


def size(library: Any, thing: int, what: bytes, scope: bytes = b"glob") -> int:
    """How many bytes a property has; 0 where there is none."""
    found, place = ctypes.c_uint32(), ctypes.byref(address(what, scope))
    error = library.AudioObjectGetPropertyDataSize(
        thing, place, 0, None, ctypes.byref(found)
    )
    return 0 if error else found.value


def numbers(library: Any, thing: int, what: bytes) -> list[int]:
    """A property of 32-bit numbers; empty where there is none."""
    found = (ctypes.c_uint32 * (size(library, thing, what) // 4))()
    got = _read(library, thing, what, found)
    return list(found)[: got // 4]


def text(library: Any, thing: int, what: bytes) -> str:
    """A property that is a string; "" where there is none."""
    found, utf8 = ctypes.c_void_p(), ctypes.create_string_buffer(_TEXT_BYTES)
    _read(library, thing, what, found)
    if found.value is None:
        return ""
    library.CFStringGetCString(found, utf8, _TEXT_BYTES, _UTF8)
    library.CFRelease(found)
    return utf8.value.decode()


def _read(library: Any, thing: int, what: bytes, into: Any) -> int:
    """How many bytes were read; a thing that is gone gives none."""
    got = ctypes.c_uint32(ctypes.sizeof(into))
    error = library.AudioObjectGetPropertyData(
        thing,
        ctypes.byref(address(what)),
        0,
        None,
        ctypes.byref(got),
        ctypes.byref(into),
    )
    return 0 if error else got.value


_DEVICES: Final = b"dev#"
_INPUT: Final = b"dIn "
_OUTPUT: Final = b"dOut"
_NAME: Final = b"lnam"
_STREAMS: Final = b"stm#"
_TRANSPORT: Final = b"tran"
_TRANSPORTS: Final = {
    b"bltn": Transport.BUILT_IN,
    b"usb ": Transport.USB,
    b"blue": Transport.BLUETOOTH,
    b"blea": Transport.BLUETOOTH,
    b"virt": Transport.VIRTUAL,
    b"grup": Transport.VIRTUAL,  # several devices as one
}


class MacSoundDevices:
    """See sound.SoundDevices."""

    def __init__(self) -> None:
        self._library = load()
        self._listeners: list[Any] = []  # must outlive their registration

    def inputs(self) -> Mapping[str, Transport]:
        library = self._library
        found = {
            text(library, device, _NAME): self._transport(device)
            for device in numbers(library, SYSTEM, _DEVICES)
            if size(library, device, _STREAMS, b"inpt")
        }
        found.pop("", None)  # one that has just gone
        return found

    def chosen_input(self) -> str:
        chosen = numbers(self._library, SYSTEM, _INPUT)
        return text(self._library, chosen[0], _NAME) if chosen else ""

    def output(self) -> Transport:
        chosen = numbers(self._library, SYSTEM, _OUTPUT)
        return self._transport(chosen[0]) if chosen else Transport.UNKNOWN

    def stamp(self) -> object:
        return None  # a device keeps its number while its rate or channels change

    def watch(self, on_change: Callback) -> None:
        def changed(_thing: int, _count: int, _which: int, _data: int) -> int:
            on_change()
            return 0

        listener = LISTENER(changed)
        self._listeners.append(listener)
        for what in (_DEVICES, _INPUT, _OUTPUT):
            place = ctypes.byref(address(what))
            self._library.AudioObjectAddPropertyListener(SYSTEM, place, listener, None)

    def _transport(self, device: int) -> Transport:
        kind = numbers(self._library, device, _TRANSPORT)
        letters = kind[0].to_bytes(4, "big") if kind else b""
        return _TRANSPORTS.get(letters, Transport.UNKNOWN)
