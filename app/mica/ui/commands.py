"""Commands to the running app, from the menu, keys and the control socket.

Each is passed to the part that executes it; nothing is decided here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtWidgets import QMenu

from mica.audio.device_selection import WantedDevice
from mica.dictation.captions import Captions
from mica.dictation.control import ALL, OFF, ON, ControlCommand
from mica.dictation.controller import Dictation
from mica.dictation.hold_keys import KeySettings
from mica.dictation.library_actions import LibraryActions
from mica.dictation.settings_store import SettingsStore
from mica.errors import MicaError, MicrophoneError
from mica.host.key_names import Hotkey
from mica.ui import strings
from mica.ui.recordings_menu import RecordingsMenu
from mica.ui.status import StatusPresenter
from mica.ui.tray import Tray
from mica.ui.windows import Windows

#: Any message from these means that they failed.
ANSWERS: Final = (
    ControlCommand.PASTE_LAST,
    ControlCommand.COPY_LAST,
    ControlCommand.COPY_CAPTIONS,
    ControlCommand.RETRY,
    ControlCommand.INSERT,
    ControlCommand.COPY,
)
#: These may also cause other messages: only trouble means that they failed.
STARTS: Final = (ControlCommand.TOGGLE, ControlCommand.LOCK, ControlCommand.TRANSLATE)
MAX_DIGITS: Final = 18  # of a number that fits SQLite


@dataclass(frozen=True)  # no slots: Qt keeps weak references to bound methods
class Commands:
    """Executes commands. Main thread only.

    microphones   returns the names, when one is chosen by name
    menu          the tray icon's
    network       what the network was used for
    quit          ends the app
    """

    dictation: Dictation
    captions: Captions
    library: LibraryActions
    status: StatusPresenter
    windows: Windows
    choices: SettingsStore
    bindings: KeySettings
    microphones: Callable[[], Sequence[str]]
    menu: QMenu
    network: Callable[[], str]
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
        tray.retry_wanted.connect(lambda: self.dictation.retry_failed())
        self._connect_recordings(tray.recordings)
        tray.private_wanted.connect(self._choose_private)
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

    def _connect_recordings(self, menu: RecordingsMenu) -> None:
        menu.listed = self.library.listed
        menu.transcribe_wanted.connect(self.library.transcribe)
        menu.insert_wanted.connect(self.library.insert)
        menu.copy_wanted.connect(self.library.copy)
        menu.delete_wanted.connect(self._ask_to_delete)
        menu.delete_all_wanted.connect(self.ask_to_delete_all)

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
        if command is ControlCommand.STATUS:
            return f"{self.status.tip}\n{strings.NETWORK} {self.network()}"
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
            ControlCommand.RETRY: lambda: self.dictation.retry_failed(
                _number(about) if about else None
            ),
            ControlCommand.INSERT: lambda: self.library.insert(_number(about)),
            ControlCommand.COPY: lambda: self.library.copy(_number(about)),
            ControlCommand.DELETE: lambda: self._delete(about),
            ControlCommand.PRIVATE: lambda: self._turn_private(about),
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

    def _delete(self, about: str) -> None:
        if about == ALL:
            self.library.delete_all()
        else:
            self.library.delete(_number(about))

    def _ask_to_delete(self, number: int) -> None:
        self.windows.confirm(
            strings.DELETE_ONE,
            strings.NO_UNDO,
            strings.DELETE,
            lambda: self._try(lambda: self.library.delete(number)),
        )

    def ask_to_delete_all(self) -> None:
        """Delete all recordings and texts if the user confirms that."""
        self.windows.confirm(
            strings.DELETE_ALL,
            strings.NO_UNDO_ALL,
            strings.DELETE_ALL_BUTTON,
            lambda: self._try(self.library.delete_all),
        )

    def _turn_private(self, about: str) -> None:
        """Turn private dictation on or off; without an argument, toggle it."""
        if about not in ("", ON, OFF):
            raise MicaError(strings.PRIVATE_ON_OR_OFF.format(about))
        is_private = self.choices.now.private_dictation
        message = self.choices.change(
            private_dictation=about == ON if about else not is_private
        )
        self.windows.follow()
        if message is not None:
            raise MicaError(message)

    def _choose_private(self, is_private: bool) -> None:
        """Turn private dictation on or off from the menu."""
        self._try(lambda: self._turn_private(ON if is_private else OFF))

    def _try(self, act: Callable[[], object]) -> None:
        """Do something; show why that failed."""
        try:
            act()
        except MicaError as why:
            self._trouble(why.line())

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
        self._try(lambda: self.bindings.pause(paused))
        self.status.pause(self.bindings.paused)

    def _choose_listed_microphone(self, wanted: WantedDevice) -> None:
        """Use a microphone chosen from the menu."""
        self._try(lambda: self._choose_microphone(wanted))

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


def _number(about: str) -> int:
    """The number of a recording. Raises MicaError."""
    if not about.isdecimal() or len(about) > MAX_DIGITS:
        raise MicaError(strings.NOT_A_NUMBER.format(about), strings.LIST_RECORDINGS)
    return int(about)
