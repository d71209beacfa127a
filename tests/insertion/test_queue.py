import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insertion.harness import EDITOR, OTHER, Harness
from mica.errors import InsertionError, ModifierHeld, PermissionDenied
from mica.host.values import (
    Permission,
    Snapshot,
    SurroundingQuery,
    SurroundingText,
    Target,
)
from mica.insertion import strings
from mica.insertion.options import InsertOptions
from mica.insertion.queue import InsertionQueue
from mica.insertion.request import InsertReport
from mica.insertion.timing import UNREAD_S
from mica.insertion.user_clipboard import MAX_SAVED_COPIES
from mica.library.store import EntryStatus
from support.fake_paste import USERS, CountingClipboard, text_snapshot


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_the_text_goes_into_its_window_and_the_clipboard_is_as_before(
    harness: Harness,
) -> None:
    before = harness.fake.clipboard.held
    harness.insert("hello")
    assert harness.run(1.0) == [InsertReport(7, EntryStatus.INSERTED)]
    assert harness.fake.paster.pasted == [("hello", EDITOR)]
    assert harness.fake.clipboard.held == before
    assert harness.fake.clipboard.copied == []
    assert not harness.insertion.busy


@given(
    st.lists(st.tuples(st.floats(0.0, 3.0), st.booleans()), max_size=20),
    st.booleans(),
)
def test_text_is_pasted_once_however_slow_its_window_and_we_are(
    ticks: list[tuple[float, bool]], is_read_at_once: bool
) -> None:
    harness = Harness()
    harness.fake.paster.is_read = is_read_at_once
    harness.insert("hello")
    for late_s, reads in ticks:
        harness.run(0.01)
        harness.fake.clipboard.reads += reads
        harness.now_s += late_s
    harness.run(9.0)
    assert harness.fake.paster.pasted == [("hello", EDITOR)]
    assert not harness.insertion.busy


def test_texts_are_inserted_one_after_the_other(harness: Harness) -> None:
    harness.insert("one")
    harness.insert("two")
    assert len(harness.run(2.0)) == 2
    assert harness.pasted() == ["one", " two"]


@pytest.mark.parametrize(
    ("target", "current", "message"),
    [
        (EDITOR, Target(2, 200, "Terminal"), "You switched windows"),
        (EDITOR, None, "You switched windows"),
        (None, EDITOR, "No text field was active"),
        (EDITOR, Target(1, 100, "Editor", secure=True), "password fields"),
    ],
)
def test_text_whose_window_is_gone_stays_on_the_clipboard(
    harness: Harness, target: Target | None, current: Target | None, message: str
) -> None:
    harness.fake.focus.target = current
    harness.insert("hello", target)
    [report] = harness.run(1.0)
    assert report.status is EntryStatus.COPIED
    assert report.message is not None and message in report.message
    assert harness.fake.clipboard.copied == ["hello"]
    assert harness.fake.paster.pasted == []


def test_owner_of_secure_input_is_named(harness: Harness) -> None:
    harness.fake.focus.target = Target(1, 100, "Editor", secure=True)
    harness.fake.focus.secure_input = "Terminal"
    harness.insert("hello")
    [report] = harness.run(1.0)
    assert report.message == (
        f"{strings.secure_input('Terminal')} {strings.ON_CLIPBOARD}"
    )


@pytest.mark.parametrize(
    ("owner", "named"), [("Steam", "“Steam” has Secure Input on."), ("", "An app has")]
)
def test_secure_input_of_another_program_is_named_if_nothing_was_read(
    harness: Harness, owner: str, named: str
) -> None:
    harness.fake.focus.secure_input = owner
    harness.fake.paster.is_read = False
    harness.insert("hello")
    reports = harness.run(UNREAD_S + 1.0)
    lines = [report.message for report in reports if report.message]
    assert lines[0].startswith(named) and strings.NOT_INSERTED in lines[0]
    assert harness.fake.paster.pasted != []


def test_refused_keys_leave_the_text_on_the_clipboard(harness: Harness) -> None:
    harness.fake.paster.refuses = InsertionError("The keys cannot be sent.")
    harness.insert("hello")
    [report] = harness.run(1.0)
    assert report.status is EntryStatus.COPIED
    assert harness.fake.permissions.requested == []
    assert report.message == f"The keys cannot be sent. {strings.ON_CLIPBOARD}"
    assert harness.fake.clipboard.copied == ["hello"]


def test_missing_permission_is_requested_once(harness: Harness) -> None:
    harness.fake.paster.refuses = PermissionDenied("Not allowed.", "Allow it.")
    harness.insert("one")
    harness.insert("two")
    reports = harness.run(1.0)
    assert [report.status for report in reports] == [EntryStatus.COPIED] * 2
    assert harness.fake.permissions.requested == [Permission.INSERTION]


def test_unread_text_is_reported_and_stays_in_the_library(harness: Harness) -> None:
    harness.fake.paster.is_read = False
    harness.insert("hello")
    yet = InsertReport(7, EntryStatus.WRITTEN, strings.NOT_INSERTED, is_over=False)
    assert harness.run(2.0) == [yet]
    assert harness.run(UNREAD_S) == [InsertReport(None, EntryStatus.WRITTEN)]


def test_hint_about_typing_is_not_shown_for_windows_of_mica(
    harness: Harness,
) -> None:
    ours = Target(5, os.getpid(), "mica")
    harness.fake.paster.is_read, harness.fake.focus.target = False, ours
    harness.insert("hello", ours)
    [report] = harness.run(2.0)
    assert report.message == strings.NOT_INSERTED_IN_MICA


def test_dictating_again_during_a_paste_inserts_both(
    harness: Harness,
) -> None:
    harness.fake.paster.refuses = ModifierHeld("Held.")
    harness.insert("hello")
    assert harness.run(0.05, speaking=True) == []
    harness.fake.paster.refuses, harness.fake.paster.is_ready = None, False
    assert harness.run(3.0, speaking=True) == []
    harness.fake.paster.is_ready = True
    assert harness.run(1.0) == [InsertReport(7, EntryStatus.INSERTED)]
    assert harness.pasted() == ["hello"]


def test_held_modifier_delays_the_text_which_is_then_copied(
    harness: Harness,
) -> None:
    harness.fake.paster.is_ready = False
    harness.insert("hello")
    assert harness.run(0.9) == []
    [report] = harness.run(0.3)
    assert report.status is EntryStatus.COPIED


def test_text_waits_while_the_user_speaks_again(
    harness: Harness,
) -> None:
    harness.fake.paster.is_ready = False
    harness.insert("hello")
    assert harness.run(30.0, speaking=True) == []
    harness.fake.paster.is_ready = True
    assert harness.run(1.0) == [InsertReport(7, EntryStatus.INSERTED)]


def test_key_pressed_at_the_moment_of_sending_delays_the_text(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    paster, was_checked = harness.fake.paster, [False]

    def ready() -> bool:
        was_checked.append(True)
        return len(was_checked) == 2 or paster.is_ready

    paster.is_ready = False
    monkeypatch.setattr(paster, "ready", ready)
    harness.insert("hello")
    assert harness.run(30.0, speaking=True) == []
    paster.is_ready = True
    assert harness.run(1.0) == [InsertReport(7, EntryStatus.INSERTED)]


def test_quitting_restores_the_clipboard(harness: Harness) -> None:
    before = harness.fake.clipboard.held
    harness.insert("hello")
    harness.run(0.02)
    harness.insertion.cancel()
    assert harness.fake.clipboard.held == before
    assert not harness.insertion.busy


def test_without_restoring_the_text_stays_on_the_clipboard(harness: Harness) -> None:
    before = harness.fake.clipboard.held
    harness.insert("One.", options=InsertOptions(restores=False))
    harness.run(1.0)
    assert harness.fake.clipboard.changes == 1
    assert harness.fake.clipboard.held == before  # the text is not overwritten


def test_a_text_may_be_typed_and_the_clipboard_is_not_touched(harness: Harness) -> None:
    typed = InsertOptions(typed=True, submits=True)
    harness.insert("One.", options=typed)
    harness.insert("Two.", options=typed)
    reports = harness.run(5.0)
    assert (
        reports == [InsertReport(7, EntryStatus.UNKNOWN)] * 2
    )  # as chosen, so there is no message
    assert "".join(harness.fake.typist.typed) == "One.Two."  # with Return in between
    assert len(harness.fake.paster.submitted) == 2
    assert harness.fake.clipboard.changes == 0 and harness.pasted() == []


def test_a_text_is_typed_where_the_layout_has_no_key_that_pastes(
    harness: Harness,
) -> None:
    harness.fake.paster.has_keys = False
    harness.insert("One.")
    assert harness.run(5.0) == [InsertReport(7, EntryStatus.UNKNOWN)]
    assert "".join(harness.fake.typist.typed) == "One."
    assert harness.fake.clipboard.changes == 0 and harness.pasted() == []
    harness.fake.paster.has_keys = True  # the user has chosen another layout
    harness.insert("Two.")
    harness.run(5.0)
    assert harness.pasted() == [" Two."]


def test_typed_text_is_inserted_where_accessibility_confirms_it(
    harness: Harness,
) -> None:
    harness.fake.query_surrounding = lambda target: SurroundingQuery(
        done=True, found=SurroundingText("".join(harness.fake.typist.typed))
    )
    harness.insert("One.", options=InsertOptions(typed=True))
    assert harness.run(5.0) == [InsertReport(7, EntryStatus.INSERTED)]


def test_a_text_typed_in_part_is_whole_on_the_clipboard(harness: Harness) -> None:
    text = "A much longer text. " * 5
    harness.insert(text, options=InsertOptions(typed=True))
    harness.run(0.17)
    harness.fake.focus.target = OTHER
    [report] = harness.run(1.0)
    assert report.status is EntryStatus.COPIED
    assert harness.fake.clipboard.copied == [text]


def test_quitting_while_typing_leaves_the_keyboard_as_it_was(harness: Harness) -> None:
    harness.insert("A longer text.", options=InsertOptions(typed=True))
    harness.run(0.1)
    harness.insertion.cancel()
    assert harness.fake.typist.finished == 1


def test_a_host_that_fails_leaves_the_text_on_the_clipboard(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Target:
        raise InsertionError("The display is gone.")

    monkeypatch.setattr(harness.fake.focus, "current", fail)
    harness.insert("hello")
    [report] = harness.run(1.0)
    assert report.message == f"The display is gone. {strings.ON_CLIPBOARD}"
    assert harness.fake.clipboard.copied == ["hello"]


def test_clipboard_replaced_by_left_texts_can_be_restored(
    harness: Harness,
) -> None:
    clipboard = CountingClipboard()
    harness.fake.clipboard = clipboard  # type: ignore[assignment]
    harness.insertion = InsertionQueue(harness.fake.host())
    for text in ("One.", "Two."):
        harness.insert(text, target=None)
        assert [report.status for report in harness.run(0.1)] == [EntryStatus.COPIED]
        assert clipboard.held == text_snapshot(text)
        assert harness.insertion.clipboard.saved_copies == (USERS,)
    clipboard.users_copy("newer")
    harness.insert("Three.", target=None)
    harness.run(0.1)
    assert harness.insertion.clipboard.saved_copies == (USERS, text_snapshot("newer"))
    harness.insertion.restore_clipboard()
    harness.run(0.1)
    assert clipboard.held == text_snapshot("newer")


def test_empty_clipboard_is_not_set_aside(harness: Harness) -> None:
    harness.fake.clipboard.held = Snapshot()
    harness.insert("One.", target=None)
    harness.run(0.1)
    assert harness.insertion.clipboard.saved_copies == ()


def test_oldest_set_aside_is_forgotten(harness: Harness) -> None:
    clipboard = CountingClipboard()
    harness.fake.clipboard = clipboard  # type: ignore[assignment]
    harness.insertion = InsertionQueue(harness.fake.host())
    for number in range(MAX_SAVED_COPIES + 2):
        clipboard.users_copy(f"copy {number}")
        harness.insert("One.", target=None)
        harness.run(0.1)
    expected = [
        text_snapshot(f"copy {number}") for number in range(2, MAX_SAVED_COPIES + 2)
    ]
    assert list(harness.insertion.clipboard.saved_copies) == expected


def test_repeated_restore_cycles_through_set_aside(harness: Harness) -> None:
    clipboard = CountingClipboard()
    harness.fake.clipboard = clipboard  # type: ignore[assignment]
    harness.insertion = InsertionQueue(harness.fake.host())
    for number in (1, 2):
        clipboard.users_copy(f"copy {number}")
        harness.insert("One.", target=None)
        harness.run(0.1)
    seen = []
    for _ in range(4):
        harness.insertion.restore_clipboard()
        harness.run(0.1)
        seen.append(clipboard.held)
    assert seen == [
        text_snapshot(text) for text in ("copy 2", "copy 1", "One.", "copy 2")
    ]


def test_quitting_before_the_keys_changes_nothing(harness: Harness) -> None:
    harness.insertion.cancel()
    harness.insert("hello")
    harness.insertion.cancel()
    assert harness.run(1.0) == [] and harness.fake.clipboard.changes == 0


def test_queue_knows_which_utterance_is_inserting(harness: Harness) -> None:
    harness.insertion.undo()
    assert not harness.insertion.is_inserting(7)
    harness.insert("hello")
    assert harness.insertion.is_inserting(7) and not harness.insertion.is_inserting(8)
    harness.run(2.0)
    assert not harness.insertion.is_inserting(7)
