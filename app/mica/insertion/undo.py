"""Undo of one insertion: read the text before the caret, select it, read the selection,
and delete it only if it is exactly our text.

Guarantees: nothing else is deleted, and the clipboard ends as the user had it unless
they copied something newer. If Accessibility reports a different text before the caret,
no key is sent; if it reports the selection, the clipboard is not touched; otherwise the
target is made to copy. If the user has acted meanwhile, a new copy may be theirs or the
target's: it stays, and what it replaced is reported, as is what a late copy would
replace. The caller decides which text to undo and where. Pure but for its ports; the
caller supplies the time.

    WAITING --modifiers up--> LOOKING --ours, or unknown--> SELECTING --all--> READING
       `---held--> over          `---another--> over                              |
                                                  over <--ours, another, unknown--'
    from all but WAITING --the user acts, keys refused--> over

“ Hello.” was inserted after “Dear Ann,”, and the user has “theirs” on the clipboard:

    0.00  evaluate   before the caret: Accessibility does not answer;
                     press Shift+Left seven times
    0.01  evaluate   what is selected: no answer; snapshot “theirs”, press Ctrl+C
    0.05             the window copies “ Hello.”
    0.06  evaluate   it is exactly our text: press Backspace,
                     restore “theirs”                             over: REMOVED

Had the user typed “ Goodbye.” there instead, the copy would have been “oodbye.”: Right
is pressed instead of Backspace, and the text stays: over, CHANGED.

Over 300 lines with that example: the states of one transaction, read together.
"""

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from mica.errors import MicaError
from mica.host.ports import Host, WindowProbe
from mica.host.values import Snapshot, Target
from mica.insertion.clip_text import is_one_of, plain, text_of
from mica.insertion.hung_windows import UnansweredKeys
from mica.insertion.timing import PROBE_S, ModifierWait
from mica.text.words import grapheme_count

BATCH: Final = 50  # presses of Left at a time; the user may act in between
ACCESSIBILITY_S: Final = 0.5  # how long Accessibility may lag behind the keys
COPY_S: Final = 4.0  # a target that has not copied by then is given up
EMPTY_S: Final = 0.3  # from an emptied clipboard to its new content
LONGEST: Final = 5000  # characters; longer texts are not selected by keys


class UndoResult(Enum):
    """The result of an undo."""

    REMOVED = "removed"  # deleted, or left selected if leaves_selected
    CHANGED = "changed"  # the text there is not ours
    UNKNOWN = "unknown"  # the text there could not be read
    UNSAVED = "unsaved"  # not copied: the clipboard could not be saved completely
    INTERRUPTED = "interrupted"  # the user went on, or another window has the focus
    REFUSED = "refused"  # the user acted, or another window has the focus


@dataclass(frozen=True, slots=True)
class UndoOutcome:
    """The outcome of an undo, and the clipboard contents to keep.

    error        for REFUSED; None if a modifier was held too long
    replaced     what the clipboard held, oldest first: before a copy by either the user
                 or the target, and before one that may still come; empty if the user's
                 content is there and safe
    unanswered   the keys after which the target may still copy
    """

    result: UndoResult
    error: MicaError | None = None
    replaced: tuple[Snapshot, ...] = ()
    unanswered: UnansweredKeys | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class _CopyRequest:
    """A request to copy that was sent to the target.

    before     the user's clipboard content then, or what they may have copied since
    change     the clipboard's change count at that content
    replaced   see UndoOutcome
    probe      whether the target has handled the keys; None until probed
    """

    before: Snapshot
    change: int
    sent_s: float
    replaced: tuple[Snapshot, ...] = ()
    probe: WindowProbe | None = None


class UndoTransaction:
    """Removes one text from one target.

    leaves_selected   leave the text selected, so that another is pasted over it
    Threads: main thread, evaluate() every POLL_S until it returns an outcome.
    """

    def __init__(
        self, text: str, target: Target, host: Host, *, leaves_selected: bool = False
    ) -> None:
        self.outcome: UndoOutcome | None = None
        self._text, self._target = plain(text), target
        self._host, self._clipboard, self._caret = host, host.clipboard, host.caret
        self._leaves_selected = leaves_selected
        self._to_select = grapheme_count(text)
        self._is_confirmed: bool | None = None  # by Accessibility; None: not asked yet
        self._modifiers = ModifierWait()
        self._began_s: float | None = None
        self._presses: int | None = None  # the user's, at the beginning
        self._selected_s: float | None = None
        self._copy: _CopyRequest | None = None
        self._changed_s: float | None = None
        self._is_stepping = False

    @property
    def is_borrowing(self) -> bool:
        """Whether the target was sent the keys that copy."""
        return self._copy is not None and self.outcome is None

    def evaluate(self, now_s: float) -> UndoOutcome | None:
        """Do the next step; the outcome, or None until it is over.

        Calls after the end do nothing, nor do reentrant ones.
        """
        if self.outcome is None and not self._is_stepping:
            self._is_stepping = True
            try:
                self._step(now_s)
            except MicaError as error:
                self._end(UndoResult.REFUSED, error)
            finally:
                self._is_stepping = False
        return self.outcome

    def cancel(self) -> UndoOutcome:
        """End at once, as when the app quits, and restore the clipboard."""
        return self.outcome or self._end(UndoResult.INTERRUPTED)

    def _step(self, now_s: float) -> None:
        if self._began_s is None:
            self._began_s, self._presses = now_s, self._count_presses()
        has_waited = self._modifiers.is_over(now_s)
        if self._copy is not None:
            self._wait_for_copy(self._copy, now_s)
        elif self._selected_s is not None:
            self._read_selection(self._selected_s, now_s)
        elif self._host.paster.ready():
            self._look_and_select(self._began_s, now_s)
        elif has_waited:
            self._end(UndoResult.REFUSED)

    def _look_and_select(self, began_s: float, now_s: float) -> None:
        if self._user_acted():
            self._deselect_and_end(UndoResult.INTERRUPTED)
        elif self._is_confirmed is None:
            self._look(began_s, now_s)
        else:
            self._select(now_s)

    def _look(self, began_s: float, now_s: float) -> None:
        """Ask Accessibility for the text before the caret; end if that is not ours."""
        # A field may count a line end as two characters, so only the last line is
        # compared here. The selection, which counts what people see, is compared as a
        # whole.
        last_line = self._text.rpartition("\n")[2]
        found = self._caret.text_before(last_line)
        if found is None or plain(found) == last_line:
            self._is_confirmed = found is not None
            self._select(now_s)
        elif now_s - began_s >= ACCESSIBILITY_S:  # behind the keys of an earlier undo
            self._end(UndoResult.CHANGED)

    def _select(self, now_s: float) -> None:
        """Select the next batch, so that it does not run on if the user acts."""
        batch = min(BATCH, self._to_select)
        self._caret.select_back(batch)
        self._to_select -= batch
        if self._to_select == 0:
            self._selected_s = now_s

    def _read_selection(self, selected_s: float, now_s: float) -> None:
        """Read the selection from Accessibility if it answers, else by a copy."""
        selected = self._caret.selected_text()
        has_waited = now_s - selected_s >= ACCESSIBILITY_S
        if selected is not None and plain(selected) == self._text:
            self._delete()
        elif self._user_acted():
            self._deselect_and_end(UndoResult.INTERRUPTED)
        elif not selected and (has_waited or not self._is_confirmed):
            self._request_copy(now_s)
        elif has_waited:
            self._deselect_and_end(UndoResult.CHANGED)

    def _request_copy(self, now_s: float) -> None:
        change = self._clipboard.change_count()
        before = self._clipboard.snapshot()
        if before.left_out:  # what cannot be read cannot be restored
            self._deselect_and_end(UndoResult.UNSAVED)
            return
        self._caret.copy()
        self._copy = _CopyRequest(before, change, now_s)

    def _wait_for_copy(self, copy: _CopyRequest, now_s: float) -> None:
        if now_s - copy.sent_s >= PROBE_S and copy.probe is None:
            copy = self._copy = replace(
                copy, probe=self._host.probe_window(self._target)
            )
        change = self._clipboard.change_count()
        if change == copy.change:
            if now_s - copy.sent_s >= COPY_S:
                user_acted = self._user_acted()
                ended = UndoResult.INTERRUPTED if user_acted else UndoResult.UNKNOWN
                self._deselect_and_end(ended)
            return
        if self._changed_s is None:
            self._changed_s = now_s
        self._read_copy(copy, change, now_s)

    def _read_copy(self, copy: _CopyRequest, change: int, now_s: float) -> None:
        """Judge new clipboard content: it may be the target's copy or anybody's."""
        assert self._changed_s is not None
        clipboard, held = self._clipboard, self._clipboard.snapshot()
        copied = text_of(held)
        if (
            is_one_of(held, clipboard.published)
            and clipboard.is_owned_by(self._target) is False
        ):
            self._restore_over_manager(copy)
        elif copied == self._text:
            self._delete()
        elif copied is None and now_s - self._changed_s < EMPTY_S:
            return
        elif self._user_acted():
            # This may be the user's copy, and the target's may still come; if we ended
            # now, it would replace the user's for good.
            if held.pieces:
                replaced = (*copy.replaced, copy.before)
                copy = replace(copy, before=held, replaced=replaced)
            self._copy = replace(copy, change=change)
            self._changed_s = None
        else:
            self._deselect_and_end(UndoResult.CHANGED)

    def _restore_over_manager(self, copy: _CopyRequest) -> None:
        """Restore over a clipboard manager that copied our text late; the target's copy
        is still to come."""
        self._clipboard.restore(copy.before)
        self._copy = replace(copy, change=self._clipboard.change_count())
        self._changed_s = None

    def _delete(self) -> None:
        if self._user_acted():
            self._deselect_and_end(UndoResult.INTERRUPTED)
            return
        if not self._leaves_selected:
            self._caret.delete()
        self._end(UndoResult.REMOVED)

    def _deselect_and_end(self, result: UndoResult) -> None:
        """Put the caret back, unless the user has acted, and end."""
        if not self._user_acted():
            self._caret.collapse_selection()
        self._end(result)

    def _user_acted(self) -> bool:
        """Whether the user has pressed anything or changed windows."""
        current = self._host.focus.current()
        if current is None or not current.same_place(self._target):
            return True
        if self._count_presses() != self._presses:
            return True
        return not self._host.paster.ready()

    def _count_presses(self) -> int | None:
        return self._host.hotkeys.press_count()

    def _end(self, result: UndoResult, error: MicaError | None = None) -> UndoOutcome:
        has_copied = result in (UndoResult.REMOVED, UndoResult.CHANGED)
        unanswered = None if has_copied else self._unanswered_keys()
        self.outcome = UndoOutcome(result, error, self._restore(), unanswered)
        return self.outcome

    def _unanswered_keys(self) -> UnansweredKeys | None:
        copy = self._copy
        if copy is None:
            return None
        probe = copy.probe or self._host.probe_window(self._target)
        return UnansweredKeys(self._target, copy.sent_s, probe)

    def _restore(self) -> tuple[Snapshot, ...]:
        """Restore the user's clipboard; returns what may have been replaced."""
        copy, clipboard = self._copy, self._clipboard
        if copy is None:
            return ()
        is_pending = clipboard.change_count() == copy.change
        is_ours = text_of(clipboard.snapshot()) == self._text
        if is_pending or (not is_ours and self._user_acted()):
            return tuple(s for s in (*copy.replaced, copy.before) if s.pieces)
        clipboard.restore(copy.before)
        return (copy.before,) if copy.before.left_out else ()
