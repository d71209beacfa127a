"""The hold key on X11: pynput sees keys and its thread hands them on.

pynput listens passively (RECORD), so every key still reaches the focused window. The
keyboard itself is asked whether the key is still down. Decides nothing.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from pynput import keyboard
from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]

from mica.errors import MicaError
from mica.host.hotkey_rules import Input
from mica.host.ports import OnInput
from mica.host.x11.keys import BARE, ESCAPE, down, keycode
from mica.host.x11.own_keys import OwnKeys

_STOP_S: Final = 2.0
CLICK: Final = 0  # no key has this code
_WHEEL: Final = {4, 5, 6, 7}  # buttons that scroll


class _Listener(keyboard.Listener):  # type: ignore[misc]
    """pynput's listener, giving keycodes, and CLICK.

    WORKAROUND: pynput hands out keysyms, and the keysym of a modifier changes with
    the other modifiers (Alt_R is Meta_R under Shift), so a release would not match
    its press. The event's own keycode does. And its stop() asks on the connection that
    is busy recording, so that the thread stays until the next key; a third one is
    heard. What is overridden has been stable through 1.8; pyproject keeps us below 1.9.
    """

    _EVENTS = (X.KeyPress, X.ButtonPress)  # from the first to the last

    def __init__(self, on_key: Callable[[int, bool], None]) -> None:
        super().__init__()
        self._mica_on_key = on_key

    def _initialize(self, display: Any) -> None:
        _hush(display)

    def _handle_message(self, display: Any, event: Any, injected: bool) -> None:
        if event.type != X.ButtonPress:
            self._mica_on_key(event.detail, event.type == X.KeyPress)
        elif event.detail not in _WHEEL:
            self._mica_on_key(CLICK, True)

    def _stop_platform(self) -> None:
        display = Display()
        _hush(display)
        display.record_disable_context(self._context)
        display.sync()
        display.close()


def _hush(display: Any) -> None:
    """Ending what has ended is an X error that nobody need read."""
    display.set_error_handler(lambda *_: None)


class X11Hotkeys:
    """One hold key; see ports.Hotkeys. Called on the main thread."""

    def __init__(self, hold_key: str, own: OwnKeys) -> None:
        self._code = keycode(hold_key)
        self._own = own
        self._listener: _Listener | None = None
        self._display: Any = None
        self._escape_wanted = False
        self._others = 0  # written by the listener's thread
        self._held = False  # as the listener's thread has seen it

    def start(self, on_input: OnInput) -> None:
        """Raises MicaError where the display cannot record."""
        display = Display()
        if not display.has_extension("RECORD"):
            display.close()
            raise MicaError(
                "This display cannot watch keys (no RECORD extension).",
                "Start dictation from the menu instead.",
            )

        def on_key(code: int, pressed: bool) -> None:
            what = self._meaning(code, pressed)
            if what is not None:
                on_input(what, time.monotonic())

        self._display = display
        self._listener = _Listener(on_key)
        self._listener.start()
        self._listener.wait()

    def is_down(self) -> bool:
        return self._display is not None and self._code in down(self._display)

    def want_escape(self, wanted: bool) -> None:
        self._escape_wanted = wanted

    def other_presses(self) -> int | None:
        return None if self._listener is None else self._others

    def stop(self) -> None:
        if self._listener is None:
            return
        self._listener.stop()
        self._listener.join(_STOP_S)
        self._display.close()
        self._listener = self._display = None

    def _meaning(self, code: int, pressed: bool) -> Input | None:
        """On the listener's thread. Typing while nothing is held wakes nobody."""
        if code == self._code:
            self._held = pressed
            return Input.PRESS if pressed else Input.RELEASE
        if not pressed or self._own.mine(code):
            return None
        self._others += code not in BARE
        if code == CLICK:
            return None
        if code == ESCAPE:
            return Input.ESCAPE if self._escape_wanted else None
        return Input.OTHER if self._held else None
