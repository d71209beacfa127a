"""Whatever the user asks for, by the menu or through the socket, is what happens."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox

from mica import settings
from mica.desktop import Desktop
from mica.dictation.control import Tell
from mica.dictation.retry import NOTHING as NO_FAILED
from mica.dictation.state import Latch
from mica.engine.client import Ready
from mica.errors import MicaError
from mica.host.key_names import Hotkey
from mica.host.sound import Transport
from mica.host.values import Grant, Permission, Piece, Snapshot
from mica.insertion import messages
from mica.ui import strings
from support.fakes import DESK, FakeHost
from ui.dictated import dictated

WRONG = "Something is wrong."
TEXT = "hello there"  # without punctuation already
OTHER = Snapshot((Piece(0, "x", b"y"),))
Happened = Callable[[Desktop, FakeHost], bool]

DONE: dict[Tell, Happened] = {
    Tell.SHOW: lambda desktop, fake: desktop._windows._control.isVisible(),
    Tell.TOGGLE: lambda desktop, fake: (
        fake.hotkeys.escape_wanted and not desktop._dictation._keys.translates
    ),
    Tell.LOCK: lambda desktop, fake: desktop._dictation._keys.latch is Latch.LOCKED,
    Tell.TRANSLATE: lambda desktop, fake: (
        fake.hotkeys.escape_wanted and desktop._dictation._keys.translates
    ),
    Tell.CANCEL: lambda desktop, fake: desktop._status.undoable,
    Tell.PASTE_LAST: lambda desktop, fake: (
        len(fake.paster.pasted) == 2 and fake.clipboard.copied == []
    ),
    Tell.COPY_LAST: lambda desktop, fake: (
        fake.clipboard.copied == [TEXT] and len(fake.paster.pasted) == 1
    ),
    Tell.RETRY: lambda desktop, fake: desktop._overlay.notice.text == NO_FAILED,
    Tell.DISMISS: lambda desktop, fake: WRONG not in desktop._tray.icon.toolTip(),
    Tell.RAW: lambda desktop, fake: (
        desktop._overlay.notice.text == messages.NO_PUNCTUATION
    ),
    Tell.UNDO: lambda desktop, fake: (  # the fake window has no caret to move
        "cursor" in desktop._overlay.notice.text
        and messages.UNCHANGED in desktop._overlay.notice.text
    ),
    Tell.CAPTIONS: lambda desktop, fake: desktop._captions_window.isVisible(),
    Tell.RESTORE_CLIPBOARD: lambda desktop, fake: fake.clipboard.held == OTHER,
    Tell.COPY_CAPTIONS: lambda desktop, fake: (
        desktop._overlay.notice.text == strings.NOTHING_TO_COPY
    ),
    Tell.MICROPHONE: lambda desktop, fake: (
        desktop._dictation._settings().microphone == DESK.name
    ),
    Tell.PAUSE: lambda desktop, fake: fake.hotkeys.bound == {},
    Tell.RESUME: lambda desktop, fake: fake.hotkeys.bound == {Hotkey.HOLD: "right_alt"},
    Tell.KEYWORDS: lambda desktop, fake: desktop._windows._vocabulary.isVisible(),
    Tell.SETTINGS: lambda desktop, fake: desktop._windows._settings.isVisible(),
    Tell.RELOAD: lambda desktop, fake: not desktop._settings_store.now.sounds,
    Tell.QUIT: lambda desktop, fake: desktop._exit.called,
}
ABOUT = {Tell.MICROPHONE: DESK.name}
BEFORE = {Tell.CANCEL: Tell.TOGGLE, Tell.RESUME: Tell.PAUSE}
ENTRIES = {  # those that always show
    "Start Dictation": Tell.TOGGLE,
    "Start Live Captions": Tell.CAPTIONS,
    "Undo Last Dictation": Tell.UNDO,
    "Paste Last Dictation": Tell.PASTE_LAST,
    "Remove Punctuation from Last Dictation": Tell.RAW,
    f"Copy “{TEXT}”": Tell.COPY_LAST,
    "Keywords…": Tell.KEYWORDS,
    "Pause Shortcuts": Tell.PAUSE,
    "Settings…": Tell.SETTINGS,
    "Quit Mica": Tell.QUIT,
}


class End:
    """The end of the app."""

    called = False

    def __call__(self) -> None:
        self.called = True


@pytest.fixture
def used(desktop, fake, qtbot) -> Desktop:
    """The app after a dictation, with something of the user's set aside."""
    dictated(desktop, qtbot, TEXT)
    assert [text for text, _ in fake.paster.pasted] == [TEXT]
    desktop._dictation.insertion.clipboard.set_aside = (OTHER,)
    desktop._exit = End()
    desktop._on_engine(Ready("granite", 0.1, translates=True))
    return desktop


def entry(desktop: Desktop, text: str) -> QAction:
    """The one of the menu that says so now."""
    [found] = [one for one in desktop._tray.menu.actions() if one.text() == text]
    assert found.isEnabled()
    return found


def happens(desktop, fake, qtbot, what: Tell, ask: Callable[[], object]) -> None:
    """It has not happened before it is asked for, and has then."""
    windows = desktop._windows  # each is made when it is first wanted
    if what in (Tell.SHOW, Tell.KEYWORDS, Tell.SETTINGS):
        assert windows._vocabulary is windows._settings is windows._control is None
    else:
        assert not DONE[what](desktop, fake)
    ask()
    qtbot.waitUntil(lambda: DONE[what](desktop, fake), timeout=5_000)


@pytest.mark.parametrize("what", Tell, ids=lambda what: what.value)
def test_what_is_told_is_what_happens(used, fake, qtbot, what):
    if what is Tell.DISMISS:
        used._dictation.report(WRONG)
    if what is Tell.RELOAD:
        settings.save_one("sounds", False)
    if what in BEFORE:
        used._commands.by_socket(BEFORE[what])
    about = ABOUT.get(what, "")
    happens(used, fake, qtbot, what, lambda: used._commands.by_socket(what, about))


def test_captions_are_turned_on_and_off_however_often(desktop, fake):
    def turn(about: str) -> bool:
        desktop._commands.by_socket(Tell.CAPTIONS, about)
        return bool(desktop._captions.is_on)

    told = ("on", "on", "off", "off", "", "off")
    assert [turn(about) for about in told] == [True, True, False, False, True, False]
    with pytest.raises(MicaError, match="on or off, not “up”"):
        turn("up")


def test_captions_that_cannot_begin_are_refused_to_the_caller(desktop, fake):
    fake.permissions.grants[Permission.MICROPHONE] = Grant.UNDETERMINED
    with pytest.raises(MicaError, match="Mica needs the microphone"):
        desktop._commands.by_socket(Tell.CAPTIONS, "on")


@pytest.mark.parametrize("text", ENTRIES)
def test_an_entry_of_the_menu_does_what_it_says(used, fake, qtbot, text):
    happens(used, fake, qtbot, ENTRIES[text], entry(used, text).trigger)


def test_the_menu_ends_what_it_began(desktop, fake):
    entry(desktop, "Start Dictation").trigger()
    assert desktop._dictation._keys.latch is Latch.LATCHED
    entry(desktop, "Stop Dictation").trigger()
    assert desktop._dictation._keys.latch is Latch.OFF
    assert not fake.hotkeys.escape_wanted and not desktop._status.undoable


def listed(desktop: Desktop) -> list[str]:
    """The microphones in the menu; * is a tick."""
    inputs = desktop._tray._inputs
    inputs.aboutToShow.emit()
    return ["*" * one.isChecked() + one.text() for one in inputs.actions()]


def by_menu(desktop: Desktop, name: str) -> None:
    entries = desktop._tray._inputs.actions()
    next(one for one in entries if one.text() == (name or "System Default")).trigger()


def by_tell(desktop: Desktop, name: str) -> None:
    desktop._commands.by_socket(Tell.MICROPHONE, name)


@pytest.mark.parametrize("choose", [by_menu, by_tell])
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


def test_a_microphone_that_is_not_there_is_refused_and_the_last_one_stays(desktop):
    by_tell(desktop, DESK.name)
    with pytest.raises(MicaError) as caught:
        by_tell(desktop, "Studio")
    said = caught.value
    assert said.what == "No microphone named “Studio” is connected."
    assert said.remedy == "`mica devices` lists the connected ones."
    assert desktop._settings_store.now.microphone == DESK.name


def test_one_that_was_plugged_in_meanwhile_can_be_chosen(desktop, sound, qtbot):
    """PortAudio does not know it while a microphone is open."""
    microphone = dictated(desktop, qtbot, "hello")
    sound.named = {"Studio": Transport.USB, "Desk": Transport.USB}
    assert listed(desktop) == ["*System Default", "Studio", "Desk"]
    by_tell(desktop, "Studio")
    assert desktop._settings_store.now.microphone == "Studio" and not microphone.closed


@pytest.mark.parametrize("choose", [by_menu, by_tell])
def test_a_microphone_that_cannot_be_remembered_is_said(desktop, home, choose):
    (home / "settings.toml").symlink_to(home / "unplugged" / "settings.toml")
    told = "couldn’t be saved (No such file or directory). Check the disk and the"
    listed(desktop)
    if choose is by_tell:
        with pytest.raises(MicaError, match="couldn’t be saved") as caught:
            choose(desktop, DESK.name)
        assert told in caught.value.line()
    else:
        choose(desktop, DESK.name)
        assert told in desktop._overlay.notice.text
    assert desktop._settings_store.now.microphone == DESK.name
