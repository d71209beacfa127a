"""Paste, Return and the caret on X11, by the keys most programs agree on.

Terminals want paste keys of their own. Accessibility is not asked.
"""

from enum import Enum
from typing import Final

from Xlib import X  # type: ignore[import-untyped]

from mica.errors import InsertionError
from mica.host.apps import is_terminal
from mica.host.ports import Target
from mica.host.x11.sender import Sender


class X11Chord(Enum):
    """The keys that paste: one by its X name, and the modifiers held with it."""

    CTRL_V = ("v", X.ControlMask)
    CTRL_SHIFT_V = ("v", X.ControlMask, X.ShiftMask)
    SHIFT_INSERT = ("Insert", X.ShiftMask)


_PRIMARY: Final = {"xterm", "uxterm", "urxvt", "rxvt", "st", "st-256color"}


def pastes_from_primary(target: Target) -> bool:
    """Whether this target pastes the selection, not the clipboard."""
    return target.name.lower() in _PRIMARY


def chord_of(target: Target) -> X11Chord:
    """The keys that paste in this target."""
    if pastes_from_primary(target):
        return X11Chord.SHIFT_INSERT
    return X11Chord.CTRL_SHIFT_V if is_terminal(target) else X11Chord.CTRL_V


class X11Editor(Sender):
    """See ports.Paster and Caret. Main thread only."""

    def can_paste(self, target: Target) -> bool:
        symbol, *modifiers = chord_of(target).value
        try:
            self.layout().chord(symbol, tuple(modifiers))
        except InsertionError:
            return False
        return True

    def chord(self, target: Target) -> None:
        self.press(*chord_of(target).value)

    def submit(self, target: Target) -> None:
        self.press("Return")

    def before(self, text: str) -> str | None:
        return None

    def select_back(self, count: int) -> None:
        self.press("Left", X.ShiftMask, times=count)

    def selected(self) -> str | None:
        return None

    def copy(self) -> None:
        self.press("c", X.ControlMask)

    def delete(self) -> None:
        self.press("BackSpace")

    def let_go(self) -> None:
        self.press("Right")
