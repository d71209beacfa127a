"""One text on its way into the window it was spoken for.

Checks that the window is still there, waits for held modifiers, fits the text to what
stands around the caret, then leaves it to way_in. Text that cannot be inserted goes to
the clipboard unless a window hangs or the clipboard holds what cannot be saved, and it
is said. It writes no history.
"""

from dataclasses import dataclass, replace
from typing import Final

from mica.errors import MicaError, PermissionDenied
from mica.events import Style
from mica.host.apps import is_terminal
from mica.host.ports import Host, Snapshot, Surrounding, Target
from mica.insertion.arrival import Arrival
from mica.insertion.method import (
    DOUBTS,
    LATE,
    InsertMethod,
    InsertTools,
    target_problem,
)
from mica.insertion.options import InsertOptions
from mica.insertion.paste import MODIFIERS_S, Fate, Outcome
from mica.insertion.recent import InsertedText
from mica.insertion.spacing import fit_to_context
from mica.library.store import EntryStatus

PLAIN = InsertOptions()
SAYS_S: Final = 0.1  # how long a text may wait for what Accessibility says
HELD = "A modifier key is held down."
COMPOSES = "An accent or compose key is still waiting for a letter."
FLAT = "Its line ends were typed as spaces."
HANGS = "The window does not answer."


@dataclass(frozen=True, slots=True)
class InsertRequest:
    """A text and the window it is for; None where there was none.

    keywords   the user's, which keep their capitals
    """

    utterance: int
    text: str
    target: Target | None
    options: InsertOptions = PLAIN
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InsertReport:
    """What became of an utterance's text; without an utterance only the rest counts.

    message    for the user; None where all went well
    replaced   what the clipboard held, oldest first, and may hold no more
    is_over    False: told while the text is still offered; another may come
    """

    utterance: int | None
    status: EntryStatus
    message: str | None = None
    replaced: tuple[Snapshot, ...] = ()
    is_over: bool = True


def fallback_report(
    parts: InsertTools, number: int, text: str, why: str
) -> InsertReport:
    """Of a text that could not be inserted."""
    status, rest = parts.leave(text)
    return InsertReport(number, status, f"{why} {rest}")


def target_or_keys_problem(host: Host, target: Target | None) -> str | None:
    """What of the user's keys would change what ours do; None where nothing does."""
    if not host.paster.ready():
        return HELD
    return COMPOSES if target is not None and host.composing(target) else None


class InsertJob:
    """Main thread only; step() every host.paste.POLL_S until its report."""

    def __init__(self, words: InsertRequest, parts: InsertTools) -> None:
        self.words = words
        self._parts = parts
        self._host, self._context, self._hung_windows = (
            parts.host,
            parts.context,
            parts.hung_windows,
        )
        self._recent = parts.context.recent
        self._way: InsertMethod | None = None
        self._sent: InsertedText | None = None  # what is put there
        self._arrival: Arrival | None = None  # where the program tells of it
        self._read: Outcome | None = None  # as far as reads tell
        self._is_checked = False  # whether it is to be asked
        self._arrived: InsertedText | None = None  # and Return is still to come
        self._is_typed = False  # and nobody says whether it is there
        self._held_since_s: float | None = None
        self._looks_since_s: float | None = None

    @property
    def is_told(self) -> bool:
        """Whether the user knows how it stands, though the text is still offered."""
        return self._way is not None and self._way.told is not None

    @property
    def is_borrowing(self) -> bool:
        return self._way is not None and self._way.is_borrowing

    def step(self, now_s: float, *, speaking: bool) -> InsertReport | None:
        """Do what is due; a report when the text is done with.

        speaking   the hold key is down: wait for it as long as it takes
        """
        try:
            return self._advance(self.words, now_s, speaking)
        except MicaError as why:
            return self._copied(why.line())

    def give_up(self, now_s: float) -> InsertReport | None:
        """As step(), where another waits: what the user was told is not waited for any
        longer, unless the text is on its way after all."""
        if self._way is None or not self._way.is_in_doubt(now_s):
            return self.step(now_s, speaking=False)
        return self._ended(self.words, self._way.abandon())

    def abandon(self) -> tuple[Snapshot, ...]:
        """The app quits: the clipboard is put back now. Report.replaced."""
        if self._way is not None and self._arrival is None:
            self._way.abandon()
        return ()

    def _advance(
        self, words: InsertRequest, now_s: float, speaking: bool
    ) -> InsertReport | None:
        if self._arrived is not None:
            return self._submit(self._arrived, now_s, speaking)
        if self._arrival is not None and self._read is not None:
            return self._known(words, self._arrival, self._read, now_s)
        if self._way is None:
            waits = target_or_keys_problem(self._host, words.target)
            if waits is not None:
                held = self._held_too_long(now_s, speaking)
                return self._copied(waits) if held else None
            why = target_problem(self._host, words.target)
            if why is not None or words.target is None:
                return self._copied(why or "")
            if self._hung_windows.is_hung(words.target, now_s):
                return self._copied(HANGS)
            if words.options.spaced and self._looks(words.target, now_s):
                return None
            self._way = self._begun(words, words.target, now_s)
        outcome = self._way.evaluate(now_s)
        if outcome is not None:
            is_read = outcome.fate is Fate.INSERTED and self._way.is_paste
            if is_read and self._is_checked and self._sent is not None:
                self._read, self._arrival = outcome, self._asked(self._sent, now_s)
                return None
            return self._ended(words, outcome)
        doubt = self._way.news(now_s)
        if doubt is None:
            return None
        return InsertReport(words.utterance, *DOUBTS[doubt], is_over=False)

    def _asked(self, sent: InsertedText, now_s: float) -> Arrival:
        """Whether it stands there."""
        return Arrival(sent, self._host.query, self._recent.touched, now_s)

    def _known(
        self, words: InsertRequest, arrival: Arrival, read: Outcome, now_s: float
    ) -> InsertReport | None:
        stands = arrival.stands(now_s)
        if stands is None:
            return None
        return self._ended(words, read if stands else replace(read, fate=Fate.UNKNOWN))

    def _begun(
        self, words: InsertRequest, target: Target, now_s: float
    ) -> InsertMethod:
        around = self._context.around(target) if words.options.spaced else None
        text = self._as_it_stands(words, around)
        after = around.after if around is not None else ""
        tells = around is not None and around.is_of_now
        self._is_checked = tells and not is_terminal(target)
        self._sent = self._recent.inserting(words.utterance, text, target, after)
        return InsertMethod(self._parts, text, target, words.options, now_s)

    def _as_it_stands(self, words: InsertRequest, around: Surrounding | None) -> str:
        """The text with its spaces, as it fits what is there."""
        text, options = words.text, words.options
        if around is not None:
            text = fit_to_context(
                around,
                text,
                punctuated=options.style is Style.PUNCTUATED,
                keywords=words.keywords,
            )
        ends_bare = not text[-1:].isspace()
        return f"{text} " if options.ends_spaced and ends_bare else text

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

    def _ended(self, words: InsertRequest, outcome: Outcome) -> InsertReport | None:
        assert self._way is not None and self._sent is not None
        told = self._way.told
        if outcome.fate in (Fate.INSERTED, Fate.TYPED):
            self._recent.add(self._sent)
            self._is_typed = outcome.fate is Fate.TYPED
            if words.options.submits:
                self._arrived, self._held_since_s = self._sent, None
                return None
            return self._inserted()
        refused = outcome.fate is Fate.REFUSED
        if self._way.is_paste and refused and outcome.why is None:
            self._way = None  # a modifier went down at that very moment: wait for it
            return None
        if outcome.fate is Fate.UNKNOWN:
            self._recent.add(self._sent)  # Undo looks first whether it is there
        self._recent.move_on()  # it may yet come, late
        if outcome.fate in DOUBTS:
            status, said = DOUBTS[outcome.fate]
            if told is outcome.fate:
                return InsertReport(None, status)
            return InsertReport(words.utterance, status, said)
        if isinstance(outcome.why, PermissionDenied):
            self._parts.ask()
        return self._copied(outcome.why.line() if outcome.why else HELD)

    def _inserted(self, message: str | None = None) -> InsertReport:
        """The user may have been told that it did not arrive. Typing that was meant is
        not remarked on, though nobody knows what came of it."""
        assert self._way is not None
        status, known = EntryStatus.INSERTED, LATE if self.is_told else None
        if self._is_typed:
            status, doubt = DOUBTS[Fate.TYPED]
            known = None if self._way.is_meant else doubt
        flat = FLAT if self._way.is_flattened else None
        said = " ".join(line for line in (known, flat, message) if line) or None
        return InsertReport(self.words.utterance, status, said)

    def _submit(
        self, arrived: InsertedText, now_s: float, speaking: bool
    ) -> InsertReport | None:
        """Return, if the caret is where the text ended; the text is there already."""
        why = None
        if not self._host.paster.ready():
            if not self._held_too_long(now_s, speaking):
                return None
            why = HELD
        elif self._recent.touched(arrived):
            why = "A key was pressed since."
        else:
            why = target_problem(self._host, arrived.target)
        if why is None:
            try:
                self._host.paster.submit(arrived.target)
                self._recent.submit(arrived)
            except MicaError as error:
                why = error.line()
        return self._inserted(None if why is None else f"{why} Return was not pressed.")

    def _copied(self, why: str) -> InsertReport:
        return fallback_report(self._parts, self.words.utterance, self.words.text, why)
