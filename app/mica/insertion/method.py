"""How one text gets into one window: pasted; or typed, where the clipboard may not be
used. What it leaves behind (debts, what was put back) goes to the queue's parts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mica.host.ports import Host, Snapshot, Target
from mica.insertion.context import CaretContext
from mica.insertion.hung_windows import HungWindows
from mica.insertion.keystrokes import TypingTransaction
from mica.insertion.options import InsertOptions
from mica.insertion.paste import Fate, Outcome, PasteTransaction
from mica.library.store import EntryStatus

ELSEWHERE: Final = "You switched windows."
KEPT: Final = "Choose Paste Last Dictation to insert it."
NOT_TAKEN: Final = (
    f"The text couldn’t be inserted here. {KEPT} "
    "If this app never takes it, have it typed: see Per-App Settings."
)
UNSURE: Final = f"Mica can’t tell whether the text arrived. If it didn’t: {KEPT}"
LATE: Final = "The text arrived after all."
#: What is known of a text whose keys were sent, and what is said.
DOUBTS: Final = {
    Fate.UNREAD: (EntryStatus.WRITTEN, NOT_TAKEN),
    Fate.UNKNOWN: (EntryStatus.UNKNOWN, UNSURE),
    Fate.TYPED: (EntryStatus.UNKNOWN, UNSURE),
}
_SECURE: Final = "Mica can’t type into password fields."


@dataclass(frozen=True, slots=True)
class InsertTools:
    """What all of the queue share.

    leave       a text on the clipboard, for the user to paste: how far it came, and the
                sentence that says so
    is_typed    whether texts are typed now, since nothing of ours may lie on the
                clipboard or a clipboard manager takes it away
    keep        what the clipboard holds, before a text of ours has its place
    on_outcome  called with each paste's or typing's
    ask         for the permission to insert, which lacks
    """

    host: Host
    context: CaretContext
    hung_windows: HungWindows
    leave: Callable[[str], tuple[EntryStatus, str]]
    is_typed: Callable[[float], bool]
    keep: Callable[[str, Snapshot], None]
    on_outcome: Callable[[Outcome], None]
    ask: Callable[[], None]


def target_problem(host: Host, target: Target | None) -> str | None:
    """Why no text may go into the window; None when it may."""
    if target is None:
        return "No text field was active."
    current = host.focus.current()
    if current is None or not current.same_place(target):
        return ELSEWHERE
    if not current.secure:
        return None
    keeper = host.focus.secure_input_owner()
    return f"“{keeper}” keeps the keyboard to itself." if keeper else _SECURE


class InsertMethod:
    """Main thread only; evaluate() every host.paste.POLL_S until an outcome comes back.

    told   what the user was told already, while the text is still offered
    """

    def __init__(
        self,
        parts: InsertTools,
        text: str,
        target: Target,
        options: InsertOptions,
        now_s: float,
    ) -> None:
        self.told: Fate | None = None
        self._parts, self._text, self._target = parts, text, target
        can_paste = parts.host.paster.can_paste(target)
        #: Nothing else would do: what it does each time is not said each time.
        self.is_meant = options.typed or not can_paste
        is_typed = self.is_meant or parts.is_typed(now_s)
        self._paste = None if is_typed else self._pasting(options)
        self._typing = self._made_typing() if is_typed else None

    @property
    def is_paste(self) -> bool:
        return self._typing is None

    @property
    def is_flattened(self) -> bool:
        """Whether it had line ends and was typed, where a paste would have kept
        them."""
        return not (self.is_paste or self.is_meant) and "\n" in self._text.strip()

    @property
    def is_borrowing(self) -> bool:
        """Whether it needs the clipboard now."""
        return self._paste is not None and self._paste.is_borrowing

    def evaluate(self, now_s: float) -> Outcome | None:
        """Do what is due; the outcome once it is over, None before."""
        if self._typing is None and self._paste is not None:
            outcome = self._paste.evaluate(now_s)
            if outcome is None or outcome.fate is not Fate.UNSAVED:
                return self._over(outcome)
            self._typing = self._made_typing()
        assert self._typing is not None
        return self._over(self._typing.evaluate(now_s))

    def news(self, now_s: float) -> Fate | None:
        """What to tell the user now, once; None: nothing."""
        fate = None if self.told is not None else self._foreseen(now_s)
        self.told = self.told or fate
        return fate

    def is_in_doubt(self, now_s: float) -> bool:
        """Whether the user was told, and nothing has come since."""
        return self.told is not None and self._foreseen(now_s) is not None

    def abandon(self) -> Outcome:
        """End at once: clipboard and keyboard are as they were."""
        way = self._typing or self._paste
        assert way is not None
        outcome = way.abandon()
        self._over(outcome)
        return outcome

    def _foreseen(self, now_s: float) -> Fate | None:
        return self._paste.foreseen(now_s) if self._paste is not None else None

    def _over(self, outcome: Outcome | None) -> Outcome | None:
        if outcome is not None:
            self._parts.on_outcome(outcome)
        return outcome

    def _pasting(self, options: InsertOptions) -> PasteTransaction:
        host = self._parts.host
        board = host.clipboard_for(self._target)
        on_disk = board is host.clipboard  # a selection is of little worth
        return PasteTransaction(
            self._text,
            self._target,
            board,
            host.paster,
            keep=(self._keep if on_disk else _forget) if options.restores else None,
            problem=lambda: target_problem(host, self._target),
            ask=host.ask,
        )

    def _keep(self, before: Snapshot) -> None:
        self._parts.keep(self._text, before)

    def _made_typing(self) -> TypingTransaction:
        host = self._parts.host
        ports = host.typist, host.paster, host.focus, host.ask, host.query
        return TypingTransaction(self._text, self._target, *ports)


def _forget(before: Snapshot) -> None:
    """Kept in memory alone."""
