"""The sound devices as the Mac knows them: how each is attached, which ones the system
chose. Any thread. Records and plays nothing.
"""

import ctypes
from collections.abc import Mapping
from typing import Any, Final

from mica.host.macos.core_audio import (
    LISTENER,
    SYSTEM,
    address,
    load,
    numbers,
    size,
    text,
)
from mica.host.ports import Callback
from mica.host.sound import Transport

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


class MacSound:
    """See sound.Sound."""

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
