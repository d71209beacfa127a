"""What is left on the clipboard for the user, and what they can restore."""

from dataclasses import replace

import pytest

from insertion.harness import EDITOR
from mica import paths
from mica.bench.paste import MANAGER_PID
from mica.host.values import Snapshot
from mica.insertion import strings
from mica.insertion.borrowed_clipboard import BorrowedClipboard
from mica.insertion.clipboard_guard import TRIES, ClipboardGuard
from mica.insertion.queue import InsertionQueue, open_queue
from mica.insertion.request import InsertRequest
from mica.insertion.user_clipboard import MAX_SAVED_COPIES, UserClipboard
from mica.library.store import EntryStatus
from support.fake_paste import TARGET, USERS, CountingClipboard, text_snapshot
from support.fakes import FakeHost


class Harness:
    """The user's clipboard, and whether a window hangs."""

    def __init__(self, held: Snapshot = USERS) -> None:
        self.fake, self.simulated, self.hangs = (
            FakeHost(),
            CountingClipboard(held),
            False,
        )
        self.fake.clipboard = self.simulated  # type: ignore[assignment]
        self.clipboard = UserClipboard(self.fake.host(), lambda: self.hangs)


def test_left_text_sets_the_users_copy_aside_once() -> None:
    harness = Harness()
    for _ in range(2):
        result = harness.clipboard.leave_on_clipboard("hello")
        assert result == (EntryStatus.COPIED, strings.ON_CLIPBOARD)
    assert harness.simulated.held == text_snapshot("hello")
    assert harness.clipboard.saved_copies == (USERS,)


def test_text_is_not_left_while_a_window_hangs() -> None:
    harness = Harness()
    harness.hangs = True
    result = harness.clipboard.leave_on_clipboard("hello")
    assert result == (EntryStatus.WRITTEN, strings.PASTE_LAST)
    assert harness.simulated.changes == 0


def test_set_aside_keeps_the_newest_few() -> None:
    harness = Harness()
    copies = [text_snapshot(str(number)) for number in range(MAX_SAVED_COPIES + 1)]
    for copy in copies:
        harness.clipboard.add((copy,))
    assert harness.clipboard.saved_copies == tuple(copies[1:])


@pytest.mark.parametrize("users", [USERS, Snapshot()])
def test_guard_that_gives_up_reports_a_lost_copy(users: Snapshot) -> None:
    """Losing an empty clipboard is not reported."""
    harness = Harness(users)
    harness.simulated.publish("ours")
    harness.simulated.restore(users)
    guard = ClipboardGuard(TARGET, users, harness.simulated)
    harness.clipboard.watch(guard)
    reports = []
    for attempt in range(TRIES + 1):
        harness.simulated.hold(text_snapshot("ours"), MANAGER_PID)
        reports.append(harness.clipboard.poll_guard(attempt / 10))
    assert not harness.clipboard.is_watched
    lines = [report.message for report in reports if report is not None]
    assert lines == ([strings.TAKEN_OVER] if users.pieces else [])
    assert harness.clipboard.saved_copies == ((users,) if users.pieces else ())


def test_queue_of_the_app_restores_what_a_killed_mica_borrowed() -> None:
    file = paths.borrowed_file()
    fake, requests = FakeHost(), []
    fake.clipboard = simulated = CountingClipboard(text_snapshot("ours"))  # type: ignore[assignment]
    BorrowedClipboard(file).save("ours", USERS)
    queue = open_queue(fake.host(), lambda: requests.append("request"))
    assert simulated.held == USERS and not file.exists()
    assert not queue.is_ticking
    queue.restore_clipboard()
    assert queue.is_ticking and requests == ["request"]


@pytest.mark.parametrize("is_selection", [False, True])
def test_only_the_clipboard_is_saved_on_disk(is_selection: bool) -> None:
    """xterm pastes from the primary selection, which is not worth saving."""
    fake, file = FakeHost(), paths.borrowed_file()
    fake.clipboard = simulated = CountingClipboard()  # type: ignore[assignment]
    selection = CountingClipboard()
    host = replace(
        fake.host(), clipboard_for=lambda _: selection if is_selection else simulated
    )
    queue = InsertionQueue(host, BorrowedClipboard(file))
    fake.paster.clipboard = simulated = selection if is_selection else simulated
    queue.add(InsertRequest(7, "hello", EDITOR))
    for now_s in (0.0, 0.01):
        queue.tick(now_s, speaking=False)
    assert simulated.published == ["hello"]
    assert file.exists() == (not is_selection)
    queue.cancel()
    assert simulated.held == USERS and not file.exists()
