"""Grabs keys on X11, and listens to all keys and clicks as they happen.

A grabbed key reaches no window. The listener is pynput's thread on the RECORD
extension: what it sees still reaches its window. It makes no decisions.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from pynput import keyboard
from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import BadAccess, CatchError  # type: ignore[import-untyped]
from Xlib.ext import xinput  # type: ignore[import-untyped]

from mica.unhandled import trace

Grab = tuple[int, int]  # keycode and modifiers
_XI_ANY_MODIFIER: Final = 1 << 31  # XIAnyModifier
_KEYBOARDS: Final = xinput.AllMasterDevices
CLICK: Final = 0  # no key has this code
_WHEEL: Final = {4, 5, 6, 7}  # buttons that scroll
_STOP_S: Final = 2.0
_log = logging.getLogger(__name__)


class KeyGrabs:
    """Passive grabs of keys. Main thread only; a KeyListener sees grabbed keys too."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root: Final = display.screen().root
        self._grabbed: dict[Grab, list[int]] = {}  # the modifiers of each grab
        self._any_modifier: set[int] = set()

    @property
    def grabbed(self) -> set[Grab]:
        return set(self._grabbed)

    @property
    def grabbed_any_modifier(self) -> set[int]:
        """Keycodes that are grabbed with any modifiers."""
        return set(self._any_modifier)

    def grab(self, grab: Grab, num_lock: int) -> bool:
        """Grab a key with its modifiers; False if another program has it.

        Also with Caps Lock or Num Lock on, which are ignored here.
        """
        if grab in self._grabbed:
            return True
        refused = CatchError(BadAccess)
        code, mask = grab
        locks = (0, X.LockMask, num_lock, X.LockMask | num_lock)
        self._grabbed[grab] = [mask | lock for lock in locks]
        for mask in self._grabbed[grab]:
            how = X.GrabModeAsync
            self._root.grab_key(code, mask, False, how, how, onerror=refused)
        self._display.sync()
        if refused.get_error() is not None:
            self.ungrab(grab)
            return False
        return True

    def ungrab(self, grab: Grab) -> None:
        for mask in self._grabbed.pop(grab, ()):
            self._root.ungrab_key(grab[0], mask)
        self._display.sync()

    def ungrab_except(self, wanted: set[Grab]) -> None:
        """Ungrab all keys but these."""
        for grab in self.grabbed - wanted:
            self.ungrab(grab)

    def grab_any_modifier(self, codes: set[int]) -> None:
        """Grab these keycodes, and no others, with any modifiers.

        This works even if another program has grabbed some of them: the server treats
        an X Input grab of all keyboards as different from a window manager's, and the
        newest grab gets the key. Therefore grab again each time.
        """
        for code in self._any_modifier - codes:
            self._root.xinput_ungrab_keycode(_KEYBOARDS, code, [_XI_ANY_MODIFIER])
        self._any_modifier &= codes
        mode, events = xinput.GrabModeAsync, xinput.KeyPressMask
        for code in codes:
            how = (code, mode, mode, False, events, [_XI_ANY_MODIFIER])
            reply = self._root.xinput_grab_keycode(_KEYBOARDS, X.CurrentTime, *how)
            if not reply.modifiers:  # lists those that were refused
                self._any_modifier.add(code)
        self._display.sync()


class KeyListener(keyboard.Listener):  # type: ignore[misc]
    """pynput's keyboard listener, reporting keycodes, and CLICK for mouse buttons.

    WORKAROUND: pynput hands out keysyms, and the keysym of a modifier changes with the
    other modifiers (Alt_R is Meta_R under Shift), so a release would not match its
    press. The event's own keycode does.
    https://github.com/moses-palmer/pynput/issues/215
    Its stop() uses the connection that is busy recording, so that the thread stays
    until the next key; ours uses a third connection. The overridden methods have been
    stable through 1.8; pyproject keeps us below 1.9.
    """

    _EVENTS = (X.KeyPress, X.ButtonPress)  # the range from the first to the last

    def __init__(self, on_key: Callable[[int, int, bool], None]) -> None:
        """on_key: called with keycode, prior modifiers, and whether it went down."""
        super().__init__()
        self._mica_on_key = on_key

    def close(self) -> None:
        """Stop listening; nothing is reported once this returns."""
        self.stop()
        self.join(_STOP_S)

    def _initialize(self, display: Any) -> None:
        ignore_errors(display)

    def _handle_message(self, display: Any, event: Any, injected: bool) -> None:
        try:
            if event.type != X.ButtonPress:
                self._mica_on_key(event.detail, event.state, event.type == X.KeyPress)
            elif event.detail not in _WHEEL:
                self._mica_on_key(CLICK, event.state, True)
        except Exception as why:  # noqa: BLE001 no key would be heard any more
            _log.error("a key was lost: %s", trace(why))

    def _stop_platform(self) -> None:
        display = Display()
        ignore_errors(display)
        display.record_disable_context(self._context)
        display.sync()
        display.close()


def ignore_errors(display: Any) -> None:
    """Silence X errors, such as ending a recording that has already ended."""
    display.set_error_handler(lambda *_: None)
