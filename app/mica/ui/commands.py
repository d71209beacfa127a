"""Commands to the running app, from the menu, keys and the control socket.

Each is passed to the part that executes it; nothing is decided here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtWidgets import QMenu

from mica.audio.device_selection import WantedDevice
from mica.dictation.captions import Captions
from mica.dictation.control import OFF, ON, ControlCommand
from mica.dictation.controller import Dictation
from mica.dictation.hold_keys import KeySettings
from mica.dictation.settings_store import SettingsStore
from mica.errors import MicaError, MicrophoneError
from mica.host.key_names import Hotkey
from mica.ui import strings
from mica.ui.status import StatusPresenter
from mica.ui.tray import Tray
from mica.ui.windows import Windows

#: Any message from these means that they failed.
ANSWERS: Final = (
    ControlCommand.PASTE_LAST,
    ControlCommand.COPY_LAST,
    ControlCommand.COPY_CAPTIONS,
    ControlCommand.RETRY,
)
#: These may also cause other messages: only trouble means that they failed.
STARTS: Final = (ControlCommand.TOGGLE, ControlCommand.LOCK, ControlCommand.TRANSLATE)


@dataclass(frozen=True)  # no slots: Qt keeps weak references to bound methods
class Commands:
    """Executes commands. Main thread only.

    microphones   returns the names, when one is chosen by name
    menu          the tray icon's
    quit          ends the app
    """

    dictation: Dictation
    captions: Captions
    status: StatusPresenter
    windows: Windows
    choices: SettingsStore
    bindings: KeySettings
    microphones: Callable[[], Sequence[str]]
    menu: QMenu
    quit: Callable[[], object]

    def by_menu(self, tray: Tray) -> None:
        """Connect the menu's entries to their actions."""
        tray.toggled.connect(self.dictation.start_or_stop)
        tray.captions_wanted.connect(self.captions.toggle)
        tray.copy_captions_wanted.connect(self._copy_captions)
        tray.undo_wanted.connect(self._undo)
        tray.raw_wanted.connect(self.dictation.insertion.remove_punctuation)
        tray.paste_wanted.connect(self.dictation.texts.paste_last)
        tray.last_wanted.connect(self.dictation.texts.copy_last)
        tray.retry_wanted.connect(self.dictation.retry_failed)
        tray.dismiss_wanted.connect(self._dismiss)
        tray.has_failed = lambda: self.dictation.retry.possible
        tray.clipboard_wanted.connect(self.dictation.insertion.restore_clipboard)
        clipboard = self.dictation.insertion.clipboard
        tray.can_restore_clipboard = lambda: bool(clipboard.saved_copies)
        tray.keywords_wanted.connect(self.windows.show_keywords)
        tray.microphone_chosen.connect(self._choose_listed_microphone)
        tray.settings_wanted.connect(self.windows.show_settings)
        tray.pause_wanted.connect(self._pause)
        tray.quit_wanted.connect(self.quit)

    def by_key(self, use: Hotkey) -> None:
        """Execute the command of a hotkey."""
        does = {
            Hotkey.PASTE_LAST: self.dictation.texts.paste_last,
            Hotkey.UNDO: self._undo,
            Hotkey.CAPTIONS: self.captions.toggle,
        }
        does[use]()

    def by_socket(self, command: ControlCommand, about: str = "") -> str | None:
        """Execute a command from the socket; returns when it is done, with a note if
        something else is to be known. Raises MicaError if it failed, with the message
        that the user was shown."""
        if command is ControlCommand.RELOAD:
            return self._reload()
        if command is ControlCommand.MICROPHONE:
            return self._choose_named_microphone(about)
        self.status.messages.clear()
        self._do(command, about)
        for line, is_trouble in self.status.messages:
            if command in ANSWERS or (command in STARTS and is_trouble):
                raise MicaError(line)
        return None

    def _do(self, command: ControlCommand, about: str) -> None:
        insertion = self.dictation.insertion
        does = {
            ControlCommand.SHOW: lambda: self.windows.show_main(self.menu),
            ControlCommand.TOGGLE: self.dictation.toggle,
            ControlCommand.LOCK: self.dictation.lock,
            ControlCommand.TRANSLATE: self.dictation.translate,
            ControlCommand.CANCEL: self.dictation.cancel,
            ControlCommand.PASTE_LAST: self.dictation.texts.paste_last,
            ControlCommand.COPY_LAST: self.dictation.texts.copy_last,
            ControlCommand.RETRY: self.dictation.retry_failed,
            ControlCommand.DISMISS: self._dismiss,
            ControlCommand.RAW: insertion.remove_punctuation,
            ControlCommand.UNDO: self._undo,
            ControlCommand.CAPTIONS: lambda: self._turn_captions(about),
            ControlCommand.RESTORE_CLIPBOARD: insertion.restore_clipboard,
            ControlCommand.COPY_CAPTIONS: self._copy_captions,
            ControlCommand.PAUSE: lambda: self._pause(True),
            ControlCommand.RESUME: lambda: self._pause(False),
            ControlCommand.KEYWORDS: self.windows.show_keywords,
            ControlCommand.SETTINGS: self.windows.show_settings,
            ControlCommand.QUIT: self.quit,
        }
        does[command]()

    def _undo(self) -> None:
        """Undo an Esc while that is possible, else the last insertion."""
        if self.status.undoable:
            self.dictation.undo()
        else:
            self.dictation.insertion.undo()

    def _turn_captions(self, about: str) -> None:
        """Turn captions on or off; without an argument, toggle them."""
        if about not in ("", ON, OFF):
            raise MicaError(strings.ON_OR_OFF.format(about))
        if about and self.captions.is_on is (about == ON):
            return
        if (problem := self.captions.toggle()) is not None:
            raise problem

    def _dismiss(self) -> None:
        """Dismiss the shown trouble."""
        self.status.forget()
        self.dictation.dismiss()

    def _reload(self) -> str | None:
        """Apply settings that were changed in the file; a note about mistakes in it.
        Raises MicaError if they cannot be applied."""
        try:
            mistakes = self.choices.reload()
        except MicaError as why:
            self.status.on_message(why.line(), True)
            raise
        finally:
            self.windows.follow()
        if mistakes is not None:
            self.status.on_message(mistakes, True)
        if (refused := self.dictation.refusal(False)) is not None:
            raise MicaError(f"{mistakes} {refused.line()}") if mistakes else refused
        return mistakes

    def _pause(self, paused: bool) -> None:
        """Pause or resume the hotkeys; a restart resumes them, too."""
        try:
            self.bindings.pause(paused)
        except MicaError as why:
            self._trouble(why.line())
        self.status.pause(self.bindings.paused)

    def _choose_listed_microphone(self, wanted: WantedDevice) -> None:
        """Use a microphone chosen from the menu."""
        try:
            self._choose_microphone(wanted)
        except MicaError as why:
            self._trouble(why.line())

    def _choose_named_microphone(self, name: str) -> str | None:
        """Use a microphone given by name; "": the system's choice."""
        if name and name not in self.microphones():
            message = strings.NO_SUCH_MICROPHONE.format(name)
            raise MicrophoneError(message, strings.LIST_MICROPHONES)
        return self._choose_microphone(name or None)

    def _choose_microphone(self, wanted: WantedDevice) -> str | None:
        """Change the microphone; shows and returns a note about the file, or None.
        Raises MicaError if it is not changed or not saved."""
        message = self.choices.change(microphone=wanted)
        self.windows.follow()
        if message is None:
            return None
        if self.choices.now.microphone != wanted or not self.choices.is_saved:
            raise MicaError(message)
        self.status.on_message(message, False)
        return message

    def _trouble(self, line: str) -> None:
        self.status.on_message(line, True)
        self.dictation.report(line)

    def _copy_captions(self) -> None:
        text = self.captions.text
        if text:
            self.dictation.insertion.copy(text, strings.CAPTIONS_COPIED)
        else:
            self.status.on_message(strings.NO_CAPTIONS, False)
