"""The part of Carbon that mica.host.macos calls: hot keys, secure input, a layout.

Several programs may register a key. RegisterEventHotKey refuses only a key that this
process already has, and one that two programs want exclusively (CarbonEventsCore.h).
"""

import math
from typing import Any


class FakeCarbon:
    """The C library, with its functions under their own names."""

    layout_property = 1

    def __init__(self) -> None:
        self.secure = False
        self.exclusive_keys: set[int] = (
            set()
        )  # keys that another program has exclusively
        self.symbolic: list[dict[str, Any]] | None = []  # None: macOS does not say
        self.registered: dict[tuple[int, int], Any] = {}  # by keycode and modifiers
        self.letters: dict[int, str] | None = {8: "c", 9: "v"}
        self.latin: dict[int, str] | None = None  # the last ASCII-capable layout's
        self.layers: dict[int, dict[int, str]] = {}  # letters by modifiers and key
        self.dead_keys = ""
        self.released = 0
        self._handler: Any = None
        self._event = (0, 0)
        self.event_s = math.inf  # time of the key event; inf fits no clock

    def IsSecureEventInputEnabled(self) -> bool:
        return self.secure

    def GetApplicationEventTarget(self) -> int:
        return 1

    def InstallEventHandler(self, _target: int, handler: Any, *_rest: Any) -> int:
        self._handler = handler
        return 0

    def RegisterEventHotKey(self, code: int, modifiers: int, *rest: Any) -> int:
        key = (code, modifiers)
        exclusive = rest[-2] == 1  # kEventHotKeyExclusive
        if (exclusive and code in self.exclusive_keys) or key in self.registered:
            return -9878  # eventHotKeyExistsErr
        self.registered[key] = (rest[0].id, rest[-1]._obj)
        return 0

    def UnregisterEventHotKey(self, ref: Any) -> int:
        held = self.registered
        self.registered = {k: entry for k, entry in held.items() if entry[1] is not ref}
        return 0

    def CopySymbolicHotKeys(self, array: Any) -> int:
        array._obj.value = None if self.symbolic is None else 0x5B
        return -50 if self.symbolic is None else 0

    def GetEventParameter(self, _event: int, *rest: Any) -> int:
        rest[-1]._obj.id = self._event[0]
        return 0

    def GetEventTime(self, _event: int) -> float:
        return self.event_s

    def GetEventKind(self, _event: int) -> int:
        return self._event[1]

    def key(self, code: int, pressed: bool, modifiers: int = 0) -> bool:
        """Press or release a key as the user; return whether it is our hot key."""
        held = self.registered.get((code, modifiers))
        if held is None or code in self.exclusive_keys:
            return False
        self._event = (held[0], 5 if pressed else 6)
        assert self._handler(1, 1, 0) == 0
        return True

    def TISCopyCurrentKeyboardLayoutInputSource(self) -> int:
        return 0 if self.letters is None else 1

    def TISCopyCurrentASCIICapableKeyboardLayoutInputSource(self) -> int:
        return 0 if self.latin is None else 2

    def TISGetInputSourceProperty(self, source: int, _property: int) -> int:
        return source if (self.letters, self.latin)[source - 1] else 0

    def CFDataGetBytePtr(self, data: int) -> int:
        return data

    def CFRelease(self, _source: int) -> None:
        self.released += 1

    def LMGetKbdType(self) -> int:
        return 40

    def UCKeyTranslate(self, layout: int, code: int, *rest: Any) -> int:
        letter = ((self.letters, self.latin)[layout - 1] or {}).get(code, "")
        action, modifiers, _type, options, dead = rest[:5]
        if layout == 1 and modifiers:
            letter = self.layers.get(modifiers, {}).get(code, letter)
        if action == 0 and not options and letter in self.dead_keys:
            dead._obj.value, letter = 1, ""
        length, letters = rest[-2]._obj, rest[-1]
        length.value = len(letter)
        for place, char in enumerate(letter):
            letters[place] = ord(char)
        return 0
