"""The app: makes the parts, ties them together, and runs until quit.

The only place that knows them all. It decides nothing a part could decide, and never
loads MLX: the engine is a process of its own.
"""

import logging
import math
import signal
import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from mica import paths
from mica.audio.devices import list_devices
from mica.audio.microphone_pool import MicrophonePool
from mica.audio.play import Player
from mica.dictation.captions import TICK_S, Captions, Phase
from mica.dictation.controller import Dictation
from mica.dictation.engine_queue import EngineQueue
from mica.dictation.keys import chosen_keys
from mica.dictation.model_state import ModelState
from mica.dictation.recovery import recovered
from mica.dictation.settings_store import SettingsStore
from mica.dictation.state import ShownState, State
from mica.engine.client import Deadlines, EngineClient, EngineEvent
from mica.errors import MicaError, MicrophoneError
from mica.host.ports import Away
from mica.host.select import open_sound_devices
from mica.library.store import Library
from mica.settings import Settings
from mica.store import catalogue
from mica.text.keywords import Keywords
from mica.ui.captions_window import CaptionsWindow
from mica.ui.commands import Commands
from mica.ui.early_hotkeys import EarlyHotkeys
from mica.ui.overlay import Overlay
from mica.ui.qt_loop import PollTimer, SignalWakes
from mica.ui.single_instance import SingleInstance
from mica.ui.status import StatusPresenter
from mica.ui.tray import Tray
from mica.ui.windows import Windows

_log = logging.getLogger(__name__)

TICK_MS = 10  # only while something is under way
QUIT_MS = 50
TRAY_MS = 3000  # a desktop's panel may start after us
TO_QUIT_S = 5.0  # a text that is on its way may take
SPOKEN = {State.ARMING, State.LISTENING}
BUSY = {*SPOKEN, State.WORKING}


class Desktop:
    """All parts of the running app. Main thread."""

    def __init__(
        self, application: QApplication, tray: Tray, early_hotkeys: EarlyHotkeys
    ) -> None:
        self._tray, self._end = tray, application.quit
        self._ends_by_s: float | None = None  # where the user wants it to
        self._busy = self._started = False  # busy with a dictation
        chosen, self._notes = early_hotkeys.chosen, early_hotkeys.notes
        self._choices = SettingsStore(chosen, self._apply, self._notes)
        self._keywords = Keywords(paths.keywords_file(), self._warn)
        self._bridge, self._host, self._bindings = (
            early_hotkeys.bridge,
            early_hotkeys.host,
            early_hotkeys.bindings,
        )
        self._warm = MicrophonePool(chosen.warm_microphone)
        self._history = Library(paths.history_file())
        folder, idle_s = _engine(chosen)
        self._client = EngineClient(
            folder,
            lambda event: self._bridge.post(lambda: self._on_engine(event)),
            deadlines=Deadlines(idle_s=idle_s),
        )
        self._model = ModelState(folder, lambda: self._client.is_loaded)
        where = self._host.focus.middle
        self._band = CaptionsWindow(where, self._lift)
        still = self._is_still(chosen)
        self._overlay = Overlay(
            chosen.overlay, still=still, where=where, lift=self._lift
        )
        self._status = StatusPresenter(tray, self._overlay, chosen)
        turns = EngineQueue()
        self._captions = self._make_captions(turns)
        self._captions_ticks = PollTimer(self._captions, round(1000 * TICK_S))
        self._dictation = self._make_dictation(turns)
        self._ticks = PollTimer(self._dictation, TICK_MS)
        self._windows = Windows(
            self._choices,
            self._keywords,
            self._microphones,
            self._host,
            self._bridge,
            self._targets,
        )
        self._commands = self._make_commands()
        self._instance = SingleInstance(
            paths.control_socket(), self._commands.by_socket
        )
        self._notes += self._history.notes + recovered(self._history)
        early_hotkeys.on_key, early_hotkeys.on_use = (
            self._dictation.key,
            self._commands.by_key,
        )
        self._connect()

    def start(self) -> None:
        """The engine loads behind what is shown already."""
        self._client.start()
        self._host.presence.watch(self._left, self._came_back)
        self._keywords.all()  # a long list is read before a key is pressed
        self._started = True
        if (problem := self._model.problem()) is not None:
            self._notes.append(problem.line())
        if self._notes:
            told = "\n".join(self._notes)
            _log.info("told: %s", told)
            self._status.on_message(told, True)
            self._dictation.report(told)
        QTimer.singleShot(TRAY_MS, self._tray, self._show_where_no_tray_is)
        if self._dictation.texts.last:
            self._tray.show_last(self._dictation.texts.last)

    def close(self) -> None:
        self._ticks.stop()
        self._captions_ticks.stop()
        self._host.hotkeys.stop()
        self._host.presence.stop()
        self._wakes.close()
        self._dictation.close()
        self._captions.close()
        self._warm.let_go()
        self._client.close()
        self._history.close()
        self._instance.close()

    def _make_captions(self, turns: EngineQueue) -> Captions:
        return Captions(
            permissions=self._host.permissions,
            client=self._client,
            history=self._history,
            settings=lambda: self._choices.now,
            keywords=self._keywords.all,
            turns=turns,
            on_phase=self._on_captions,
            on_words=self._band.hear,
            on_message=self._on_message,
            microphone=self._warm.source,
        )

    def _make_dictation(self, turns: EngineQueue) -> Dictation:
        return Dictation(
            host=self._host,
            client=self._client,
            history=self._history,
            settings=lambda: self._choices.now,
            keywords=self._keywords.all,
            on_state=self._on_state,
            on_level=self._overlay.level,
            on_text=self._status.on_text,
            on_message=self._status.on_message,
            microphone=self._warm.source,
            play=Player().play,
            turns=turns,
        )

    def _make_commands(self) -> Commands:
        return Commands(
            dictation=self._dictation,
            captions=self._captions,
            status=self._status,
            windows=self._windows,
            choices=self._choices,
            bindings=self._bindings,
            microphones=self._microphones,
            menu=self._tray.menu,
            quit=self._quit,
        )

    def _connect(self) -> None:
        self._tray.microphones = self._microphones
        self._tray.choose(self._choices.now.microphone)
        self._commands.by_menu(self._tray)
        self._band.stop_wanted.connect(self._captions.toggle)
        self._overlay.undo_wanted.connect(self._dictation.undo)
        self._overlay.superseded.connect(self._dictation.dismiss)
        self._warm.on_opened = lambda opened: self._bridge.post(
            lambda: self._status.on_microphone(opened)
        )
        self._windows.can_translate = lambda: self._model.translates
        self._dictation.refusal = lambda into: self._model.problem(translated=into)
        self._captions.refusal = self._model.problem
        open_sound_devices().watch(lambda: self._bridge.post(self._warm.choose_anew))
        self._wakes = SignalWakes()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
                signal.signal(number, lambda *_: self._bridge.post(self._quit))

    def _warn(self, line: str) -> None:
        _log.warning("%s", line)
        if self._started:
            self._on_message(line, True)
        else:  # among what else is wrong at the start
            self._notes.append(line)

    def _quit(self) -> None:
        """When no text is on its way: a window that copies for an undo would find
        nobody who puts the clipboard back."""
        now_s = time.monotonic()
        if self._ends_by_s is None:
            self._ends_by_s = now_s + TO_QUIT_S
        if self._dictation.insertion.working and now_s < self._ends_by_s:
            QTimer.singleShot(QUIT_MS, self._quit)
        else:
            self._end()

    def _left(self, away: Away) -> None:
        """The user cannot go on: nothing listens meanwhile."""
        _log.info("the user left: %s", away.value)
        self._captions.leave()
        self._dictation.leave()
        self._warm.let_go()

    def _came_back(self) -> None:
        self._dictation.come_back()
        self._captions.come_back()

    def _on_state(self, shown: ShownState) -> None:
        self._busy = shown.state in BUSY
        self._status.on_state(shown)
        self._captions.pause_for_dictation(shown.state in SPOKEN or shown.again)
        self._keep_awake()

    def _on_captions(self, phase: Phase) -> None:
        self._band.show_phase(phase)
        self._status.on_captions(self._captions.is_on)
        self._overlay.set_bottom_inset(self._band.reach)
        self._keep_awake()

    def _keep_awake(self) -> None:
        reads = self._captions.is_on
        self._host.activity.hold(self._busy or reads, screen=reads)

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

    def _show_where_no_tray_is(self) -> None:
        """Else nothing would tell that Mica runs."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self._windows.show_control(self._tray.menu)

    def _lift(self, window: int) -> None:
        if QGuiApplication.platformName() != "offscreen":  # no system's window there
            self._host.lift(window)

    def _apply(self, wanted: Settings) -> None:
        """Put settings in force; a MicaError leaves all as it was."""
        now = self._choices.now
        if chosen_keys(wanted) != chosen_keys(now):  # else keys that cannot be had
            self._bindings.bind(wanted)  # would forbid every other change
            self._status.bound(wanted)
        if _engine(wanted) != _engine(now):
            self._model.choose(_engine(wanted)[0])
            self._client.use(*_engine(wanted))
        for part in self._dictation, self._captions:
            part.change_microphone(wanted.microphone)
        if wanted.warm_microphone is not self._warm.warmth:
            self._warm.warmth = wanted.warm_microphone
            self._warm.let_go()
        self._overlay.restyle(wanted.overlay, still=self._is_still(wanted))
        self._tray.choose(wanted.microphone)

    def _is_still(self, wanted: Settings) -> bool:
        return wanted.reduce_motion or self._host.wants_stillness()

    def _targets(self) -> list[str]:
        try:
            return self._history.targets()
        except MicaError:
            return []

    def _microphones(self) -> list[str]:
        """Names, as they are now: by the system where it tells, else by PortAudio,
        which looks anew only while none is open."""
        told = list(open_sound_devices().inputs())
        if told:
            return told
        self._warm.let_go()
        try:
            return [device.name for device in list_devices()]
        except MicrophoneError:
            return []


def _engine(chosen: Settings) -> tuple[Path, float]:
    """What the engine is told of the settings: the model, and the seconds without a
    dictation until it leaves memory."""
    idle_s = 60 * chosen.idle_unload_minutes or math.inf
    return catalogue.place(chosen.model), idle_s
