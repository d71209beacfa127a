"""Whether a text arrived in its window: who has read it, and what the field holds now.

X11 identifies readers, so a read by the window is a receipt. A Mac does not: there a
read counts once the window has also answered a probe sent behind the keys; until then
the reader may have been a clipboard manager.

    0.00  keys sent           reads 0
    0.02  Klipper reads       reads 1, foreign 1    no receipt
    0.05  the window reads    reads 2, foreign 1    receipt at 0.05: INSERTED

    0.00  keys sent           reads 0
    0.02  somebody reads      reads 1, foreign ?    probe the window
    0.04  the window answers                        receipt at 0.04: INSERTED

    0.00  keys sent
    0.02  Klipper reads the text and now owns it: the window may read it there,
          unseen                                    UNKNOWN

A program may also read every copy, or accept only digits:

    0.2   the window has read “Call me.”, and its text is accessible: query it
    0.3   before the caret: “Call me.”                            inserted
    0.3   before the caret: “0”; query again, since programs report late
    0.7   before the caret: “0”                                   not inserted

Pure; the caller supplies the time.
"""

from collections.abc import Callable
from typing import Final

from mica.host.ports import Clipboard, WindowProbe
from mica.host.values import Snapshot, SurroundingQuery, Target
from mica.insertion.clip_text import is_no_copy, is_one_of
from mica.insertion.hung_windows import UnansweredKeys
from mica.insertion.outcome import InsertResult
from mica.insertion.recent import InsertedText
from mica.insertion.timing import PROBE_S

QUERY_S: Final = 0.5  # how long the field may take to show the text and report it
_COMPARED: Final = 40  # characters before the caret; hosts read a few more


class Receipts:
    """The reads of one paste; made after publishing and before the keys, then poll().

    before         what to restore: the content before the text, or what somebody has
                   copied since
    is_overtaken   another owner offers our own text now
    is_displaced   a clipboard manager put back the earlier content, or cleared it
    """

    def __init__(
        self,
        target: Target,
        clipboard: Clipboard,
        before: Snapshot,
        probe: Callable[[Target], WindowProbe],
        now_s: float,
    ) -> None:
        self.before = before
        self.sent_s = now_s
        self.is_overtaken = self.is_displaced = False
        self._target, self._clipboard, self._probe_window = target, clipboard, probe
        self._own_change = self._last_change = clipboard.change_count()
        # reads so far are by clipboard managers; the target reads after the keys
        self._target_reads = self._count_reads()
        self._all_reads = clipboard.read_count()
        self._read_s: float | None = None
        self._probe: WindowProbe | None = None
        self._next_probe_s = now_s + PROBE_S
        self._answered_s: float | None = None
        self._is_closed = False

    def poll(self, now_s: float) -> None:
        """Record what has happened; probes a window that may be hung."""
        self.poll_owner()
        reads = self._count_reads()
        if reads != self._target_reads:
            self._target_reads, self._read_s, self._next_probe_s = reads, now_s, now_s
            if not self.identifies_readers:  # it may have closed since it answered
                self._probe = self._answered_s = None
        is_receipt = self._read_s is not None and self.identifies_readers
        if is_receipt or self.has_handled_keys or now_s < self._next_probe_s:
            return
        self._probe = self._probe or self._probe_window(self._target)
        answered = self._probe()
        self._next_probe_s = now_s + PROBE_S
        self._answered_s = now_s if answered else None
        self._is_closed = answered is None

    def poll_owner(self) -> None:
        """Record whose content the clipboard holds, if it has changed."""
        change = self._clipboard.change_count()
        if change == self._last_change:
            return
        self._last_change = change
        held = self._clipboard.snapshot()
        self.is_overtaken = is_one_of(held, self._clipboard.published)
        if not self.is_overtaken:
            self.is_displaced |= is_no_copy(held, self.before)
            self.before = held  # to be restored if a manager replaces it later

    @property
    def identifies_readers(self) -> bool:
        """Whether the system reports which program reads."""
        return self._clipboard.foreign_reads(self._target) is not None

    @property
    def has_handled_keys(self) -> bool:
        """Whether the window answered the probe sent after the keys, or was closed: any
        later read is by another program."""
        return self._answered_s is not None or self._is_closed

    @property
    def has_newer_copy(self) -> bool:
        """Whether somebody has copied something else since."""
        return self._last_change != self._own_change and not self.is_overtaken

    @property
    def received_s(self) -> float | None:
        """The time of the window's last known read. If readers are not identified, the
        window must have answered a probe too, because a manager may have read before
        it; a manager that owns the text now was the reader."""
        if self._read_s is None or self.identifies_readers:
            return self._read_s
        if self.is_overtaken or self._answered_s is None:
            return None
        return max(self._read_s, self._answered_s)

    def result(self) -> InsertResult:
        """The result so far. A read by another program proves nothing, yet it may have
        read for the window (Wine), or the window from it. Reads of a newer copy are not
        reported, so the window may have pasted that."""
        if self.received_s is not None or self._reads_now():
            return InsertResult.INSERTED
        others = self._clipboard.read_count() != self._all_reads
        may_be_there = others or self.is_overtaken or self.has_newer_copy
        return InsertResult.UNKNOWN if may_be_there else InsertResult.UNREAD

    def unanswered_keys(self) -> UnansweredKeys | None:
        """The keys, if the window is not known to have handled them."""
        is_read = self._read_s is not None and self.identifies_readers
        if self._answered_s is not None or is_read or self._reads_now():
            return None
        probe = self._probe or self._probe_window(self._target)
        return UnansweredKeys(self._target, self.sent_s, probe)

    def _reads_now(self) -> bool:
        """Whether the window has read since the last poll."""
        return self.identifies_readers and self._count_reads() != self._target_reads

    def _count_reads(self) -> int:
        """Reads by the window, or by anybody if readers are not identified."""
        foreign = self._clipboard.foreign_reads(self._target) or 0
        return self._clipboard.read_count() - foreign


class Arrival:
    """Checks one insertion; call is_there() every POLL_S until it answers.

    query        ports.Host.query_surrounding
    is_touched   RecentInsertions.touched: if the user has pressed a key, the text may
                 be gone again
    Threads: main thread only.
    """

    def __init__(
        self,
        sent: InsertedText,
        query: Callable[[Target], SurroundingQuery],
        is_touched: Callable[[InsertedText], bool],
        now_s: float,
    ) -> None:
        self._sent, self._query_caret, self._is_touched = sent, query, is_touched
        self._end = _unspaced(sent.text.rpartition("\n")[2])[-_COMPARED:]
        self._deadline_s = now_s + QUERY_S
        self._query: SurroundingQuery | None = None
        self._is_missing = False  # according to the last answer

    def is_there(self, now_s: float) -> bool | None:
        """False if Accessibility says that it is not; None: call again."""
        is_late = now_s >= self._deadline_s
        if self._query is None:
            self._query = self._query_caret(self._sent.target)
        if not self._query.done:
            return not self._is_missing if is_late else None
        found, self._query = self._query.found, None
        if (
            found is None
            or not found.is_current
            or self._end in _unspaced(found.before)
        ):
            return True
        if self._is_touched(self._sent):
            return True
        self._is_missing = True
        return False if is_late else None


def _unspaced(text: str) -> str:
    """Without spaces and line ends, which programs write in their own ways."""
    return "".join(text.split())
