"""The whole app in a simulated world: lives of it, one after another.

Each life is start.main(), with the window toolkit offscreen, a fake host, and the real
library, journals, client and controllers. A life that crashes leaves on disk what was
there at that moment.
"""

import copy
import logging
import os
import shutil
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from faults.disk import Disk
from faults.engine import FakeEngines
from faults.microphone import DEVICE, FakeMicrophones, User
from faults.window import Window
from faults.world import COARSE, World
from mica import desktop, paths, start
from mica.audio import devices, vad
from mica.audio.microphone_pool import MicrophonePool
from mica.dictation import recording
from mica.dictation.control import ControlCommand
from mica.dictation.services import Services
from mica.engine import process
from mica.errors import MicaError
from mica.host import select
from mica.host.hold_key import Input
from mica.host.ports import Host, OnHotkey, OnInput
from mica.host.sound import NoSoundDevices
from mica.ui.overlay import Overlay
from support.detectors import LoudIsSpeech
from support.fakes import FakeHost, FakeHotkeys

MODEL: Final = "fake"
SETTLED_S: Final = 120.0  # an app that is still busy then hangs
_POLL_S: Final = 0.005  # of real time
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_ROWS: Final = "select * from utterance order by id"


class Hotkeys(FakeHotkeys):
    """The keyboard; the app's handlers are called in its main loop."""

    on_input: OnInput

    def start(self, on_input: OnInput, on_hotkey: OnHotkey) -> None:
        self.on_input = on_input


class Session:
    """A machine, its user, and the app on it.

    told        the lines that the app has shown, and when
    unhandled   exceptions that no guard of the app caught
    """

    def __init__(
        self, home: Path, application: QApplication, patch: pytest.MonkeyPatch
    ) -> None:
        self.world = World()
        self.user = User(self.world)
        self.microphones = FakeMicrophones(self.world, self.user)
        self.engines = FakeEngines(self.world)
        self.window = Window(self.world)
        self.home = home
        self.told: list[tuple[float, str]] = []
        self.unhandled: list[BaseException] = []
        self.app: desktop.Desktop
        self.fake: FakeHost
        self.hotkeys: Hotkeys
        self._application = application
        self._copy: Path | None = None  # what a crash leaves
        patch.setenv("MICA_HOME", str(home))
        self._replace_system(patch)
        self._replace_time(patch)
        self.disk = Disk(self.world, home, patch)
        self.world.turn = self._turn

    # Lives

    def life(self, script: Callable[[], None]) -> int:
        """Start the app, let the user act, and quit unless it crashed; the exit
        code."""
        self._script = script
        os.environ["MICA_HOME"] = str(self.home)
        self._has_started = False
        with self._contained():
            code = start.main()
        if self._copy is not None:
            self._restore()
        return code

    @property
    def has_started(self) -> bool:
        """Whether the latest life came as far as its main loop."""
        return self._has_started

    def crash(self) -> None:
        """Kill the app: nothing that happens in this life from now on is seen."""
        self._copy = self.home.with_name("crashed")
        shutil.copytree(self.home, self._copy, ignore=_sockets)
        self._clipboard = copy.copy(self.window.clipboard)

    # The user

    def press(self) -> None:
        self.hotkeys.down = True
        self.hotkeys.on_input(Input.PRESS, self.world.now_s)

    def release(self) -> None:
        self.hotkeys.down = False
        self.hotkeys.on_input(Input.RELEASE, self.world.now_s)

    def choose(self, command: ControlCommand, about: str = "") -> bool:
        """Choose a command from the menu; whether the app did it."""
        try:
            self.app._commands.by_socket(command, about)
        except MicaError:
            return False
        except Exception:  # noqa: BLE001 as Qt does
            sys.excepthook(*sys.exc_info())
            return False
        return True

    def can_transcribe_again(self) -> bool:
        """Whether the menu offers Transcribe Again."""
        return self.app._tray.has_failed()

    @property
    def is_quiet(self) -> bool:
        """Whether the app waits for its user."""
        timers = self.app._timer, self.app._captions_timer
        return not any(timer.going for timer in timers)

    def settle(self, limit_s: float = SETTLED_S) -> bool:
        """Let time pass until the app waits for its user; False if it never does."""
        self.world.run(0.1)
        return self.world.run_until(lambda: self.is_quiet, limit_s, COARSE)

    # What is found

    def texts(self) -> list[str]:
        """The texts in the library."""
        return [row["text"] for row in self.rows()]

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the library; none if it cannot be read."""
        try:
            with closing(sqlite3.Connection(self.home / "history.sqlite")) as database:
                database.row_factory = sqlite3.Row
                return [dict(row) for row in database.execute(_ROWS)]
        except sqlite3.Error:
            return []

    # The app's surroundings

    def _turn(self) -> None:
        self._application.processEvents()
        for timer in (self.app._timer, self.app._captions_timer):
            if timer.going:
                try:
                    timer._tick()
                except Exception:  # noqa: BLE001 as Qt does
                    sys.excepthook(*sys.exc_info())

    def _begin(self, *given: Any) -> desktop.Desktop:
        self.app = self._real_desktop(*given)
        return self.app

    def _cannot_start(self, error: Exception) -> int:
        """The app shows why it cannot start, and ends."""
        self.unhandled.append(error)
        return 1

    def _open_host(self) -> Host:
        self.fake, self.hotkeys = FakeHost(), Hotkeys()
        window = self.window
        return replace(
            self.fake.host(),
            hotkeys=self.hotkeys,
            clipboard=window.clipboard,
            clipboard_for=lambda target: window.clipboard,
            paster=window,
            typist=window,
            focus=window,
            probe_window=window.probe,
        )

    def _replace_system(self, patch: pytest.MonkeyPatch) -> None:
        session = self

        class Application:
            def __init__(self, arguments: list[str]) -> None:
                """There is one already, and a process can have only one."""

            def exec(self) -> int:
                session._has_started = True
                session._script()
                return 0

            def quit(self) -> None:
                """The script ends anyway."""

            def __getattr__(self, name: str) -> Any:
                return getattr(session._application, name)

        class SeenOverlay(Overlay):
            def message(self, text: str, *more: Any, **other: Any) -> None:
                session.told.append((session.world.now_s, text))
                super().message(text, *more, **other)

        class Silence:
            def play(self, tone: object) -> None:
                """No sound."""

        self._real_desktop = start._desktop
        patch.setattr(start, "QApplication", Application)
        patch.setattr(start, "_desktop", self._begin)
        patch.setattr(start, "_cannot_start", self._cannot_start)
        patch.setattr(start, "_end_by_force", lambda code: None)
        patch.setattr(select, "open_host", self._open_host)
        patch.setattr(devices, "list_devices", lambda: [DEVICE])
        patch.setattr(desktop, "list_devices", lambda: [DEVICE])
        patch.setattr(desktop, "open_sound_devices", NoSoundDevices)
        patch.setattr(desktop, "Overlay", SeenOverlay)
        patch.setattr(desktop, "Player", Silence)
        patch.setattr(desktop, "TRAY_MS", 0)
        patch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
        patch.setattr(QSystemTrayIcon, "show", lambda icon: None)
        patch.setattr(vad, "SileroVad", LoudIsSpeech)
        patch.setattr(process, "subprocess", self.engines.module(process.subprocess))
        patch.setattr(process, "openblas", lambda: None)

    def _replace_time(self, patch: pytest.MonkeyPatch) -> None:
        clock, read = self.world.clock, process.Child.read
        patch.setattr(time, "monotonic", clock)
        patch.setattr(recording, "POLL_S", _POLL_S, raising=False)
        patch.setattr(desktop, "Services", partial(Services, clock=clock))
        pool = partial(
            MicrophonePool,
            microphone=self.microphones,
            schedule=self.world.later,
            is_superseded=lambda *_: False,
            invalidate=lambda: None,
        )
        patch.setattr(desktop, "MicrophonePool", pool)
        patch.setattr(
            process.Child,
            "read",
            lambda child, timeout_s: read(child, min(timeout_s, _POLL_S)),
        )

    @contextmanager
    def _contained(self) -> Iterator[None]:
        """Restore what a life changes for the whole process; note exceptions that end a
        thread, or that Qt would print."""
        handlers = {number: signal.getsignal(number) for number in _ENDINGS}
        log, level = logging.getLogger(), logging.getLogger().level
        raises = logging.raiseExceptions
        logged = list(log.handlers)
        hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = lambda kind, error, trace: self.unhandled.append(error)
        threading.excepthook = lambda given: self._note(given.exc_value)
        try:
            yield
        finally:
            sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
            for number, handler in handlers.items():
                signal.signal(number, handler)
            for handler in set(log.handlers) - {*logged}:
                log.removeHandler(handler)
                handler.close()
            log.setLevel(level)
            logging.raiseExceptions = raises

    def _note(self, error: BaseException | None) -> None:
        if error is not None:
            self.unhandled.append(error)

    def _restore(self) -> None:
        """Put back what was on disk, and on the clipboard, at the crash."""
        assert self._copy is not None
        shutil.rmtree(self.home)
        self._copy.rename(self.home)
        self._copy = None
        self.window.clipboard = self._clipboard


def _sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_socket()]


def fresh_home(folder: Path, closes_at_once: bool) -> Path:
    """A home with settings for tests.

    closes_at_once   no microphone is kept open after a dictation
    """
    home = folder / "home"
    model = home / "models" / MODEL
    model.mkdir(mode=0o700, parents=True)
    shutil.copy(paths.embedded_model() / "config.json", model)
    keeps = "off" if closes_at_once else "30 s"
    settings = f'sounds = false\nmodel = "{MODEL}"\nkeep_microphone_open = "{keeps}"\n'
    (home / "settings.toml").write_text(settings, "utf-8")
    return home
