"""The tray icon and its menu. Shows what it is told; every click emits a signal."""

import textwrap
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from mica.audio.device_selection import WantedDevice
from mica.ui import strings, theme
from mica.ui.recordings_menu import RecordingsMenu
from mica.ui.theme import StatusColor

SHOWN_CHARACTERS: Final = 48
LINE_CHARACTERS: Final = 60
UNDO: Final = "Undo Last Dictation"
MOST_LINES: Final = 5  # of the state, at the top of the menu


class Tray(QObject):
    """The tray icon. Main thread only.

    microphones             returns the names, each time their menu opens
    can_restore_clipboard   whether earlier content can be restored, each time the menu
                            opens
    has_failed              whether a dictation can be transcribed again, likewise
    """

    toggled = Signal()
    captions_wanted = Signal()
    copy_captions_wanted = Signal()
    undo_wanted = Signal()
    paste_wanted = Signal()
    raw_wanted = Signal()
    last_wanted = Signal()
    retry_wanted = Signal()
    private_wanted = Signal(bool)
    dismiss_wanted = Signal()
    clipboard_wanted = Signal()
    keywords_wanted = Signal()
    settings_wanted = Signal()
    microphone_chosen = Signal(object)  # audio.device_selection.WantedDevice
    pause_wanted = Signal(bool)  # of the hotkeys
    quit_wanted = Signal()

    def __init__(self, microphones: Callable[[], Sequence[str]] = list) -> None:
        super().__init__()
        self.microphones = microphones
        self.can_restore_clipboard: Callable[[], bool] = lambda: False
        self.has_failed: Callable[[], bool] = lambda: False
        self._chosen: WantedDevice = None
        self._menu = QMenu()
        self._lines = [self._line() for _ in range(MOST_LINES)]
        self._dismiss = self._entry(strings.DISMISS, self.dismiss_wanted)
        self._menu.addSeparator()
        self._start = self._entry(strings.START_DICTATION, self.toggled)
        self._captions = self._entry(strings.START_CAPTIONS, self.captions_wanted)
        self._copy_captions = self._entry(
            strings.COPY_CAPTIONS, self.copy_captions_wanted
        )
        self._copy_captions.setVisible(False)
        self._undo = self._entry(strings.UNDO_LAST, self.undo_wanted)
        self._paste = self._entry(strings.PASTE_LAST, self.paste_wanted)
        self._raw = self._entry(strings.REMOVE_PUNCTUATION, self.raw_wanted)
        self._last = self._entry(strings.COPY_LAST, self.last_wanted)
        self._retry = self._entry(strings.TRANSCRIBE_AGAIN, self.retry_wanted)
        self._retry.setEnabled(False)
        self.recordings = RecordingsMenu()
        self._menu.addMenu(self.recordings)
        for entry in (self._undo, self._paste, self._raw, self._last):
            entry.setEnabled(False)
        self._clipboard = self._entry(strings.RESTORE_CLIPBOARD, self.clipboard_wanted)
        self._clipboard.setVisible(False)
        self._menu.aboutToShow.connect(self._about_to_show)
        self._menu.addSeparator()
        self._entry(strings.KEYWORDS_ITEM, self.keywords_wanted)
        self._inputs = self._menu.addMenu(strings.MICROPHONE_MENU)
        self._inputs.aboutToShow.connect(self._list_microphones)
        self._list([])
        self._private = self._check(strings.PRIVATE_DICTATION, self.private_wanted)
        self._pause = self._check(strings.PAUSE_SHORTCUTS, self.pause_wanted)
        self._entry(strings.SETTINGS_ITEM, self.settings_wanted)
        self._menu.addSeparator()
        self._entry(strings.QUIT, self.quit_wanted)
        self.icon = QSystemTrayIcon()
        self.icon.setContextMenu(self._menu)
        self.show_state(StatusColor.QUIET, [strings.APP], active=False)

    @property
    def menu(self) -> QMenu:
        return self._menu

    def show_state(
        self,
        tone: StatusColor,
        lines: Sequence[str],
        *,
        active: bool,
        undoable: bool = False,
        dismissable: bool = False,
    ) -> None:
        """Show a state in the icon, its tooltip and the top of the menu.

        active       a dictation can be stopped now
        undoable     one was cancelled, and that can be undone
        dismissable  it is trouble, which the user can dismiss
        """
        self._undo.setText(strings.UNDO_CANCEL if undoable else strings.UNDO_LAST)
        self._undo.setEnabled(undoable or self._last.isEnabled())
        self.icon.setIcon(theme.tray_icon(tone))
        self.icon.setToolTip("\n".join(lines))
        self._show_lines([w for line in lines for w in _wrapped(line)][:MOST_LINES])
        self._dismiss.setVisible(dismissable)
        self._start.setText(
            strings.STOP_DICTATION if active else strings.START_DICTATION
        )

    def show_last(self, text: str) -> None:
        """Show how the last dictation begins; empty if there is none."""
        short = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
        copy = strings.COPY_TEXT.format(short) if text else strings.COPY_LAST
        self._last.setText(copy.replace("&", "&&"))
        for entry in (self._undo, self._paste, self._raw, self._last):
            entry.setEnabled(bool(text))

    def show_captions(self, on: bool) -> None:
        self._captions.setText(strings.STOP_CAPTIONS if on else strings.START_CAPTIONS)
        self._copy_captions.setVisible(True)

    def show_paused(self, paused: bool) -> None:
        """Show whether the hotkeys are paused."""
        self._pause.setChecked(paused)

    def show_private(self, is_private: bool) -> None:
        """Show whether dictations are private."""
        self._private.setChecked(is_private)

    def choose(self, microphone: WantedDevice) -> None:
        self._chosen = microphone

    def _line(self) -> QAction:
        """Add a line of text to the menu."""
        line = QAction(self._menu)
        line.setEnabled(False)
        self._menu.addAction(line)
        return line

    def _show_lines(self, lines: Sequence[str]) -> None:
        for number, action in enumerate(self._lines):
            action.setVisible(number < len(lines))
            if number < len(lines):
                action.setText(lines[number].replace("&", "&&"))

    def _entry(self, text: str, signal: object) -> QAction:
        action = QAction(text, self._menu)
        action.triggered.connect(lambda: signal.emit())  # type: ignore[attr-defined]
        self._menu.addAction(action)
        return action

    def _check(self, text: str, signal: object) -> QAction:
        action = QAction(text, self._menu)
        action.setCheckable(True)
        action.triggered.connect(signal)
        self._menu.addAction(action)
        return action

    def _about_to_show(self) -> None:
        self._clipboard.setVisible(self.can_restore_clipboard())
        self._retry.setEnabled(self.has_failed())

    def _list_microphones(self) -> None:
        self._list(self.microphones())

    def _list(self, names: Sequence[str]) -> None:
        self._inputs.clear()
        group = QActionGroup(self._inputs)
        shown: list[WantedDevice] = [None, *names]
        if self._chosen is not None and self._chosen not in names:
            shown.append(self._chosen)
        for wanted in shown:
            action = QAction(_named(wanted), group)
            action.setCheckable(True)
            action.setChecked(wanted == self._chosen)
            action.triggered.connect(lambda _=False, w=wanted: self._choose(w))
            self._inputs.addAction(action)

    def _choose(self, wanted: WantedDevice) -> None:
        self._chosen = wanted
        self.microphone_chosen.emit(wanted)


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, LINE_CHARACTERS, break_long_words=False)


def _named(wanted: WantedDevice) -> str:
    if isinstance(wanted, tuple):
        return strings.FIRST_MICROPHONE_OF.format(", ".join(wanted))
    return wanted or strings.SYSTEM_MICROPHONE
