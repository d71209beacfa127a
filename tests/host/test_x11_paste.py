"""Real insertions on a real X server: foreign window, foreign clipboard."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import xserver

TEXT = "Hello, World! naïve café – “quotes” … ÄÖÜß ł € 日本語 Привет 😀 done."
SHIFT_L = "50"

pytestmark = pytest.mark.usefixtures("x_display")


class Inserter:
    """The X11 host in another process; see programs/inserter.py."""

    def __init__(self) -> None:
        self.process = xserver.start(xserver.qt_program("inserter"))
        assert self.answer() == {"host": "x11"}

    def tell(self, **order: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def insert(self, text: str) -> dict[str, Any]:
        self.tell(text=text)
        return self.answer()


@pytest.fixture(scope="module")
def inserter(x_display: str) -> Iterator[Inserter]:
    inserter = Inserter()
    yield inserter
    xserver.end(inserter.process)


@pytest.fixture
def owner() -> Iterator["subprocess.Popen[bytes]"]:
    """Another program that has copied text, HTML, an image and a private type."""
    process = xserver.start(xserver.qt_program("owner"))
    assert process.stdout is not None
    assert process.stdout.readline() == b"owned\n"
    yield process
    xserver.end(process)


def clipboard(tmp_path: Path) -> dict[str, Any]:
    """What a third program reads from the clipboard now."""
    out = tmp_path / "clipboard.json"
    command = xserver.qt_program("reader", str(out))
    process = xserver.start(command)
    assert process.wait(xserver.WAIT_S) == 0
    xserver.end(process)
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def shows(file: Path, text: str) -> None:
    """Wait until the field holds exactly the text."""
    xserver.until(lambda: file.exists() and file.read_text("utf-8") == text)


def test_the_exact_text_arrives_and_the_clipboard_is_as_before(
    inserter: Inserter, owner: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    before = clipboard(tmp_path)
    assert before["text"] == "earlier ✓ text" and before["private"] == "000102"
    assert before["pixels"] is not None and "<b>earlier</b>" in before["html"]
    file = tmp_path / "field.txt"
    command = xserver.qt_program("field", "target", str(file))
    with xserver.program(command, "target") as field:
        outcome = inserter.insert(TEXT)
        shows(file, TEXT)
    assert (outcome["fate"], outcome["left"]) == ("INSERTED", "AS_BEFORE")
    assert outcome["pid"] == field.pid
    assert clipboard(tmp_path) == before


def test_a_busy_target_still_gets_the_text_not_the_old_clipboard(
    inserter: Inserter, owner: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    file = tmp_path / "field.txt"
    command = xserver.qt_program("field", "busy", str(file), "700")
    with xserver.program(command, "busy"):
        outcome = inserter.insert(TEXT)
        shows(file, TEXT)
    assert outcome["fate"] == "INSERTED"
    assert clipboard(tmp_path)["text"] == "earlier ✓ text"


def test_xterm_gets_the_text_by_its_own_keys(
    inserter: Inserter, owner: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    file = tmp_path / "typed.txt"
    command = ["xterm", "-u8", "-T", "terminal", "-e", f"cat > {file}"]
    with xserver.program(command, "terminal"):
        xserver.until(file.exists)
        outcome = inserter.insert("naïve “quotes” 日本語\n")
        shows(file, "naïve “quotes” 日本語\n")
    assert (outcome["name"], outcome["fate"]) == ("XTerm", "INSERTED")
    assert clipboard(tmp_path)["html"] is not None


def test_a_copy_made_meanwhile_stays(
    inserter: Inserter, owner: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    file = tmp_path / "field.txt"
    command = xserver.qt_program("field", "racing", str(file), "1000")
    with xserver.program(command, "racing"):
        inserter.tell(text=TEXT)
        xserver.until(lambda: _clip_text() == TEXT)
        subprocess.run(
            ["xclip", "-selection", "clipboard"], input=b"newer", check=True, timeout=5
        )
        outcome = inserter.answer()
    assert outcome["left"] == "NEWER"
    assert _clip_text() == "newer"


def test_a_held_modifier_delays_the_keys(inserter: Inserter, tmp_path: Path) -> None:
    file = tmp_path / "field.txt"
    command = xserver.qt_program("field", "held", str(file))
    with xserver.program(command, "held"):
        xserver.xdotool("keydown", SHIFT_L)
        try:
            outcome = inserter.insert("too early")
            assert outcome["fate"] == "REFUSED"
            assert outcome["took_s"] >= 1.0
            inserter.tell(text="in time")
        finally:
            xserver.xdotool("keyup", SHIFT_L)
        assert inserter.answer()["fate"] == "INSERTED"
        shows(file, "in time")


def test_an_owner_that_died_costs_nothing_else(
    inserter: Inserter, tmp_path: Path
) -> None:
    owner = xserver.start(xserver.qt_program("owner"))
    assert owner.stdout is not None and owner.stdout.readline() == b"owned\n"
    xserver.end(owner)
    file = tmp_path / "field.txt"
    command = xserver.qt_program("field", "orphan", str(file))
    with xserver.program(command, "orphan"):
        outcome = inserter.insert("still here")
        shows(file, "still here")
    assert (outcome["fate"], outcome["left"]) == ("INSERTED", "AS_BEFORE")
    assert clipboard(tmp_path)["text"] is None


def test_a_copied_text_can_be_pasted_anywhere(inserter: Inserter) -> None:
    inserter.tell(copy=TEXT)
    assert inserter.answer() == {"copied": True}
    assert _clip_text() == TEXT


def _clip_text() -> str:
    command = ["xclip", "-o", "-selection", "clipboard", "-t", "UTF8_STRING"]
    done = subprocess.run(command, capture_output=True, timeout=xserver.WAIT_S)
    return done.stdout.decode()
