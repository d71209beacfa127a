"""All keys and clicks on X11, as they happen: pynput's thread, giving keycodes.

It listens passively (RECORD): what it hears still reaches its window. Decides nothing.
"""

from collections.abc import Callable
from typing import Any, Final

from pynput import keyboard
from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]

CLICK: Final = 0  # no key has this code
_WHEEL: Final = {4, 5, 6, 7}  # buttons that scroll
_STOP_S: Final = 2.0


class Listener(keyboard.Listener):  # type: ignore[misc]
    """pynput's listener, giving keycodes, and CLICK.

    WORKAROUND: pynput hands out keysyms, and the keysym of a modifier changes with
    the other modifiers (Alt_R is Meta_R under Shift), so a release would not match
    its press. The event's own keycode does. And its stop() asks on the connection that
    is busy recording, so that the thread stays until the next key; a third one is
    heard. What is overridden has been stable through 1.8; pyproject keeps us below 1.9.
    """

    _EVENTS = (X.KeyPress, X.ButtonPress)  # from the first to the last

    def __init__(self, on_key: Callable[[int, int, bool], None]) -> None:
        """on_key: keycode, the modifiers before it, whether it went down."""
        super().__init__()
        self._mica_on_key = on_key

    def close(self) -> None:
        """Nothing is heard once this returns."""
        self.stop()
        self.join(_STOP_S)

    def _initialize(self, display: Any) -> None:
        hush(display)

    def _handle_message(self, display: Any, event: Any, injected: bool) -> None:
        if event.type != X.ButtonPress:
            self._mica_on_key(event.detail, event.state, event.type == X.KeyPress)
        elif event.detail not in _WHEEL:
            self._mica_on_key(CLICK, event.state, True)

    def _stop_platform(self) -> None:
        display = Display()
        hush(display)
        display.record_disable_context(self._context)
        display.sync()
        display.close()


def hush(display: Any) -> None:
    """Ending what has ended is an X error that nobody need read."""
    display.set_error_handler(lambda *_: None)
