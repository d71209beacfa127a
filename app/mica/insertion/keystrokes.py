"""One insertion by typing: the text as key presses, a few at a time.

For windows that accept no paste: remote desktops, virtual machines and applications the
user lists; and for all others while a hung window might paste (hung_windows.py). The
window must keep the focus throughout. The text then counts as inserted if Accessibility
says that it is before the caret, otherwise as typed: a window without a text field
accepts keys too. Line ends and tabs become spaces: in a terminal they would be
commands. Pure but for its ports; the caller supplies the time.

The layout has no key for é, and “Café au lait” is typed:

    0.00  evaluate   prepare: all 12 characters can be typed, é by a key remapped
                     to it
    0.15  evaluate   after SETTLE_S the window knows that key: type “Café au ”
    0.16  evaluate   type “lait”, then probe the window
    0.66  evaluate   after LINGER_S it has answered: ask Accessibility
    0.70  evaluate   “Café au lait” is before the caret: over, INSERTED; the
                     key is mapped back
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

SLICE: Final = 8  # characters; the user may switch windows between slices
SETTLE_S: Final = 0.15  # for a window to learn of remapped keys before they are pressed
LINGER_S: Final = 0.5  # and to handle the last keys before the remapping ends
QUERY_S: Final = 0.5  # how long Accessibility may take to answer
COMPARED: Final = 40  # characters before the caret; hosts read a few more


class TypingTransaction:
    """Types one text into one target; like PasteTransaction, but without the clipboard.

    probe   ports.Host.probe_window
    query   ports.Host.query_surrounding
    Threads: main thread, evaluate() every POLL_S until it returns an outcome.
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
        self._typed_s = 0.0  # when the last character was typed
        self._query: SurroundingQuery | None = None  # for the text before the caret
        self._query_ends_s = 0.0
        self._prepared = 0  # characters that can be typed now
        self._has_started = False
        self._next_s: float | None = None  # nothing is due before then
        self._modifiers = ModifierWait()

    @property
    def is_borrowing(self) -> bool:
        """False: typing does not need the clipboard."""
        return False

    def evaluate(self, now_s: float) -> InsertOutcome | None:
        """Do the next step; the outcome, or None until it is over."""
        if self.outcome is None:
            try:
                self._step(now_s)
            except ModifierHeld:
                self._wait_for_modifiers(now_s)
            except MicaError as error:
                self._end(InsertResult.REFUSED, error)
        return self.outcome

    def provisional_result(self, now_s: float) -> InsertResult | None:
        """None: nothing is known before the end."""
        return None

    def cancel(self) -> InsertOutcome:
        """End at once, as when the app quits, and restore the keyboard."""
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
        """Wait until the window has handled the keys, because a remapped key keeps its
        meaning only until the end."""
        answered = True if self._window_reply is None else self._window_reply()
        if answered:
            self._query_text(now_s)
        elif answered is None or now_s - self._typed_s >= UNREAD_S:
            self._end(InsertResult.UNKNOWN)
        else:
            self._next_s = now_s + PROBE_S

    def _query_text(self, now_s: float) -> None:
        """Check whether the text is in the window, if Accessibility can tell."""
        if self._query is None:
            self._query = self._query_caret(self._target)
            self._query_ends_s = now_s + QUERY_S
        if self._query.done or now_s >= self._query_ends_s:
            found = self._query.found
            if found is not None and _ends_with(found.before, self._text):
                self._end(InsertResult.INSERTED)
            elif self._typist.layout_changed():
                self._end(InsertResult.UNKNOWN)
            else:
                self._end(InsertResult.TYPED)

    def _type_next(self, now_s: float) -> None:
        """Prepare the next characters, or type the next slice."""
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
    """Whether `before` ends with the text, or with the end of a long one."""
    end = plain(text).strip()[-COMPARED:]
    return bool(end) and plain(before).rstrip().endswith(end)


def typeable(text: str) -> str:
    """The text with line ends, tabs and other controls replaced by spaces."""
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
