"""Whatever the user asks for, by the menu or through the socket, is what happens."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QAction

from fakes import DESK, FakeHost
from mica.desktop import Desktop
from mica.host.key_names import Use
from mica.host.ports import Piece, Snapshot
from mica.session.control import Tell
from mica.session.state import Latch
from mica.session.taking_back import RAW, UNCHANGED
from mica.ui.commands import NO_CAPTIONS
from ui.dictated import dictated

TEXT = "hello there"  # without punctuation already
OTHER = Snapshot((Piece(0, "x", b"y"),))
Happened = Callable[[Desktop, FakeHost], bool]

DONE: dict[Tell, Happened] = {
    Tell.SHOW: lambda desktop, fake: desktop._windows._vocabulary.isVisible(),
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
    Tell.RAW: lambda desktop, fake: desktop._overlay.text == RAW,
    Tell.UNDO: lambda desktop, fake: (  # the fake window has no caret to move
        "cursor" in desktop._overlay.text and UNCHANGED in desktop._overlay.text
    ),
    Tell.CAPTIONS: lambda desktop, fake: desktop._band.isVisible(),
    Tell.RESTORE_CLIPBOARD: lambda desktop, fake: fake.clipboard.held == OTHER,
    Tell.COPY_CAPTIONS: lambda desktop, fake: desktop._overlay.text == NO_CAPTIONS,
    Tell.PAUSE: lambda desktop, fake: fake.hotkeys.bound == {},
    Tell.RESUME: lambda desktop, fake: fake.hotkeys.bound == {Use.HOLD: "right_alt"},
    Tell.KEYWORDS: lambda desktop, fake: desktop._windows._vocabulary.isVisible(),
    Tell.SETTINGS: lambda desktop, fake: desktop._windows._settings.isVisible(),
    Tell.QUIT: lambda desktop, fake: desktop._end.called,
}
BEFORE = {Tell.CANCEL: Tell.TOGGLE, Tell.RESUME: Tell.PAUSE}
ENTRIES = {  # those that always show
    "Start Dictation": Tell.TOGGLE,
    "Start Live Captions": Tell.CAPTIONS,
    "Undo Last": Tell.UNDO,
    "Paste Last": Tell.PASTE_LAST,
    "Last Without Punctuation": Tell.RAW,
    f"Copy “{TEXT}”": Tell.COPY_LAST,
    "Keywords…": Tell.KEYWORDS,
    "Pause Hotkeys": Tell.PAUSE,
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
    desktop._dictation.texts._insertion.set_aside = (OTHER,)
    desktop._end = End()
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
        assert windows._vocabulary is windows._settings is None
    else:
        assert not DONE[what](desktop, fake)
    ask()
    qtbot.waitUntil(lambda: DONE[what](desktop, fake), timeout=5_000)


@pytest.mark.parametrize("what", Tell, ids=lambda what: what.value)
def test_what_is_told_is_what_happens(used, fake, qtbot, what):
    if what in BEFORE:
        used._commands.by_socket(BEFORE[what])
    happens(used, fake, qtbot, what, lambda: used._commands.by_socket(what))


@pytest.mark.parametrize("text", ENTRIES)
def test_an_entry_of_the_menu_does_what_it_says(used, fake, qtbot, text):
    happens(used, fake, qtbot, ENTRIES[text], entry(used, text).trigger)


def test_the_menu_ends_what_it_began(desktop, fake):
    entry(desktop, "Start Dictation").trigger()
    assert desktop._dictation._keys.latch is Latch.LATCHED
    entry(desktop, "Stop Dictation").trigger()
    assert desktop._dictation._keys.latch is Latch.OFF
    assert not fake.hotkeys.escape_wanted and not desktop._status.undoable


def test_the_menu_of_microphones_lists_and_chooses_them(desktop):
    inputs = desktop._tray._inputs
    inputs.aboutToShow.emit()
    [desk] = [one for one in inputs.actions() if one.text() == DESK.name]
    desk.trigger()
    assert desktop._choices.now.microphone == DESK.name
    assert desktop._dictation.settings.microphone == DESK.name
    assert desktop._captions.settings.microphone == DESK.name
