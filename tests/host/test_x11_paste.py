"""Real insertions on a real X server: foreign window, foreign clipboard."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import xserver

TEXT = "Hello, World! naïve café – “quotes” … ÄÖÜß ł € 日本語 Привет 😀 done."
SHIFT_L = "50"
TYPES = ("UTF8_STRING", "text/html", "image/png", "application/x-private")

pytestmark = pytest.mark.usefixtures("x_display")


class Program:
    """A foreign program that reads lines and may answer with lines."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode().strip()


class Inserter(Program):
    """The X11 host in another process; see programs/inserter.py."""

    def order(self, **order: Any) -> None:
        self.tell(json.dumps(order))

    def outcome(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.answer())
        return answer

    def insert(self, text: str) -> dict[str, Any]:
        self.order(text=text)
        return self.outcome()

    def goes_in(self, text: str, field: "Field") -> None:
        """Paste a text, undo it, then type it."""
        assert self.insert(text)["result"] == "INSERTED"
        field.shows(text)
        self.order(back=text)
        assert self.outcome()["result"] == "REMOVED"
        field.shows("")
        self.order(type=text)
        assert self.outcome()["result"] == "TYPED"
        field.shows(text)


class Field(Program):
    """A focused text field of a foreign program; see programs/field.py."""

    def __init__(self, process: "subprocess.Popen[bytes]", file: Path) -> None:
        super().__init__(process)
        self.file = file

    def start_anew(self, slow_ms: int = 0) -> None:
        self.file.unlink(missing_ok=True)
        self.tell(str(slow_ms))
        self.shows("")

    def tell_slow(self, slow_ms: int) -> None:
        """Make the field take this long for each key; the text stays."""
        self.tell(f"+{slow_ms}")

    def shows(self, text: str) -> None:
        """Wait until the field contains exactly this text."""
        holds(self.file, text)


@pytest.fixture(scope="module")
def inserter(x_display: str) -> Iterator[Inserter]:
    inserter = Inserter(xserver.start(xserver.qt_program("inserter")))
    assert inserter.outcome() == {"ready": True}
    yield inserter
    xserver.end(inserter.process)


@pytest.fixture(scope="module")
def owner_program(x_display: str) -> Iterator[Program]:
    process = xserver.start(xserver.qt_program("owner"))
    yield Program(process)
    xserver.end(process)


@pytest.fixture
def owner(owner_program: Program) -> Program:
    """Another program that has copied text, HTML, an image and a private type."""
    owner_program.tell("")
    assert owner_program.answer() == "owned"
    return owner_program


@pytest.fixture(scope="module")
def target(x_display: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    file = tmp_path_factory.mktemp("field") / "text.txt"
    command = xserver.qt_program("field", "target", str(file))
    with xserver.program(command, "target") as process:
        yield Field(process, file)


@pytest.fixture
def field(target: Field) -> Field:
    target.start_anew()
    return target


def holds(file: Path, text: str) -> None:
    xserver.until(lambda: file.exists() and file.read_text("utf-8") == text)


def clipboard() -> dict[str, bytes]:
    """The clipboard as another program reads it, by type."""
    return {type: read(type) for type in TYPES}


def read(type: str = "UTF8_STRING") -> bytes:
    command = ["xclip", "-o", "-selection", "clipboard", "-t", type]
    return subprocess.run(command, capture_output=True, timeout=xserver.WAIT_S).stdout


def test_pasted_text_is_exact_and_the_clipboard_restored(
    inserter: Inserter, owner: Program, field: Field
) -> None:
    before, types = clipboard(), read("TARGETS")
    assert before["UTF8_STRING"] == "earlier ✓ text".encode()
    assert before["application/x-private"] == b"\0\1\2"
    assert b"<b>earlier</b>" in before["text/html"]
    assert before["image/png"].startswith(b"\x89PNG")
    outcome = inserter.insert(TEXT)
    field.shows(TEXT)
    assert (outcome["result"], outcome["clipboard"]) == ("INSERTED", "AS_BEFORE")
    assert outcome["pid"] == field.process.pid
    assert clipboard() == before
    assert set(types.split()) <= set(read("TARGETS").split())


def test_busy_target_gets_the_text_not_the_old_clipboard(
    inserter: Inserter, owner: Program, field: Field
) -> None:
    field.start_anew(slow_ms=500)
    before = clipboard()
    outcome = inserter.insert(TEXT)
    field.shows(TEXT)
    assert outcome["result"] == "INSERTED"
    assert clipboard() == before


def test_starved_server_does_not_repeat_the_paste_key(
    inserter: Inserter, field: Field
) -> None:
    inserter.order(text="once.", late_s=1.0)  # keys repeat after 0.66 s
    assert inserter.outcome()["result"] == "INSERTED"
    inserter.insert(" Then")
    field.shows("once. Then")


def test_other_reader_does_not_pass_for_a_busy_target(
    inserter: Inserter, owner: Program, field: Field
) -> None:
    field.start_anew(slow_ms=1500)
    before = clipboard()
    inserter.order(text=TEXT)
    xserver.until(lambda: read() == TEXT.encode())  # read like a clipboard manager
    assert inserter.outcome()["result"] == "INSERTED"
    field.shows(TEXT)
    assert clipboard() == before


def test_copy_made_during_a_paste_stays(
    inserter: Inserter, owner: Program, field: Field
) -> None:
    field.start_anew(slow_ms=1000)
    inserter.order(text=TEXT)
    xserver.until(lambda: b"passwordManagerHint" in read("TARGETS"))
    copy = ["xclip", "-selection", "clipboard"]
    subprocess.run(copy, input=b"newer", check=True, timeout=xserver.WAIT_S)
    assert inserter.outcome()["clipboard"] == "NEWER"
    assert read() == b"newer"
    field.shows("newer")  # the field was slower than the user


def test_a_held_modifier_delays_the_keys(inserter: Inserter, field: Field) -> None:
    xserver.xdotool("keydown", SHIFT_L)
    try:
        outcome = inserter.insert("too early")
        assert outcome["result"] == "REFUSED"
        assert outcome["took_s"] >= 1.0
        inserter.order(text="in time")
    finally:
        xserver.xdotool("keyup", SHIFT_L)
    assert inserter.outcome()["result"] == "INSERTED"
    field.shows("in time")


def test_dead_owner_does_not_stop_a_paste(inserter: Inserter, field: Field) -> None:
    process = xserver.start(xserver.qt_program("owner"))
    owner = Program(process)
    owner.tell("")
    assert owner.answer() == "owned"
    xserver.end(process)
    outcome = inserter.insert("still here")
    field.shows("still here")
    assert (outcome["result"], outcome["clipboard"]) == ("INSERTED", "AS_BEFORE")
    assert read() == b""


def test_xterm_is_pasted_into_by_its_own_keys(
    inserter: Inserter, owner: Program, tmp_path: Path
) -> None:
    before = clipboard()
    file = tmp_path / "typed.txt"
    command = ["xterm", "-u8", "-T", "terminal", "-e", f"cat > {file}"]
    with xserver.program(command, "terminal"):
        xserver.until(file.exists)
        outcome = inserter.insert("naïve “quotes” 日本語\n")
        holds(file, "naïve “quotes” 日本語\n")
    assert (outcome["name"], outcome["result"]) == ("XTerm", "INSERTED")
    assert clipboard() == before


def test_typed_text_is_exact_and_the_keyboard_restored(
    inserter: Inserter, field: Field
) -> None:
    before = xserver.keyboard()
    inserter.order(type=TEXT)
    assert inserter.outcome()["result"] == "TYPED"
    field.shows(TEXT)
    assert xserver.keyboard() == before


def test_typed_text_is_exact_with_caps_lock_on(
    inserter: Inserter, field: Field
) -> None:
    xserver.xdotool("key", "Caps_Lock")
    try:
        inserter.order(type="Aa Ää ł?")
        assert inserter.outcome()["result"] == "TYPED"
        field.shows("Aa Ää ł?")
    finally:
        xserver.xdotool("key", "Caps_Lock")


def test_typist_types_more_symbols_than_spare_keycodes(
    inserter: Inserter, field: Field
) -> None:
    text = "".join(chr(0x4E00 + n) for n in range(120))
    inserter.order(type=text)
    assert inserter.outcome()["result"] == "TYPED"
    field.shows(text)


def test_undo_removes_the_text_and_restores_the_clipboard(
    inserter: Inserter, owner: Program, field: Field
) -> None:
    before = clipboard()
    inserter.insert("Dear all, ")
    inserter.insert(TEXT)
    field.shows("Dear all, " + TEXT)
    inserter.order(back=TEXT)
    assert inserter.outcome()["result"] == "REMOVED"
    field.shows("Dear all, ")
    assert clipboard() == before
    inserter.insert("bye")
    field.shows("Dear all, bye")


def test_undo_leaves_a_changed_text(
    inserter: Inserter, owner: Program, field: Field
) -> None:
    before = clipboard()
    inserter.insert("Ask the manager.")
    inserter.insert(" Now")
    inserter.order(back="Ask the manager.")
    assert inserter.outcome()["result"] == "CHANGED"
    assert clipboard() == before
    inserter.insert("!")  # the caret has not moved
    field.shows("Ask the manager. Now!")


def test_undo_removes_a_long_text_whole(inserter: Inserter, field: Field) -> None:
    text = "naïve words, 日本語 and more. " * 40
    inserter.insert(text)
    field.shows(text)
    inserter.order(back=text)
    assert inserter.outcome()["result"] == "REMOVED"
    field.shows("")


def test_undo_waits_for_a_slow_field(
    inserter: Inserter, owner: Program, field: Field
) -> None:
    before = clipboard()
    inserter.insert("slow one")
    field.shows("slow one")
    field.tell_slow(100)
    inserter.order(back="slow one")
    assert inserter.outcome()["result"] == "REMOVED"
    field.shows("")
    assert clipboard() == before


def test_xterm_is_typed_into_without_return(inserter: Inserter, tmp_path: Path) -> None:
    file = tmp_path / "typed.txt"
    command = ["xterm", "-u8", "-T", "typed", "-e", f"cat > {file}"]
    with xserver.program(command, "typed"):
        xserver.until(file.exists)
        inserter.order(type="naïve “quotes”\n日本語")
        assert inserter.outcome()["result"] == "TYPED"
        assert file.read_text() == ""
        xserver.xdotool("key", "Return")
        holds(file, "naïve “quotes” 日本語\n")


def test_a_copied_text_can_be_pasted_anywhere(inserter: Inserter) -> None:
    inserter.order(copy=TEXT)
    assert inserter.outcome() == {"copied": True}
    assert read() == TEXT.encode()
