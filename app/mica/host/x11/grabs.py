"""Keys that are ours alone on X11: grabbed, they reach no window. Decides nothing."""

from typing import Any, Final

from Xlib import X  # type: ignore[import-untyped]
from Xlib.error import BadAccess, CatchError  # type: ignore[import-untyped]
from Xlib.ext import xinput  # type: ignore[import-untyped]

Grab = tuple[int, int]  # keycode and modifiers
_ANY_MODIFIER: Final = 1 << 31  # XIAnyModifier
_KEYBOARDS: Final = xinput.AllMasterDevices


class Grabs:
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
