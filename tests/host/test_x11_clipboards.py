"""Insertion with clipboards that cannot be saved and with clipboard managers, on a real
X server; see tests/host/programs."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mica.host.x11.clipboard import SelectionRequestors
from mica.host.x11.selection import SelectionReader
from mica.insertion import strings
from mica.insertion.paste import REPORT_S
from support import xserver

pytestmark = pytest.mark.usefixtures("x_display")


class InserterWithField:
    """A focused text field, and Mica's X11 host in another process."""

    def __init__(self, inserter: "subprocess.Popen[bytes]", file: Path) -> None:
        self.inserter, self.file = inserter, file

    def place(self, text: str) -> dict[str, Any]:
        """Insert a text through the queue; return the first report."""
        return self.order(place=text)

    def order(self, **order: str) -> dict[str, Any]:
        assert self.inserter.stdin is not None
        self.inserter.stdin.write(json.dumps(order).encode() + b"\n")
        self.inserter.stdin.flush()
        return self.report()

    def report(self) -> dict[str, Any]:
        assert self.inserter.stdout is not None
        answer: dict[str, Any] = json.loads(self.inserter.stdout.readline())
        return answer

    def shows(self, text: str) -> None:
        xserver.until(lambda: self.file.exists() and self.file.read_text() == text)


@pytest.fixture
def field_inserter(x_display: str, tmp_path: Path) -> Iterator[InserterWithField]:
    inserter = xserver.start(xserver.qt_program("inserter"))
    file = tmp_path / "text.txt"
    made = InserterWithField(inserter, file)
    assert made.report() == {"ready": True}
    with xserver.program(xserver.qt_program("field", "target", str(file)), "target"):
        yield made
    xserver.end(inserter)


@contextmanager
def running(*words: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = xserver.start(words)
    try:
        yield process
    finally:
        xserver.end(process)


def read(type: str = "UTF8_STRING") -> bytes:
    command = ["xclip", "-o", "-selection", "clipboard", "-t", type]
    return subprocess.run(command, capture_output=True, timeout=xserver.WAIT_S).stdout


def copy(text: bytes) -> None:
    command = ["xclip", "-selection", "clipboard"]
    subprocess.run(command, input=text, check=True, timeout=xserver.WAIT_S)
    xserver.until(lambda: read() == text)


INSERTED = {"status": "INSERTED", "message": "", "over": True}
TYPED = {
    "status": "UNKNOWN",
    "message": strings.NOT_CONFIRMED,
    "over": True,
}  # the window does not report its text


def test_text_is_typed_where_the_clipboard_is_too_long_to_save(
    field_inserter: InserterWithField,
) -> None:
    users = b"0123456789abcdef" * 5 * 2**16 * 16  # 80 MiB
    copy(users)
    assert field_inserter.place("Hello there") == TYPED
    field_inserter.shows("Hello there")
    assert read() == users


@pytest.mark.parametrize("hangs", [True, False])
def test_text_is_typed_where_the_owner_hangs_or_is_slow(
    field_inserter: InserterWithField, hangs: bool
) -> None:
    types = ["UTF8_STRING=3", "text/html=3", "image/png=3", "image/tiff=3"]
    slow_s = "0" if hangs else "0.9"
    with running(*xserver.qt_program("offer", slow_s, *types)) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"owned\n"
        if hangs:
            os.kill(owner.pid, signal.SIGSTOP)
        try:
            assert field_inserter.place("Hello there") == TYPED
            field_inserter.shows("Hello there")
        finally:
            os.kill(owner.pid, signal.SIGCONT)
        assert (read(), read("text/html")) == (b"xxx", b"xxx")


FILES = "text/uri-list=text/uri-list:file:///a/1.txt\r\nfile:///a/2.txt\r\n"


@pytest.mark.parametrize(
    ("types", "then"),
    [
        (
            ["UTF8_STRING=3", FILES, "text/x-moz-url=6"],
            {"UTF8_STRING": 3, "text/uri-list": 34},  # the latter is made by Qt
        ),
        (
            ["COMPOUND_TEXT=COMPOUND_TEXT:[?]", "STRING=2", "UTF8_STRING"],
            {"STRING": 2, "UTF8_STRING": 2},
        ),
        (
            ["COMPOUND_TEXT=COMPOUND_TEXT:[?]", "STRING=2"],
            {"COMPOUND_TEXT": 3, "STRING": 2},
        ),
        (["TARGETS", "STRING=2"], {"STRING": 2, "UTF8_STRING": 2}),
    ],
)
def test_restored_clipboard_has_its_type_names(
    field_inserter: InserterWithField, types: list[str], then: dict[str, int]
) -> None:
    with running(*xserver.qt_program("offer", "0", *types)) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"owned\n"
        assert field_inserter.place("Hello there") == INSERTED
        field_inserter.shows("Hello there")
        assert owner.wait(xserver.WAIT_S) == 0  # Mica now owns the clipboard
        assert {type: len(read(type)) for type in then} == then


class Manager:
    """A clipboard manager that takes every text over."""

    def __init__(self, log: Path, delay_ms: int) -> None:
        self.claimed = Path(f"{log}.claimed")
        command = xserver.qt_program("manager", str(log), str(delay_ms))
        self.process = xserver.start(command)
        xserver.until(log.exists)
        self.owners, self.readers = SelectionReader("CLIPBOARD"), SelectionRequestors()

    def has_claimed(self, text: str) -> bool:
        return self.claimed.exists() and text in self.claimed.read_text().splitlines()

    def holds(self, text: str) -> bool:
        """Whether the manager owns the clipboard and offers this text."""
        owner = self.owners.owner()
        owns = owner is not None and self.readers.pid_of(owner) == self.process.pid
        return owns and read() == text.encode()


def test_own_window_is_pasted_into_like_any_other(
    field_inserter: InserterWithField,
) -> None:
    """An earlier read by another program must not count as the window's."""
    assert field_inserter.place("before") == INSERTED
    field_inserter.shows("before")
    assert field_inserter.order(window="own") == {"shown": True}
    find = ["search", "--onlyvisible", "--name", "^own$"]
    xserver.until(lambda: bool(xserver.xdotool(*find)))
    window = xserver.xdotool(*find).split()[0]
    xserver.xdotool("windowactivate", "--sync", window)
    began_s = time.monotonic()
    assert field_inserter.place("Katherine") == {"text": "Katherine"}
    assert field_inserter.report() == INSERTED
    assert time.monotonic() - began_s < REPORT_S


@pytest.mark.parametrize("delay_ms", [0, 20, 100, 400, 2000])
def test_clipboard_manager_does_not_lose_the_user_copy(
    field_inserter: InserterWithField, tmp_path: Path, delay_ms: int
) -> None:
    """Nor is a text reported as inserted if it was not."""
    manager = Manager(tmp_path / "saved", delay_ms)
    try:
        copy(b"users")
        xserver.until(lambda: manager.holds("users"))
        outcome = field_inserter.place("Hello there")
        if outcome["status"] == "INSERTED":
            field_inserter.shows("Hello there")
        else:
            assert (outcome["status"], outcome["message"]) == (
                "UNKNOWN",
                strings.NOT_CONFIRMED,
            )
            field_inserter.report()
        if delay_ms:  # otherwise, the field may be done before the manager has read
            xserver.until(lambda: manager.has_claimed("Hello there"))
        # The owner may vary: managers may ignore content that was restored already.
        xserver.until(lambda: read() == b"users")
        copy(b"last")
    finally:
        xserver.end(manager.process)
