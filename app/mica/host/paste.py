"""One insertion by clipboard: publish, chord, wait until it was read, put back.

Pure but for the ports it is given; time comes in. What it promises: whatever
happens, the clipboard ends as the user had it, unless they copied something newer,
which stays. It does not choose the target, know the focus or keep a queue: one
transaction must have ended before the next begins, else the next would take this
one's text for the user's clipboard.

    WAITING --modifiers up--> READING --read, then quiet--> over
       |                         |---read, then copied by the user--> over
       |                         `---never read-----------> over
       `---held too long, keys refused--------------------> over
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from mica.errors import InsertionError, MicaError
from mica.host.owed import Debt, cannot_ask
from mica.host.ports import Answered, Clipboard, Paster, Snapshot, Target

MODIFIERS_S: Final = 1.0  # how long a held modifier may delay the chord
QUIET_S: Final = 0.2  # no further read for this long ends it (Handy's paste_tx)
BLIND_QUIET_S: Final = 0.5  # where the reader may have been another program
ASK_S: Final = 1.0  # between two questions whether it is through with the keys
UNREAD_S: Final = 8.0  # a target that has not read by now never will
POLL_S: Final = 0.01  # evaluate this often


class Fate(Enum):
    """What became of the text."""

    INSERTED = "inserted"  # it was read after the chord
    UNREAD = "unread"  # the keys were sent and nobody read it
    REFUSED = "refused"  # the keys could not be sent


class Left(Enum):
    """What is on the clipboard now."""

    AS_BEFORE = "as before"
    NEWER = "newer"  # the user copied something meanwhile
    TEXT = "text"  # the text, since restoring was not asked for


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a transaction ended.

    why      the error behind REFUSED; None where a modifier was held too long
    debt     the target was sent the keys and is not known to have read
    """

    fate: Fate
    left: Left
    why: MicaError | None = None
    debt: Debt | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What is known once the chord was sent.

    ask_s       when the target is asked next whether it is through with the chord
    receipts    of the target so far, as far as reads can be told apart
    all_reads   anybody's when the chord was sent
    read_s      None until it reads
    answered    tells whether it is through; None until it is asked
    answered_s  when that was first so
    """

    before: Snapshot
    change: int
    sent_s: float
    ask_s: float
    receipts: int
    all_reads: int
    read_s: float | None = None
    answered: Answered | None = None
    answered_s: float | None = None


class PasteTransaction:
    """The text on its way into one target.

    restore   False leaves the text on the clipboard
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
        restore: bool = True,
        problem: Callable[[], str | None] = lambda: None,
        ask: Callable[[Target], Answered] = cannot_ask,
    ) -> None:
        self.text = text
        self.target = target
        self.outcome: Outcome | None = None
        self._clipboard = clipboard
        self._paster = paster
        self._restore, self._problem, self._ask = restore, problem, ask
        self._began_s: float | None = None
        self._sending = False
        self._sent: _Sent | None = None

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

    def abandon(self) -> Outcome:
        """End at once, as when the app quits: the clipboard is put back now."""
        if self.outcome is None:
            if self._sent is None:
                self.outcome = Outcome(Fate.REFUSED, Left.AS_BEFORE)
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
            self.outcome = Outcome(Fate.REFUSED, Left.AS_BEFORE)

    def _send(self, now_s: float, *, may_wait: bool) -> None:
        board, count = self._clipboard, self._clipboard.change_count()
        before = board.snapshot() if self._restore else Snapshot()
        if may_wait and board.change_count() != count:
            return  # the user copied while it was read: read that
        problem = self._problem()
        if problem is not None:
            why = InsertionError(problem)
            self.outcome = Outcome(Fate.REFUSED, Left.AS_BEFORE, why)
            return
        board.publish(self.text)
        change = board.change_count()
        # reads until here are clipboard managers'; the target reads after the chord
        self._sent = sent = _Sent(
            before, change, now_s, now_s + ASK_S, self._receipts(), board.receipts()
        )
        try:
            self._paster.chord(self.target)
        except MicaError as why:
            self.outcome = Outcome(Fate.REFUSED, self._put_back(sent), why)

    def _follow(self, sent: _Sent, now_s: float) -> None:
        sent = self._sent = self._noticed(sent, now_s)
        seen_s = self._seen_s(sent)
        late = now_s - sent.sent_s >= UNREAD_S
        if seen_s is None:
            # Also where the user has copied something newer: a slow target takes that
            # for its chord, but it must not find the next dictation there instead.
            over = late
        elif self._clipboard.change_count() != sent.change:
            over = True
        else:
            over = late or now_s - seen_s >= self._quiet_s()
        if over:
            self._end(sent)

    def _noticed(self, sent: _Sent, now_s: float) -> _Sent:
        """With what has happened since; asks a target that may hang."""
        receipts = self._receipts()
        if receipts != sent.receipts:
            sent = replace(sent, receipts=receipts, read_s=now_s, ask_s=now_s)
        in_doubt = sent.read_s is None or self._is_blind()
        if not in_doubt or sent.answered_s is not None or now_s < sent.ask_s:
            return sent
        answered = sent.answered or self._ask(self.target)
        sent = replace(sent, answered=answered, ask_s=now_s + ASK_S)
        return replace(sent, answered_s=now_s) if answered() else sent

    def _seen_s(self, sent: _Sent) -> float | None:
        """When the target was last seen to read. Where nobody tells readers apart it
        must have answered too: a clipboard manager may have read before it."""
        if sent.read_s is None or not self._is_blind():
            return sent.read_s
        return None if sent.answered_s is None else max(sent.read_s, sent.answered_s)

    def _end(self, sent: _Sent) -> None:
        fate = Fate.UNREAD if self._is_unread(sent) else Fate.INSERTED
        debt = self._debt(sent)
        self.outcome = Outcome(fate, self._put_back(sent), debt=debt)

    def _is_unread(self, sent: _Sent) -> bool:
        if self._is_blind():
            return self._seen_s(sent) is None
        # strangers alone: some targets let another process read for them (Wine)
        return self._clipboard.receipts() == sent.all_reads

    def _debt(self, sent: _Sent) -> Debt | None:
        is_read = sent.read_s is not None or self._receipts() != sent.receipts
        if sent.answered_s is not None or (is_read and not self._is_blind()):
            return None
        answered = sent.answered or self._ask(self.target)
        return Debt(self.target, sent.sent_s, answered)

    def _receipts(self) -> int:
        """Of the target; of anybody where nobody knows who reads."""
        board = self._clipboard
        return board.receipts() - (board.strangers(self.target) or 0)

    def _is_blind(self) -> bool:
        """Whether nobody knows who reads."""
        return self._clipboard.strangers(self.target) is None

    def _quiet_s(self) -> float:
        return BLIND_QUIET_S if self._is_blind() else QUIET_S

    def _put_back(self, sent: _Sent) -> Left:
        if self._clipboard.change_count() != sent.change:
            return Left.NEWER
        if not self._restore:
            return Left.TEXT
        self._clipboard.restore(sent.before)
        return Left.AS_BEFORE
