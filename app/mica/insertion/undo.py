"""One insertion taken back: look, select it, read it, delete it if it is still ours.

Pure but for the ports it is given; time comes in. What it promises: nothing is deleted
that is not exactly the text, and the clipboard ends as the user had it, unless they
copied something newer. Where Accessibility says what stands before the caret, and it is
another text, no key is sent; where it says what is selected, the clipboard is not
touched; else the target copies. Nobody can tell a copy that comes while the user goes
on from one of their own: it stays, and what it took the place of is handed out; so is
what a copy that is late would take the place of. It does not know which text to take
back, nor where.

    WAITING --modifiers up--> LOOKING --ours, or silence--> SELECTING --all--> READING
       `---held--> over          `---another--> over                              |
                                              over <--ours, another, nobody says--'
    from all but WAITING --the user goes on, keys refused--> over
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from mica.errors import MicaError
from mica.host.ports import (
    Answered,
    Caret,
    Clipboard,
    Focus,
    Paster,
    Snapshot,
    Target,
)
from mica.insertion.clip_text import is_one_of, plain, text_of
from mica.insertion.hung_windows import UnansweredKeys, cannot_probe
from mica.insertion.paste import ASK_S, MODIFIERS_S
from mica.text.graphemes import grapheme_count

BATCH: Final = 50  # presses of Left at a time; between them the user may go on
SAYS_S: Final = 0.5  # how long Accessibility may lag behind the keys
COPIES_S: Final = 4.0  # a target that has not copied by now never will
EMPTY_S: Final = 0.3  # between an emptied clipboard and what is put there
LONGEST: Final = 5000  # characters; more is not selected by keys


class UndoFate(Enum):
    """What became of the text."""

    BACK = "back"  # it is deleted, or selected where that was asked for
    ANOTHER = "another"  # what stands there is not the text
    UNKNOWN = "unknown"  # nobody says what stands there
    UNSAVED = "unsaved"  # nor may it copy: the clipboard could not be saved whole
    LEFT = "left"  # the user went on, or another window has the keyboard
    REFUSED = "refused"  # the keys could not be sent


@dataclass(frozen=True, slots=True)
class UndoOutcome:
    """How it ended.

    why        the error behind REFUSED; None where a modifier was held too long
    replaced   what the clipboard held, oldest first: before a copy that may be the
               user's or the target's, and before one that may be yet to come; empty
               where it is as the user had it and stays so
    debt       the target may yet copy
    """

    taken: UndoFate
    why: MicaError | None = None
    replaced: tuple[Snapshot, ...] = ()
    debt: UnansweredKeys | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class _Copying:
    """The target was asked to copy.

    theirs     what the user had on the clipboard then, or may have put there since
    change     the clipboard's count with that
    replaced   see UndoOutcome
    answered   whether it is through with those keys; None until that is asked
    """

    theirs: Snapshot
    change: int
    asked_s: float
    replaced: tuple[Snapshot, ...] = ()
    answered: Answered | None = None


class UndoTransaction:
    """The text on its way out of one target.

    presses   Hotkeys.other_presses: the user goes on where it differs
    keeps     True leaves the text selected, for another to be pasted over it
    ask       ports.Host.ask
    Threads: the main thread, every paste.POLL_S, until an outcome comes back.
    """

    def __init__(
        self,
        text: str,
        target: Target,
        clipboard: Clipboard,
        paster: Paster,
        caret: Caret,
        focus: Focus,
        presses: Callable[[], int | None],
        *,
        keeps: bool = False,
        ask: Callable[[Target], Answered] = cannot_probe,
    ) -> None:
        self.outcome: UndoOutcome | None = None
        self._text, self._target = plain(text), target
        self._clipboard, self._paster = clipboard, paster
        self._caret, self._focus, self._count_presses = caret, focus, presses
        self._keeps, self._ask_target = keeps, ask
        self._to_select = grapheme_count(text)
        self._is_told: bool | None = None  # that it stands there; None: yet to look
        self._began_s: float | None = None
        self._presses: int | None = None
        self._selected_s: float | None = None
        self._copying: _Copying | None = None
        self._changed_s: float | None = None
        self._at_work = False

    @property
    def is_borrowing(self) -> bool:
        """Whether the target was asked to copy."""
        return self._copying is not None and self.outcome is None

    def evaluate(self, now_s: float) -> UndoOutcome | None:
        """Do what is due; the outcome once it is over, None before.

        Calls after the end change nothing, nor do calls from within.
        """
        if self.outcome is None and not self._at_work:
            self._at_work = True
            try:
                self._step(now_s)
            except MicaError as why:
                self._end(UndoFate.REFUSED, why)
            finally:
                self._at_work = False
        return self.outcome

    def abandon(self) -> UndoOutcome:
        """End at once, as when the app quits: the clipboard is put back now."""
        return self.outcome or self._end(UndoFate.LEFT)

    def _step(self, now_s: float) -> None:
        if self._began_s is None:
            self._began_s, self._presses = now_s, self._count_presses()
        if self._copying is not None:
            self._follow(self._copying, now_s)
        elif self._selected_s is not None:
            self._ask(self._selected_s, now_s)
        elif self._paster.ready():
            self._go_back(self._began_s, now_s)
        elif now_s - self._began_s >= MODIFIERS_S:
            self._end(UndoFate.REFUSED)

    def _go_back(self, began_s: float, now_s: float) -> None:
        if self._goes_on():
            self._leave(UndoFate.LEFT)
        elif self._is_told is None:
            self._look(began_s, now_s)
        else:
            self._select(now_s)

    def _look(self, began_s: float, now_s: float) -> None:
        """Ask Accessibility what stands there; where that is another text, end."""
        # A field may count a line end as two: how far back an earlier line begins is
        # not known. The selection, which goes by what people see, is compared whole.
        last_line = self._text.rpartition("\n")[2]
        said = self._caret.before(last_line)
        if said is None or plain(said) == last_line:
            self._is_told = said is not None
            self._select(now_s)
        elif now_s - began_s >= SAYS_S:  # behind the keys of an undo just before, say
            self._end(UndoFate.ANOTHER)

    def _select(self, now_s: float) -> None:
        """The next batch; so that a long text does not run on under the user."""
        batch = min(BATCH, self._to_select)
        self._caret.select_back(batch)
        self._to_select -= batch
        if self._to_select == 0:
            self._selected_s = now_s

    def _ask(self, selected_s: float, now_s: float) -> None:
        """What is selected: by Accessibility where it answers, else by a copy."""
        said = self._caret.selected()
        has_waited = now_s - selected_s >= SAYS_S
        if said is not None and plain(said) == self._text:
            self._take()
        elif self._goes_on():
            self._leave(UndoFate.LEFT)
        elif not said and (has_waited or not self._is_told):
            self._have_copied(now_s)
        elif has_waited:
            self._leave(UndoFate.ANOTHER)

    def _have_copied(self, now_s: float) -> None:
        change = self._clipboard.change_count()
        theirs = self._clipboard.snapshot()
        if theirs.left_out:
            self._leave(UndoFate.UNSAVED)  # what we cannot read we cannot put back
            return
        self._caret.copy()
        self._copying = _Copying(theirs, change, now_s)

    def _follow(self, asked: _Copying, now_s: float) -> None:
        if now_s - asked.asked_s >= ASK_S and asked.answered is None:
            asked = replace(asked, answered=self._ask_target(self._target))
            self._copying = asked
        change = self._clipboard.change_count()
        if change == asked.change:
            if now_s - asked.asked_s >= COPIES_S:
                self._leave(UndoFate.LEFT if self._goes_on() else UndoFate.UNKNOWN)
            return
        if self._changed_s is None:
            self._changed_s = now_s
        held = self._clipboard.snapshot()
        copied = text_of(held)
        board = self._clipboard
        if is_one_of(held, board.published) and board.is_of(self._target) is False:
            self._put_right(asked)
        elif copied == self._text:
            self._take()
        elif copied is None and now_s - self._changed_s < EMPTY_S:
            return
        elif self._goes_on():
            # It may be theirs. The target's copy may be yet to come: were nobody here
            # to put theirs back, it would be lost.
            theirs = held if held.pieces else asked.theirs
            replaced = (
                (*asked.replaced, asked.theirs) if held.pieces else asked.replaced
            )
            self._copying = replace(
                asked, theirs=theirs, change=change, replaced=replaced
            )
            self._changed_s = None
        else:
            self._leave(UndoFate.ANOTHER)

    def _put_right(self, asked: _Copying) -> None:
        """A clipboard manager has taken our text over, late: the target's copy is still
        to come."""
        self._clipboard.restore(asked.theirs)
        self._copying = replace(asked, change=self._clipboard.change_count())
        self._changed_s = None

    def _take(self) -> None:
        if self._goes_on():
            self._leave(UndoFate.LEFT)
            return
        if not self._keeps:
            self._caret.delete()
        self._end(UndoFate.BACK)

    def _leave(self, taken: UndoFate) -> None:
        """The caret back where it was, if nobody has moved it since."""
        if not self._goes_on():
            self._caret.let_go()
        self._end(taken)

    def _goes_on(self) -> bool:
        """Whether the user has pressed something, or is somewhere else."""
        current = self._focus.current()
        if current is None or not current.same_place(self._target):
            return True
        return self._count_presses() != self._presses or not self._paster.ready()

    def _end(self, taken: UndoFate, why: MicaError | None = None) -> UndoOutcome:
        copied = taken in (UndoFate.BACK, UndoFate.ANOTHER)
        debt = None if copied else self._debt()
        self.outcome = UndoOutcome(taken, why, self._put_back(), debt)
        return self.outcome

    def _debt(self) -> UnansweredKeys | None:
        asked = self._copying
        if asked is None:
            return None
        answered = asked.answered or self._ask_target(self._target)
        return UnansweredKeys(self._target, asked.asked_s, answered)

    def _put_back(self) -> tuple[Snapshot, ...]:
        """Theirs on the clipboard again; what was replaced where that is not sure."""
        asked, board = self._copying, self._clipboard
        if asked is None:
            return ()
        to_come = board.change_count() == asked.change
        if to_come or (text_of(board.snapshot()) != self._text and self._goes_on()):
            return tuple(s for s in (*asked.replaced, asked.theirs) if s.pieces)
        board.restore(asked.theirs)
        return (asked.theirs,) if asked.theirs.left_out else ()
