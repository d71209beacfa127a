"""Paste, Return and caret keys on X11, as most programs understand them.

Terminals have their own paste keys. Accessibility is not queried.
"""

from enum import Enum
from typing import Final

from Xlib import X  # type: ignore[import-untyped]

from mica.errors import InsertionError
from mica.host.apps import is_terminal
from mica.host.values import Target
from mica.host.x11.sender import Sender

_PRIMARY: Final = {"xterm", "uxterm", "urxvt", "rxvt", "st", "st-256color"}


class X11Chord(Enum):
    """Paste shortcuts: a key by its X name, and the modifiers held with it."""

    CTRL_V = ("v", X.ControlMask)
    CTRL_SHIFT_V = ("v", X.ControlMask, X.ShiftMask)
    SHIFT_INSERT = ("Insert", X.ShiftMask)


def pastes_from_primary(target: Target) -> bool:
    """Whether this target pastes from PRIMARY instead of CLIPBOARD."""
    return target.name.lower() in _PRIMARY


def chord_of(target: Target) -> X11Chord:
    """The paste shortcut of this target."""
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

    def press_paste_keys(self, target: Target) -> None:
        self.press(*chord_of(target).value)

    def press_return(self, target: Target) -> None:
        self.press("Return")

    def text_before(self, text: str) -> str | None:
        return None

    def select_back(self, count: int) -> None:
        self.press("Left", X.ShiftMask, times=count)

    def selected_text(self) -> str | None:
        return None

    def copy(self) -> None:
        self.press("c", X.ControlMask)

    def delete(self) -> None:
        self.press("BackSpace")

    def collapse_selection(self) -> None:
        self.press("Right")
