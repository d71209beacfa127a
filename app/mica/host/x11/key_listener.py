"""Keys that are ours alone on X11: grabbed, they reach no window. Decides nothing.

All keys and clicks on X11, as they happen: pynput's thread, giving keycodes.

It listens passively (RECORD): what it hears still reaches its window. Decides nothing.
"""

from collections.abc import Callable
from typing import Any, Final

from pynput import keyboard
from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import BadAccess, CatchError  # type: ignore[import-untyped]
from Xlib.ext import xinput  # type: ignore[import-untyped]

Grab = tuple[int, int]  # keycode and modifiers
_ANY_MODIFIER: Final = 1 << 31  # XIAnyModifier
_KEYBOARDS: Final = xinput.AllMasterDevices


class KeyGrabs:
    """Main thread only. A listener hears grabbed keys all the same."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root: Final = display.screen().root
        self._held: dict[Grab, list[int]] = {}  # with the modifiers it was taken with
        self._outright: set[int] = set()

    @property
    def held(self) -> set[Grab]:
        return set(self._held)

    @property
    def outright(self) -> set[int]:
        """Keycodes that are ours under all modifiers."""
        return set(self._outright)

    def take(self, grab: Grab, num_lock: int) -> bool:
        """Whether it is ours now; False where another program has it. It is the same
        with Caps Lock or Num Lock on: those mean nothing here."""
        if grab in self._held:
            return True
        refused = CatchError(BadAccess)
        code, mask = grab
        locks = (0, X.LockMask, num_lock, X.LockMask | num_lock)
        self._held[grab] = [mask | lock for lock in locks]
        for mask in self._held[grab]:
            how = X.GrabModeAsync
            self._root.grab_key(code, mask, False, how, how, onerror=refused)
        self._display.sync()
        if refused.get_error() is not None:
            self.drop(grab)
            return False
        return True

    def drop(self, grab: Grab) -> None:
        for mask in self._held.pop(grab, ()):
            self._root.ungrab_key(grab[0], mask)
        self._display.sync()

    def keep(self, wanted: set[Grab]) -> None:
        """Drop all others."""
        for grab in self.held - wanted:
            self.drop(grab)

    def take_outright(self, codes: set[int]) -> None:
        """These and no others, under all modifiers, also where another program has
        some of that: to the server an X Input grab of all keyboards is not the same as
        a window manager's, and the newest gets the key. So ask again each time."""
        for code in self._outright - codes:
            self._root.xinput_ungrab_keycode(_KEYBOARDS, code, [_ANY_MODIFIER])
        self._outright &= codes
        mode, events = xinput.GrabModeAsync, xinput.KeyPressMask
        for code in codes:
            how = (code, mode, mode, False, events, [_ANY_MODIFIER])
            told = self._root.xinput_grab_keycode(_KEYBOARDS, X.CurrentTime, *how)
            if not told.modifiers:  # those that were refused
                self._outright.add(code)
        self._display.sync()


CLICK: Final = 0  # no key has this code
_WHEEL: Final = {4, 5, 6, 7}  # buttons that scroll
_STOP_S: Final = 2.0


class KeyListener(keyboard.Listener):  # type: ignore[misc]
    """pynput's listener, giving keycodes, and CLICK.

    WORKAROUND: pynput hands out keysyms, and the keysym of a modifier changes with
    the other modifiers (Alt_R is Meta_R under Shift), so a release would not match
    its press. The event's own keycode does.
    https://github.com/moses-palmer/pynput/issues/215
    And its stop() uses the connection that is busy recording, so that the thread stays
    until the next key; ours is a third connection. What is overridden has been stable
    through 1.8; pyproject keeps us below 1.9.
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
