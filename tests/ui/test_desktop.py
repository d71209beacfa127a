"""The app's process as a whole, without a screen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import signal, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from mica.desktop import Desktop
from mica.ui.early_hotkeys import EarlyHotkeys
from mica.ui.tray import Tray
application = QApplication([])
sys.path.insert(0, sys.argv[1])
from support.fakes import FakeHost
hotkeys = EarlyHotkeys(FakeHost().host())
hotkeys.listen()
desktop = Desktop(application, Tray(), hotkeys)
desktop.start()
print(desktop._overlay.notice.text)
QTimer.singleShot(200, lambda: signal.raise_signal(signal.SIGTERM))
application.exec()
desktop.close()
print("mlx" in sys.modules)
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""
WINDOWS = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from mica.desktop import Desktop
from mica.ui.early_hotkeys import EarlyHotkeys
from mica.ui.theme import StatusColor
from mica.ui.tray import Tray
application = QApplication([])
application.setQuitOnLastWindowClosed(False)
sys.path.insert(0, sys.argv[1])
from support.fakes import FakeHost
fake = FakeHost()
hotkeys = EarlyHotkeys(fake.host())
hotkeys.listen()
desktop = Desktop(application, Tray(), hotkeys)
settings = desktop._windows.show_settings()
desktop._windows.show_keywords()
desktop._overlay.message("Something", StatusColor.QUIET)
closings = [settings, desktop._windows._vocabulary]
def close_next():
    if not closings:
        return application.quit()
    closings.pop(0).close()
    QTimer.singleShot(0, lambda: print(*fake.forward))
    QTimer.singleShot(50, close_next)
QTimer.singleShot(0, close_next)
application.exec()
desktop.close()
"""


def test_focus_returns_when_the_last_window_is_closed(home: Path) -> None:
    """Floating windows do not count. Qt reports the last window only in its loop."""
    bare = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
    command = [sys.executable, "-c", WINDOWS, str(Path(__file__).parents[1])]
    done = subprocess.run(command, env=bare, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == [
        "forward forward",
        "forward forward back",
    ], done.stderr


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_app_starts_small_without_mlx_and_names_broken_files(home: Path) -> None:
    (home / "settings.toml").write_text("model = 3", "utf-8")
    (home / "history.sqlite").write_text("no database, but long enough" * 9, "utf-8")
    bare = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
    command = [sys.executable, "-c", PROGRAM, str(Path(__file__).parents[1])]
    done = subprocess.run(command, env=bare, capture_output=True, timeout=60)
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr
    *messages, has_mlx, peak_kb = done.stdout.decode().splitlines()
    assert "The model setting was reset" in messages[0]
    assert "history could not be read" in messages[1]
    assert (home / "settings.toml").read_text("utf-8") == "model = 3"
    assert (home / "history.sqlite.broken").exists()
    assert has_mlx == "False"
    assert int(peak_kb) < 200_000
