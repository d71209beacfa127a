"""The caret on a Mac: moved by posted keys, read by Accessibility where it answers."""

from typing import Final

from Quartz import (
    kCGEventFlagMaskNumericPad,
    kCGEventFlagMaskSecondaryFn,
    kCGEventFlagMaskShift,
)

from mica.host.macos import field_text
from mica.host.macos.keyboard import Keyboard
from mica.host.macos.paster import shortcut
from mica.host.macos.typist import utf16_units

_LEFT: Final = 123
_RIGHT: Final = 124
_BACKSPACE: Final = 51
_ARROW: Final = kCGEventFlagMaskNumericPad | kCGEventFlagMaskSecondaryFn  # as real ones
_BETWEEN_S: Final = 0.001  # many in a row, and the main thread waits


class MacCaret:
    """See ports.Caret. Main thread only."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard

    def before(self, text: str) -> str | None:
        return field_text.before_caret(utf16_units(text))

    def select_back(self, count: int) -> None:
        flags = _ARROW | kCGEventFlagMaskShift
        self._keyboard.press(_LEFT, flags, times=count, between_s=_BETWEEN_S)

    def selected(self) -> str | None:
        return field_text.selected()

    def copy(self) -> None:
        shortcut(self._keyboard, "c")

    def delete(self) -> None:
        self._keyboard.press(_BACKSPACE, 0)

    def let_go(self) -> None:
        self._keyboard.press(_RIGHT, _ARROW)
