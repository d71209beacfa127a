"""Runs a scenario: start.main() as on a Mac, with the scenario in Qt's event loop."""

import functools
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from host.rehearsal.fake_mac.activation import RAISE, TRANSFORM
from host.rehearsal.fake_mac.mac import Mac
from host.rehearsal.fake_mac.timers import ClockedEvent
from host.rehearsal.simulation import THEIRS, Simulation
from mica import desktop, paths, start
from mica.audio import capture, devices, sounds
from mica.audio.microphone_pool import MicrophonePool
from mica.dictation import utterances
from mica.dictation.services import Services
from mica.engine import process
from mica.host import select
from mica.ui.overlay import Overlay
from support.apple_fakes import installed

Scenario = Callable[[Simulation], None]
Undo = Callable[[pytest.MonkeyPatch], None]
CLOSED_S = 10.0  # real seconds for the app's threads to end
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_scenario(
    scenario: Scenario,
    mac: Mac,
    application: QApplication,
    undo: Undo = lambda patch: None,
    *,
    has_engine: bool = False,
) -> None:
    """Run the whole app on a fake Mac.

    undo        undoes a fix, once the host can be imported
    has_engine  use the real engine instead of a scripted one
    """
    sim = Simulation(mac, application)
    library = process.openblas()  # before the patches make this machine a Mac
    handlers = {number: signal.getsignal(number) for number in ENDINGS}
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    with pytest.MonkeyPatch.context() as patch, installed(mac):
        select.open_sound_devices.cache_clear()
        _stand_in_for_qt(sim, patch, scenario)
        _stand_in_for_macos(mac, patch)
        _stand_in_for_sound(mac, patch)
        _drive_time(sim, patch)
        if has_engine:
            patch.setattr(process, "openblas", lambda: library)
            patch.setattr(utterances, "LATE_S", 600.0)  # simulated time runs faster
        else:
            patch.setattr(desktop, "EngineClient", sim.engine)
        undo(patch)
        paths.clipboard_hint_file().touch()  # one scenario tests this hint
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as for programs in a terminal
        mac.activation.bring(sim.terminal)
        mac.responsible = sim.terminal.pid
        mac.pasteboard.user_copies(THEIRS)
        try:
            start.main()
        finally:
            mac.over.set()
            select.open_sound_devices.cache_clear()
            sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
            for number, handler in handlers.items():
                signal.signal(number, handler)
    if sim.failure is not None:
        raise sim.failure
    assert mac.sound.is_closed.wait(CLOSED_S), "a microphone stayed open"


def _stand_in_for_qt(
    sim: Simulation, patch: pytest.MonkeyPatch, scenario: Scenario
) -> None:
    """Replace Qt's application: a process can create only one, and not for macOS."""
    mac, real_desktop = sim.mac, start._desktop

    class Application:
        def __init__(self, arguments: list[str]) -> None:
            mac.activation.start_qt(os.environ)

        def exec(self) -> int:
            """Run the scenario in Qt's event loop: only while that runs does Qt report
            that the last window was closed."""
            QTimer.singleShot(0, sim.application, self._run_scenario)
            sim.application.exec()
            return 0

        def _run_scenario(self) -> None:
            try:
                scenario(sim)
            except Exception as why:  # noqa: BLE001 the app is closed first
                sim.failure = why
            sim.application.quit()

        def quit(self) -> None:
            sim.has_quit = True

        def __getattr__(self, name: str) -> Any:
            return getattr(sim.application, name)

    def create_desktop(application: Any, *parts: Any) -> desktop.Desktop:
        sim.app = real_desktop(application, *parts)
        return sim.app

    def cannot_start(error: Exception) -> int:
        sim.failure = error
        return 1

    class SeenOverlay(Overlay):
        def message(self, text: str, *more: Any, **other: Any) -> None:
            sim.messages.append(text)
            super().message(text, *more, **other)

    for name in (RAISE, TRANSFORM):
        patch.delenv(name, raising=False)
    patch.setattr(sys, "platform", "darwin")
    patch.setattr(start, "QApplication", Application)
    patch.setattr(start, "_desktop", create_desktop)
    patch.setattr(start, "_cannot_start", cannot_start)
    patch.setattr(start, "_end_by_force", lambda code: None)
    patch.setattr(start, "_start_log", lambda tell: None)
    patch.setattr(desktop, "Overlay", SeenOverlay)
    # at once: later there is no tray, and its window would stay for the next scenario
    patch.setattr(desktop, "TRAY_MS", 0)
    patch.setattr(QGuiApplication, "platformName", lambda: "cocoa")
    patch.setattr(QWidget, "raise_", lambda window: mac.activation.raise_window())
    patch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    patch.setattr(QSystemTrayIcon, "show", lambda icon: None)  # needs X11 otherwise


def _stand_in_for_macos(mac: Mac, patch: pytest.MonkeyPatch) -> None:
    """Replace the libraries called via ctypes and the host's view of processes."""
    from mica.host.macos import accessibility, carbon, core_audio, layout, windows

    patch.setattr(tempfile, "tempdir", str(mac.session_of_user.temporary))
    patch.setattr(carbon, "load", lambda: mac.carbon)
    patch.setattr(layout, "declare_functions", lambda library: None)
    patch.setattr(core_audio, "load", lambda: mac.core_audio)
    patch.setattr(accessibility, "_is_running", lambda pid: pid in mac.known)
    patch.setattr(windows, "objc_object", lambda c_void_p: mac.view(c_void_p))
    patch.setenv("__CFBundleIdentifier", "com.apple.Terminal")
    mac.bundle = "/usr/local/Python.app"
    mac.running = {"com.apple.Terminal": ["Terminal"]}


def _stand_in_for_sound(mac: Mac, patch: pytest.MonkeyPatch) -> None:
    for module in (capture, devices, sounds):
        patch.setattr(module, "sounddevice", mac.sound)
    patch.setattr(devices._cache, "stamp", None)


def _drive_time(sim: Simulation, patch: pytest.MonkeyPatch) -> None:
    """Replace the app's clocks by the Mac's, including that of the microphone's
    watchdog thread."""
    from mica.host.macos import accessibility, open

    mac = sim.mac
    clock = SimpleNamespace(monotonic=mac.clock)
    for module in (accessibility, desktop):
        patch.setattr(module, "time", clock)
    threads = SimpleNamespace(
        Event=functools.partial(ClockedEvent, mac.clock), Thread=threading.Thread
    )
    patch.setattr(capture, "threading", threads)
    pool = functools.partial(MicrophonePool, schedule=mac.timers.later)
    patch.setattr(desktop, "MicrophonePool", pool)
    patch.setattr(desktop, "Services", functools.partial(Services, clock=mac.clock))
    hotkeys = functools.partial(open.MacHotkeys, clock=mac.clock)
    patch.setattr(open, "MacHotkeys", hotkeys)
    patch.setattr(open, "MacPaster", functools.partial(open.MacPaster, pause=mac.wait))


def mac_at(folder: Path, **options: Any) -> Mac:
    """A Mac with its own temporary folder."""
    temporary = folder / "T"
    temporary.mkdir()
    return Mac(temporary, **options)
