"""One insertion by clipboard: publish, chord, wait until it was read, put back.

Pure but for the ports it is given; time comes in. Whatever happens, the clipboard ends
as the user had it, unless they copied something newer, which stays; where it could not
be saved whole it is not touched. Our own text from another owner is no newer copy: a
clipboard manager has taken it over, and the target may read it there unseen. It does
not choose the target, know the focus or keep a queue: one transaction must have ended
before the next begins, else the next would take this one's text for the user's.

    WAITING --modifiers up--> READING --read, then quiet--> over
       |                         |---read, then copied by the user--> over
       |                         `---never read-----------> over
       `---held too long, keys refused, not to be saved---> over
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from mica.errors import InsertionError, MicaError, ModifierHeld
from mica.host.ports import Answered, Clipboard, Paster, Snapshot, Target
from mica.insertion.clip_text import is_no_copy, is_one_of
from mica.insertion.clipboard_guard import ClipboardGuard
from mica.insertion.hung_windows import UnansweredKeys, cannot_probe

MODIFIERS_S: Final = 1.0  # how long a held modifier may delay the chord
QUIET_S: Final = 0.2  # no further read for this long ends it (Handy's paste_tx)
BLIND_QUIET_S: Final = 0.5  # where the reader may have been another program
ASK_S: Final = 1.0  # between two questions whether it is through with the keys
UNREAD_S: Final = 8.0  # a target that has not read by now never will
TELL_S: Final = 1.5  # one that is through with the keys and has not read: say so
POLL_S: Final = 0.01  # evaluate this often


class Fate(Enum):
    """What became of the text."""

    INSERTED = "inserted"  # the target read it after the chord
    UNKNOWN = "unknown"  # others read it or took it over, maybe for the target
    UNREAD = "unread"  # the keys were sent and nobody read it
    TYPED = "typed"  # the target is through with the keys; what it did nobody says
    UNSAVED = "unsaved"  # nothing was sent: the clipboard could not be saved whole
    REFUSED = "refused"  # the keys could not be sent


class ClipboardState(Enum):
    """What is on the clipboard now."""

    AS_BEFORE = "as before"
    NEWER = "newer"  # the user copied something meanwhile
    TEXT = "text"  # the text, since restoring was not asked for


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a transaction ended.

    why      the error behind REFUSED; None where a modifier was in the way
    debt     the target was sent the keys and is not known to have read
    guard    of what is there; None where that is the text
    is_overtaken   a clipboard manager was quicker than the target
    """

    fate: Fate
    left: ClipboardState
    why: MicaError | None = None
    debt: UnansweredKeys | None = field(default=None, compare=False)
    guard: ClipboardGuard | None = field(default=None, compare=False)
    is_overtaken: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What is known once the chord was sent.

    ask_s       when the target is asked next whether it is through with the chord
    receipts    of the target so far, as far as reads can be told apart
    all_reads   anybody's when the chord was sent
    read_s      None until it reads
    answered    tells whether it is through; None until it is asked
    answered_s  when that was first so
    is_gone     it was closed: whoever reads now is another
    latest      the clipboard's count when it was last looked at
    overtaken   another owner had our own text then
    displaced   a manager put back there what was before, or nothing
    """

    before: Snapshot
    change: int
    sent_s: float
    ask_s: float
    reads: int
    all_reads: int
    latest: int
    overtaken: bool = False
    displaced: bool = False
    read_s: float | None = None
    answered: Answered | None = None
    answered_s: float | None = None
    is_gone: bool = False


class PasteTransaction:
    """The text on its way into one target.

    keep      told what the clipboard holds right before the text takes its place; None:
              that is neither saved nor put back, and the text stays
    problem   why the target may not get it, asked right before the keys; None: it may
    ask       ports.Host.ask
    Threads: the main thread, every POLL_S, until an outcome comes back.
    """

    def __init__(
        self,
        text: str,
        target: Target,
        clipboard: Clipboard,
        paster: Paster,
        *,
        keep: Callable[[Snapshot], None] | None = lambda before: None,
        problem: Callable[[], str | None] = lambda: None,
        ask: Callable[[Target], Answered] = cannot_probe,
    ) -> None:
        self.text, self.target = text, target
        self.outcome: Outcome | None = None
        self._clipboard, self._paster = clipboard, paster
        self._keep, self._problem, self._ask = keep, problem, ask
        self._began_s: float | None = None
        self._sending = False
        self._sent: _Sent | None = None

    @property
    def is_borrowing(self) -> bool:
        """Whether the text has its place on the clipboard."""
        return self._sent is not None and self.outcome is None

    def evaluate(self, now_s: float) -> Outcome | None:
        """Do what is due; the outcome once it is over, None before.

        Calls after the end change nothing, nor do calls from within: a clipboard that
        lets events in while it is read would otherwise have the keys sent twice.
        """
        if self.outcome is None and not self._sending:
            if self._sent is None:
                self._begin(now_s)
            else:
                self._follow(self._sent, now_s)
        return self.outcome

    def foreseen(self, now_s: float) -> Fate | None:
        """What to tell the user already, though the text is still offered: the target
        is through with the keys and has not read. None while it is too early, and once
        it has read."""
        sent = self._sent
        if sent is None or self.outcome is not None or self._seen_s(sent) is not None:
            return None
        is_through = sent.answered_s is not None or sent.is_gone
        is_time = is_through and now_s - sent.sent_s >= TELL_S
        return self._fate(sent) if is_time else None

    def abandon(self) -> Outcome:
        """End at once, as when the app quits: the clipboard is put back now."""
        if self.outcome is None:
            if self._sent is None:
                self.outcome = Outcome(Fate.REFUSED, ClipboardState.AS_BEFORE)
            else:
                self._end(self._sent)
        assert self.outcome is not None
        return self.outcome

    def _begin(self, now_s: float) -> None:
        """Send the keys once no modifier is held."""
        if self._began_s is None:
            self._began_s = now_s
        may_wait = now_s - self._began_s < MODIFIERS_S
        if self._paster.ready():
            self._sending = True
            try:
                self._send(now_s, may_wait=may_wait)
            finally:
                self._sending = False
        elif not may_wait:
            self.outcome = Outcome(Fate.REFUSED, ClipboardState.AS_BEFORE)

    def _send(self, now_s: float, *, may_wait: bool) -> None:
        board, count = self._clipboard, self._clipboard.change_count()
        before = board.snapshot() if self._keep is not None else Snapshot()
        if may_wait and board.change_count() != count:
            return  # the user copied while it was read: read that
        if before.left_out:
            self.outcome = Outcome(Fate.UNSAVED, ClipboardState.AS_BEFORE)
            return
        problem = self._problem()
        if problem is not None:
            why = InsertionError(problem)
            self.outcome = Outcome(Fate.REFUSED, ClipboardState.AS_BEFORE, why)
            return
        if self._keep is not None:
            self._keep(before)
        board.publish(self.text)
        change = board.change_count()
        # reads until here are clipboard managers'; the target reads after the chord
        reads = self._read_count(), board.read_count()
        self._sent = sent = _Sent(before, change, now_s, now_s + ASK_S, *reads, change)
        try:
            self._paster.chord(self.target)
        except MicaError as error:
            known = None if isinstance(error, ModifierHeld) else error
            refused = Outcome(Fate.REFUSED, ClipboardState.NEWER, known)
            self.outcome = self._put_back(self._looked(sent), refused)

    def _follow(self, sent: _Sent, now_s: float) -> None:
        sent = self._sent = self._noticed(self._looked(sent), now_s)
        seen_s = self._seen_s(sent)
        late = now_s - sent.sent_s >= UNREAD_S
        if seen_s is None:
            # Also where the user has copied something newer: a slow target takes that
            # for its chord, but it must not find the next dictation there instead.
            over = late
        elif self._is_newer(sent):
            over = True
        else:
            quiet_s = BLIND_QUIET_S if self._is_blind() else QUIET_S
            over = late or now_s - seen_s >= quiet_s
        if over:
            self._end(sent)

    def _looked(self, sent: _Sent) -> _Sent:
        """With whose text is there, where that has changed."""
        change = self._clipboard.change_count()
        if change == sent.latest:
            return sent
        held = self._clipboard.snapshot()
        if is_one_of(held, self._clipboard.published):
            return replace(sent, latest=change, overtaken=True)
        is_displaced = sent.displaced or is_no_copy(held, sent.before)
        # it is what to put back, should a clipboard manager come late
        sent = replace(sent, before=held, latest=change, overtaken=False)
        return replace(sent, displaced=is_displaced)

    def _is_newer(self, sent: _Sent) -> bool:
        """Whether somebody copied something else since."""
        return sent.latest != sent.change and not sent.overtaken

    def _noticed(self, sent: _Sent, now_s: float) -> _Sent:
        """With what has happened since; asks a target that may hang."""
        reads = self._read_count()
        if reads != sent.reads:
            sent = replace(sent, reads=reads, read_s=now_s, ask_s=now_s)
            if self._is_blind():  # it may have closed since it answered
                sent = replace(sent, answered=None, answered_s=None)
        in_doubt = sent.read_s is None or self._is_blind()
        is_known = sent.answered_s is not None or sent.is_gone
        if not in_doubt or is_known or now_s < sent.ask_s:
            return sent
        answered = sent.answered or self._ask(self.target)
        said = answered()
        sent = replace(sent, answered=answered, ask_s=now_s + ASK_S)
        at_s = now_s if said else None
        return replace(sent, answered_s=at_s, is_gone=said is None)

    def _seen_s(self, sent: _Sent) -> float | None:
        """When the target was last seen to read. Where nobody tells readers apart it
        must have answered too: a clipboard manager may have read before it. And one
        that has taken the text over is who read."""
        if sent.read_s is None or not self._is_blind():
            return sent.read_s
        if sent.overtaken or sent.answered_s is None:
            return None
        return max(sent.read_s, sent.answered_s)

    def _end(self, sent: _Sent) -> None:
        sent = self._looked(sent)
        fate = self._fate(sent)
        by_manager = sent.overtaken or sent.displaced
        unseen = by_manager and fate is Fate.UNKNOWN
        ended = Outcome(
            fate, ClipboardState.NEWER, debt=self._debt(sent), is_overtaken=unseen
        )
        self.outcome = self._put_back(sent, ended)

    def _fate(self, sent: _Sent) -> Fate:
        """As far as is known. That another program read proves nothing; yet it may have
        read for the target (Wine), or the target may have read from it. Of a newer copy
        nobody tells who reads it: the target may have pasted that."""
        just_now = not self._is_blind() and self._read_count() != sent.reads
        if self._seen_s(sent) is not None or just_now:
            return Fate.INSERTED
        others = self._clipboard.read_count() != sent.all_reads
        unseen = others or sent.overtaken or self._is_newer(sent)
        return Fate.UNKNOWN if unseen else Fate.UNREAD

    def _debt(self, sent: _Sent) -> UnansweredKeys | None:
        is_read = sent.read_s is not None or self._read_count() != sent.reads
        if sent.answered_s is not None or (is_read and not self._is_blind()):
            return None
        answered = sent.answered or self._ask(self.target)
        return UnansweredKeys(self.target, sent.sent_s, answered)

    def _read_count(self) -> int:
        """Of the target; of anybody where nobody knows who reads."""
        board = self._clipboard
        return board.read_count() - (board.foreign_reads(self.target) or 0)

    def _is_blind(self) -> bool:
        """Whether nobody knows who reads."""
        return self._clipboard.foreign_reads(self.target) is None

    def _put_back(self, sent: _Sent, ended: Outcome) -> Outcome:
        if not self._is_newer(sent):
            if self._keep is None:
                return replace(ended, left=ClipboardState.TEXT)
            self._clipboard.restore(sent.before)
            ended = replace(ended, left=ClipboardState.AS_BEFORE)
        guard = ClipboardGuard(self.target, sent.before, self._clipboard)
        return replace(ended, guard=guard)
