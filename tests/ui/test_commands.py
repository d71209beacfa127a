"""Each command has its effect, from the menu and through the socket."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox

from mica import settings
from mica.desktop import Desktop
from mica.dictation.control import ControlCommand
from mica.dictation.state import Latch
from mica.dictation.strings import NOTHING_TO_RETRY
from mica.engine.client import Ready
from mica.errors import MicaError
from mica.host.key_names import Hotkey
from mica.host.sound import Transport
from mica.host.values import Grant, Permission, Piece, Snapshot
from mica.insertion import strings as insertion_strings
from mica.ui import strings
from mica.ui.commands import ANSWERS
from support.fakes import DESK, FakeHost
from ui.dictated import dictated

WRONG = "Something is wrong."
TEXT = "hello there"  # already without punctuation
OTHER = Snapshot((Piece(0, "x", b"y"),))
Happened = Callable[[Desktop, FakeHost], bool]

DONE: dict[ControlCommand, Happened] = {
    ControlCommand.SHOW: lambda desktop, fake: desktop._windows._control.isVisible(),
    ControlCommand.TOGGLE: lambda desktop, fake: (
        fake.hotkeys.escape_wanted and not desktop._dictation._keys.translates
    ),
    ControlCommand.LOCK: lambda desktop, fake: (
        desktop._dictation._keys.latch is Latch.LOCKED
    ),
    ControlCommand.TRANSLATE: lambda desktop, fake: (
        fake.hotkeys.escape_wanted and desktop._dictation._keys.translates
    ),
    ControlCommand.CANCEL: lambda desktop, fake: desktop._status.undoable,
    ControlCommand.PASTE_LAST: lambda desktop, fake: (
        len(fake.paster.pasted) == 2 and fake.clipboard.copied == []
    ),
    ControlCommand.COPY_LAST: lambda desktop, fake: (
        fake.clipboard.copied == [TEXT] and len(fake.paster.pasted) == 1
    ),
    ControlCommand.RETRY: lambda desktop, fake: (
        desktop._overlay.notice.text == NOTHING_TO_RETRY
    ),
    ControlCommand.INSERT: lambda desktop, fake: len(fake.paster.pasted) == 2,
    ControlCommand.COPY: lambda desktop, fake: fake.clipboard.copied == [TEXT],
    ControlCommand.DELETE: lambda desktop, fake: desktop._library.kept() == [],
    ControlCommand.PRIVATE: lambda desktop, fake: (
        desktop._settings_store.now.private_dictation
    ),
    ControlCommand.DISMISS: lambda desktop, fake: (
        WRONG not in desktop._tray.icon.toolTip()
    ),
    ControlCommand.RAW: lambda desktop, fake: (
        desktop._overlay.notice.text == insertion_strings.NO_PUNCTUATION
    ),
    ControlCommand.UNDO: lambda desktop, fake: (  # the fake window has no caret to move
        "cursor" in desktop._overlay.notice.text
        and insertion_strings.UNCHANGED in desktop._overlay.notice.text
    ),
    ControlCommand.CAPTIONS: lambda desktop, fake: desktop._captions_window.isVisible(),
    ControlCommand.RESTORE_CLIPBOARD: lambda desktop, fake: (
        fake.clipboard.held == OTHER
    ),
    ControlCommand.COPY_CAPTIONS: lambda desktop, fake: (
        desktop._overlay.notice.text == strings.NO_CAPTIONS
    ),
    ControlCommand.MICROPHONE: lambda desktop, fake: (
        desktop._dictation._settings().microphone == DESK.name
    ),
    ControlCommand.PAUSE: lambda desktop, fake: fake.hotkeys.bound == {},
    ControlCommand.RESUME: lambda desktop, fake: (
        fake.hotkeys.bound == {Hotkey.HOLD: "right_alt"}
    ),
    ControlCommand.KEYWORDS: lambda desktop, fake: (
        desktop._windows._vocabulary.isVisible()
    ),
    ControlCommand.SETTINGS: lambda desktop, fake: (
        desktop._windows._settings.isVisible()
    ),
    ControlCommand.RELOAD: lambda desktop, fake: not desktop._settings_store.now.sounds,
    ControlCommand.QUIT: lambda desktop, fake: desktop._exit.called,
}
ABOUT = {
    ControlCommand.MICROPHONE: DESK.name,
    ControlCommand.INSERT: "1",
    ControlCommand.COPY: "1",
    ControlCommand.DELETE: "1",
}
BEFORE = {
    ControlCommand.CANCEL: ControlCommand.TOGGLE,
    ControlCommand.RESUME: ControlCommand.PAUSE,
}
ENTRIES = {  # the entries that are always visible
    "Start Dictation": ControlCommand.TOGGLE,
    "Start Live Captions": ControlCommand.CAPTIONS,
    "Undo Last Dictation": ControlCommand.UNDO,
    "Paste Last Dictation": ControlCommand.PASTE_LAST,
    "Remove Punctuation from Last Dictation": ControlCommand.RAW,
    f"Copy “{TEXT}”": ControlCommand.COPY_LAST,
    "Keywords…": ControlCommand.KEYWORDS,
    "Private Dictation": ControlCommand.PRIVATE,
    "Pause Shortcuts": ControlCommand.PAUSE,
    "Settings…": ControlCommand.SETTINGS,
    "Quit Mica": ControlCommand.QUIT,
}


class End:
    """Replaces the function that quits the app."""

    called = False

    def __call__(self) -> None:
        self.called = True


@pytest.fixture
def used(desktop, fake, qtbot) -> Desktop:
    """The app after a dictation, with a saved copy of the user's clipboard."""
    dictated(desktop, qtbot, TEXT)
    assert [text for text, _ in fake.paster.pasted] == [TEXT]
    desktop._dictation.insertion.clipboard.saved_copies = (OTHER,)
    desktop._exit = End()
    desktop._on_engine(Ready("granite", 0.1, translates=True))
    return desktop


def entry(desktop: Desktop, text: str) -> QAction:
    """The menu's entry with this text."""
    [found] = [one for one in desktop._tray.menu.actions() if one.text() == text]
    assert found.isEnabled()
    return found


def happens(
    desktop, fake, qtbot, what: ControlCommand, action: Callable[[], object]
) -> None:
    """Assert that a command has its effect after the action, and not before."""
    windows = desktop._windows  # windows are created when first needed
    if what in (ControlCommand.SHOW, ControlCommand.KEYWORDS, ControlCommand.SETTINGS):
        assert windows._vocabulary is windows._settings is windows._control is None
    else:
        assert not DONE[what](desktop, fake)
    action()
    qtbot.waitUntil(lambda: DONE[what](desktop, fake), timeout=5_000)


def test_only_the_status_has_no_effect() -> None:
    assert {*ControlCommand} - {*DONE} == {ControlCommand.STATUS}  # test_network.py


@pytest.mark.parametrize("what", DONE, ids=lambda what: what.value)
def test_each_command_has_its_effect(used, fake, qtbot, what):
    if what is ControlCommand.DISMISS:
        used._dictation.report(WRONG)
    if what is ControlCommand.RELOAD:
        settings.save_one("sounds", False)
    if what in BEFORE:
        used._commands.by_socket(BEFORE[what])
    about = ABOUT.get(what, "")

    def command() -> None:
        is_refused = what in (ControlCommand.RETRY, ControlCommand.COPY_CAPTIONS)
        with pytest.raises(MicaError) if is_refused else nullcontext():
            used._commands.by_socket(what, about)

    happens(used, fake, qtbot, what, command)


@pytest.mark.parametrize("what", [*ANSWERS, ControlCommand.TRANSLATE])
def test_caller_of_a_command_gets_the_reason_of_a_refusal(desktop, what):
    desktop._on_engine(Ready("pebble", 0.1, translates=False))
    is_by_number = what in (ControlCommand.INSERT, ControlCommand.COPY)
    with pytest.raises(MicaError) as refusal:
        desktop._commands.by_socket(what, "99" if is_by_number else "")
    assert desktop._overlay.notice.text == refusal.value.what


def test_captions_are_turned_on_and_off_however_often(desktop, fake):
    def turn(about: str) -> bool:
        desktop._commands.by_socket(ControlCommand.CAPTIONS, about)
        return bool(desktop._captions.is_on)

    arguments = ("on", "on", "off", "off", "", "off")
    assert [turn(about) for about in arguments] == [
        True,
        True,
        False,
        False,
        True,
        False,
    ]
    with pytest.raises(MicaError, match="on or off, not “up”"):
        turn("up")


def test_captions_that_cannot_begin_are_refused_to_the_caller(desktop, fake):
    fake.permissions.grants[Permission.MICROPHONE] = Grant.UNDETERMINED
    with pytest.raises(MicaError, match="Mica needs the microphone"):
        desktop._commands.by_socket(ControlCommand.CAPTIONS, "on")


@pytest.mark.parametrize("text", ENTRIES)
def test_menu_entry_performs_its_command(used, fake, qtbot, text):
    happens(used, fake, qtbot, ENTRIES[text], entry(used, text).trigger)


def test_the_menu_ends_what_it_began(desktop, fake):
    entry(desktop, "Start Dictation").trigger()
    assert desktop._dictation._keys.latch is Latch.LATCHED
    entry(desktop, "Stop Dictation").trigger()
    assert desktop._dictation._keys.latch is Latch.OFF
    assert not fake.hotkeys.escape_wanted and not desktop._status.undoable


def listed(desktop: Desktop) -> list[str]:
    """The microphones in the menu; * marks the checked one."""
    inputs = desktop._tray._inputs
    inputs.aboutToShow.emit()
    return ["*" * one.isChecked() + one.text() for one in inputs.actions()]


def by_menu(desktop: Desktop, name: str) -> None:
    entries = desktop._tray._inputs.actions()
    next(one for one in entries if one.text() == (name or "System Default")).trigger()


def by_command_line(desktop: Desktop, name: str) -> None:
    desktop._commands.by_socket(ControlCommand.MICROPHONE, name)


def test_choosing_a_microphone_works_with_an_unreadable_settings_file(desktop, home):
    (home / "settings.toml").write_bytes(bytes(range(256)))
    listed(desktop)
    note = desktop._commands.by_socket(ControlCommand.MICROPHONE, DESK.name)
    assert note == (
        "The settings were saved. The unreadable old file is now settings.toml.broken."
    )
    assert desktop._overlay.notice.text == note
    assert not desktop._tray.icon.toolTip().startswith("The settings")
    assert settings.load()[0].microphone == DESK.name


@pytest.mark.parametrize("choose", [by_menu, by_command_line])
def test_every_way_to_choose_a_microphone_shows_everywhere(desktop, qtbot, choose):
    assert listed(desktop) == ["*System Default", DESK.name]
    window = desktop._windows.show_settings()
    qtbot.addWidget(window)
    for name, wanted in ((DESK.name, DESK.name), ("", None)):
        choose(desktop, name)
        assert desktop._dictation._settings().microphone == wanted
        assert desktop._captions._services.settings().microphone == wanted
        assert settings.load()[0].microphone == wanted
        assert "*" + (name or "System Default") in listed(desktop)
        shown = window._microphone.findChild(QComboBox).currentText()
        assert shown == (name or "System default")


def test_missing_microphone_is_refused_and_the_last_one_stays(desktop):
    by_command_line(desktop, DESK.name)
    with pytest.raises(MicaError) as caught:
        by_command_line(desktop, "Studio")
    error = caught.value
    assert error.what == "No microphone named “Studio” is connected."
    assert error.remedy == "`mica devices` lists the connected ones."
    assert desktop._settings_store.now.microphone == DESK.name


def test_microphone_plugged_in_meanwhile_can_be_chosen(desktop, sound, qtbot):
    """While a microphone is open, PortAudio does not list it."""
    microphone = dictated(desktop, qtbot, "hello")
    sound.named = {"Studio": Transport.USB, "Desk": Transport.USB}
    assert listed(desktop) == ["*System Default", "Studio", "Desk"]
    by_command_line(desktop, "Studio")
    assert desktop._settings_store.now.microphone == "Studio" and not microphone.closed


@pytest.mark.parametrize("choose", [by_menu, by_command_line])
def test_microphone_that_cannot_be_saved_is_reported(desktop, home, choose):
    (home / "settings.toml").symlink_to(home / "unplugged" / "settings.toml")
    message = "couldn’t be saved (No such file or directory). Check the disk and the"
    listed(desktop)
    if choose is by_command_line:
        with pytest.raises(MicaError, match="couldn’t be saved") as caught:
            choose(desktop, DESK.name)
        assert message in caught.value.line()
    else:
        choose(desktop, DESK.name)
        assert message in desktop._overlay.notice.text
    assert desktop._settings_store.now.microphone == DESK.name


NUMBERED = (
    ControlCommand.RETRY,
    ControlCommand.INSERT,
    ControlCommand.COPY,
    ControlCommand.DELETE,
)


@pytest.mark.parametrize("about", ["one", "-1", "1.5", "²", "9" * 400, "1 2"])
@pytest.mark.parametrize("what", NUMBERED)
def test_only_numbers_are_accepted_as_recordings(desktop, what, about):
    with pytest.raises(MicaError, match="isn’t the number of a recording"):
        desktop._commands.by_socket(what, about)


def test_private_dictation_is_the_same_in_the_menu_the_window_and_the_file(
    desktop, qtbot
):
    window = desktop._windows.show_settings()
    qtbot.addWidget(window)

    def shown() -> set[bool]:
        check = window._checks["private_dictation"]
        menu = desktop._tray._private
        return {
            check.isChecked(),
            menu.isChecked(),
            settings.load()[0].private_dictation,
        }

    assert shown() == {False}
    for about, wanted in (("on", True), ("on", True), ("", False), ("off", False)):
        desktop._commands.by_socket(ControlCommand.PRIVATE, about)
        assert shown() == {wanted}
    desktop._tray._private.trigger()
    assert shown() == {True}
    window._checks["private_dictation"].click()
    assert shown() == {False}
    with pytest.raises(MicaError, match="on or off, not “up”"):
        desktop._commands.by_socket(ControlCommand.PRIVATE, "up")


def test_private_mode_that_cannot_be_saved_is_reported(desktop, home):
    (home / "settings.toml").symlink_to(home / "unplugged" / "settings.toml")
    desktop._tray._private.trigger()
    assert "couldn’t be saved" in desktop._overlay.notice.text
    assert desktop._settings_store.now.private_dictation
