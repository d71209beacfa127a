import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_board import USERS, FakeBoard, plain
from insertion.harness import EDITOR, OTHER, Bench
from mica.errors import InsertionError, ModifierHeld, PermissionDenied
from mica.host.ports import Permission, Query, Snapshot, Surrounding, Target
from mica.insertion.insert_job import Report
from mica.insertion.method import NOT_TAKEN
from mica.insertion.options import Manner
from mica.insertion.paste import UNREAD_S
from mica.insertion.queue import MOST, Insertion
from mica.library.store import Status


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_text_goes_into_its_window_and_the_clipboard_is_as_before(
    bench: Bench,
) -> None:
    before = bench.fake.clipboard.held
    bench.insert("hello")
    assert bench.run(1.0) == [Report(7, Status.INSERTED)]
    assert bench.fake.paster.pasted == [("hello", EDITOR)]
    assert bench.fake.clipboard.held == before
    assert bench.fake.clipboard.copied == []
    assert not bench.insertion.busy


@given(
    st.lists(st.tuples(st.floats(0.0, 3.0), st.booleans()), max_size=20),
    st.booleans(),
)
def test_one_text_is_pasted_once_however_slow_its_window_and_we_are(
    ticks: list[tuple[float, bool]], is_read_at_once: bool
) -> None:
    bench = Bench()
    bench.fake.paster.is_read = is_read_at_once
    bench.insert("hello")
    for late_s, reads in ticks:
        bench.run(0.01)
        bench.fake.clipboard.reads += reads
        bench.now_s += late_s
    bench.run(9.0)
    assert bench.fake.paster.pasted == [("hello", EDITOR)]
    assert not bench.insertion.busy


def test_texts_are_inserted_one_after_the_other(bench: Bench) -> None:
    bench.insert("one")
    bench.insert("two")
    assert len(bench.run(2.0)) == 2
    assert bench.pasted() == ["one", " two"]


@pytest.mark.parametrize(
    ("target", "current", "said"),
    [
        (EDITOR, Target(2, 200, "Terminal"), "You switched windows"),
        (EDITOR, None, "You switched windows"),
        (None, EDITOR, "No text field was active"),
        (EDITOR, Target(1, 100, "Editor", secure=True), "password fields"),
    ],
)
def test_text_whose_window_is_gone_stays_on_the_clipboard(
    bench: Bench, target: Target | None, current: Target | None, said: str
) -> None:
    bench.fake.focus.target = current
    bench.insert("hello", target)
    [report] = bench.run(1.0)
    assert report.status is Status.COPIED
    assert report.message is not None and said in report.message
    assert bench.fake.clipboard.copied == ["hello"]
    assert bench.fake.paster.pasted == []


def test_the_program_that_keeps_the_keyboard_is_named(bench: Bench) -> None:
    bench.fake.focus.target = Target(1, 100, "Editor", secure=True)
    bench.fake.focus.keeps_keyboard = "Terminal"
    bench.insert("hello")
    [report] = bench.run(1.0)
    assert report.message == (
        "“Terminal” keeps the keyboard to itself. The text is on the clipboard."
    )


def test_refused_keys_leave_the_text_on_the_clipboard(bench: Bench) -> None:
    bench.fake.paster.refuses = InsertionError("The keys cannot be sent.")
    bench.insert("hello")
    [report] = bench.run(1.0)
    assert report.status is Status.COPIED
    assert bench.fake.permissions.requested == []
    assert report.message == "The keys cannot be sent. The text is on the clipboard."
    assert bench.fake.clipboard.copied == ["hello"]


def test_a_permission_that_lacks_is_asked_for_once(bench: Bench) -> None:
    bench.fake.paster.refuses = PermissionDenied("Not allowed.", "Allow it.")
    bench.insert("one")
    bench.insert("two")
    reports = bench.run(1.0)
    assert [report.status for report in reports] == [Status.COPIED] * 2
    assert bench.fake.permissions.requested == [Permission.INSERTION]


def test_a_text_nobody_reads_is_said_and_stays_in_the_history(bench: Bench) -> None:
    bench.fake.paster.is_read = False
    bench.insert("hello")
    yet = Report(7, Status.WRITTEN, NOT_TAKEN, is_over=False)
    assert bench.run(2.0) == [yet]
    assert bench.run(UNREAD_S) == [Report(None, Status.WRITTEN)]


def test_who_dictates_again_at_the_very_moment_of_a_paste_gets_both(
    bench: Bench,
) -> None:
    bench.fake.paster.refuses = ModifierHeld("Held.")
    bench.insert("hello")
    assert bench.run(0.05, speaking=True) == []
    bench.fake.paster.refuses, bench.fake.paster.is_ready = None, False
    assert bench.run(3.0, speaking=True) == []
    bench.fake.paster.is_ready = True
    assert bench.run(1.0) == [Report(7, Status.INSERTED)]
    assert bench.pasted() == ["hello"]


def test_a_held_modifier_is_waited_for_then_the_text_is_copied(bench: Bench) -> None:
    bench.fake.paster.is_ready = False
    bench.insert("hello")
    assert bench.run(0.9) == []
    [report] = bench.run(0.3)
    assert report.status is Status.COPIED


def test_while_the_user_speaks_again_it_waits_as_long_as_it_takes(
    bench: Bench,
) -> None:
    bench.fake.paster.is_ready = False
    bench.insert("hello")
    assert bench.run(30.0, speaking=True) == []
    bench.fake.paster.is_ready = True
    assert bench.run(1.0) == [Report(7, Status.INSERTED)]


def test_a_key_that_goes_down_at_that_very_moment_is_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    paster, asked = bench.fake.paster, [False]

    def ready() -> bool:
        asked.append(True)
        return len(asked) == 2 or paster.is_ready

    paster.is_ready = False
    monkeypatch.setattr(paster, "ready", ready)
    bench.insert("hello")
    assert bench.run(30.0, speaking=True) == []
    paster.is_ready = True
    assert bench.run(1.0) == [Report(7, Status.INSERTED)]


def test_when_the_app_quits_the_clipboard_is_put_back(bench: Bench) -> None:
    before = bench.fake.clipboard.held
    bench.insert("hello")
    bench.run(0.02)
    bench.insertion.abandon()
    assert bench.fake.clipboard.held == before
    assert not bench.insertion.busy


def test_without_restoring_the_text_stays_on_the_clipboard(bench: Bench) -> None:
    before = bench.fake.clipboard.held
    bench.insert("One.", manner=Manner(restores=False))
    bench.run(1.0)
    assert bench.fake.clipboard.changes == 1
    assert bench.fake.clipboard.held == before  # never put back over the text


def test_a_text_may_be_typed_and_the_clipboard_is_not_touched(bench: Bench) -> None:
    typed = Manner(typed=True, submits=True)
    bench.insert("One.", manner=typed)
    bench.insert("Two.", manner=typed)
    reports = bench.run(5.0)
    assert reports == [Report(7, Status.UNKNOWN)] * 2  # as wished: nothing is said
    assert "".join(bench.fake.typist.typed) == "One.Two."  # Return was in between
    assert len(bench.fake.paster.submitted) == 2
    assert bench.fake.clipboard.changes == 0 and bench.pasted() == []


def test_a_text_is_typed_where_the_layout_has_no_key_that_pastes(bench: Bench) -> None:
    bench.fake.paster.has_keys = False
    bench.insert("One.")
    assert bench.run(5.0) == [Report(7, Status.UNKNOWN)]
    assert "".join(bench.fake.typist.typed) == "One."
    assert bench.fake.clipboard.changes == 0 and bench.pasted() == []
    bench.fake.paster.has_keys = True  # the user has chosen another
    bench.insert("Two.")
    bench.run(5.0)
    assert bench.pasted() == [" Two."]


def test_what_is_typed_is_inserted_where_accessibility_says_so(bench: Bench) -> None:
    bench.fake.query = lambda target: Query(
        done=True, found=Surrounding("".join(bench.fake.typist.typed))
    )
    bench.insert("One.", manner=Manner(typed=True))
    assert bench.run(5.0) == [Report(7, Status.INSERTED)]


def test_a_text_typed_in_part_is_whole_on_the_clipboard(bench: Bench) -> None:
    text = "A much longer text. " * 5
    bench.insert(text, manner=Manner(typed=True))
    bench.run(0.17)
    bench.fake.focus.target = OTHER
    [report] = bench.run(1.0)
    assert report.status is Status.COPIED
    assert bench.fake.clipboard.copied == [text]


def test_quitting_while_typing_leaves_the_keyboard_as_it_was(bench: Bench) -> None:
    bench.insert("A longer text.", manner=Manner(typed=True))
    bench.run(0.1)
    bench.insertion.abandon()
    assert bench.fake.typist.finished == 1


def test_a_host_that_fails_leaves_the_text_on_the_clipboard(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Target:
        raise InsertionError("The display is gone.")

    monkeypatch.setattr(bench.fake.focus, "current", fail)
    bench.insert("hello")
    [report] = bench.run(1.0)
    assert report.message == "The display is gone. The text is on the clipboard."
    assert bench.fake.clipboard.copied == ["hello"]


def test_what_texts_left_on_the_clipboard_took_the_place_of_can_be_had_back(
    bench: Bench,
) -> None:
    board = FakeBoard()
    bench.fake.clipboard = board  # type: ignore[assignment]
    bench.insertion = Insertion(bench.fake.host())
    for text in ("One.", "Two."):
        bench.insert(text, target=None)
        assert [report.status for report in bench.run(0.1)] == [Status.COPIED]
        assert board.held == plain(text)
        assert bench.insertion.set_aside == (USERS,)
    board.users_copy("newer")
    bench.insert("Three.", target=None)
    bench.run(0.1)
    assert bench.insertion.set_aside == (USERS, plain("newer"))
    bench.insertion.restore_clipboard()
    bench.run(0.1)
    assert board.held == plain("newer")


def test_where_nothing_was_nothing_is_set_aside(bench: Bench) -> None:
    bench.fake.clipboard.held = Snapshot()
    bench.insert("One.", target=None)
    bench.run(0.1)
    assert bench.insertion.set_aside == ()


def test_the_oldest_is_forgotten(bench: Bench) -> None:
    board = FakeBoard()
    bench.fake.clipboard = board  # type: ignore[assignment]
    bench.insertion = Insertion(bench.fake.host())
    for number in range(MOST + 2):
        board.users_copy(f"copy {number}")
        bench.insert("One.", target=None)
        bench.run(0.1)
    kept = [plain(f"copy {number}") for number in range(2, MOST + 2)]
    assert list(bench.insertion.set_aside) == kept


def test_asked_again_and_again_each_comes_in_turn(bench: Bench) -> None:
    board = FakeBoard()
    bench.fake.clipboard = board  # type: ignore[assignment]
    bench.insertion = Insertion(bench.fake.host())
    for number in (1, 2):
        board.users_copy(f"copy {number}")
        bench.insert("One.", target=None)
        bench.run(0.1)
    seen = []
    for _ in range(4):
        bench.insertion.restore_clipboard()
        bench.run(0.1)
        seen.append(board.held)
    assert seen == [plain(text) for text in ("copy 2", "copy 1", "One.", "copy 2")]


def test_quitting_before_anything_was_sent_changes_nothing(bench: Bench) -> None:
    bench.insertion.abandon()
    bench.insert("hello")
    bench.insertion.abandon()
    assert bench.run(1.0) == [] and bench.fake.clipboard.changes == 0


def test_it_knows_whose_text_is_on_its_way(bench: Bench) -> None:
    bench.insertion.take_back()
    assert not bench.insertion.holds(7)
    bench.insert("hello")
    assert bench.insertion.holds(7) and not bench.insertion.holds(8)
    bench.run(2.0)
    assert not bench.insertion.holds(7)
