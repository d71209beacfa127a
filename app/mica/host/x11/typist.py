"""Text as X11 key presses: by the layout's own keys, and for what it has not, by keys
of no meaning that get one for a moment.

Each of those keeps its meaning until finish(), so that a slow window does not read the
next one's; a window looks a key up only when it handles the press. Never through
pynput, which gives a key its next meaning too soon (its issue 642).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from Xlib import X  # type: ignore[import-untyped]
from Xlib.error import ConnectionClosedError  # type: ignore[import-untyped]

from mica.errors import InsertionError
from mica.host.x11.own_keys import OwnKeys
from mica.host.x11.sender import Sender

_FIRST, _LAST = 8, 255
_SHIFT: Final = 50
_GROUP_BITS: Final = 13  # of the core state: which layout is chosen
_CAPS_LOCK: Final = 66


@dataclass
class _Layout:
    """How characters are typed now: keycode, and whether Shift is held."""

    keys: dict[int, tuple[int, bool]] = field(default_factory=dict)
    spare: list[int] = field(default_factory=list)


class X11Typist:
    """See ports.Typist. Main thread only."""

    def __init__(self, sender: Sender, own: OwnKeys) -> None:
        self._sender, self._own = sender, own
        self._layout = _Layout()
        self._bound: list[int] = []
        self._unlocked = False  # Caps Lock was on

    def prepare(self, text: str) -> int:
        display = self._sender.display
        self.finish()
        if display.screen().root.query_pointer().mask & X.LockMask:
            self._turn_caps_lock()
        self._layout = layout = _read(display)
        count = 0
        for character in text:
            symbol = _keysym(character)
            if symbol not in layout.keys:
                if not layout.spare:
                    break
                self._bind(layout.spare.pop(), symbol)
            count += 1
        display.sync()
        if text and not count:
            raise InsertionError(
                "The keyboard has no free keys to type with.",
                "Choose pasting for this application.",
            )
        return count

    def type(self, text: str) -> None:
        display = self._sender.display
        keys = [self._layout.keys[_keysym(character)] for character in text]
        self._own.expect([code for code, _ in keys] + [_SHIFT] * len(keys))
        repeats = display.get_keyboard_control().global_auto_repeat
        try:
            display.change_keyboard_control(auto_repeat_mode=X.AutoRepeatModeOff)
            for code, shifted in keys:
                _press(display, code, shifted)
            display.change_keyboard_control(auto_repeat_mode=repeats)
            display.sync()
        except (ConnectionClosedError, AttributeError) as why:
            raise InsertionError(
                "The keys could not be sent to the display.",
                "The text is in the history.",
            ) from why

    def finish(self) -> None:
        for code in self._bound:
            self._sender.display.change_keyboard_mapping(code, [[X.NONE, X.NONE]])
        self._bound = []
        if self._unlocked:
            self._turn_caps_lock()
        self._sender.display.sync()

    def _turn_caps_lock(self) -> None:
        """Off, or on again: it makes capitals of a key's new letters too."""
        self._own.expect([_CAPS_LOCK])
        _press(self._sender.display, _CAPS_LOCK, False)
        self._sender.display.sync()
        self._unlocked = not self._unlocked

    def _bind(self, code: int, symbol: int) -> None:
        # both levels alike, or a capital would be given a small letter of its own
        self._sender.display.change_keyboard_mapping(code, [[symbol, symbol]])
        self._layout.keys[symbol] = (code, False)
        self._bound.append(code)


def _read(display: Any) -> _Layout:
    """The chosen layout's plain and shifted keys, and the keys of no meaning."""
    found = _Layout()
    group = display.screen().root.query_pointer().mask >> _GROUP_BITS & 3
    rows = display.get_keyboard_mapping(_FIRST, _LAST - _FIRST + 1)
    for code, symbols in enumerate(rows, _FIRST):
        if not any(symbols):
            found.spare.append(code)
            continue
        for level, symbol in enumerate(symbols[2 * group : 2 * group + 2]):
            if symbol and symbol not in found.keys:
                found.keys[symbol] = (code, bool(level))
    return found


def _keysym(character: str) -> int:
    """Latin-1 stands for itself, the rest of Unicode behind a mark."""
    code = ord(character)
    latin = 0x20 <= code < 0x7F or 0xA0 <= code < 0x100
    return code if latin else 0x01000000 | code


def _press(display: Any, code: int, shifted: bool) -> None:
    if shifted:
        display.xtest_fake_input(X.KeyPress, _SHIFT)
    display.xtest_fake_input(X.KeyPress, code)
    display.xtest_fake_input(X.KeyRelease, code)
    if shifted:
        display.xtest_fake_input(X.KeyRelease, _SHIFT)
