"""Laws of insertion: whatever the user, the windows and the clock do in whatever order,
a dictation goes in at most once and only where the keyboard was when its key went
down, it is said to be inserted only when it is, nothing but ours is deleted, and the
user's clipboard is never lost: it is there, or set aside, and that was said. What
cannot be saved stays until the user themself wants something else in its place.
"""

from math import inf

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from insertion.laws_desk import PLACES, Pasted, SimulatedDesktop
from mica.bench.paste import MANAGER_PID
from mica.host.values import Snapshot
from mica.insertion import messages
from mica.insertion.options import InsertOptions
from mica.insertion.queue import InsertionQueue
from mica.insertion.request import InsertRequest
from mica.insertion.undo import COPY_S
from mica.library.store import EntryStatus
from support.fake_board import USERS, text_snapshot
from support.fakes import FakeHost

LATE_S = (0.0, 0.0, 0.05, 1.0, COPY_S - 0.5, inf)  # a window that acts, or is dead
TAKES_S = (None, None, 0.0, 0.3, 2.0)
TOO_LATE_S = (COPY_S + 0.5, 6.0, 20.0, 200.0)  # Mica has given up then, and said so


class Laws(RuleBasedStateMachine):
    """Words are "Word1.", "Word2." …, so that each is known wherever it turns up."""

    @initialize(
        late_s=st.sampled_from(LATE_S),
        midway=st.booleans(),
        is_blind=st.booleans(),
        tells=st.booleans(),
        says=st.booleans(),
        takes_s=st.sampled_from(TAKES_S),
    )
    def begin(
        self,
        late_s: float,
        midway: bool,
        is_blind: bool,
        tells: bool = False,
        says: bool = False,
        takes_s: float | None = None,
    ) -> None:
        """midway: a text that was changed is being taken back, or is no more.

        tells, says   see FakeEditor; of the first window
        takes_s       so late a clipboard manager takes over what Mica publishes
        """
        self.desk, self.fake = SimulatedDesktop(), FakeHost()
        self.desk.windows[1].tells, self.desk.windows[1].says = tells, says
        self.desk.late_s = dict.fromkeys(PLACES, late_s)
        self.desk.board.is_blind = is_blind
        self.desk.takes_s, self.desk.on_taken = takes_s, self.taken_over
        self.fake.typist, self.fake.probe_window = self.desk, self.desk.ask  # type: ignore[assignment]
        self.fake.paster = self.fake.caret = self.fake.focus = self.desk  # type: ignore[assignment]
        self.fake.clipboard = self.desk.board  # type: ignore[assignment]
        self.insertion = InsertionQueue(self.fake.host())
        self.places: dict[int, int | None] = {}
        self.users: Snapshot | None = USERS  # None: not known to be safe, and told so
        self.newer: set[str] = set()
        self.went, self.restores_due = False, 0
        self.foreign_reads: set[str] = set()  # texts that others have read
        if midway:
            self.dictate(InsertOptions())
            self.wait(5.0)
            self.type()
            self.undo()
            self.wait(0.05)

    @rule(
        options=st.sampled_from(
            [InsertOptions(), InsertOptions(submits=True, ends_spaced=True)]
        )
    )
    def dictate(self, options: InsertOptions) -> None:
        number = len(self.places) + 1
        self.places[number] = self.desk.focused
        words = InsertRequest(number, f"Word{number}.", self.desk.current(), options)
        self.insertion.add(words)

    @rule()
    def undo(self) -> None:
        self.insertion.undo()

    @rule()
    def make_raw(self) -> None:
        self.insertion.remove_punctuation()

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
    def copy_what_cannot_be_saved(self) -> None:
        self.tick()
        self.pressed()
        text = f"newer {self.desk.now_s}"
        self.users = Snapshot(text_snapshot(text).pieces, ("image/png",))
        self.desk.board.hold(self.users)
        self.newer.add(text)
        self.tick()

    def taken_over(self) -> None:
        """What could not be saved is lost to the manager, as all copies are that it
        takes over: no paste of ours had its place."""
        if self.users is not None and self.users.left_out:
            self.users = None

    @rule()
    def restore_clipboard(self) -> None:
        """From the menu; then that is what the user wants there."""
        self.restores_due += 1
        self.insertion.restore_clipboard()

    @rule()
    def clipboard_manager(self) -> None:
        self.desk.board.read(by_stranger=True)
        self.foreign_reads.add((self.desk.board.ours or "").strip(" .").lower())

    @rule(down=st.booleans())
    def modifier(self, down: bool) -> None:
        self.desk.modified = down

    @rule(refuses=st.booleans())
    def keys(self, refuses: bool) -> None:
        self.desk.refuses = refuses

    @rule()
    def go_away(self) -> None:
        """The screen is locked, say; and nobody is back at once."""
        self.went = True
        self.abandon()
        self.wait(5.0)

    def abandon(self) -> None:
        self.insertion.cancel()
        if self.restores_due:
            self.users, self.restores_due = self.desk.board.held, 0
        self.nothing_is_lost()

    def pressed(self) -> None:
        self.fake.hotkeys.others = (self.fake.hotkeys.others or 0) + 1

    def tick(self, later_s: float = 0.0) -> bool:
        """Whether one job is done with."""
        report = self.insertion.tick(self.desk.now_s + min(later_s, 0), speaking=False)
        self.desk.look()
        if report is None:
            return False
        if report.status is EntryStatus.INSERTED and report.utterance is not None:
            self.it_is_there(report.utterance)
        message = report.message or ""
        self.restores_due -= message.startswith(
            (messages.RESTORED, messages.NOTHING_TO_RESTORE)
        )
        told = message.startswith(messages.RESTORED) or messages.WITHDRAWN in message
        if report.replaced or report.status is EntryStatus.COPIED or told:
            assert report.message is not None
            self.nothing_is_lost()
            self.users = self.desk.board.held  # for it was said
        return True

    def it_is_there(self, number: int) -> None:
        """Where nobody knows who reads, a stranger's read may pass for the window's."""
        word = f"word{number}"
        seen = {paste.text.strip(" .").lower() for paste in self.desk.pasted}
        others_read = word in self.foreign_reads or self.desk.takes_s is not None
        assert word in seen or (self.desk.board.is_blind and others_read), word

    def nothing_is_lost(self) -> None:
        """A text of ours that was left there is in the history. Of what could not be
        saved the rest is set aside, where the user wanted something else there or a
        window copied late."""
        if self.users is None:
            return
        rest = Snapshot(self.users.pieces)
        ours = self.users in map(text_snapshot, (*self.words(), *self.raw_words()))
        held, set_aside = self.desk.board.held, self.insertion.clipboard.set_aside
        assert ours or self.users == held or rest in set_aside

    def words(self) -> list[str]:
        return [f"Word{number}." for number in self.places]

    def raw_words(self) -> list[str]:
        return [f"word{number}" for number in self.places]

    @invariant()
    def a_dictation_goes_in_once_and_where_it_was_meant(self) -> None:
        if not hasattr(self, "desk"):
            return
        seen: list[str] = []
        for paste in self.desk.pasted:
            if self.is_users(paste):
                continue
            word = paste.text.strip()
            assert word.lower().startswith("word"), word
            number = int(word.strip("wWord."))
            assert self.places[number] == paste.window
            assert word not in seen
            seen.append(word)

    def is_users(self, paste: Pasted) -> bool:
        """The window was slower than the user."""
        return paste.text in self.newer or (self.went and not paste.is_offer)

    @invariant()
    def nothing_but_ours_is_deleted(self) -> None:
        if hasattr(self, "desk"):
            for window in self.desk.windows.values():
                assert all(text.strip(" .wWord").isdigit() for text in window.deleted)

    @invariant()
    def at_rest_the_clipboard_is_the_users(self) -> None:
        if hasattr(self, "desk") and not self.insertion.busy:
            self.desk.advance(0.0)
            self.tick()
            self.nothing_is_lost()

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.abandon()
            self.desk.takes_s = None  # what it does after Mica's end nobody puts right
            self.desk.advance(100.0)
            self.nothing_is_lost()


class LawsOfAWindowThatWakes(Laws):
    """It does what it was sent when nobody waits any more. What it pastes then is what
    the user has on the clipboard, never a text of ours for another window; and what the
    clipboard held when Mica gave up and said so is safe.
    """

    @initialize(
        late_s=st.sampled_from(TOO_LATE_S),
        others_s=st.sampled_from((0.0, 3.0, inf)),
        begun=st.sampled_from(("", "midway", "given up", "copy given up")),
        is_blind=st.booleans(),
        tells=st.booleans(),
        says=st.booleans(),
        takes_s=st.sampled_from(TAKES_S),
    )
    def begin(
        self,
        late_s: float,
        others_s: float,
        begun: str,
        is_blind: bool,
        tells: bool = False,
        says: bool = False,
        takes_s: float | None = None,
    ) -> None:
        """others_s: the other window's; infinite: it is as late."""
        self.told = False
        self.user_requested: set[str] = set()  # on the clipboard, by the user
        super().begin(late_s, begun == "midway", is_blind, tells, says, takes_s)
        if begun == "copy given up":
            self.desk.late_s[1] = 0.0
            self.dictate(InsertOptions())
            self.wait(1.5)
            self.desk.late_s[1] = late_s
            self.undo()
            self.wait(5.0)
        elif begun == "given up":
            self.dictate(InsertOptions())
            self.jump(5.0)
            self.jump(5.0)
        if others_s != inf:
            self.desk.late_s[2] = others_s

    def tick(self, later_s: float = 0.0) -> bool:
        done = super().tick(later_s)
        self.told = self.desk.copies_due > 0 and (self.told or done)
        return done

    @rule()
    def go_away(self) -> None:
        """An undo is then given up as if that had been said."""
        super().go_away()
        self.told = self.desk.copies_due > 0
        if self.insertion.clipboard.set_aside:
            self.users = None if self.told else self.desk.board.held

    @rule()
    def copy(self) -> None:
        super().copy()
        if self.told:  # of a copy that is still to come, and copies all the same
            self.users = None

    @rule()
    def copy_what_cannot_be_saved(self) -> None:
        super().copy_what_cannot_be_saved()
        if self.told:
            self.users = None

    @rule()
    def restore_clipboard(self) -> None:
        super().restore_clipboard()
        self.user_requested.update(self.words())
        self.user_requested.update(self.raw_words())

    def is_users(self, paste: Pasted) -> bool:
        return not paste.is_offer and not self.is_left(paste.text)

    def is_left(self, text: str) -> bool:
        """For the user to paste, and for no window that hangs. What a window copied
        late may be the user's own copy, and that was said."""
        known = text not in self.desk.copied and text not in self.user_requested
        return known and text in (*self.words(), *self.raw_words())

    @invariant()
    def no_text_lies_where_another_window_will_paste_it(self) -> None:
        """However long it sleeps."""
        if not hasattr(self, "desk"):
            return
        board, due = self.desk.board, self.desk.pastes_due
        if board.ours is not None:
            assert sum(due.values()) == due[self.desk.offered_to] <= 1
            assert self.desk.copies_due == 0
        elif board.held.pieces and self.is_left(board.held.pieces[0].data.decode()):
            taken = board.owner == MANAGER_PID  # over, while it is on its way
            allowed = due.get(self.desk.offered_to, 0) if taken else 0
            assert sum(due.values()) == allowed


TestLaws = Laws.TestCase
TestLawsOfAWindowThatWakes = LawsOfAWindowThatWakes.TestCase
for case in (TestLaws, TestLawsOfAWindowThatWakes):
    case.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_the_laws_catch_a_text_that_went_in_twice() -> None:
    laws = Laws()
    laws.begin(0.0, midway=False, is_blind=False)
    laws.places[1] = 1
    laws.desk.pasted = [Pasted(1, "Word1."), Pasted(1, " Word1.")]
    try:
        laws.a_dictation_goes_in_once_and_where_it_was_meant()
    except AssertionError:
        return
    raise AssertionError("it was not caught")


def test_the_laws_catch_what_is_said_to_be_inserted_and_is_not() -> None:
    laws = Laws()
    laws.begin(0.0, midway=False, is_blind=False)
    laws.desk.pasted = [Pasted(1, "Word1.")]
    laws.it_is_there(1)
    try:
        laws.it_is_there(2)
    except AssertionError:
        return
    raise AssertionError("it was not caught")


def test_the_laws_catch_a_lost_clipboard() -> None:
    laws = Laws()
    laws.begin(0.0, midway=False, is_blind=False)
    laws.desk.board.restore(text_snapshot("lost"))
    try:
        laws.at_rest_the_clipboard_is_the_users()
    except AssertionError:
        return
    raise AssertionError("it was not caught")
