"""The text around the caret in real editors, on a private display and D-Bus."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mica.host.values import SurroundingText, Target
from mica.host.x11.at_spi import LIMIT_S, AtSpi
from support import accessibility_bus, xserver
from support.xserver import until, xdotool

GTK = ["/usr/bin/python3", "-c", "import gi; gi.require_version('Gtk', '3.0')"]
LACKING = accessibility_bus.missing()
HOME, END, RIGHT, SHIFT, SPACE = "110", "115", "114", "50", "65"
TAB, A, B = "23", "38", "56"

pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason=f"needs {', '.join(LACKING)}"),
    pytest.mark.usefixtures("x_display"),
]


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[None]:
    with accessibility_bus.accessibility_bus(tmp_path):
        yield


@pytest.fixture
def at_spi(bus: None) -> Iterator[AtSpi]:
    at_spi = AtSpi()
    yield at_spi
    at_spi.close()


@contextmanager
def editor(command: list[str], title: str) -> Iterator[Target]:
    with xserver.program(command, title):
        window = xdotool("getactivewindow")
        yield Target(int(window), int(xdotool("getwindowpid", window)), "editor")


def field(folder: Path) -> list[str]:
    return xserver.qt_program("field", "field", str(folder / "field"))


def assert_read(at_spi: AtSpi, target: Target, wanted: SurroundingText) -> None:
    """Wait until the editor reports this, because keys take some time."""
    until(lambda: at_spi.read(target) == wanted)


def test_qt_editor_gives_both_sides_of_caret_and_selection(
    at_spi: AtSpi, tmp_path: Path
) -> None:
    with editor(field(tmp_path), "field") as target:
        assert_read(at_spi, target, SurroundingText(""))
        xdotool("key", A, SPACE, B)
        assert_read(at_spi, target, SurroundingText("a b"))
        xdotool("key", HOME)
        assert_read(at_spi, target, SurroundingText("", "a b"))
        xdotool("keydown", SHIFT, "key", RIGHT, "key", RIGHT, "keyup", SHIFT)
        assert_read(at_spi, target, SurroundingText("", "b"))
        assert at_spi.read(Target(0, os.getpid(), "another")) is None


def test_other_field_of_the_window_gives_its_own_text(
    at_spi: AtSpi, tmp_path: Path
) -> None:
    command = xserver.qt_program("form", "form")
    with editor(command, "form") as target:
        assert_read(at_spi, target, SurroundingText("first"))
        xdotool("key", TAB, END)  # to a password field
        answers = [at_spi.read(target) for _ in range(20)]
        assert (
            answers[-1] == SurroundingText("")
            and SurroundingText("second") not in answers
        )
        xdotool("key", TAB)
        assert_read(at_spi, target, SurroundingText(""))  # everything is selected
        xdotool("key", END)
        assert_read(at_spi, target, SurroundingText("third"))


def test_hanging_editor_delays_by_the_limit_and_answers_when_it_wakes(
    at_spi: AtSpi, tmp_path: Path
) -> None:
    with editor(field(tmp_path), "field") as target:
        assert_read(at_spi, target, SurroundingText(""))
        assert target.pid is not None
        os.kill(target.pid, signal.SIGSTOP)
        try:
            began_s = time.monotonic()
            assert at_spi.read(target) is None
            assert LIMIT_S <= time.monotonic() - began_s < 10 * LIMIT_S
        finally:
            os.kill(target.pid, signal.SIGCONT)
        assert_read(at_spi, target, SurroundingText(""))


def test_program_without_accessibility_has_no_answer(at_spi: AtSpi) -> None:
    with editor(["xterm", "-T", "shell"], "shell") as target:
        assert at_spi.read(target) is None


@pytest.mark.skipif(
    subprocess.run(GTK, capture_output=True).returncode != 0, reason="needs GTK"
)
def test_gtk_editors_give_their_own_text(at_spi: AtSpi) -> None:
    script = Path(__file__).parent / "programs" / "gtk_field.py"
    command = ["/usr/bin/python3", str(script), "gtk=We need", "other=Else"]
    with editor(command, "gtk") as target:
        xdotool("key", END)
        assert_read(at_spi, target, SurroundingText("We need"))
        xdotool("key", SPACE, A, HOME)
        assert_read(at_spi, target, SurroundingText("", "We need a"))
        other = xdotool("search", "--onlyvisible", "--name", "^other$")
        xdotool("windowactivate", "--sync", other)
        assert_read(at_spi, target, SurroundingText("Else"))  # the focused one
        xdotool("windowactivate", "--sync", str(target.window))
        assert_read(at_spi, target, SurroundingText("", "We need a"))


@pytest.mark.parametrize("address", ["", "unix:path=/nonexistent"])
def test_at_spi_without_a_bus_has_no_answer(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert AtSpi().read(Target(1, os.getpid(), "editor")) is None


def test_at_spi_reconnects_to_a_new_bus(tmp_path: Path) -> None:
    at_spi = AtSpi()
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        with (
            accessibility_bus.accessibility_bus(folder),
            editor(field(folder), "field") as target,
        ):
            assert_read(at_spi, target, SurroundingText(""))
            xdotool("key", A)
            assert_read(at_spi, target, SurroundingText("a"))
    at_spi.close()
