"""One text on its way into the window it was spoken for.

Checks that the window is still there, waits for held modifiers, fits the text to what
stands around the caret, then leaves it to host/paste or host/typing. Text that cannot
be inserted goes to the clipboard unless a window hangs, and it is said. It writes no
history.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mica.errors import MicaError, PermissionDenied
from mica.events import Style
from mica.history.store import Status
from mica.host.owed import Owed
from mica.host.paste import MODIFIERS_S, Fate, Outcome, PasteTransaction
from mica.host.ports import Host, Snapshot, Surrounding, Target
from mica.host.typing import Typing
from mica.session.context import Context
from mica.session.manner import Manner
from mica.session.spacing import continued
from mica.session.trail import Inserted

PLAIN = Manner()
SAYS_S: Final = 0.1  # how long a text may wait for what Accessibility says
HELD = "A modifier key is held down."
ELSEWHERE = "Another window has the keyboard now."
COPIED = "The text is on the clipboard."
KEPT = "The text is in the history: Paste Last inserts it."
HANGS = "The window does not answer."
NOT_TAKEN = (
    f"The window did not take it. {KEPT} "
    "If it never takes a text: Single Applications, in Settings, can have it typed."
)
_SECURE = "A password field has the keyboard; it takes no text from programs."


@dataclass(frozen=True, slots=True)
class Words:
    """A text and the window it is for; None where there was none.

    keywords   the user's, which keep their capitals
    """

    utterance: int
    text: str
    target: Target | None
    manner: Manner = PLAIN
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an utterance's text; without an utterance only the rest counts.

    message    for the user; None where all went well
    replaced   what the clipboard held, oldest first, and may hold no more
    """

    utterance: int | None
    status: Status
    message: str | None = None
    replaced: tuple[Snapshot, ...] = ()


def problem(host: Host, target: Target | None) -> str | None:
    """Why no text may go into the window; None when it may."""
    if target is None:
        return "No window had the keyboard."
    current = host.focus.current()
    if current is None or not current.same_place(target):
        return ELSEWHERE
    if not current.secure:
        return None
    keeper = host.focus.guardian()
    return f"“{keeper}” keeps the keyboard to itself." if keeper else _SECURE


def way_in(
    host: Host, owed: Owed, text: str, target: Target, now_s: float, manner: Manner
) -> PasteTransaction | Typing:
    """What brings the text there; not a paste while another window hangs on one, nor
    where the keyboard's layout has no key for it."""
    is_typed = manner.typed or owed.is_any(now_s)
    if is_typed or not host.paster.can_paste(target):
        return Typing(text, target, host.typist, host.paster, host.focus)
    return PasteTransaction(
        text,
        target,
        host.clipboard_for(target),
        host.paster,
        restore=manner.restores,
        problem=lambda: problem(host, target),
        ask=host.ask,
    )


def left(leave: Callable[[str], bool], number: int, text: str, why: str) -> Report:
    """Of a text that could not be inserted."""
    if leave(text):
        return Report(number, Status.COPIED, f"{why} {COPIED}")
    return Report(number, Status.WRITTEN, f"{why} {KEPT}")


class Placing:
    """Main thread only; step() every host.paste.POLL_S until its report."""

    def __init__(
        self,
        words: Words,
        host: Host,
        context: Context,
        owed: Owed,
        leave: Callable[[str], bool],
        ask: Callable[[], None],
    ) -> None:
        """leave   a text on the clipboard, for the user to paste; False: it must not be
        ask     for the permission to insert, which lacks
        """
        self.words = words
        self._host, self._context, self._owed = host, context, owed
        self._trail = context.trail
        self._leave, self._ask = leave, ask
        self._paste: PasteTransaction | Typing | None = None
        self._sent: Inserted | None = None  # what the transaction puts there
        self._arrived: Inserted | None = None  # and Return is still to come
        self._held_since_s: float | None = None
        self._looks_since_s: float | None = None

    def step(self, now_s: float, *, speaking: bool) -> Report | None:
        """Do what is due; a report when the text is done with.

        speaking   the hold key is down: wait for it as long as it takes
        """
        try:
            return self._advance(self.words, now_s, speaking)
        except MicaError as why:
            return self._copied(why.line())

    def abandon(self) -> tuple[Snapshot, ...]:
        """The app quits: the clipboard is put back now. Report.replaced."""
        if self._paste is not None:
            self._owed.add(self._paste.abandon().debt)
        return ()

    def _advance(self, words: Words, now_s: float, speaking: bool) -> Report | None:
        if self._arrived is not None:
            return self._submit(words, self._arrived, now_s, speaking)
        if self._paste is None:
            if not self._host.paster.ready():
                held = self._held_too_long(now_s, speaking)
                return self._copied(HELD) if held else None
            why = problem(self._host, words.target)
            if why is not None or words.target is None:
                return self._copied(why or "")
            if self._owed.is_by(words.target, now_s):
                return self._copied(HANGS)
            if words.manner.spaced and self._looks(words.target, now_s):
                return None
            self._paste = self._begun(words, words.target, now_s)
        outcome = self._paste.evaluate(now_s)
        return None if outcome is None else self._ended(words, outcome)

    def _begun(
        self, words: Words, target: Target, now_s: float
    ) -> PasteTransaction | Typing:
        around = self._context.around(target) if words.manner.spaced else None
        text = self._as_it_stands(words, around)
        after = around.after if around is not None else ""
        self._sent = self._trail.inserting(words.utterance, text, target, after)
        return way_in(self._host, self._owed, text, target, now_s, words.manner)

    def _as_it_stands(self, words: Words, around: Surrounding | None) -> str:
        """The text with its spaces, as it fits what is there."""
        text, manner = words.text, words.manner
        if around is not None:
            text = continued(
                around,
                text,
                punctuated=manner.style is Style.PUNCTUATED,
                keywords=words.keywords,
            )
        ends_bare = not text[-1:].isspace()
        return f"{text} " if manner.ends_spaced and ends_bare else text

    def _looks(self, target: Target, now_s: float) -> bool:
        """Whether to wait for what Accessibility says of the place."""
        if self._looks_since_s is None:
            self._looks_since_s = now_s
        may_wait = now_s - self._looks_since_s < SAYS_S
        return not self._context.look(target) and may_wait

    def _held_too_long(self, now_s: float, speaking: bool) -> bool:
        if speaking or self._held_since_s is None:
            self._held_since_s = now_s
        return now_s - self._held_since_s >= MODIFIERS_S

    def _ended(self, words: Words, outcome: Outcome) -> Report | None:
        self._owed.add(outcome.debt)
        if outcome.fate is Fate.INSERTED:
            assert self._sent is not None
            self._trail.add(self._sent)
            if words.manner.submits:
                self._arrived, self._held_since_s = self._sent, None
                return None
            return Report(words.utterance, Status.INSERTED)
        is_paste = isinstance(self._paste, PasteTransaction)
        if is_paste and outcome.fate is Fate.REFUSED and outcome.why is None:
            self._paste = None  # a modifier went down at that very moment: wait for it
            return None
        self._trail.move_on()  # it may yet come, late
        if outcome.fate is Fate.UNREAD:
            return Report(words.utterance, Status.WRITTEN, NOT_TAKEN)
        if isinstance(outcome.why, PermissionDenied):
            self._ask()
        return self._copied(outcome.why.line() if outcome.why else HELD)

    def _submit(
        self, words: Words, arrived: Inserted, now_s: float, speaking: bool
    ) -> Report | None:
        """Return, if the caret is where the text ended; the text is there already."""
        why = None
        if not self._host.paster.ready():
            if not self._held_too_long(now_s, speaking):
                return None
            why = HELD
        elif self._trail.touched(arrived):
            why = "A key was pressed since."
        else:
            why = problem(self._host, arrived.target)
        if why is None:
            try:
                self._host.paster.submit(arrived.target)
                self._trail.submit(arrived)
            except MicaError as error:
                why = error.line()
        message = None if why is None else f"{why} Return was not pressed."
        return Report(words.utterance, Status.INSERTED, message)

    def _copied(self, why: str) -> Report:
        return left(self._leave, self.words.utterance, self.words.text, why)
