"""Tray and overlay, on Qt's offscreen screen."""

from PySide6.QtCore import Qt

from mica.session.state import Shown, State
from mica.ui.overlay import Overlay
from mica.ui.status import Status
from mica.ui.theme import Tone, tray_icon
from mica.ui.tray import Tray


def entries(menu) -> list[str]:
    """What can be read in a menu."""
    return [a.text() for a in menu.actions() if a.text() and a.isVisible()]


def test_the_menu_has_what_a_dictation_needs(qtbot):
    tray = Tray(lambda: ["Desk", "Headset"])
    assert entries(tray.menu) == [
        "Start Dictation", "Start Live Captions", "Undo Last", "Paste Last",
        "Last Without Punctuation", "Last Transcript", "Keywords…", "Microphone",
        "Pause Hotkeys", "Settings…", "Quit Mica",
    ]  # fmt: skip
    tray.show_state(Tone.LISTENING, "Listening", active=True)
    assert entries(tray.menu)[0] == "Stop Dictation"
    tray.show_last("R&D " * 40)
    assert entries(tray.menu)[5].startswith("Copy “R&&D")
    assert len(entries(tray.menu)[5]) < 80


def test_a_clipboard_that_was_set_aside_is_offered_when_the_menu_opens(qtbot):
    tray = Tray(list)
    tray.keeps_clipboard = lambda: True
    assert "Restore Clipboard" not in entries(tray.menu)
    tray.menu.aboutToShow.emit()
    restore = next(a for a in tray.menu.actions() if a.text() == "Restore Clipboard")
    assert restore.isVisible()
    with qtbot.waitSignal(tray.clipboard_wanted):
        restore.trigger()
    tray.keeps_clipboard = lambda: False
    tray.menu.aboutToShow.emit()
    assert not restore.isVisible()


def test_a_cancel_can_be_undone_from_the_menu_while_that_works(qtbot):
    tray = Tray(list)
    tray.show_state(Tone.QUIET, "Cancelled", active=False, undoable=True)
    undo = next(a for a in tray.menu.actions() if a.text() == "Undo Cancel")
    with qtbot.waitSignal(tray.undo_wanted):
        undo.trigger()
    tray.show_state(Tone.QUIET, "Mica", active=False)
    assert undo.text() == "Undo Last" and not undo.isEnabled()
    tray.show_last("Hello.")
    assert undo.isEnabled()


def test_microphones_are_listed_when_asked_and_the_choice_is_told(qtbot):
    tray = Tray(lambda: ["Desk", "Headset"])
    tray.choose("Headset")
    inputs = next(a.menu() for a in tray.menu.actions() if a.text() == "Microphone")
    inputs.aboutToShow.emit()
    assert entries(inputs) == ["System Default", "Desk", "Headset"]
    assert [a.isChecked() for a in inputs.actions()] == [False, False, True]
    with qtbot.waitSignal(tray.microphone_chosen) as told:
        inputs.actions()[1].trigger()
    assert told.args == ["Desk"]


def test_a_list_of_microphones_is_one_entry_and_stays_while_chosen(qtbot):
    tray = Tray(lambda: ["Desk", "Headset"])
    tray.choose(("Studio", "Desk"))
    inputs = next(a.menu() for a in tray.menu.actions() if a.text() == "Microphone")
    inputs.aboutToShow.emit()
    assert entries(inputs)[-1] == "First of: Studio, Desk"
    assert [a.isChecked() for a in inputs.actions()] == [False, False, False, True]
    with qtbot.waitSignal(tray.microphone_chosen) as told:
        inputs.actions()[3].trigger()
    assert told.args == [("Studio", "Desk")]


def test_paused_hotkeys_show_until_something_else_happens(qtbot):
    tray = Tray(list)
    status = Status(tray, Overlay())
    pause = next(a for a in tray.menu.actions() if a.text() == "Pause Hotkeys")
    with qtbot.waitSignal(tray.pause_wanted) as told:
        pause.trigger()
    assert told.args == [True]
    status.pause(True)
    assert pause.isChecked() and tray.icon.toolTip() == "Mica: hotkeys are paused"
    status.on_state(Shown(State.ARMING))  # from the menu
    assert tray.icon.toolTip() == "Getting ready…"
    status.on_state(Shown(State.IDLE))
    assert tray.icon.toolTip() == "Mica: hotkeys are paused"
    status.pause(False)
    assert not pause.isChecked() and tray.icon.toolTip() == "Mica"


def test_icons_differ_by_state():
    pictures = {
        tone: tray_icon(tone).pixmap(32, 32).toImage().constBits().tobytes()
        for tone in Tone
    }
    assert len(set(pictures.values())) == len(Tone)


def test_the_overlay_asks_for_no_focus_and_lets_the_mouse_through(qtbot):
    overlay = Overlay()
    qtbot.addWidget(overlay)
    overlay.say("Listening", Tone.LISTENING, metered=True)
    assert overlay.isVisible() and not overlay.isActiveWindow()
    flags = overlay.windowFlags()
    assert flags & Qt.WindowType.WindowDoesNotAcceptFocus
    assert flags & Qt.WindowType.WindowTransparentForInput
    assert overlay.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


def test_the_overlay_animates_only_while_it_meters(qtbot):
    overlay = Overlay()
    qtbot.addWidget(overlay)
    overlay.say("Listening", Tone.LISTENING, metered=True)
    assert overlay._frames.isActive()
    overlay.say("Writing…", Tone.WORKING)
    assert not overlay._frames.isActive()
    overlay.leave()
    assert not overlay.isVisible()


def test_a_message_stays_its_while_and_long_ones_wrap(qtbot):
    overlay = Overlay()
    qtbot.addWidget(overlay)
    overlay.message("Short.", Tone.TROUBLE, shown_ms=60)
    overlay.leave()
    assert overlay.isVisible()
    qtbot.waitUntil(lambda: not overlay.isVisible(), timeout=2_000)
    overlay.message("A long message about something. " * 8, Tone.TROUBLE)
    assert overlay.width() <= 520 and overlay.height() > 60


def test_after_a_message_the_overlay_listens_on(qtbot):
    overlay = Overlay()
    qtbot.addWidget(overlay)
    overlay.say("Listening", Tone.LISTENING, metered=True)
    overlay.message("The disk is full.", Tone.TROUBLE, shown_ms=60)
    assert overlay.text == "The disk is full." and not overlay._frames.isActive()
    qtbot.waitUntil(lambda: overlay.text == "Listening", timeout=2_000)
    assert overlay.isVisible() and overlay._frames.isActive()


def test_bad_news_is_read_before_work_is_shown(qtbot):
    overlay = Overlay()
    qtbot.addWidget(overlay)
    overlay.message("The microphone was lost.", Tone.TROUBLE, shown_ms=60)
    overlay.say("Writing…", Tone.WORKING, waits=True)
    assert overlay.text == "The microphone was lost."
    qtbot.waitUntil(lambda: overlay.text == "Writing…", timeout=2_000)
    overlay.message("The microphone was lost.", Tone.TROUBLE)
    overlay.say("Listening", Tone.LISTENING, metered=True)
    assert overlay.text == "Listening"
