"""Laws of insertion: whatever the user, the windows and the clock do in whatever order,
a dictation goes in at most once and only where the keyboard was when its key went
down, nothing but ours is deleted, and the user's clipboard is never lost: it is there,
or set aside, and that was said.
"""

import heapq
import itertools
from collections.abc import Callable
from math import inf

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from fake_board import USERS, FakeBoard, plain
from fake_editor import FakeEditor
from fakes import FakeHost
from mica.errors import InsertionError
from mica.history.store import Status
from mica.host.ports import Snapshot, Target
from mica.host.takeback import COPIES_S
from mica.session.insertion import Insertion
from mica.session.manner import Manner
from mica.session.placing import Words

LATE_S = (0.0, 0.0, 0.05, 1.0, COPIES_S - 0.5, inf)  # a window that acts, or is dead
TOO_LATE_S = (COPIES_S + 0.5, 6.0, 20.0, 60.0)  # Mica has given up then, and said so
PLACES = {1: Target(1, 10, "Editor"), 2: Target(2, 20, "Browser")}


class Desk:
    """Two windows that handle their keys in order and late, one clipboard, one focus.
    See ports.Paster, Caret and Focus."""

    def __init__(self) -> None:
        self.board = FakeBoard()
        self.windows = {number: FakeEditor(self.board, "") for number in PLACES}
        self.pasted: list[tuple[int, str]] = []  # window and text
        self.focused: int | None = 1
        self.now_s = self.late_s = 0.0
        self.modified = self.refuses = False
        self.copies_due = 0
        self._numbers = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._busy_until_s = dict.fromkeys(PLACES, 0.0)

    def advance(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self._due and self._due[0][0] <= until_s:
            self.now_s, _, act = heapq.heappop(self._due)
            act()
        self.now_s = until_s

    def send(self, act: Callable[[FakeEditor], None]) -> None:
        """A key for the window that has the keyboard."""
        if self.focused is None:
            return
        number = self.focused
        at_s = max(self._busy_until_s[number], self.now_s + self.late_s)
        self._busy_until_s[number] = at_s
        window = self.windows[number]
        heapq.heappush(self._due, (at_s, next(self._numbers), lambda: act(window)))

    def current(self) -> Target | None:
        return PLACES[self.focused] if self.focused else None

    def guardian(self) -> str | None:
        return None

    def middle(self) -> tuple[int, int] | None:
        return None

    def ready(self) -> bool:
        return not self.modified

    def chord(self, target: Target) -> None:
        self._ours(self._paste)

    def submit(self, target: Target) -> None:
        self._ours(lambda window: window.put("\n"))

    def select_back(self, count: int) -> None:
        self._ours(lambda window: window.select_back(count))

    def selected(self) -> str | None:
        return None

    def copy(self) -> None:
        self._ours(self._copy)
        self.copies_due += self.focused is not None

    def delete(self) -> None:
        self._ours(FakeEditor.delete)

    def let_go(self) -> None:
        self._ours(FakeEditor.let_go)

    def _ours(self, act: Callable[[FakeEditor], None]) -> None:
        assert not self.modified, "a key of ours under a modifier"
        if self.refuses:
            raise InsertionError("No keys.")
        self.send(act)

    def _paste(self, window: FakeEditor) -> None:
        text = self.board.read().pieces[0].data.decode()
        number = next(n for n, known in self.windows.items() if known is window)
        self.pasted.append((number, text))
        window.put(text)

    def _copy(self, window: FakeEditor) -> None:
        self.copies_due -= 1
        window.finish_copy()


class Laws(RuleBasedStateMachine):
    """Words are "Word1.", "Word2." …, so that each is known wherever it turns up."""

    @initialize(late_s=st.sampled_from(LATE_S), midway=st.booleans())
    def begin(self, late_s: float, midway: bool) -> None:
        """midway: a text that was changed is being taken back, or is no more."""
        self.desk, self.fake = Desk(), FakeHost()
        self.desk.late_s = late_s
        self.fake.paster = self.fake.caret = self.fake.focus = self.desk  # type: ignore[assignment]
        self.fake.clipboard = self.desk.board  # type: ignore[assignment]
        self.insertion = Insertion(self.fake.host())
        self.places: dict[int, int | None] = {}
        self.users: Snapshot | None = USERS  # None: not known to be safe, and told so
        self.newer: set[str] = set()
        if midway:
            self.dictate(Manner())
            self.wait(5.0)
            self.type()
            self.undo()
            self.wait(0.05)

    @rule(manner=st.sampled_from([Manner(), Manner(submits=True, ends_spaced=True)]))
    def dictate(self, manner: Manner) -> None:
        number = len(self.places) + 1
        self.places[number] = self.desk.focused
        words = Words(number, f"Word{number}.", self.desk.current(), manner)
        self.insertion.add(words)

    @rule()
    def undo(self) -> None:
        self.insertion.take_back()

    @rule()
    def make_raw(self) -> None:
        self.insertion.make_raw(())

    @rule(seconds=st.sampled_from([0.01, 0.05, 0.3, 1.5, 5.0]))
    def wait(self, seconds: float) -> None:
        step_s = max(0.01, seconds / 30)
        for _ in range(round(seconds / step_s)):
            self.desk.advance(step_s)
            self.tick()

    @rule(seconds=st.floats(-1.0, 30.0))
    def jump(self, seconds: float) -> None:
        """The main thread was away, or the clock was set."""
        self.desk.advance(max(seconds, 0.0))
        self.tick(later_s=seconds)

    @rule(window=st.sampled_from([1, 2, None]))
    def focus(self, window: int | None) -> None:
        self.desk.focused = window

    @rule()
    def type(self) -> None:
        self.pressed()
        self.desk.send(lambda window: window.put("x"))

    @rule()
    def copy(self) -> None:
        self.tick()  # every 10 ms: nobody is that quick
        self.pressed()
        self.desk.board.users_copy(f"newer {self.desk.now_s}")
        self.users = self.desk.board.held
        self.newer.add(f"newer {self.desk.now_s}")
        self.tick()

    @rule()
    def restore_clipboard(self) -> None:
        """From the menu; then that is what the user wants there."""
        self.insertion.restore_clipboard()

    @rule()
    def clipboard_manager(self) -> None:
        self.desk.board.read(by_stranger=True)

    @rule(down=st.booleans())
    def modifier(self, down: bool) -> None:
        self.desk.modified = down

    @rule(refuses=st.booleans())
    def keys(self, refuses: bool) -> None:
        self.desk.refuses = refuses

    def pressed(self) -> None:
        self.fake.hotkeys.others = (self.fake.hotkeys.others or 0) + 1

    def tick(self, later_s: float = 0.0) -> bool:
        """Whether one job is done with."""
        report = self.insertion.tick(self.desk.now_s + min(later_s, 0), speaking=False)
        if report is None:
            return False
        if report.replaced or report.status is Status.COPIED:
            assert report.message is not None
            self.nothing_is_lost()
            self.users = self.desk.board.held  # for it was said
        return True

    def nothing_is_lost(self) -> None:
        """A text of ours that was left there is in the history."""
        if self.users is None:
            return
        ours = self.users in [plain(word) for word in self.words()]
        held, set_aside = self.desk.board.held, self.insertion.set_aside
        assert ours or self.users == held or self.users in set_aside

    def words(self) -> list[str]:
        return [f"Word{number}." for number in self.places]

    @invariant()
    def a_dictation_goes_in_once_and_where_it_was_meant(self) -> None:
        if not hasattr(self, "desk"):
            return
        seen: list[str] = []
        for window, text in self.desk.pasted:
            if text in self.newer:
                continue  # theirs: the window was slower than the user
            word = text.strip()
            assert word.lower().startswith("word"), text
            number = int(word.strip("wWord."))
            assert self.places[number] == window
            assert word not in seen
            seen.append(word)

    @invariant()
    def nothing_but_ours_is_deleted(self) -> None:
        if hasattr(self, "desk"):
            for window in self.desk.windows.values():
                assert all(text.strip(" .wWord").isdigit() for text in window.deleted)

    @invariant()
    def at_rest_the_clipboard_is_the_users(self) -> None:
        if hasattr(self, "desk") and not self.insertion.busy:
            self.desk.advance(0.0)
            self.nothing_is_lost()

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.insertion.abandon()
            self.nothing_is_lost()
            self.desk.advance(100.0)
            self.nothing_is_lost()


class LawsOfAWindowThatWakes(Laws):
    """It does what it was sent when nobody waits any more. What it pastes then is what
    the clipboard holds then; but what that held when Mica gave up and said so is safe.
    """

    @initialize(late_s=st.sampled_from(TOO_LATE_S), midway=st.booleans())
    def begin(self, late_s: float, midway: bool) -> None:
        self.told = False
        super().begin(late_s, midway)

    def tick(self, later_s: float = 0.0) -> bool:
        done = super().tick(later_s)
        self.told = self.desk.copies_due > 0 and (self.told or done)
        return done

    @rule()
    def copy(self) -> None:
        super().copy()
        if self.told:  # of a copy that is still to come, and copies all the same
            self.users = None

    def a_dictation_goes_in_once_and_where_it_was_meant(self) -> None:
        """Not when it wakes."""


TestLaws = Laws.TestCase
TestLawsOfAWindowThatWakes = LawsOfAWindowThatWakes.TestCase
for case in (TestLaws, TestLawsOfAWindowThatWakes):
    case.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


def test_the_laws_catch_a_text_that_went_in_twice() -> None:
    laws = Laws()
    laws.begin(0.0, midway=False)
    laws.places[1] = 1
    laws.desk.pasted = [(1, "Word1."), (1, " Word1.")]
    try:
        laws.a_dictation_goes_in_once_and_where_it_was_meant()
    except AssertionError:
        return
    raise AssertionError("it was not caught")


def test_the_laws_catch_a_lost_clipboard() -> None:
    laws = Laws()
    laws.begin(0.0, midway=False)
    laws.desk.board.restore(plain("lost"))
    try:
        laws.at_rest_the_clipboard_is_the_users()
    except AssertionError:
        return
    raise AssertionError("it was not caught")
