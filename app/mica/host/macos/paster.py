"""Command-V with the V of the user's layout, and Return. Main thread only."""

from typing import Final

from Quartz import kCGEventFlagMaskCommand

from mica.errors import InsertionError
from mica.host.macos.keyboard import Keyboard
from mica.host.macos.layout import key_of
from mica.host.ports import Target

_RETURN: Final = 36


def shortcut(keyboard: Keyboard, letter: str) -> None:
    """Command and the key of this letter in the layout of now. Raises as press does,
    and where no key has it: nothing is posted then."""
    code = key_of(keyboard.library, letter)
    if code is None:
        raise InsertionError(
            f"The keyboard layout has no key for {letter.upper()}.",
            "Choose another layout.",
        )
    keyboard.press(code, kCGEventFlagMaskCommand)


class MacPaster:
    """See ports.Paster."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard

    def ready(self) -> bool:
        return self._keyboard.is_free()

    def can_paste(self, target: Target) -> bool:
        return key_of(self._keyboard.library, "v") is not None

    def chord(self, target: Target) -> None:
        shortcut(self._keyboard, "v")

    def submit(self, target: Target) -> None:
        self._keyboard.press(_RETURN, 0)
