"""The paste keys on X11. Terminals want their own."""

from enum import Enum
from typing import Final

from mica.host.apps import is_terminal
from mica.host.ports import Target
from mica.host.x11.sender import Sender


class Chord(Enum):
    """The keys that paste, modifiers first, as X names."""

    CTRL_V = ("Control_L", "v")
    CTRL_SHIFT_V = ("Control_L", "Shift_L", "v")
    SHIFT_INSERT = ("Shift_L", "Insert")


_PRIMARY: Final = {"xterm", "uxterm", "urxvt", "rxvt", "st", "st-256color"}


def pastes_from_primary(target: Target) -> bool:
    """Whether this target pastes the selection, not the clipboard."""
    return target.name.lower() in _PRIMARY


def chord_of(target: Target) -> Chord:
    """The keys that paste in this target."""
    if pastes_from_primary(target):
        return Chord.SHIFT_INSERT
    return Chord.CTRL_SHIFT_V if is_terminal(target) else Chord.CTRL_V


class X11Paster:
    """See ports.Paster. Main thread only."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def ready(self) -> bool:
        return self._sender.ready()

    def chord(self, target: Target) -> None:
        self._sender.press(*chord_of(target).value)

    def submit(self, target: Target) -> None:
        self._sender.press("Return")
