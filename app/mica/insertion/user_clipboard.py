"""The user's clipboard: what Mica leaves there, and what can be restored.

When Mica leaves a text there, or a copy may not be the user's, the content it replaces
is set aside in memory for Restore Clipboard. Content restored after a paste is guarded
for a while by clipboard_guard.py. Main thread only.

    the user copies “A”; a dictation cannot be inserted and is left:
        clipboard “text”    set aside: A
    Restore Clipboard
        clipboard “A”       set aside: text, A
    Restore Clipboard again
        clipboard “text”    set aside: A, text
"""

from collections.abc import Callable
from typing import Final

from mica.host.ports import Host
from mica.host.values import Snapshot
from mica.insertion import strings
from mica.insertion.clip_text import text_of
from mica.insertion.clipboard_guard import ClipboardGuard, GuardVerdict
from mica.insertion.request import InsertReport
from mica.library.store import EntryStatus

MAX_SAVED_COPIES: Final = 4  # by a text, an undo before it, and a restored content


class UserClipboard:
    """The clipboard as the user sees it. Threads: main thread only.

    saved_copies    contents replaced by a text of Mica's, or by a copy that may not be
                    the user's; oldest first
    has_withdrawn   a text was removed from the clipboard, and the user was not told yet
    """

    def __init__(self, host: Host, any_hung: Callable[[], bool]) -> None:
        """any_hung   whether a window hangs, which might paste when it wakes"""
        self.saved_copies: tuple[Snapshot, ...] = ()
        self.has_withdrawn = False
        self._host, self._clipboard, self._any_hung = host, host.clipboard, any_hung
        self._own_text: str | None = None  # the text Mica left there last
        self._guard: ClipboardGuard | None = None  # of the content restored last
        self._presses: int | None = None  # the count of the user's presses at that time

    @property
    def is_watched(self) -> bool:
        """Whether restored content is being guarded."""
        return self._guard is not None

    def leave_on_clipboard(self, text: str) -> tuple[EntryStatus, str]:
        """Copy a text for the user to paste, unless that is unsafe; returns its status
        and the sentence to show."""
        if self._any_hung():
            return EntryStatus.WRITTEN, strings.PASTE_LAST
        held = self._clipboard.snapshot()
        if held.left_out:
            return EntryStatus.WRITTEN, strings.CLIPBOARD_IN_USE
        if not self._is_own(held):
            self.add((held,))
        self._clipboard.copy(text)
        self._own_text = text
        self._restart_guard()
        return EntryStatus.COPIED, strings.ON_CLIPBOARD

    def copy(self, text: str, message: str) -> InsertReport:
        """Copy a text the user asked for; `message` is shown when that is done."""
        held = self._clipboard.snapshot()
        self._clipboard.copy(text)
        self._restart_guard()
        replaced = () if self._is_own(held) else (held,)
        message_with_loss = _with_loss(message, held)
        return InsertReport(None, EntryStatus.WRITTEN, message_with_loss, replaced)

    def restore(self) -> InsertReport:
        """Restore the newest saved content; called again, the one before it."""
        held = self._clipboard.snapshot()
        restored = self._exchange(held)
        if restored is None:
            nothing = strings.NOTHING_TO_RESTORE
            return InsertReport(None, EntryStatus.WRITTEN, nothing)
        self._clipboard.restore(restored)
        self._restart_guard()
        message = _with_loss(strings.RESTORED, held)
        return InsertReport(None, EntryStatus.WRITTEN, message)

    def withdraw(self) -> None:
        """Remove a text that was left on the clipboard if a hung window might paste it;
        sets has_withdrawn."""
        if self._own_text is None or not self._any_hung():
            return
        if self._is_own(self._clipboard.snapshot()):
            others = [held for held in self.saved_copies if not self._is_own(held)]
            self.saved_copies = tuple(others)
            self._clipboard.restore(others[-1] if others else Snapshot())
            self.has_withdrawn = True
        self._own_text = None

    def add(self, replaced: tuple[Snapshot, ...]) -> None:
        """Set these aside, oldest first; empty ones are ignored."""
        new = [Snapshot(held.pieces) for held in replaced if held.pieces]
        old = [held for held in self.saved_copies if held not in new]
        self.saved_copies = (*old, *new)[-MAX_SAVED_COPIES:]

    def watch(self, guard: ClipboardGuard) -> None:
        """Guard the restored content from now on."""
        self._guard = guard
        self._presses = self._host.hotkeys.press_count()

    def poll_guard(self, now_s: float) -> InsertReport | None:
        """Check that the restored content is still there; a report if it is not."""
        guard = self._guard
        if guard is None:
            return None
        presses = self._host.hotkeys.press_count()
        user_acted = presses is None or presses != self._presses
        current = self._host.focus.current
        verdict = guard.evaluate(now_s, user_acted=user_acted, current=current)
        if verdict is None:
            return None
        self._guard = None
        if verdict is GuardVerdict.KEPT:
            return None
        self.add((guard.before,))
        if not guard.before.pieces:
            return None
        is_lost = verdict is GuardVerdict.LOST
        message = strings.TAKEN_OVER if is_lost else strings.MAYBE_TAKEN_OVER
        return InsertReport(None, EntryStatus.WRITTEN, message)

    def _restart_guard(self) -> None:
        """Guard what Mica has just put there instead."""
        if self._guard is not None:
            self._guard = self._guard.restarted()

    def _is_own(self, held: Snapshot) -> bool:
        return self._own_text is not None and text_of(held) == self._own_text

    def _exchange(self, held: Snapshot) -> Snapshot | None:
        """The newest saved content, or None if there is none; `held` becomes the
        oldest. The returned one stays saved, because a window may still copy over it.
        """
        held = Snapshot(held.pieces)
        others = [other for other in self.saved_copies if other != held]
        if not others:
            return None
        first = (held,) if held.pieces else ()
        self.saved_copies = (*first, *others[1 - MAX_SAVED_COPIES :])
        return others[-1]


def _with_loss(message: str, held: Snapshot) -> str:
    """The message, and that the replaced content is lost if it could not be saved."""
    return f"{message} {strings.NOT_SAVED}" if held.left_out else message
