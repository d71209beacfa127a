"""Core Audio's property functions, as host/macos/core_audio.py calls them via ctypes.

As in AudioHardware.h, objects are numbers and properties are four-character codes.
"""

import ctypes
from typing import Any

from host.rehearsal.fake_mac.sound_card import BUILT_IN, OUTPUT, SoundCard

SYSTEM, SPEAKERS, UNKNOWN_PROPERTY = 1, 2, 2003332927  # kAudioHardwareUnknownProperty…


class CoreAudio:
    """The library's functions, under their own names."""

    def __init__(self, card: SoundCard) -> None:
        self._card = card
        self._texts: dict[int, str] = {}

    def AudioObjectGetPropertyDataSize(
        self, thing: int, where: Any, _size: int, _data: None, found: Any
    ) -> int:
        value = self._value(thing, where._obj)
        if value is None:
            return UNKNOWN_PROPERTY
        found._obj.value = 8 if isinstance(value, str) else 4 * len(value)
        return 0

    def AudioObjectGetPropertyData(
        self, thing: int, where: Any, _size: int, _data: None, count: Any, into: Any
    ) -> int:
        value = self._value(thing, where._obj)
        if value is None:
            return UNKNOWN_PROPERTY
        if isinstance(value, str):
            handle = len(self._texts) + 1
            self._texts[handle] = value
            into._obj.value = handle
            count._obj.value = 8
        else:
            fitting = value[: len(into._obj)]
            into._obj[: len(fitting)] = fitting
            count._obj.value = 4 * len(fitting)
        return 0

    def AudioObjectAddPropertyListener(
        self, _thing: int, _where: Any, listener: Any, _data: None
    ) -> int:
        self._card.listeners.append(listener)
        return 0

    def CFStringGetCString(
        self, text: ctypes.c_void_p, into: Any, size: int, _encoding: int
    ) -> bool:
        into.value = self._texts[text.value or 0].encode()[: size - 1]
        return True

    def CFRelease(self, text: ctypes.c_void_p) -> None:
        del self._texts[text.value or 0]

    def _value(self, thing: int, where: Any) -> list[int] | str | None:
        selector = where.selector.to_bytes(4, "big")
        devices = {device.number: device for device in self._card.devices}
        if thing == SYSTEM:
            numbers = [*devices, SPEAKERS]
            chosen = {b"dIn ": numbers[:1], b"dOut": [SPEAKERS]}
            return {b"dev#": numbers, **chosen}[selector]
        if thing == SPEAKERS:
            kind = int.from_bytes(BUILT_IN, "big")
            return {b"lnam": OUTPUT, b"tran": [kind], b"stm#": []}[selector]
        if thing not in devices:
            return None
        device = devices[thing]
        kind = int.from_bytes(device.transport, "big")
        return {b"lnam": device.name, b"tran": [kind], b"stm#": [1]}[selector]
