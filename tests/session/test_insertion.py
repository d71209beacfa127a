import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import FakeHost
from mica.errors import InsertionError, PermissionDenied
from mica.history.store import Status
from mica.host.ports import Permission, Target
from mica.session.insertion import Insertion, Report, Words

EDITOR = Target(1, 100, "Editor")


class Bench:
    """An insertion on a fake host, and time in steps of 10 ms."""

    def __init__(self) -> None:
        self.fake = FakeHost()
        self.insertion = Insertion(self.fake.host(), restore=True)
        self.now_s = 0.0

    def insert(self, text: str, target: Target | None = EDITOR) -> None:
        self.insertion.add(Words(7, text, target))

    def run(self, seconds: float, *, speaking: bool = False) -> list[Report]:
        reports = []
        for _ in range(round(seconds * 100)):
            report = self.insertion.tick(self.now_s, speaking=speaking)
            reports += [report] if report else []
            self.now_s += 0.01
        return reports


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
    assert [text for text, _ in bench.fake.paster.pasted] == ["one", "two"]


@pytest.mark.parametrize(
    ("target", "current", "said"),
    [
        (EDITOR, Target(2, 200, "Terminal"), "Another window"),
        (EDITOR, None, "Another window"),
        (None, EDITOR, "No window"),
        (EDITOR, Target(1, 100, "Editor", secure=True), "no text from programs"),
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
    [report] = bench.run(10.0)
    assert report.status is Status.WRITTEN
    assert report.message is not None


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


def test_when_the_app_quits_the_clipboard_is_put_back(bench: Bench) -> None:
    before = bench.fake.clipboard.held
    bench.insert("hello")
    bench.run(0.02)
    bench.insertion.abandon()
    assert bench.fake.clipboard.held == before
    assert not bench.insertion.busy
