"""One insertion by typing: the text as key presses, a few at a time.

For windows that take no paste: remote desktops, virtual machines, what the user lists;
and for all others while a window hangs that would paste (hung_windows.py).
Pure but for the ports it is given; time comes in. The window must have had the keyboard
all the while; then it counts as inserted where Accessibility says that the text stands
before the caret, else as typed: a window without a text field takes keys too. Line ends
and tabs become spaces: in a terminal they would be commands.
"""

import unicodedata
from collections.abc import Callable
from typing import Final

from mica.errors import InsertionError, MicaError, ModifierHeld
from mica.host.ports import Answered, Focus, Paster, Query, Target, Typist
from mica.insertion.clip_text import plain
from mica.insertion.hung_windows import cannot_probe
from mica.insertion.paste import (
    ASK_S,
    MODIFIERS_S,
    UNREAD_S,
    ClipboardState,
    Fate,
    Outcome,
)

SLICE: Final = 8  # characters; between two the user may go elsewhere
SETTLE_S: Final = 0.15  # a window learns of new keys before they are pressed
ENOUGH: Final = 40  # characters before the caret; hosts ask for some more
SAYS_S: Final = 0.5  # how long Accessibility may take to say what stands there
LINGER_S: Final = 0.5  # and handles the last ones before they are gone
_ON_CLIPBOARD: Final = "What was typed until then stands there."


class TypingTransaction:
    """The text on its way into one target; as PasteTransaction, but for the clipboard.

    ask     ports.Host.ask
    query   ports.Host.query
    Threads: the main thread, every paste.POLL_S, until an outcome comes back.
    """

    def __init__(
        self,
        text: str,
        target: Target,
        typist: Typist,
        paster: Paster,
        focus: Focus,
        ask: Callable[[Target], Answered] = cannot_probe,
        query: Callable[[Target], Query] = lambda target: Query(done=True),
    ) -> None:
        self.outcome: Outcome | None = None
        self._text = self._left = typeable(text)
        self._target, self._query = target, query
        self._typist, self._paster, self._focus = typist, paster, focus
        self._ask = ask
        self._answered: Answered | None = None
        self._typed_s = 0.0  # when all of it was
        self._said: Query | None = None  # what stands there since
        self._said_by_s = 0.0
        self._prepared = 0  # characters that can be typed now
        self._begun = False
        self._not_before_s: float | None = None
        self._held_since_s: float | None = None

    def evaluate(self, now_s: float) -> Outcome | None:
        """Do what is due; the outcome once it is over, None before."""
        if self.outcome is None:
            try:
                self._step(now_s)
            except ModifierHeld:
                self._hold(now_s)
            except MicaError as why:
                self._end(Fate.REFUSED, why)
        return self.outcome

    def abandon(self) -> Outcome:
        """End at once, as when the app quits: the keyboard is as it was."""
        if self.outcome is None:
            self._end(Fate.REFUSED)
        assert self.outcome is not None
        return self.outcome

    def _step(self, now_s: float) -> None:
        if self._not_before_s is not None and now_s < self._not_before_s:
            return
        if not self._left and self._begun:
            self._wait(now_s)
        elif not self._paster.ready():
            self._hold(now_s)
        elif self._is_elsewhere():
            what = "Another window took the keyboard."
            self._end(Fate.REFUSED, InsertionError(what, _ON_CLIPBOARD))
        else:
            self._go_on(now_s)
            self._held_since_s = None

    def _hold(self, now_s: float) -> None:
        """A modifier is in the way."""
        if self._held_since_s is None:
            self._held_since_s = now_s
        if now_s - self._held_since_s >= MODIFIERS_S:
            self._end(Fate.REFUSED)

    def _wait(self, now_s: float) -> None:
        """Until the window is through with the keys: what is not a key of the layout
        means something only as long."""
        answered = True if self._answered is None else self._answered()
        if answered:
            self._look(now_s)
        elif answered is None or now_s - self._typed_s >= UNREAD_S:
            self._end(Fate.UNKNOWN)
        else:
            self._not_before_s = now_s + ASK_S

    def _look(self, now_s: float) -> None:
        """Whether the text stands there, where Accessibility says so."""
        if self._said is None:
            self._said, self._said_by_s = self._query(self._target), now_s + SAYS_S
        if self._said.done or now_s >= self._said_by_s:
            found = self._said.found
            is_there = found is not None and _ends_with(found.before, self._text)
            self._end(Fate.INSERTED if is_there else Fate.TYPED)

    def _go_on(self, now_s: float) -> None:
        """Prepare what comes next, or type the next few."""
        if not self._prepared:
            self._begun = True
            self._prepared = self._typist.prepare(self._left)
            self._not_before_s = now_s + SETTLE_S
            return
        count = min(SLICE, self._prepared)
        self._typist.type(self._left[:count])
        self._left, self._prepared = self._left[count:], self._prepared - count
        if not self._prepared:
            self._not_before_s = now_s + LINGER_S
        if not self._left:
            self._answered, self._typed_s = self._ask(self._target), now_s

    def _is_elsewhere(self) -> bool:
        current = self._focus.current()
        return current is None or not current.same_place(self._target)

    def _end(self, fate: Fate, why: MicaError | None = None) -> None:
        self.outcome = Outcome(fate, ClipboardState.AS_BEFORE, why)
        if self._begun:
            self._typist.finish()


def _ends_with(before: str, text: str) -> bool:
    """Of a long text the end: more is not asked for."""
    end = plain(text).strip()[-ENOUGH:]
    return bool(end) and plain(before).rstrip().endswith(end)


def typeable(text: str) -> str:
    """The text without what would act: line ends, tabs, other controls."""
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
