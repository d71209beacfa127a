"""Command-V with the V of the user's layout, and Return. Main thread only."""

from typing import Final

from Quartz import kCGEventFlagMaskCommand

from mica.host.macos.keyboard import Keyboard
from mica.host.macos.layout import key_of
from mica.host.ports import Target

_RETURN: Final = 36


class MacPaster:
    """See ports.Paster."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard

    def ready(self) -> bool:
        return self._keyboard.is_free()

    def chord(self, target: Target) -> None:
        code = key_of(self._keyboard.library, "v")
        self._keyboard.press(code, kCGEventFlagMaskCommand)

    def submit(self, target: Target) -> None:
        self._keyboard.press(_RETURN, 0)
