"""Guards the restored clipboard for a while.

A clipboard manager may copy a dictated text long after the paste, and so replace what
the user had. The guard restores that again, a limited number of times. Pure but for the
clipboard; the caller supplies the time.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final

from mica.host.ports import Clipboard
from mica.host.values import Snapshot, Target
from mica.insertion.clip_text import is_one_of, text_of

GUARD_S: Final = 5.0  # no known clipboard manager waits longer
TRIES: Final = 3  # restores, in case a manager replaces it again and again


class GuardVerdict(Enum):
    """How guarding the clipboard ended."""

    KEPT = "kept"  # the restored content is there, or a newer copy of the user's
    MAYBE = "maybe"  # Mica's text is there; the user may have copied it
    LOST = "lost"  # another program put Mica's text there again and again


class ClipboardGuard:
    """Guards one restored clipboard; call evaluate() every POLL_S until it is over.

    before   what was restored, or what the user has copied since
    Threads: main thread only.
    """

    def __init__(self, target: Target, before: Snapshot, clipboard: Clipboard) -> None:
        self.before = before
        self._target, self._clipboard = target, clipboard
        self._change = clipboard.change_count()
        self._tries = TRIES
        self._until_s: float | None = None

    def evaluate(
        self,
        now_s: float,
        *,
        user_acted: bool,
        current: Callable[[], Target | None] = lambda: None,
    ) -> GuardVerdict | None:
        """Do the next step; the verdict, or None until it is over.

        user_acted   the user may have pressed keys since: if the owner of the text is
                     not known, they may have copied it themselves
        current      returns the focused window: a text that it owns was copied by the
                     user
        """
        if self._until_s is None:
            self._until_s = now_s + GUARD_S
        change = self._clipboard.change_count()
        if change != self._change:
            self._change = change
            return self._changed(user_acted, current)
        return GuardVerdict.KEPT if now_s >= self._until_s else None

    def restarted(self) -> "ClipboardGuard":
        """A new guard of what was just put on the clipboard."""
        return ClipboardGuard(self._target, self._clipboard.snapshot(), self._clipboard)

    def _changed(
        self, user_acted: bool, current: Callable[[], Target | None]
    ) -> GuardVerdict | None:
        clipboard = self._clipboard
        held, users = clipboard.snapshot(), text_of(self.before)
        if users is not None and is_one_of(held, [users]):
            return None  # a clipboard manager copied the user's content
        if not is_one_of(held, clipboard.published):
            self.before = held  # the user has copied something newer
            return GuardVerdict.KEPT if held.left_out else None
        is_targets = clipboard.is_owned_by(self._target)
        if is_targets:
            return GuardVerdict.KEPT  # they copied what they had dictated
        if is_targets is None and user_acted:
            return GuardVerdict.MAYBE
        there = current() if user_acted else None
        if there is not None and clipboard.is_owned_by(there):
            return GuardVerdict.KEPT  # they copied the same words elsewhere
        if not self._tries:
            return GuardVerdict.LOST
        self._tries -= 1
        clipboard.restore(self.before)
        self._change = clipboard.change_count()
        return None
