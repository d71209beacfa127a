"""Keys that are ours alone on X11: grabbed, they reach no window. Decides nothing."""

from typing import Any, Final

from Xlib import X  # type: ignore[import-untyped]
from Xlib.error import BadAccess, CatchError  # type: ignore[import-untyped]

from mica.host.x11.keys import LOCK_MASKS

Grab = tuple[int, int]  # keycode and modifiers


class Grabs:
    """Main thread only. A listener hears grabbed keys all the same."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._root: Final = display.screen().root
        self._held: set[Grab] = set()

    @property
    def held(self) -> set[Grab]:
        return set(self._held)

    def take(self, grab: Grab) -> bool:
        """Whether it is ours now; False where another program has it."""
        if grab in self._held:
            return True
        refused = CatchError(BadAccess)
        for code, mask in _with_locks(grab):
            how = X.GrabModeAsync
            self._root.grab_key(code, mask, False, how, how, onerror=refused)
        self._display.sync()
        self._held.add(grab)
        if refused.get_error() is not None:
            self.drop(grab)
            return False
        return True

    def drop(self, grab: Grab) -> None:
        if grab not in self._held:
            return
        for code, mask in _with_locks(grab):
            self._root.ungrab_key(code, mask)
        self._display.sync()
        self._held.remove(grab)

    def keep(self, wanted: set[Grab]) -> None:
        """Drop all others."""
        for grab in self._held - wanted:
            self.drop(grab)

    def drain(self) -> None:
        """Forget the events that came of them; the listener has told of those."""
        while self._display.pending_events():
            self._display.next_event()


def _with_locks(grab: Grab) -> list[Grab]:
    """As it is with Caps Lock or Num Lock on, too: those mean nothing here."""
    code, mask = grab
    return [(code, mask | locks) for locks in LOCK_MASKS]
