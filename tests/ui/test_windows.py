"""Tray and overlay, on Qt's offscreen screen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from mica.dictation.state import ShownState, State
from mica.settings import Settings
from mica.ui import strings, theme
from mica.ui.overlay import Overlay
from mica.ui.status import StatusPresenter
from mica.ui.theme import StatusColor, tray_icon
from mica.ui.tray import Tray


def entries(menu) -> list[str]:
    """The visible texts in a menu."""
    return [a.text() for a in menu.actions() if a.text() and a.isVisible()]


def test_the_menu_has_what_a_dictation_needs(qtbot):
    tray = Tray(lambda: ["Desk", "Headset"])
    assert entries(tray.menu) == [
        "Mica", "Start Dictation", "Start Live Captions", "Undo Last Dictation",
        "Paste Last Dictation", "Remove Punctuation from Last Dictation",
        "Copy Last Dictation", "Transcribe Again", "Recordings", "Keywords…",
        "Microphone", "Private Dictation", "Pause Shortcuts", "Settings…", "Quit Mica",
    ]  # fmt: skip
    tray.show_state(StatusColor.LISTENING, ["Listening"], active=True)
    assert entries(tray.menu)[:2] == ["Listening", "Stop Dictation"]
    tray.show_last("R&D " * 40)
    assert entries(tray.menu)[6].startswith("Copy “R&&D")
    assert len(entries(tray.menu)[6]) < 80


def test_trouble_is_read_in_the_menu_and_dismissed_there(qtbot):
    tray = Tray(list)
    why = "Transcription failed. Your recording is safe: choose Transcribe Again."
    tray.show_state(StatusColor.TROUBLE, [why], active=False, dismissable=True)
    assert tray.icon.toolTip() == why
    *lines, dismiss, _ = entries(tray.menu)[:4]
    assert " ".join(lines) == why and dismiss == "Dismiss"
    read = [a for a in tray.menu.actions() if a.text() in lines]
    assert len(read) == 2 and not any(a.isEnabled() for a in read)
    with qtbot.waitSignal(tray.dismiss_wanted):
        next(a for a in tray.menu.actions() if a.text() == "Dismiss").trigger()
    tray.show_state(StatusColor.QUIET, ["R&D"], active=False)
    assert entries(tray.menu)[:2] == ["R&&D", "Start Dictation"]


@pytest.mark.parametrize("failed", [True, False])
def test_failed_dictation_can_be_retried_from_the_menu(qtbot, failed):
    tray = Tray(list)
    tray.has_failed = lambda: failed
    tray.menu.aboutToShow.emit()
    action = next(a for a in tray.menu.actions() if a.text() == "Transcribe Again")
    assert action.isEnabled() is failed
    if failed:
        with qtbot.waitSignal(tray.retry_wanted):
            action.trigger()


def test_saved_clipboard_is_offered_when_the_menu_opens(qtbot):
    tray = Tray(list)
    tray.can_restore_clipboard = lambda: True
    assert "Restore Clipboard" not in entries(tray.menu)
    tray.menu.aboutToShow.emit()
    restore = next(a for a in tray.menu.actions() if a.text() == "Restore Clipboard")
    assert restore.isVisible()
    with qtbot.waitSignal(tray.clipboard_wanted):
        restore.trigger()
    tray.can_restore_clipboard = lambda: False
    tray.menu.aboutToShow.emit()
    assert not restore.isVisible()


def test_cancel_can_be_undone_from_the_menu_for_a_while(qtbot):
    tray = Tray(list)
    tray.show_state(StatusColor.QUIET, ["Canceled"], active=False, undoable=True)
    undo = next(a for a in tray.menu.actions() if a.text() == "Undo Cancel")
    with qtbot.waitSignal(tray.undo_wanted):
        undo.trigger()
    tray.show_state(StatusColor.QUIET, ["Mica"], active=False)
    assert undo.text() == "Undo Last Dictation" and not undo.isEnabled()
    tray.show_last("Hello.")
    assert undo.isEnabled()


def test_microphones_are_listed_on_request_and_the_choice_is_reported(qtbot):
    tray = Tray(lambda: ["Desk", "Headset"])
    tray.choose("Headset")
    inputs = next(a.menu() for a in tray.menu.actions() if a.text() == "Microphone")
    inputs.aboutToShow.emit()
    assert entries(inputs) == ["System Default", "Desk", "Headset"]
    assert [a.isChecked() for a in inputs.actions()] == [False, False, True]
    with qtbot.waitSignal(tray.microphone_chosen) as chosen:
        inputs.actions()[1].trigger()
    assert chosen.args == ["Desk"]


def test_a_list_of_microphones_is_one_entry_and_stays_while_chosen(qtbot):
    tray = Tray(lambda: ["Desk", "Headset"])
    tray.choose(("Studio", "Desk"))
    inputs = next(a.menu() for a in tray.menu.actions() if a.text() == "Microphone")
    inputs.aboutToShow.emit()
    assert entries(inputs)[-1] == "First of: Studio, Desk"
    assert [a.isChecked() for a in inputs.actions()] == [False, False, False, True]
    with qtbot.waitSignal(tray.microphone_chosen) as chosen:
        inputs.actions()[3].trigger()
    assert chosen.args == [("Studio", "Desk")]


def test_paused_hotkeys_show_until_something_else_happens(qtbot):
    tray = Tray(list)
    status = StatusPresenter(tray, Overlay(), Settings())
    pause = next(a for a in tray.menu.actions() if a.text() == "Pause Shortcuts")
    with qtbot.waitSignal(tray.pause_wanted) as paused:
        pause.trigger()
    assert paused.args == [True]
    status.pause(True)
    assert pause.isChecked() and tray.icon.toolTip() == strings.SHORTCUTS_PAUSED
    status.on_state(ShownState(State.ARMING))  # started from the menu
    assert tray.icon.toolTip() == "Getting ready…"
    status.on_state(ShownState(State.IDLE))
    assert tray.icon.toolTip() == strings.SHORTCUTS_PAUSED
    status.pause(False)
    assert not pause.isChecked()
    assert tray.icon.toolTip() == "Mica: hold Right Alt and speak"


@pytest.mark.parametrize("size", [16, 22, 32])
def test_icons_differ_by_state_without_color(monkeypatch, size):
    gray = dict.fromkeys(StatusColor, QColor("#8e8e93"))
    monkeypatch.setattr(theme, "ACCENTS", gray)
    pictures = {
        tone: tray_icon(tone).pixmap(size, size).toImage().constBits().tobytes()
        for tone in StatusColor
    }
    assert len(set(pictures.values())) == len(StatusColor)


def test_overlay_takes_no_focus_and_ignores_the_mouse(qtbot):
    overlay = Overlay()
    qtbot.addWidget(overlay)
    overlay.show_message("Listening", StatusColor.LISTENING, metered=True)
    assert overlay.isVisible() and not overlay.isActiveWindow()
    flags = overlay.windowFlags()
    assert flags & Qt.WindowType.WindowDoesNotAcceptFocus
    assert flags & Qt.WindowType.WindowTransparentForInput
    assert overlay.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


def test_overlay_is_animated_only_while_the_meter_is_shown(qtbot):
    overlay = Overlay()
    qtbot.addWidget(overlay)
    overlay.show_message("Listening", StatusColor.LISTENING, metered=True)
    assert overlay._frames.isActive()
    overlay.show_message("Transcribing…", StatusColor.WORKING)
    assert not overlay._frames.isActive()
    overlay.clear()
    assert not overlay.isVisible()


def test_message_stays_for_its_time_and_long_ones_wrap(qtbot):
    overlay = Overlay()
    qtbot.addWidget(overlay)
    overlay.message("Short.", StatusColor.TROUBLE, shown_ms=60)
    overlay.clear()
    notice = overlay.notice
    assert notice.isVisible()
    qtbot.waitUntil(lambda: not notice.isVisible(), timeout=2_000)
    overlay.message("A long message about something. " * 8, StatusColor.TROUBLE)
    assert notice.width() <= 520 and notice.height() > 60


def test_a_new_dictation_begins_without_the_message_of_the_last(qtbot):
    overlay = Overlay()
    qtbot.addWidget(overlay)
    status = StatusPresenter(Tray(list), overlay, Settings())
    status.on_message("No speech detected.", False)
    status.on_state(ShownState(State.ARMING))
    assert not overlay.notice.isVisible()
    status.on_state(ShownState(State.LISTENING))
    status.on_message("The microphone was lost.", True)
    for state in (State.ARMING, State.LISTENING, State.WORKING, State.DONE):
        status.on_state(ShownState(state))  # it is searching for another microphone
        assert overlay.notice.isVisible() and overlay.isVisible()
