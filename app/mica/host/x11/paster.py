"""The paste keys on X11, through XTEST, and only by keycode.

Terminals want their own keys; the table knows them by WM_CLASS. Nothing is typed:
typed Unicode remaps the keyboard and comes out wrong (pynput issue 642).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final

from Xlib import XK, X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import ConnectionClosedError  # type: ignore[import-untyped]

from mica.errors import InsertionError
from mica.host.ports import Target
from mica.host.x11.keys import down, modifiers
from mica.host.x11.own_keys import OwnKeys


class Chord(Enum):
    """The keys that paste, modifiers first, as X names."""

    CTRL_V = ("Control_L", "v")
    CTRL_SHIFT_V = ("Control_L", "Shift_L", "v")
    SHIFT_INSERT = ("Shift_L", "Insert")


_PRIMARY: Final = {"xterm", "uxterm", "urxvt", "rxvt", "st", "st-256color"}
_TERMINALS: Final = {
    "alacritty",
    "deepin-terminal",
    "gnome-terminal",
    "gnome-terminal-server",
    "kgx",
    "kitty",
    "konsole",
    "lxterminal",
    "mate-terminal",
    "org.wezfurlong.wezterm",
    "ptyxis",
    "qterminal",
    "sakura",
    "terminator",
    "tilix",
    "xfce4-terminal",
}
_US: Final = {"v": 55, "Insert": 118, "Control_L": 37, "Shift_L": 50, "Return": 36}


def pastes_from_primary(target: Target) -> bool:
    """Whether this target pastes the selection, not the clipboard."""
    return target.name.lower() in _PRIMARY


def chord_of(target: Target) -> Chord:
    """The keys that paste in this target."""
    if pastes_from_primary(target):
        return Chord.SHIFT_INSERT
    terminal = target.name.lower() in _TERMINALS
    return Chord.CTRL_SHIFT_V if terminal else Chord.CTRL_V


class X11Paster:
    """See ports.Paster. Main thread only; owns a connection to the display."""

    def __init__(self, own: OwnKeys) -> None:
        self._display = Display()
        self._own = own

    def ready(self) -> bool:
        return not down(self._display) & modifiers(self._display)

    def chord(self, target: Target) -> None:
        self._press(*chord_of(target).value)

    def submit(self, target: Target) -> None:
        self._press("Return")

    def _press(self, *names: str) -> None:
        codes = [self._code(name) for name in names]
        self._own.expect(codes)
        try:
            with self._unrepeated(codes[-1]):
                for code in codes:
                    self._display.xtest_fake_input(X.KeyPress, code)
                for code in reversed(codes):
                    self._display.xtest_fake_input(X.KeyRelease, code)
                self._display.sync()
        except (ConnectionClosedError, AttributeError) as why:
            raise InsertionError(
                "The keys could not be sent to the display.",
                "The text is in the history.",
            ) from why

    @contextmanager
    def _unrepeated(self, code: int) -> Iterator[None]:
        """A key that does not repeat meanwhile: a starved X server sees the release
        long after the press, and would paste again and again in between."""
        repeats = self._display.get_keyboard_control().auto_repeats
        if not repeats[code // 8] >> code % 8 & 1:
            yield
            return
        change = self._display.change_keyboard_control
        change(key=code, auto_repeat_mode=X.AutoRepeatModeOff)
        try:
            yield
        finally:
            change(key=code, auto_repeat_mode=X.AutoRepeatModeOn)
            self._display.flush()

    def _code(self, name: str) -> int:
        """The key that has this symbol in the layout, else where a US one has it."""
        found = self._display.keysym_to_keycode(XK.string_to_keysym(name))
        return int(found) or _US[name]
