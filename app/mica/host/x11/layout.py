"""What is in force on the keyboard at one moment: its map, the group, what is latched
or locked, and AccessX. Read anew for every chord; decides which keys make it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from Xlib import X  # type: ignore[import-untyped]

from mica.errors import InsertionError
from mica.host.x11.keymap import Keymap
from mica.host.x11.xkb import Controls, XkbState

_SHOWN: Final = {"v": "V", "c": "C"}
_MODIFIERS: Final = {X.ControlMask: "Ctrl", X.ShiftMask: "Shift"}
Stroke = tuple[int, bool]  # keycode, and whether Shift is held


@dataclass(frozen=True)
class ActiveLayout:
    """Of the keyboard that synthetic keys come from."""

    keymap: Keymap
    state: XkbState
    controls: Controls

    def chord(self, symbol: str, modifiers: tuple[int, ...]) -> list[int]:
        """The keycodes, modifiers first. Raises InsertionError where one lacks."""
        group = self.state.group
        held = [self.modifier(mask) for mask in modifiers]
        key = self.keymap.key_of(symbol, group)
        if key is None:
            name = _SHOWN.get(symbol, symbol)
            raise InsertionError(
                f"The keyboard layout has no key for {name}.", "Choose another layout."
            )
        return [*held, key]

    def modifier(self, mask: int) -> int:
        """A key that is these modifiers. Raises InsertionError."""
        key = self.keymap.modifier_key(mask, self.state.group)
        if key is None:
            what = f"The keyboard layout has no {_MODIFIERS[mask]} key."
            raise InsertionError(what, "Choose another layout.")
        return key

    def harmless(self, code: int) -> int:
        """Of Caps Lock and Num Lock the modifiers under which the key gives what it
        gives by itself, or its capital: in Neo's layouts Num Lock makes others of
        letters."""
        alone = self.keymap.symbol(code, self.state.group)
        found = 0
        for lock in (int(X.LockMask), self.keymap.num_lock):
            locked = self.keymap.symbol(code, self.state.group, lock)
            is_capital = locked < 0x80 and chr(locked).lower() == chr(alone)
            found |= lock if locked == alone or is_capital else 0
        return found

    @cached_property
    def strokes(self) -> dict[int, Stroke]:
        """How symbols are typed, Caps Lock off: the first key of each."""
        locked = self.state.locked & self.keymap.num_lock
        found: dict[int, Stroke] = {}
        for code in self.keymap.keys:
            for shift in (0, X.ShiftMask):
                symbol = self.keymap.symbol(code, self.state.group, locked | shift)
                if symbol != X.NONE:
                    found.setdefault(symbol, (code, bool(shift)))
        return found

    @property
    def spare(self) -> list[int]:
        """Keys of no meaning."""
        keys = self.keymap.keys.items()
        return [code for code, key in keys if not any(map(any, key.symbols))]
