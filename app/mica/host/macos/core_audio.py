"""The Mac's sound devices from Core Audio: how each is attached, and the defaults.

Core Audio's objects have numbers; their properties have four-letter selectors. pyobjc
wraps these calls, but not for values of every type, so they go through ctypes. Any
thread. Records and plays nothing.
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
    b"grup": Transport.VIRTUAL,  # an aggregate device
}


class Address(ctypes.Structure):
    """AudioObjectPropertyAddress; element 0 is the main one."""

    _fields_ = (
        ("selector", ctypes.c_uint32),
        ("scope", ctypes.c_uint32),
        ("element", ctypes.c_uint32),
    )


def load() -> Any:
    """Core Audio's library, with the types that ctypes would guess wrong."""
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


def address(selector: bytes, scope: bytes = b"glob") -> Address:
    return Address(int.from_bytes(selector, "big"), int.from_bytes(scope, "big"), 0)


def property_size(
    library: Any, object_id: int, selector: bytes, scope: bytes = b"glob"
) -> int:
    """Size of a property in bytes; 0 if the object lacks it."""
    found, place = ctypes.c_uint32(), ctypes.byref(address(selector, scope))
    error = library.AudioObjectGetPropertyDataSize(
        object_id, place, 0, None, ctypes.byref(found)
    )
    return 0 if error else found.value


def number_property(library: Any, object_id: int, selector: bytes) -> list[int]:
    """A property that is an array of 32-bit numbers; empty if there is none."""
    found = (ctypes.c_uint32 * (property_size(library, object_id, selector) // 4))()
    read_bytes = _read(library, object_id, selector, found)
    return list(found)[: read_bytes // 4]


def text_property(library: Any, object_id: int, selector: bytes) -> str:
    """A property that is a string; "" if there is none."""
    found, utf8 = ctypes.c_void_p(), ctypes.create_string_buffer(_TEXT_BYTES)
    _read(library, object_id, selector, found)
    if found.value is None:
        return ""
    library.CFStringGetCString(found, utf8, _TEXT_BYTES, _UTF8)
    library.CFRelease(found)
    return utf8.value.decode()


def _read(library: Any, object_id: int, selector: bytes, into: Any) -> int:
    """The number of bytes read; 0 if the object no longer exists."""
    read_bytes = ctypes.c_uint32(ctypes.sizeof(into))
    error = library.AudioObjectGetPropertyData(
        object_id,
        ctypes.byref(address(selector)),
        0,
        None,
        ctypes.byref(read_bytes),
        ctypes.byref(into),
    )
    return 0 if error else read_bytes.value


class MacSoundDevices:
    """See sound.SoundDevices."""

    def __init__(self) -> None:
        self._library = load()
        self._listeners: list[Any] = []  # must outlive their registration

    def inputs(self) -> Mapping[str, Transport]:
        library = self._library
        found = {
            text_property(library, device, _NAME): self._transport(device)
            for device in number_property(library, SYSTEM, _DEVICES)
            if property_size(library, device, _STREAMS, b"inpt")
        }
        found.pop("", None)  # a device that has just disappeared
        return found

    def default_input(self) -> str:
        default = number_property(self._library, SYSTEM, _INPUT)
        return text_property(self._library, default[0], _NAME) if default else ""

    def output_transport(self) -> Transport:
        default = number_property(self._library, SYSTEM, _OUTPUT)
        return self._transport(default[0]) if default else Transport.UNKNOWN

    def list_version(self) -> object:
        return None  # a device keeps its number when its rate or channels change

    def watch(self, on_change: Callback) -> None:
        def changed(_thing: int, _count: int, _which: int, _data: int) -> int:
            on_change()
            return 0

        listener = LISTENER(changed)
        self._listeners.append(listener)
        for selector in (_DEVICES, _INPUT, _OUTPUT):
            place = ctypes.byref(address(selector))
            self._library.AudioObjectAddPropertyListener(SYSTEM, place, listener, None)

    def _transport(self, device: int) -> Transport:
        kind = number_property(self._library, device, _TRANSPORT)
        letters = kind[0].to_bytes(4, "big") if kind else b""
        return _TRANSPORTS.get(letters, Transport.UNKNOWN)
