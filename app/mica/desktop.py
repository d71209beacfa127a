"""The app: creates its parts, connects them, and runs until quit.

Only this module knows all parts. It decides nothing that a part could decide, and never
loads MLX: the engine is a separate process. Over 300 lines, since it is the one place
where every part is wired.
"""

import logging
import math
import signal
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from mica import paths
from mica.audio.devices import list_devices
from mica.audio.microphone_pool import MicrophonePool
from mica.audio.sounds import Player
from mica.dictation.captions import TICK_S, Captions, CaptionsCallbacks, Phase
from mica.dictation.controller import Dictation
from mica.dictation.hold_keys import chosen_keys
from mica.dictation.library_actions import LibraryActions
from mica.dictation.model_state import ModelState
from mica.dictation.recording import ActiveRecordings
from mica.dictation.retry import recovered
from mica.dictation.services import Services
from mica.dictation.settings_store import SettingsStore
from mica.dictation.state import ShownState, State
from mica.dictation.state_reporter import DictationCallbacks
from mica.engine.client import Deadlines, EngineClient, EngineEvent
from mica.errors import MicaError, MicrophoneError
from mica.host.select import open_sound_devices
from mica.host.values import AwayReason
from mica.insertion.timing import POLL_S
from mica.library.background import WriterThread
from mica.library.recovery import prune
from mica.library.store import Library
from mica.settings import Settings
from mica.store import catalog
from mica.text.keywords import Keywords
from mica.ui import strings
from mica.ui.captions_window import CaptionsWindow
from mica.ui.commands import Commands
from mica.ui.early_hotkeys import EarlyHotkeys
from mica.ui.network import NetworkMonitor
from mica.ui.overlay import Overlay
from mica.ui.qt_loop import PollTimer, SignalWakes
from mica.ui.single_instance import SingleInstance
from mica.ui.status import StatusPresenter
from mica.ui.tray import Tray
from mica.ui.windows import Windows
from mica.unhandled import UnhandledExceptions

_log = logging.getLogger(__name__)

QUIT_MS = 50
TRAY_MS = 3000  # a desktop's panel may start after Mica
QUIT_TIMEOUT_S = 5.0  # an insertion in progress
LIBRARY_WAIT_S = 0.5  # for other programs, on its thread
SAVE_S = 3.0  # what is not saved yet, when quitting
RECORDING = {State.ARMING, State.LISTENING}
BUSY = {*RECORDING, State.WORKING}


class Desktop:
    """The running app and its parts. Main thread."""

    def __init__(
        self,
        application: QApplication,
        tray: Tray,
        early_hotkeys: EarlyHotkeys,
        unhandled: UnhandledExceptions | None = None,
    ) -> None:
        self._unhandled = unhandled or UnhandledExceptions()
        self._tray, self._exit = tray, application.quit
        self._last_window_closed = application.lastWindowClosed
        self._quit_by_s: float | None = None  # once the user quits
        self._busy = self._started = False  # busy with a dictation
        settings, self._notes = early_hotkeys.chosen, early_hotkeys.notes
        self._settings_store = SettingsStore(settings, self._apply, self._notes)
        self._keywords = Keywords(paths.keywords_file(), self._warn)
        self._network = NetworkMonitor(self._warn)
        self._bridge, self._host = early_hotkeys.bridge, early_hotkeys.host
        self._bindings = early_hotkeys.bindings
        self._microphone_pool = MicrophonePool(settings.keep_microphone_open)
        self._library, self._library_thread = _open_library(), WriterThread()
        folder, idle_s = _engine_options(settings)
        self._client = EngineClient(
            folder,
            lambda event: self._bridge.post(lambda: self._on_engine(event)),
            deadlines=Deadlines(idle_s=idle_s),
        )
        self._model = ModelState(folder, lambda: self._client.is_loaded)
        where = self._host.focus.focused_screen_point
        self._captions_window = CaptionsWindow(where, self._raise_above)
        self._overlay = Overlay(
            settings.overlay,
            still=self._reduces_motion(settings),
            screen_point=where,
            raise_above=self._raise_above,
        )
        self._status = StatusPresenter(tray, self._overlay, settings)
        services = self._make_services()
        self._captions = self._make_captions(services)
        self._captions_timer = PollTimer(self._captions, round(1000 * TICK_S))
        self._dictation = self._make_dictation(services)
        self._timer = PollTimer(self._dictation, round(1000 * POLL_S))
        self._actions = LibraryActions(
            self._library, self._dictation, self._captions, self._on_message
        )
        self._windows = Windows(
            self._settings_store,
            self._keywords,
            self._microphones,
            self._host,
            self._bridge,
            self._targets,
        )
        self._commands = self._make_commands()
        self._instance = self._open_control_socket()
        self._notes += self._library.notes
        self._attempt(self._recover)
        early_hotkeys.on_key = self._dictation.key
        early_hotkeys.on_use = self._commands.by_key
        self._connect()

    def _make_services(self) -> Services:
        return Services(
            engine=self._client,
            active=ActiveRecordings(),
            library=self._library,
            settings=lambda: self._settings_store.now,
            keywords=self._keywords.all,
            post=self._bridge.post,
            microphone=self._microphone_pool.source,
            library_thread=self._library_thread.submit,
        )

    def start(self) -> None:
        """Start the engine, which loads its model in the background, and show notes."""
        self._client.start()
        watch = self._host.presence.watch
        self._attempt(lambda: watch(self._on_away, self._on_back))
        self._attempt(self._keywords.all)  # a long list, before the first key press
        self._started = True
        self._notes += self._unhandled.lines
        post, show = self._bridge.post, self._on_message
        self._unhandled.tell = lambda line: post(lambda: show(line, True))
        if (problem := self._model.problem()) is not None:
            self._notes.append(problem.line())
        if self._notes:
            notes = "\n".join(self._notes)
            _log.info("notes: %s", notes)
            self._status.on_message(notes, True)
            self._dictation.report(notes)
        QTimer.singleShot(TRAY_MS, self._tray, self._show_menu_without_tray)
        if self._dictation.texts.last:
            self._tray.show_last(self._dictation.texts.last)

    def close(self) -> None:
        """Save what is to be saved, then end each part, whatever the others do."""
        self._timer.stop()
        self._captions_timer.stop()
        closes: list[Callable[[], object]] = [
            self._dictation.close,
            self._captions.close,
            self._host.hotkeys.stop,
            self._host.presence.stop,
            lambda: self._last_window_closed.disconnect(self._host.restore_front),
            self._wakes.close,
            self._microphone_pool.suspend,  # a recording may end only now
            self._client.close,
            self._close_library,
        ]
        if self._instance is not None:
            closes.append(self._instance.close)
        for close in closes:
            self._attempt(close)

    def _close_library(self) -> None:
        if self._library_thread.close(SAVE_S):  # else it still uses it
            self._library.close()

    def _attempt(self, step: Callable[[], object]) -> None:
        """Do a step of the start or of the end. If it fails, Mica goes on without it,
        and the user is told."""
        try:
            step()
        except Exception as why:  # noqa: BLE001 one thing is off, not everything
            self._unhandled.handle(why, getattr(step, "__qualname__", "a step"))

    def _make_captions(self, services: Services) -> Captions:
        callbacks = CaptionsCallbacks(
            self._on_captions,
            self._captions_window.set_words,
            self._on_message,
            lambda line: self._dictation.retract(line),
        )
        return Captions(self._host.permissions, services, callbacks)

    def _make_dictation(self, services: Services) -> Dictation:
        callbacks = DictationCallbacks(
            on_state=self._on_state,
            on_level=self._overlay.level,
            on_text=self._status.on_text,
            on_message=self._status.on_message,
            on_retracted=self._status.on_retracted,
            play=Player().play,
        )
        return Dictation(self._host, services, callbacks)

    def _open_control_socket(self) -> SingleInstance | None:
        try:
            return SingleInstance(paths.control_socket(), self._commands.by_socket)
        except OSError as why:  # a memory stick's file system
            self._notes.append(strings.NO_CONTROL_SOCKET.format(why.strerror))
            return None

    def _make_commands(self) -> Commands:
        return Commands(
            dictation=self._dictation,
            captions=self._captions,
            library=self._actions,
            status=self._status,
            windows=self._windows,
            choices=self._settings_store,
            bindings=self._bindings,
            microphones=self._microphones,
            menu=self._tray.menu,
            network=self._network.line,
            quit=self._quit,
        )

    def _connect(self) -> None:
        self._tray.microphones = self._microphones
        self._tray.choose(self._settings_store.now.microphone)
        self._tray.show_private(self._settings_store.now.private_dictation)
        self._windows.ask_to_delete_all = self._commands.ask_to_delete_all
        self._actions.on_deleted = lambda: self._tray.show_last(
            self._dictation.texts.last
        )
        self._commands.by_menu(self._tray)
        self._captions_window.stop_wanted.connect(self._captions.toggle)
        self._overlay.undo_wanted.connect(self._dictation.undo)
        self._overlay.dismissed.connect(self._dictation.dismiss)
        post = self._bridge.post
        shows = self._status.on_microphone
        self._microphone_pool.on_use = lambda use: post(lambda: shows(use))
        self._windows.can_translate = lambda: self._model.translates
        self._windows.network_line = self._network.line
        self._dictation.refusal = lambda into: self._model.problem(translated=into)
        self._captions.refusal = self._model.problem
        changed = self._microphone_pool.devices_changed
        self._attempt(lambda: open_sound_devices().watch(lambda: post(changed)))
        self._last_window_closed.connect(self._host.restore_front)
        self._host.watch_reopening(lambda: post(self._show_main))
        self._wakes = SignalWakes()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # ignored under nohup
                signal.signal(number, lambda *_: post(self._quit))

    def _recover(self) -> None:
        """Add messages about what an earlier run left; delete old recordings."""
        folder = paths.journal_folder()
        self._notes += recovered(self._library, folder)
        prune(self._library, folder)

    def _warn(self, line: str) -> None:
        _log.warning("%s", line)
        if self._started:
            self._on_message(line, True)
        else:  # shown with the other notes at the start
            self._notes.append(line)

    def _quit(self) -> None:
        """Quit once no insertion is in progress: if a window copied after an undo was
        cut short, the clipboard would not be restored."""
        now_s = time.monotonic()
        if self._quit_by_s is None:
            self._quit_by_s = now_s + QUIT_TIMEOUT_S
        if self._dictation.insertion.working and now_s < self._quit_by_s:
            QTimer.singleShot(QUIT_MS, self._quit)
        else:
            self._exit()

    def _on_away(self, away: AwayReason) -> None:
        """Stop everything and close the microphone: the user is away."""
        _log.info("the user is away: %s", away.value)
        self._captions.suspend()
        self._dictation.suspend()
        self._microphone_pool.suspend()

    def _on_back(self) -> None:
        self._microphone_pool.resume()
        self._dictation.resume()
        self._captions.resume()

    def _on_state(self, shown: ShownState) -> None:
        self._busy = shown.state in BUSY
        self._status.on_state(shown)
        self._captions.pause_for_dictation(shown.state in RECORDING or shown.is_retry)
        self._keep_awake()
        if not self._busy:  # nothing stands before the microphone
            self._network.check()

    def _on_captions(self, phase: Phase) -> None:
        self._captions_window.show_phase(phase)
        self._status.on_captions(self._captions.is_on)
        self._overlay.set_bottom_inset(self._captions_window.reach)
        self._keep_awake()

    def _keep_awake(self) -> None:
        """Keep the computer awake during work, the screen during captions."""
        has_captions = self._captions.is_on
        self._host.activity.keep_awake(self._busy or has_captions, screen=has_captions)

    def _on_message(self, text: str, is_trouble: bool) -> None:
        self._status.on_message(text, is_trouble)
        if is_trouble:
            self._dictation.report(text)

    def _on_engine(self, event: EngineEvent) -> None:
        self._model.on_engine(event)
        if self._captions.on_engine(event):
            return
        self._status.on_engine(event)
        self._dictation.on_engine(event)

    def _show_main(self) -> None:
        self._windows.show_main(self._tray.menu)

    def _show_menu_without_tray(self) -> None:
        """Without a tray icon, show that Mica is running."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self._windows.show_control(self._tray.menu)

    def _raise_above(self, window: int) -> None:
        if QGuiApplication.platformName() != "offscreen":  # has no system windows
            self._host.raise_overlay(window)

    def _apply(self, new: Settings) -> None:
        """Apply settings. If it raises MicaError, nothing has changed."""
        now = self._settings_store.now
        if chosen_keys(new) != chosen_keys(now):  # else unavailable keys would
            self._bindings.bind(new)  # prevent every other change
            self._status.bound(new)
            self._windows.set_hold_key(new.hold_key)
        if _engine_options(new) != _engine_options(now):
            self._model.choose(_engine_options(new)[0])
            self._client.use(*_engine_options(new))
        for part in self._dictation, self._captions:
            part.change_microphone(new.microphone)
        if new.keep_microphone_open is not self._microphone_pool.keep_open:
            self._microphone_pool.keep_open = new.keep_microphone_open
            self._microphone_pool.close_idle()
        self._overlay.restyle(new.overlay, still=self._reduces_motion(new))
        self._tray.choose(new.microphone)
        self._tray.show_private(new.private_dictation)

    def _reduces_motion(self, settings: Settings) -> bool:
        return settings.reduce_motion or self._host.prefers_reduced_motion()

    def _targets(self) -> list[str]:
        try:
            return self._library.targets()
        except MicaError:
            return []

    def _microphones(self) -> list[str]:
        """The names of the microphones: from the system if it lists them, else from
        PortAudio, which updates its list only while no microphone is open."""
        names = list(open_sound_devices().inputs())
        if names:
            return names
        self._microphone_pool.close_idle()
        try:
            return [device.name for device in list_devices()]
        except MicrophoneError:
            return []


def _open_library() -> Library:
    file = paths.history_file(create=False)
    return Library(file, LIBRARY_WAIT_S, opens_anyway=True)


def _engine_options(settings: Settings) -> tuple[Path, float]:
    """The model's folder, and the seconds without a dictation until it is unloaded."""
    idle_s = 60 * settings.idle_unload_minutes or math.inf
    return catalog.place(settings.model), idle_s
