"""The keyboard's state at one moment, and which keys make a shortcut.

Keymap, layout group, latched and locked modifiers, AccessX; read anew for each
shortcut.
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
KeyPress = tuple[int, bool]  # keycode, and whether Shift is held


@dataclass(frozen=True)
class ActiveLayout:
    """The state of the keyboard that synthetic keys come from."""

    keymap: Keymap
    state: XkbState
    controls: Controls

    def chord(self, symbol: str, modifiers: tuple[int, ...]) -> list[int]:
        """The keycodes of a shortcut, modifiers first. Raises InsertionError."""
        group = self.state.group
        held = [self.modifier(mask) for mask in modifiers]
        key = self.keymap.shortcut_key(symbol, group)
        if key is None:
            name = _SHOWN.get(symbol, symbol)
            raise InsertionError(
                f"Your keyboard layout has no {name} key.",
                "Choose another keyboard layout.",
            )
        return [*held, key]

    def modifier(self, mask: int) -> int:
        """A keycode that holds these modifiers. Raises InsertionError if none does."""
        key = self.keymap.modifier_key(mask, self.state.group)
        if key is None:
            what = f"Your keyboard layout has no {_MODIFIERS[mask]} key."
            raise InsertionError(what, "Choose another keyboard layout.")
        return key

    def harmless_locks(self, code: int) -> int:
        """The locks (Caps, Num) that may stay on while this key is pressed.

        With them on it gives the same symbol or its capital; in Neo's layouts Num Lock
        changes letters.
        """
        alone = self.keymap.symbol(code, self.state.group)
        found = 0
        for lock in (int(X.LockMask), self.keymap.num_lock):
            locked = self.keymap.symbol(code, self.state.group, lock)
            is_capital = locked < 0x80 and chr(locked).lower() == chr(alone)
            found |= lock if locked == alone or is_capital else 0
        return found

    @cached_property
    def key_presses(self) -> dict[int, KeyPress]:
        """How to type each symbol with Caps Lock off: the first key that gives it."""
        locked = self.state.locked & self.keymap.num_lock
        found: dict[int, KeyPress] = {}
        for code in self.keymap.keys:
            for shift in (0, X.ShiftMask):
                symbol = self.keymap.symbol(code, self.state.group, locked | shift)
                if symbol != X.NONE:
                    found.setdefault(symbol, (code, bool(shift)))
        return found

    @property
    def spare_keycodes(self) -> list[int]:
        """Keycodes without a symbol, free to be assigned one."""
        keys = self.keymap.keys.items()
        return [code for code, key in keys if not any(map(any, key.symbols))]
