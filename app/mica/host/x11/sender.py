"""Synthetic keys on X11: through XTEST, and only by keycode.

It knows no target and no meaning of a key.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from Xlib import XK, X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import ConnectionClosedError  # type: ignore[import-untyped]

from mica.errors import InsertionError
from mica.host.x11.keys import down, modifiers
from mica.host.x11.own_keys import OwnKeys

_US: Final = {
    "v": 55,
    "c": 54,
    "Insert": 118,
    "Return": 36,
    "BackSpace": 22,
    "Left": 113,
    "Right": 114,
    "Control_L": 37,
    "Shift_L": 50,
}


class Sender:
    """Main thread only; owns a connection to the display."""

    def __init__(self, own: OwnKeys) -> None:
        self.display = Display()
        self._own = own

    def ready(self) -> bool:
        """Whether no modifier is physically down."""
        return not down(self.display) & modifiers(self.display)

    def press(self, *names: str, times: int = 1) -> None:
        """A chord, modifiers first, as X names; its last key so many times. Raises
        InsertionError."""
        *held, key = [self._code(name) for name in names]
        self._own.expect([*held, *[key] * times])
        try:
            with self._unrepeated(key):
                for code in held:
                    self.display.xtest_fake_input(X.KeyPress, code)
                for _ in range(times):
                    self.display.xtest_fake_input(X.KeyPress, key)
                    self.display.xtest_fake_input(X.KeyRelease, key)
                for code in reversed(held):
                    self.display.xtest_fake_input(X.KeyRelease, code)
                self.display.sync()
        except (ConnectionClosedError, AttributeError) as why:
            raise InsertionError(
                "The keys could not be sent to the display.",
                "The text is in the history.",
            ) from why

    @contextmanager
    def _unrepeated(self, code: int) -> Iterator[None]:
        """A key that does not repeat meanwhile: a starved X server sees the release
        long after the press, and would paste again and again in between."""
        repeats = self.display.get_keyboard_control().auto_repeats
        if not repeats[code // 8] >> code % 8 & 1:
            yield
            return
        change = self.display.change_keyboard_control
        change(key=code, auto_repeat_mode=X.AutoRepeatModeOff)
        try:
            yield
        finally:
            change(key=code, auto_repeat_mode=X.AutoRepeatModeOn)
            self.display.flush()

    def _code(self, name: str) -> int:
        """The key that has this symbol in the layout, else where a US one has it."""
        found = self.display.keysym_to_keycode(XK.string_to_keysym(name))
        return int(found) or _US[name]
