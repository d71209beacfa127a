"""The app: makes the parts, ties them together, and runs until quit.

The only place that knows them all. It decides nothing a part could decide, and never
loads MLX: the engine is a process of its own. Over 300 lines: a list of ties has no
parts that could stand alone.
"""

import logging
import math
import signal
import time
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from mica import paths, settings
from mica.audio.choice import Wanted
from mica.audio.devices import list_devices
from mica.audio.play import Player
from mica.audio.warm import WarmMicrophones
from mica.engine.client import Deadlines, EngineClient, EngineEvent
from mica.errors import HistoryError, MicaError, MicrophoneError
from mica.history.store import History
from mica.host.hotkey_rules import Input
from mica.host.key_names import Use
from mica.host.ports import Away
from mica.host.select import open_host
from mica.host.sound import open_sound
from mica.session.captions import TICK_S, Captions, Phase
from mica.session.choices import Choices
from mica.session.control import Tell
from mica.session.dictation import Dictation
from mica.session.keys import Bindings
from mica.session.recording import Turns
from mica.session.recovery import recovered
from mica.session.state import Shown, State
from mica.settings import Settings
from mica.store import catalogue
from mica.text.vocabulary import Keywords
from mica.ui.bridge import Bridge, SignalWakes
from mica.ui.captions import CaptionsBand
from mica.ui.instance import Instance
from mica.ui.overlay import Overlay
from mica.ui.status import Status
from mica.ui.tray import Tray
from mica.ui.windows import Windows

_log = logging.getLogger(__name__)

TICK_MS = 10  # only while something is under way
NO_CAPTIONS = "The captions have no words yet."
SPOKEN = {State.ARMING, State.LISTENING}
BUSY = {*SPOKEN, State.WORKING}


class Desktop:
    """All parts of the running app. Main thread."""

    def __init__(self, application: QApplication, tray: Tray) -> None:
        self._application, self._tray = application, tray
        self._busy = False  # with a dictation
        chosen, notes = settings.load()
        self._choices = Choices(chosen, self._apply)
        self._bridge = Bridge()
        self._overlay = Overlay(
            chosen.overlay,
            still=chosen.reduce_motion,
            where=self._where,
            lift=self._lift,
        )
        self._band = CaptionsBand(self._where, self._lift)
        self._warm = WarmMicrophones(chosen.warm_microphone)
        tray.microphones = self._microphones
        self._status = Status(self._tray, self._overlay)
        self._on_message = self._status.on_message
        self._keywords = Keywords(paths.keywords_file())
        self._host = open_host()
        self._bindings = Bindings(self._host.hotkeys)
        self._bind(notes)
        self._windows = Windows(
            self._choices, self._keywords, self._microphones, self._host, self._bridge
        )
        self._history = History(paths.history_file())
        self._client = EngineClient(
            _model_folder(chosen.model, notes),
            lambda event: self._bridge.post(lambda: self._on_engine(event)),
            keyword_token_budget=chosen.keyword_token_budget,
            deadlines=Deadlines(idle_s=60 * chosen.idle_unload_minutes or math.inf),
        )
        turns = Turns()
        self._captions = Captions(
            permissions=self._host.permissions,
            client=self._client,
            history=self._history,
            settings=chosen,
            keywords=self._keywords.all,
            turns=turns,
            on_phase=self._on_captions,
            on_words=self._band.hear,
            on_message=self._on_message,
            microphone=self._warm.source,
        )
        self._dictation = Dictation(
            host=self._host,
            client=self._client,
            history=self._history,
            settings=chosen,
            keywords=self._keywords.all,
            on_state=self._on_state,
            on_level=self._overlay.level,
            on_text=self._status.on_text,
            on_message=self._on_message,
            microphone=self._warm.source,
            play=Player().play,
            turns=turns,
            clock=time.monotonic,
        )
        self._ticks = QTimer()
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self._tick)
        self._captions_ticks = QTimer()
        self._captions_ticks.setInterval(round(1000 * TICK_S))
        self._captions_ticks.timeout.connect(self._tick_captions)
        self._instance = Instance(paths.control_socket(), self._told)
        self._notes = notes + self._history.notes + recovered(self._history)
        self._connect()

    def start(self) -> None:
        """The engine loads behind what is shown already."""
        self._client.start()
        post = self._bridge.post
        try:
            self._host.hotkeys.start(
                lambda what, at_s: post(lambda: self._key(what, at_s)),
                lambda use: post(lambda: self._use(use)),
            )
        except MicaError as why:  # the menu starts a dictation all the same
            self._notes.append(why.line())
        self._host.presence.watch(self._left, self._came_back)
        if self._notes:
            self._on_message("\n".join(self._notes), True)
        last = self._last()
        if last:
            self._tray.show_last(last)

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

    def _connect(self) -> None:
        tray = self._tray
        tray.choose(self._choices.now.microphone)
        tray.toggled.connect(self._toggle)
        tray.captions_wanted.connect(self._toggle_captions)
        tray.copy_captions_wanted.connect(self._copy_captions)
        self._band.stop_wanted.connect(self._toggle_captions)
        tray.undo_wanted.connect(self._undo)
        tray.raw_wanted.connect(self._restore_raw)
        self._overlay.undo_wanted.connect(self._dictation.undo)
        tray.paste_wanted.connect(self._paste_last)
        tray.last_wanted.connect(self._copy_last)
        tray.keywords_wanted.connect(self._windows.show_keywords)
        tray.microphone_chosen.connect(self._choose_microphone)
        tray.settings_wanted.connect(self._windows.show_settings)
        tray.pause_wanted.connect(self._pause)
        tray.quit_wanted.connect(self._application.quit)
        open_sound().watch(lambda: self._bridge.post(self._warm.let_go))
        self._wakes = SignalWakes()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._bridge.post(self._application.quit))

    def _key(self, what: Input, at_s: float) -> None:
        self._dictation.key(what, at_s)
        self._keep_ticking()

    def _toggle(self) -> None:
        self._dictation.toggle()
        self._keep_ticking()

    def _bind(self, notes: list[str]) -> None:
        """The chosen keys; where one cannot be had, the default hold key alone."""
        try:
            self._bindings.bind(self._choices.now)
        except MicaError as why:
            notes.append(f"{why.line()} Until then the default key is used.")
            with suppress(MicaError):
                self._bindings.bind(Settings())

    def _left(self, away: Away) -> None:
        """The user cannot go on: nothing listens meanwhile."""
        _log.info("the user left: %s", away.value)
        self._captions.leave()
        self._dictation.leave()
        self._warm.let_go()
        self._keep_ticking()

    def _came_back(self) -> None:
        self._dictation.come_back()
        self._captions.come_back()

    def _pause(self, paused: bool) -> None:
        """Hotkeys do nothing until this is taken back or Mica starts anew."""
        try:
            self._bindings.pause(paused)
        except MicaError as why:
            self._on_message(why.line(), True)
        self._status.pause(self._bindings.paused)

    def _use(self, use: Use) -> None:
        """A key of its own was pressed."""
        does = {
            Use.PASTE_LAST: self._paste_last,
            Use.UNDO: self._undo,
            Use.CAPTIONS: self._toggle_captions,
        }
        does[use]()

    def _toggle_captions(self) -> None:
        self._captions.toggle()
        self._captions_ticks.start()

    def _paste_last(self) -> None:
        self._dictation.paste_last()
        self._keep_ticking()

    def _undo(self) -> None:
        """Take back an Esc while that can be, else what was inserted last."""
        if self._status.undoable:
            self._dictation.undo()
        else:
            self._dictation.undo_insertion()
        self._keep_ticking()

    def _restore_raw(self) -> None:
        self._dictation.restore_raw()
        self._keep_ticking()

    def _told(self, what: Tell) -> None:
        """What the control socket asks for; done when this returns."""
        match what:
            case Tell.SHOW:
                self._windows.show_keywords()
            case Tell.TOGGLE:
                self._toggle()
            case Tell.CANCEL:
                self._key(Input.ESCAPE, time.monotonic())
            case Tell.PASTE_LAST:
                self._paste_last()
            case Tell.UNDO:
                self._undo()
            case Tell.CAPTIONS:
                self._toggle_captions()
            case Tell.QUIT:
                self._application.quit()

    def _on_state(self, shown: Shown) -> None:
        self._busy = shown.state in BUSY
        self._status.on_state(shown)
        self._captions.make_way(shown.state in SPOKEN)
        self._host.activity.hold(self._busy or self._captions.is_on)

    def _on_captions(self, phase: Phase) -> None:
        self._band.show_phase(phase)
        self._tray.show_captions(self._captions.is_on)
        self._overlay.stand_on(self._band.reach)
        self._host.activity.hold(self._busy or self._captions.is_on)

    def _tick_captions(self) -> None:
        self._captions.tick()
        if self._captions.is_quiet:
            self._captions_ticks.stop()

    def _where(self) -> tuple[int, int] | None:
        """Which display a window of ours is to be shown on."""
        return self._host.focus.middle()

    def _lift(self, window: int) -> None:
        if QGuiApplication.platformName() != "offscreen":  # no system's window there
            self._host.lift(window)

    def _keep_ticking(self) -> None:
        if not self._dictation.is_quiet and not self._ticks.isActive():
            self._ticks.start()

    def _tick(self) -> None:
        self._dictation.tick()
        if self._dictation.is_quiet:
            self._ticks.stop()

    def _on_engine(self, event: EngineEvent) -> None:
        if self._captions.on_engine(event):
            return
        self._status.on_engine(event)
        self._dictation.on_engine(event)

    def _copy_last(self) -> None:
        last = self._last()
        if last:
            self._host.clipboard.copy(last)
            self._on_message("The last transcript is on the clipboard.", False)

    def _copy_captions(self) -> None:
        text = self._captions.text
        if text:
            self._host.clipboard.copy(text)
        told = "The captions are on the clipboard." if text else NO_CAPTIONS
        self._on_message(told, False)

    def _last(self) -> str:
        """The newest text in the history; a history that fails says so."""
        try:
            entry = self._history.last()
        except HistoryError as why:
            self._on_message(why.line(), True)
            return ""
        return entry.text if entry is not None else ""

    def _choose_microphone(self, wanted: Wanted) -> None:
        problem = self._choices.change(microphone=wanted)
        if problem is not None:
            self._on_message(problem, True)

    def _apply(self, wanted: Settings) -> None:
        """Put settings in force; a MicaError leaves all as it was."""
        self._bindings.bind(wanted)
        self._dictation.settings = self._captions.settings = wanted
        if wanted.warm_microphone is not self._warm.warmth:
            self._warm.warmth = wanted.warm_microphone
            self._warm.let_go()
        self._overlay.restyle(wanted.overlay, still=wanted.reduce_motion)
        self._tray.choose(wanted.microphone)

    def _microphones(self) -> list[str]:
        """Names, as they are now: PortAudio looks anew only while none is open."""
        self._warm.let_go()
        try:
            return [device.name for device in list_devices()]
        except MicrophoneError:
            return []


def _model_folder(model: str, notes: list[str]) -> Path:
    try:
        return catalogue.folder(model)
    except MicaError as why:
        notes.append(why.line())
        return paths.embedded_model()
