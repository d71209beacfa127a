"""Invariants of insertion, whatever the user, the windows and the clock do:

A dictation is inserted at most once, and only in the window that was focused when its
key went down. It is reported as inserted only if it was. Only Mica's own text is ever
deleted. The user's clipboard is never lost: it is in place, or saved, and the user was
told. Content that cannot be saved stays until the user replaces it.
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

from insertion.simulated_desktop import PLACES, Pasted, SimulatedDesktop
from mica.bench.paste import MANAGER_PID
from mica.host.values import Snapshot
from mica.insertion import strings
from mica.insertion.options import InsertOptions
from mica.insertion.queue import InsertionQueue
from mica.insertion.request import InsertRequest
from mica.insertion.undo import COPY_S
from mica.library.store import EntryStatus
from support.fake_paste import USERS, text_snapshot
from support.fakes import FakeHost

LATE_S = (0.0, 0.0, 0.05, 1.0, COPY_S - 0.5, inf)  # a window's delay; inf = it is dead
TAKEOVER_S = (None, None, 0.0, 0.3, 2.0)
TOO_LATE_S = (COPY_S + 0.5, 6.0, 20.0, 200.0)  # by then, Mica has reported failure


class InsertionMachine(RuleBasedStateMachine):
    """Dictates "Word1.", "Word2.", …, so that each can be recognized anywhere."""

    @initialize(
        late_s=st.sampled_from(LATE_S),
        midway=st.booleans(),
        is_blind=st.booleans(),
        reports_surrounding=st.booleans(),
        reports_selection=st.booleans(),
        takeover_s=st.sampled_from(TAKEOVER_S),
    )
    def begin(
        self,
        late_s: float,
        midway: bool,
        is_blind: bool,
        reports_surrounding: bool = False,
        reports_selection: bool = False,
        takeover_s: float | None = None,
    ) -> None:
        """Set up the desktop.

        midway                                   start during the undo of a text that
                                                 the user has changed
        reports_surrounding, reports_selection   see FakeEditor; for the first window
        takeover_s                               delay of a clipboard manager that takes
                                                 over what Mica publishes
        """
        self.desktop, self.fake = SimulatedDesktop(), FakeHost()
        (
            self.desktop.windows[1].reports_surrounding,
            self.desktop.windows[1].reports_selection,
        ) = reports_surrounding, reports_selection
        self.desktop.late_s = dict.fromkeys(PLACES, late_s)
        self.desktop.clipboard.is_blind = is_blind
        self.desktop.takeover_s, self.desktop.on_takeover = takeover_s, self.on_claim
        self.fake.typist, self.fake.probe_window = (
            self.desktop,
            self.desktop.probe_window,
        )  # type: ignore[assignment]
        self.fake.paster = self.fake.caret = self.fake.focus = self.desktop  # type: ignore[assignment]
        self.fake.clipboard = self.desktop.clipboard  # type: ignore[assignment]
        self.insertion = InsertionQueue(self.fake.host())
        self.places: dict[int, int | None] = {}
        self.users: Snapshot | None = USERS  # None: maybe lost, and the user was told
        self.newer: set[str] = set()
        self.has_moved, self.restores_due = False, 0
        self.foreign_reads: set[str] = set()  # texts that other programs have read
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
        self.places[number] = self.desktop.focused
        words = InsertRequest(number, f"Word{number}.", self.desktop.current(), options)
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
            self.desktop.advance(step_s)
            self.tick()

    @rule(seconds=st.floats(-1.0, 30.0))
    def jump(self, seconds: float) -> None:
        """Jump in time: the main thread was blocked, or the clock was set."""
        self.desktop.advance(max(seconds, 0.0))
        self.tick(later_s=seconds)

    @rule(window=st.sampled_from([1, 2, None]))
    def focus(self, window: int | None) -> None:
        self.desktop.focused = window

    @rule()
    def type(self) -> None:
        self.pressed()
        self.desktop.send(lambda window: window.put("x"))

    @rule()
    def copy(self) -> None:
        self.tick()  # every 10 ms, so before the user could act
        self.pressed()
        self.desktop.clipboard.users_copy(f"newer {self.desktop.now_s}")
        self.users = self.desktop.clipboard.held
        self.newer.add(f"newer {self.desktop.now_s}")
        self.tick()

    @rule()
    def copy_unsavable_content(self) -> None:
        self.tick()
        self.pressed()
        text = f"newer {self.desktop.now_s}"
        self.users = Snapshot(text_snapshot(text).pieces, ("image/png",))
        self.desktop.clipboard.hold(self.users)
        self.newer.add(text)
        self.tick()

    def on_claim(self) -> None:
        """A manager takes the clipboard over. Content that could not be saved is then
        lost as with any copy that it takes over; no paste of ours replaced it."""
        if self.users is not None and self.users.left_out:
            self.users = None

    @rule()
    def restore_clipboard(self) -> None:
        """Restore from the menu; the user then wants that content there."""
        self.restores_due += 1
        self.insertion.restore_clipboard()

    @rule()
    def clipboard_manager(self) -> None:
        self.desktop.clipboard.read(by_another=True)
        self.foreign_reads.add((self.desktop.clipboard.ours or "").strip(" .").lower())

    @rule(down=st.booleans())
    def modifier(self, down: bool) -> None:
        self.desktop.modified = down

    @rule(refuses=st.booleans())
    def keys(self, refuses: bool) -> None:
        self.desktop.refuses = refuses

    @rule()
    def go_away(self) -> None:
        """The user goes away, for example by locking the screen, for some seconds."""
        self.has_moved = True
        self.abandon()
        self.wait(5.0)

    def abandon(self) -> None:
        self.insertion.cancel()
        if self.restores_due:
            self.users, self.restores_due = self.desktop.clipboard.held, 0
        self.nothing_is_lost()

    def pressed(self) -> None:
        self.fake.hotkeys.others = (self.fake.hotkeys.others or 0) + 1

    def tick(self, later_s: float = 0.0) -> bool:
        """Tick; return whether a job has finished."""
        report = self.insertion.tick(
            self.desktop.now_s + min(later_s, 0), speaking=False
        )
        self.desktop.look()
        if report is None:
            return False
        if report.status is EntryStatus.INSERTED and report.utterance is not None:
            self.text_arrives(report.utterance)
        message = report.message or ""
        self.restores_due -= message.startswith(
            (strings.RESTORED, strings.NOTHING_TO_RESTORE)
        )
        is_reported = (
            message.startswith(strings.RESTORED) or strings.WITHDRAWN in message
        )
        if report.replaced or report.status is EntryStatus.COPIED or is_reported:
            assert report.message is not None
            self.nothing_is_lost()
            self.users = self.desktop.clipboard.held  # because it was reported
        return True

    def text_arrives(self, number: int) -> None:
        """Assert that a text reported as inserted was. If readers are unknown, another
        program's read may be mistaken for the window's."""
        word = f"word{number}"
        seen = {paste.text.strip(" .").lower() for paste in self.desktop.pasted}
        others_read = word in self.foreign_reads or self.desktop.takeover_s is not None
        assert word in seen or (self.desktop.clipboard.is_blind and others_read), word

    def nothing_is_lost(self) -> None:
        """Assert that the user's clipboard is in place or saved. A text of Mica's that
        was left there is in the library. If the clipboard could be saved only in part
        and was replaced by the user or by a late copy, that part is saved."""
        if self.users is None:
            return
        rest = Snapshot(self.users.pieces)
        ours = self.users in map(text_snapshot, (*self.words(), *self.raw_words()))
        held, saved_copies = (
            self.desktop.clipboard.held,
            self.insertion.clipboard.saved_copies,
        )
        assert ours or self.users == held or rest in saved_copies

    def words(self) -> list[str]:
        return [f"Word{number}." for number in self.places]

    def raw_words(self) -> list[str]:
        return [f"word{number}" for number in self.places]

    @invariant()
    def every_text_is_inserted_once_in_its_window(self) -> None:
        if not hasattr(self, "desktop"):
            return
        seen: list[str] = []
        for paste in self.desktop.pasted:
            if self.is_users(paste):
                continue
            word = paste.text.strip()
            assert word.lower().startswith("word"), word
            number = int(word.strip("wWord."))
            assert self.places[number] == paste.window
            assert word not in seen
            seen.append(word)

    def is_users(self, paste: Pasted) -> bool:
        """Whether the user's own clipboard was pasted, by a window that was slow."""
        return paste.text in self.newer or (self.has_moved and not paste.is_offer)

    @invariant()
    def nothing_but_ours_is_deleted(self) -> None:
        if hasattr(self, "desktop"):
            for window in self.desktop.windows.values():
                assert all(text.strip(" .wWord").isdigit() for text in window.deleted)

    @invariant()
    def at_rest_the_clipboard_is_the_users(self) -> None:
        if hasattr(self, "desktop") and not self.insertion.busy:
            self.desktop.advance(0.0)
            self.tick()
            self.nothing_is_lost()

    def teardown(self) -> None:
        if hasattr(self, "desktop"):
            self.abandon()
            self.desktop.takeover_s = (
                None  # after Mica has ended, nothing can undo what it does
            )
            self.desktop.advance(100.0)
            self.nothing_is_lost()


class HungWindowMachine(InsertionMachine):
    """A window that handles its keys after Mica has given up waiting.

    It then pastes what the user has on the clipboard, never a text of Mica's for
    another window. What the clipboard held when Mica reported giving up is safe.
    """

    @initialize(
        late_s=st.sampled_from(TOO_LATE_S),
        others_s=st.sampled_from((0.0, 3.0, inf)),
        typed=st.sampled_from(("", "midway", "given up", "copy given up")),
        is_blind=st.booleans(),
        reports_surrounding=st.booleans(),
        reports_selection=st.booleans(),
        takeover_s=st.sampled_from(TAKEOVER_S),
    )
    def begin(
        self,
        late_s: float,
        others_s: float,
        typed: str,
        is_blind: bool,
        reports_surrounding: bool = False,
        reports_selection: bool = False,
        takeover_s: float | None = None,
    ) -> None:
        """others_s: the other window's delay; infinite: it has the same delay."""
        self.is_warned = False
        self.user_requested: set[str] = set()  # texts put on the clipboard by the user
        super().begin(
            late_s,
            typed == "midway",
            is_blind,
            reports_surrounding,
            reports_selection,
            takeover_s,
        )
        if typed == "copy given up":
            self.desktop.late_s[1] = 0.0
            self.dictate(InsertOptions())
            self.wait(1.5)
            self.desktop.late_s[1] = late_s
            self.undo()
            self.wait(5.0)
        elif typed == "given up":
            self.dictate(InsertOptions())
            self.jump(5.0)
            self.jump(5.0)
        if others_s != inf:
            self.desktop.late_s[2] = others_s

    def tick(self, later_s: float = 0.0) -> bool:
        done = super().tick(later_s)
        self.is_warned = self.desktop.copies_due > 0 and (self.is_warned or done)
        return done

    @rule()
    def go_away(self) -> None:
        """Go away; an undo that is canceled by this counts as reported."""
        super().go_away()
        self.is_warned = self.desktop.copies_due > 0
        if self.insertion.clipboard.saved_copies:
            self.users = None if self.is_warned else self.desktop.clipboard.held

    @rule()
    def copy(self) -> None:
        super().copy()
        if self.is_warned:  # copied despite the warning of a pending late copy
            self.users = None

    @rule()
    def copy_unsavable_content(self) -> None:
        super().copy_unsavable_content()
        if self.is_warned:
            self.users = None

    @rule()
    def restore_clipboard(self) -> None:
        super().restore_clipboard()
        self.user_requested.update(self.words())
        self.user_requested.update(self.raw_words())

    def is_users(self, paste: Pasted) -> bool:
        return not paste.is_offer and not self.is_remaining(paste.text)

    def is_remaining(self, text: str) -> bool:
        """Whether a text is Mica's and must not reach a hung window. A text copied late
        by a window may be the user's own copy, and the user was told."""
        known = text not in self.desktop.copied and text not in self.user_requested
        return known and text in (*self.words(), *self.raw_words())

    @invariant()
    def no_text_stays_where_a_hung_window_pastes_it(self) -> None:
        """No matter how long the window hangs."""
        if not hasattr(self, "desktop"):
            return
        clipboard, due = self.desktop.clipboard, self.desktop.pastes_due
        if clipboard.ours is not None:
            assert sum(due.values()) == due[self.desktop.offered_to] <= 1
            assert self.desktop.copies_due == 0
        elif clipboard.held.pieces and self.is_remaining(
            clipboard.held.pieces[0].data.decode()
        ):
            is_claimed = clipboard.owner == MANAGER_PID  # while the paste is pending
            allowed = due.get(self.desktop.offered_to, 0) if is_claimed else 0
            assert sum(due.values()) == allowed


TestInsertion = InsertionMachine.TestCase
TestHungWindow = HungWindowMachine.TestCase
for case in (TestInsertion, TestHungWindow):
    case.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_machine_detects_a_text_inserted_twice() -> None:
    machine = InsertionMachine()
    machine.begin(0.0, midway=False, is_blind=False)
    machine.places[1] = 1
    machine.desktop.pasted = [Pasted(1, "Word1."), Pasted(1, " Word1.")]
    try:
        machine.every_text_is_inserted_once_in_its_window()
    except AssertionError:
        return
    raise AssertionError("it was not caught")


def test_machine_detects_a_text_reported_as_inserted_that_is_missing() -> None:
    machine = InsertionMachine()
    machine.begin(0.0, midway=False, is_blind=False)
    machine.desktop.pasted = [Pasted(1, "Word1.")]
    machine.text_arrives(1)
    try:
        machine.text_arrives(2)
    except AssertionError:
        return
    raise AssertionError("it was not caught")


def test_machine_detects_a_lost_clipboard() -> None:
    machine = InsertionMachine()
    machine.begin(0.0, midway=False, is_blind=False)
    machine.desktop.clipboard.restore(text_snapshot("lost"))
    try:
        machine.at_rest_the_clipboard_is_the_users()
    except AssertionError:
        return
    raise AssertionError("it was not caught")
