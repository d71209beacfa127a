"""Sticky Keys and a key that is held to dictate: it is no modifier of the next key.

With Sticky Keys a modifier that was tapped counts for the next key, and one that was
tapped twice until it is tapped again. A key of ours was meant for us.
"""

from Xlib.display import Display  # type: ignore[import-untyped]

from mica.host.x11.xkb import EVERY, STICKY_KEYS, Xkb


class Sticky:
    """Any one thread; owns a connection to the display."""

    def __init__(self) -> None:
        self._display = Display()
        self._xkb = Xkb(self._display)

    def let_go(self, modifiers: int) -> None:
        """These, of a key that has just come up."""
        if modifiers and self._xkb.controls().enabled & STICKY_KEYS:
            kept = self._xkb.state().latched & ~modifiers
            self._xkb.latch(EVERY, kept)  # clearing one, X clears them all
            self._xkb.lock(modifiers, 0)
            self._display.sync()

    def close(self) -> None:
        self._display.close()
