"""What was put back on the clipboard, watched for a while.

A clipboard manager that takes texts over may do so when the paste is long over: then
our text lies there in the place of what the user had. It is put right a few times,
never for ever. Pure but for the clipboard; time comes in.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final

from mica.host.ports import Clipboard
from mica.host.values import Snapshot, Target
from mica.insertion.clip_text import is_one_of, text_of

GUARD_S: Final = 5.0  # managers that wait longer than this are not known
TRIES: Final = 3  # against one that does it again and again


class GuardVerdict(Enum):
    """How guarding the clipboard ended."""

    KEPT = "kept"  # it is there, or what the user copied since
    MAYBE = "maybe"  # our text is there, and the user may have copied it
    LOST = "lost"  # another program put our text there again and again


class ClipboardGuard:
    """Main thread only; evaluate() every POLL_S until it is over.

    before   what was put back, or what the user has copied since
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
        """Do what is due; how it ended once it is over, None before.

        user_acted   the user may have pressed keys since: where nobody knows whose the
                     text there is, it may be a copy of theirs
        current      the window that has the keyboard: a copy of its is theirs
        """
        if self._until_s is None:
            self._until_s = now_s + GUARD_S
        change = self._clipboard.change_count()
        if change != self._change:
            self._change = change
            return self._changed(user_acted, current)
        return GuardVerdict.KEPT if now_s >= self._until_s else None

    def restarted(self) -> "ClipboardGuard":
        """A guard of what was put on the clipboard just now."""
        return ClipboardGuard(self._target, self._clipboard.snapshot(), self._clipboard)

    def _changed(
        self, user_acted: bool, current: Callable[[], Target | None]
    ) -> GuardVerdict | None:
        board = self._clipboard
        held, users = board.snapshot(), text_of(self.before)
        if users is not None and is_one_of(held, [users]):
            return None  # a manager has taken their text over
        if not is_one_of(held, board.published):
            self.before = held  # the user has copied something newer
            return GuardVerdict.KEPT if held.left_out else None
        is_targets = board.is_owned_by(self._target)
        if is_targets:
            return GuardVerdict.KEPT  # they copied what they had dictated
        if is_targets is None and user_acted:
            return GuardVerdict.MAYBE
        there = current() if user_acted else None
        if there is not None and board.is_owned_by(there):
            return GuardVerdict.KEPT  # the same words, copied where they went on
        if not self._tries:
            return GuardVerdict.LOST
        self._tries -= 1
        board.restore(self.before)
        self._change = board.change_count()
        return None
