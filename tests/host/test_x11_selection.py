"""Reading what other programs put on the clipboard, on a real X server: completely, or
left out."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mica.host.values import Piece, Snapshot
from mica.host.x11 import selection
from mica.host.x11.selection import OWNER_TIMEOUT_S, SNAPSHOT_S, SelectionReader
from support import xserver

pytestmark = pytest.mark.usefixtures("x_display")


@pytest.fixture
def reader(x_display: str) -> SelectionReader:
    return SelectionReader("CLIPBOARD")


@contextmanager
def offer(*words: str, slow_s: float = 0.0) -> Iterator["subprocess.Popen[bytes]"]:
    """Run programs/offer.py."""
    process = xserver.start(xserver.qt_program("offer", str(slow_s), *words))
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"owned\n"
        yield process
    finally:
        xserver.end(process)


def sizes(snapshot: Snapshot) -> dict[str, int]:
    return {piece.type: len(piece.data) for piece in snapshot.pieces}


def test_every_type_is_read_and_old_names_of_a_text_once(
    reader: SelectionReader,
) -> None:
    types = ("UTF8_STRING=5", "STRING=5", "TEXT=5", "text/html=7", "empty/one=0")
    with offer(*types, "SAVE_TARGETS", "TIMESTAMP=4"):
        found = reader.read()
    assert found.left_out == ()
    assert sizes(found) == {"text/plain": 5, "text/html": 7, "empty/one": 0}


def test_incremental_transfers_run_side_by_side(
    reader: SelectionReader,
) -> None:
    with offer("one/type=3000001", "other/type=2000003", "short/type=9"):
        found = reader.read()
    assert found.left_out == ()
    assert sizes(found) == {
        "one/type": 3_000_001,
        "other/type": 2_000_003,
        "short/type": 9,
    }


def test_a_text_in_an_old_encoding_is_text(reader: SelectionReader) -> None:
    with offer("STRING=2"):
        assert reader.read() == Snapshot((Piece(0, "text/plain", b"xx"),))


@pytest.mark.parametrize("how", ["old", "none", "text"])
def test_text_with_wrong_targets_is_read(reader: SelectionReader, how: str) -> None:
    with offer("UTF8_STRING=2", f"TARGETS={how}"):
        assert reader.read() == Snapshot((Piece(0, "text/plain", b"xx"),))


@pytest.mark.parametrize("how", ["none", "text"])
def test_owner_offering_and_giving_nothing_is_empty(
    reader: SelectionReader, how: str
) -> None:
    with offer(f"TARGETS={how}"):
        assert reader.read() == Snapshot()


@pytest.mark.parametrize("limit", ["TYPE_BYTES", "ALL_BYTES"])
@pytest.mark.parametrize("size", [50_001, 90_000])  # in one piece and in several
def test_type_over_the_size_limit_is_left_out(
    reader: SelectionReader, monkeypatch: pytest.MonkeyPatch, limit: str, size: int
) -> None:
    monkeypatch.setattr(selection, limit, 50_000)
    with offer("short/type=9", f"long/type={size}"):
        found = reader.read()
    assert found.left_out == ("long/type",)
    assert sizes(found) == {"short/type": 9}


def test_types_over_the_total_limit_are_left_out(
    reader: SelectionReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "ALL_BYTES", 100_000)
    with offer("a/a=40000", "b/b=40000", "c/c=40000", "d/d=90000"):
        found = reader.read()
    assert (len(found.pieces), len(found.left_out)) == (2, 2)


def test_types_of_a_slow_owner_that_come_late_are_left_out(
    reader: SelectionReader,
) -> None:
    with offer("a/a=1", "b/b=1", "c/c=1", "d/d=1", "e/e=1", slow_s=0.7):
        began_s = time.monotonic()
        found = reader.read()
        elapsed_s = time.monotonic() - began_s
    assert found.pieces and found.left_out
    assert len(found.pieces) + len(found.left_out) == 5
    assert elapsed_s < SNAPSHOT_S + 0.5


def test_slow_owner_done_in_time_loses_nothing(
    reader: SelectionReader,
) -> None:
    with offer("a/a=1", "b/b=1", "c/c=1", slow_s=0.3):
        found = reader.read()
    assert (len(found.pieces), found.left_out) == (3, ())


def test_hanging_owner_times_out_and_does_not_count_as_empty(
    reader: SelectionReader,
) -> None:
    with offer("a/a=1") as process:
        os.kill(process.pid, signal.SIGSTOP)
        try:
            began_s = time.monotonic()
            assert reader.read().left_out == ("TARGETS",)
            assert time.monotonic() - began_s < OWNER_TIMEOUT_S + 0.5
        finally:
            os.kill(process.pid, signal.SIGCONT)
        xserver.until(lambda: reader.read() == Snapshot((Piece(0, "a/a", b"x"),)))


def test_refused_type_is_not_part_of_the_snapshot(reader: SelectionReader) -> None:
    with offer("a/a=1", "refused/type"):
        assert reader.read() == Snapshot((Piece(0, "a/a", b"x"),))
    with offer("refused/type"):
        assert reader.read() == Snapshot(left_out=("refused/type",))


@pytest.mark.parametrize(
    ("types", "text"),
    [
        (["UTF8_STRING", "STRING=4"], "xxxx"),
        (["UTF8_STRING", "text/plain", "TEXT=4"], "xxxx"),
        (["TEXT=UTF8_STRING:für 42 €"], "für 42 €"),
        (["TEXT=COMPOUND_TEXT:[?]", "STRING=2"], "xx"),
        (["TEXT=STRING:old", "text/plain=text/plain:42 €"], "42 €"),
    ],
)
def test_text_is_read_under_a_name_its_owner_gives(
    reader: SelectionReader, types: list[str], text: str
) -> None:
    with offer(*types, "text/html=1"):
        found = reader.read()
    pieces = {piece.type: piece.data for piece in found.pieces}
    assert pieces == {"text/html": b"x", "text/plain": text.encode()}
    assert found.left_out == ()


def test_unknown_encoding_is_kept_as_bytes(
    reader: SelectionReader,
) -> None:
    compound = Piece(0, "COMPOUND_TEXT", b"[?]")
    with offer("COMPOUND_TEXT=COMPOUND_TEXT:[?]", "STRING=2", "TEXT=2"):
        assert set(reader.read().pieces) == {compound, Piece(0, "text/plain", b"xx")}
    with offer("TEXT=COMPOUND_TEXT:[?]"):
        assert reader.read() == Snapshot((compound,))


def test_owner_without_a_target_list_is_asked_for_text(
    reader: SelectionReader,
) -> None:
    with offer("TARGETS", "STRING=2"):
        assert reader.read() == Snapshot((Piece(0, "text/plain", b"xx"),))
    with offer("TARGETS", "image/png=2"):
        assert reader.read().left_out


def test_address_with_a_title_keeps_the_list_of_addresses(
    reader: SelectionReader,
) -> None:
    for types in (["text/uri-list=9", "text/x-moz-url=6"], ["text/uri-list=9"]):
        with offer(*types):
            assert sizes(reader.read()) == {"text/uri-list": 9}
    with offer("text/x-moz-url=6"):
        assert sizes(reader.read()) == {"text/uri-list": 11}


@contextmanager
def copied(text: bytes) -> Iterator["subprocess.Popen[bytes]"]:
    """Copy with xclip, which serves readers one by one and ignores errors."""
    command = ["xclip", "-quiet", "-selection", "clipboard"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    process.stdin.write(text)
    process.stdin.close()
    try:
        xserver.until(lambda: pasted() == text)
        yield process
    finally:
        process.kill()
        process.wait(xserver.WAIT_S)


def pasted() -> bytes:
    command = ["xclip", "-o", "-selection", "clipboard"]
    return subprocess.run(command, capture_output=True, timeout=xserver.WAIT_S).stdout


def is_drained(reader: SelectionReader) -> bool:
    """Handle pending events, as Mica's event loop does."""
    reader.drain()
    return not reader._conversions


def test_left_out_type_can_still_be_pasted(
    reader: SelectionReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b"long" * 3_000_000
    with copied(text):
        monkeypatch.setattr(selection, "TYPE_BYTES", 2_000_000)
        assert reader.read().left_out == ("UTF8_STRING",)
        xserver.until(lambda: is_drained(reader))
        assert pasted() == text


def test_owner_that_wakes_later_can_be_pasted_from(
    reader: SelectionReader,
) -> None:
    with copied(b"from a program that hangs") as process:
        os.kill(process.pid, signal.SIGSTOP)
        try:
            assert reader.read().left_out == ("TARGETS",)
        finally:
            os.kill(process.pid, signal.SIGCONT)
        xserver.until(lambda: is_drained(reader))
        assert pasted() == b"from a program that hangs"


def test_selection_without_an_owner_is_empty(reader: SelectionReader) -> None:
    with offer("a/a=1"):
        assert reader.owner() is not None
    xserver.until(lambda: reader.owner() is None)
    assert reader.read() == Snapshot()
