"""One insertion by typing: the text as key presses, a few at a time.

For windows that take no paste: remote desktops, virtual machines, what the user lists;
and for all others while a window hangs that would paste (hung_windows.py). The window
must have had the keyboard all the while; then the text counts as inserted where
Accessibility says that it stands before the caret, else as typed: a window without a
text field takes keys too. Line ends and tabs become spaces: in a terminal they would be
commands. Pure but for the ports it is given; time comes in.

The layout has no key for é, and “Café au lait” is typed:

    0.00  evaluate   prepare: all 12 characters can be typed, é by a key lent to it
    0.15  evaluate   SETTLE_S later the window knows that key: type “Café au ”
    0.16  evaluate   type “lait”, then probe the window
    0.66  evaluate   LINGER_S later it has answered: ask Accessibility
    0.70  evaluate   “Café au lait” stands before the caret: over, INSERTED; the key
                     lent to é is taken back
"""

import unicodedata
from collections.abc import Callable
from typing import Final

from mica.errors import InsertionError, MicaError, ModifierHeld
from mica.host.ports import Focus, Paster, Typist, WindowProbe
from mica.host.values import SurroundingQuery, Target
from mica.insertion import strings
from mica.insertion.clip_text import plain
from mica.insertion.hung_windows import cannot_probe
from mica.insertion.outcome import ClipboardState, InsertOutcome, InsertResult
from mica.insertion.timing import PROBE_S, UNREAD_S, ModifierWait

SLICE: Final = 8  # characters; between two slices the user may switch windows
SETTLE_S: Final = 0.15  # a window learns of new keys before they are pressed
LINGER_S: Final = 0.5  # and handles the last ones before they are gone
QUERY_S: Final = 0.5  # how long Accessibility may take to say what stands there
COMPARED: Final = 40  # characters before the caret; hosts read some more


class TypingTransaction:
    """The text on its way into one target; as PasteTransaction, but for the clipboard.

    probe   ports.Host.probe_window
    query   ports.Host.query_surrounding
    Threads: the main thread, every POLL_S, until an outcome comes back.
    """

    def __init__(
        self,
        text: str,
        target: Target,
        typist: Typist,
        paster: Paster,
        focus: Focus,
        probe: Callable[[Target], WindowProbe] = cannot_probe,
        query: Callable[[Target], SurroundingQuery] = lambda target: SurroundingQuery(
            done=True
        ),
    ) -> None:
        self.outcome: InsertOutcome | None = None
        self._text = self._remaining = typeable(text)
        self._target, self._query_caret = target, query
        self._typist, self._paster, self._focus = typist, paster, focus
        self._probe = probe
        self._window_reply: WindowProbe | None = None
        self._typed_s = 0.0  # when all of it was
        self._query: SurroundingQuery | None = None  # what stands there since
        self._query_ends_s = 0.0
        self._prepared = 0  # characters that can be typed now
        self._has_started = False
        self._next_s: float | None = None  # nothing is due before
        self._modifiers = ModifierWait()

    @property
    def is_borrowing(self) -> bool:
        """False: typing does not need the clipboard."""
        return False

    def evaluate(self, now_s: float) -> InsertOutcome | None:
        """Do what is due; the outcome once it is over, None before."""
        if self.outcome is None:
            try:
                self._step(now_s)
            except ModifierHeld:
                self._wait_for_modifiers(now_s)
            except MicaError as error:
                self._end(InsertResult.REFUSED, error)
        return self.outcome

    def provisional_result(self, now_s: float) -> InsertResult | None:
        """Nothing can be said before the end."""
        return None

    def cancel(self) -> InsertOutcome:
        """End at once, as when the app quits: the keyboard is as it was."""
        if self.outcome is None:
            self._end(InsertResult.REFUSED)
        assert self.outcome is not None
        return self.outcome

    def _step(self, now_s: float) -> None:
        if self._next_s is not None and now_s < self._next_s:
            return
        if not self._remaining and self._has_started:
            self._wait_for_window(now_s)
        elif not self._paster.ready():
            self._wait_for_modifiers(now_s)
        elif self._is_elsewhere():
            reason = strings.TYPING_INTERRUPTED, strings.TYPED_IN_PART
            self._end(InsertResult.REFUSED, InsertionError(*reason))
        else:
            self._type_next(now_s)
            self._modifiers.restart()

    def _wait_for_modifiers(self, now_s: float) -> None:
        if self._modifiers.is_over(now_s):
            self._end(InsertResult.REFUSED)

    def _wait_for_window(self, now_s: float) -> None:
        """Until it has handled the keys: a key lent to a character means that only as
        long."""
        answered = True if self._window_reply is None else self._window_reply()
        if answered:
            self._query_text(now_s)
        elif answered is None or now_s - self._typed_s >= UNREAD_S:
            self._end(InsertResult.UNKNOWN)
        else:
            self._next_s = now_s + PROBE_S

    def _query_text(self, now_s: float) -> None:
        """Whether the text stands there, where Accessibility says so."""
        if self._query is None:
            self._query = self._query_caret(self._target)
            self._query_ends_s = now_s + QUERY_S
        if self._query.done or now_s >= self._query_ends_s:
            found = self._query.found
            is_there = found is not None and _ends_with(found.before, self._text)
            self._end(InsertResult.INSERTED if is_there else InsertResult.TYPED)

    def _type_next(self, now_s: float) -> None:
        """Prepare what comes next, or type the next few."""
        if not self._prepared:
            self._has_started = True
            self._prepared = self._typist.prepare(self._remaining, self._target)
            self._next_s = now_s + SETTLE_S
            return
        count = min(SLICE, self._prepared)
        self._typist.type(self._remaining[:count])
        self._remaining = self._remaining[count:]
        self._prepared -= count
        if not self._prepared:
            self._next_s = now_s + LINGER_S
        if not self._remaining:
            self._window_reply, self._typed_s = self._probe(self._target), now_s

    def _is_elsewhere(self) -> bool:
        current = self._focus.current()
        return current is None or not current.same_place(self._target)

    def _end(self, result: InsertResult, error: MicaError | None = None) -> None:
        self.outcome = InsertOutcome(result, ClipboardState.AS_BEFORE, error)
        if self._has_started:
            self._typist.finish()


def _ends_with(before: str, text: str) -> bool:
    """Of a long text the end is compared."""
    end = plain(text).strip()[-COMPARED:]
    return bool(end) and plain(before).rstrip().endswith(end)


def typeable(text: str) -> str:
    """The text without what would act: line ends, tabs, other controls."""
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
