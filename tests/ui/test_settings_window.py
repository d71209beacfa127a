"""The settings window: choices take effect; shortcuts are recorded by pressing keys."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QWidget,
)

from mica.dictation.settings_store import SettingsStore
from mica.errors import MicaError, SettingsError
from mica.events import Language, Style
from mica.host.key_names import Hotkey
from mica.host.values import FnKeyAction, LoginState
from mica.settings import KeepOpen, OverlayStyle, Settings
from mica.ui import strings
from mica.ui.settings_window import SettingsWindow
from mica.ui.widgets import FRAME

SCREEN = QSize(1280, 720)
SMALL_SCREEN = 600  # its available height


class FakeLogin:
    """A fake login item, which the user may have to allow."""

    def __init__(self, now: LoginState = LoginState.OFF) -> None:
        self.now, self.then, self.refusal = now, LoginState.ON, None

    def state(self) -> LoginState:
        return self.now

    def set_enabled(self, wanted: bool) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.now = self.then if wanted else LoginState.OFF


@pytest.mark.parametrize("can", [True, False])
def test_translation_is_offered_only_where_the_model_can(qtbot, can):
    harness = Harness(qtbot, Settings(translate_key="f13"))
    harness.window.can_translate = lambda: can
    harness.window.refresh()
    assert harness.window._language.isEnabled() is can
    assert harness.window._keys["translate_key"].isEnabled() is can
    assert harness.window._keys["hold_key"].isEnabled()
    assert harness.window._untranslated.isVisible() is not can


class Harness:
    """A window, its settings, and a fake keyboard for recording shortcuts."""

    def __init__(self, qtbot, now: Settings, login: FakeLogin | None = None) -> None:
        self.qtbot = qtbot
        self.refusal: SettingsError | None = None
        self.learns = None
        self.choices = SettingsStore(now, self._apply)
        self.login = login or FakeLogin()
        self.fn_key_action = FnKeyAction.UNKNOWN
        self.needs_fn = False
        self.window = SettingsWindow(
            self.choices,
            lambda: ["Desk"],
            self._learn,
            self.login,
            lambda: self.fn_key_action,
            lambda: self.needs_fn,
        )
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)

    def _apply(self, wanted: Settings) -> None:
        if self.refusal is not None:
            raise self.refusal

    def _learn(self, on_key) -> None:
        self.learns = on_key

    def key(self, field: str):
        return self.window._keys[field]

    def press(self, field: str, name: str) -> None:
        self.key(field).button.click()
        self.learns(name)

    def press_next(self, field: str, name: str) -> None:
        """Press a key some time after one that was refused."""
        self.qtbot.waitUntil(lambda: not self.key(field).button._deaf.isActive())
        self.learns(name)


def room(monkeypatch, screen: QSize) -> None:
    """Set the available space; the offscreen platform's screen is too small."""
    monkeypatch.setattr(SettingsWindow, "room", property(lambda _: screen - FRAME))


@pytest.fixture(autouse=True)
def screen(monkeypatch):
    room(monkeypatch, SCREEN)


@pytest.fixture
def harness(qtbot):
    return Harness(qtbot, Settings())


def test_a_key_is_bound_by_pressing_it(harness):
    assert harness.key("hold_key").button.text() == "Right Alt"
    harness.key("hold_key").button.click()
    assert harness.key("hold_key").button.text() == "Press a key…"
    harness.learns("ctrl+alt+space")
    assert harness.key("hold_key").button.text() == "Ctrl+Alt+Space"
    assert harness.choices.now.hold_key == "ctrl+alt+space"
    assert harness.learns is None


def test_escape_keeps_a_key_and_backspace_clears_it(harness):
    harness.press("undo_key", "f8")
    harness.press("undo_key", "escape")
    assert harness.choices.now.undo_key == "f8"
    harness.press("undo_key", "backspace")
    assert harness.choices.now.undo_key is None
    assert harness.key("undo_key").button.text() == "Record Shortcut"


def test_translate_key_can_be_a_modifier_and_can_be_cleared(harness):
    assert harness.key("translate_key").button.text() == "Record Shortcut"
    harness.press("translate_key", "right_ctrl")
    assert harness.choices.now.translate_key == "right_ctrl"
    harness.press("translate_key", "backspace")
    assert harness.choices.now.translate_key is None


def test_conflicting_key_is_named_until_the_next_choice(harness):
    harness.refusal = SettingsError("F8 is for undoing already.", "Choose another key.")
    harness.press("hold_key", "f8")
    problem = harness.key("hold_key").problem
    assert problem.isVisible() and "F8 is for undoing already." in problem.text()
    assert harness.choices.now.hold_key == "right_alt"
    harness.refusal = None
    harness.press_next("hold_key", "f9")
    assert harness.choices.now.hold_key == "f9" and not problem.isVisible()


def test_conflicting_key_is_explained_beside_its_button(harness):
    harness.refusal = SettingsError("Space is used for typing.", "Choose another key.")
    harness.press("paste_last_key", "space")
    key, other = harness.key("paste_last_key"), harness.key("hold_key")
    assert key.problem.isVisible() and not other.problem.isVisible()
    below = key.problem.mapTo(harness.window, key.problem.rect().topLeft()).y()
    button = key.button.mapTo(harness.window, key.button.rect().bottomLeft()).y()
    assert 0 <= below - button < 10
    assert not harness.window._problem.isVisible()


def refused(harness) -> None:
    harness.refusal = SettingsError("Space is used for typing.", "Choose another key.")


def test_refused_key_released_late_clicks_nothing(harness, qtbot):
    refused(harness)
    button = harness.key("hold_key").button
    button.click()
    harness.learns("space")  # the host was faster than Qt
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert button.text() == "Press a key…"
    qtbot.waitUntil(lambda: not button._deaf.isActive())
    qtbot.wait(400)  # how long it takes until a key without a name is refused
    assert "used for typing" in harness.key("hold_key").problem.text()


def test_key_recording_continues_after_a_refused_key_and_escape_ends_only_that(
    harness, qtbot
):
    refused(harness)
    field = harness.key("hold_key")
    harness.press("hold_key", "space")
    assert field.problem.isVisible() and field.button.text() == "Press a key…"
    harness.press_next("hold_key", "space")
    assert field.problem.isVisible() and harness.learns is not None
    qtbot.waitUntil(lambda: not field.button._deaf.isActive())
    qtbot.keyClick(field.button, Qt.Key.Key_Escape)
    harness.learns("escape")
    assert harness.window.isVisible() and harness.learns is None
    assert not field.problem.isVisible() and field.button.text() == "Right Alt"


def test_key_recording_continues_after_a_key_without_a_name(harness, qtbot):
    field = harness.key("hold_key")
    field.button.click()
    qtbot.keyClick(field.button, Qt.Key.Key_CapsLock)
    qtbot.waitUntil(field.problem.isVisible)
    harness.press_next("hold_key", "f9")
    assert harness.choices.now.hold_key == "f9" and not field.problem.isVisible()


def test_a_refused_key_that_stays_down_is_not_refused_again(harness, qtbot):
    """A held key repeats, and a new recording does not know what else is held."""
    refused(harness)
    button = harness.key("hold_key").button
    button.click()
    qtbot.keyPress(button, Qt.Key.Key_V)
    harness.learns("ctrl+v")
    harness.refusal = None
    harness.press_next("hold_key", "v")
    assert harness.choices.now.hold_key == "right_alt"
    qtbot.keyRelease(button, Qt.Key.Key_V)
    harness.learns("f9")
    assert harness.choices.now.hold_key == "f9"


def test_a_shortcut_that_cannot_be_cleared_starts_no_recording(harness):
    harness.press("undo_key", "f8")
    harness.refusal = SettingsError("The disk is full.", "Free some space.")
    harness.key("undo_key")._clear.click()
    assert harness.key("undo_key").problem.isVisible() and harness.learns is None


@pytest.mark.parametrize(
    ("key", "name"),
    [(Qt.Key.Key_CapsLock, "Caps Lock"), (Qt.Key.Key_Launch1, "Launch")],
)
def test_a_key_the_host_has_no_name_for_is_refused_by_name(harness, qtbot, key, name):
    field = harness.key("hold_key")
    field.button.click()
    qtbot.keyClick(field.button, key)
    qtbot.waitUntil(field.problem.isVisible)
    assert (
        name in field.problem.text() and "can’t be a shortcut" in field.problem.text()
    )
    assert harness.choices.now.hold_key == "right_alt"


def test_a_key_the_host_names_late_is_not_refused(harness, qtbot):
    field = harness.key("hold_key")
    field.button.click()
    qtbot.keyClick(field.button, Qt.Key.Key_F9)
    harness.learns("f9")
    qtbot.wait(400)
    assert not field.problem.isVisible() and field.button.text() == "F9"


def test_clear_button_clears_an_optional_shortcut(harness):
    field = harness.key("undo_key")
    assert not field._clear.isVisible()
    assert not harness.key("hold_key")._clear.isVisible()
    harness.press("undo_key", "f8")
    assert field._clear.isVisible()
    field._clear.click()
    assert harness.choices.now.undo_key is None and not field._clear.isVisible()


def test_hotkeys_are_inactive_while_a_key_is_recorded(harness, qtbot):
    button = harness.key("hold_key").button
    button.click()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.keyClick(button, Qt.Key.Key_Tab)
    assert button.text() == "Press a key…" and harness.learns is not None


@pytest.mark.parametrize("leave", ["click", "hide"])
def test_key_recording_ends_when_the_field_loses_focus(harness, leave):
    button = harness.key("hold_key").button
    button.click()
    learns = harness.learns
    button.click() if leave == "click" else harness.window.hide()
    assert harness.learns is None
    learns("f9")  # was pending
    assert harness.choices.now.hold_key == "right_alt"


def test_only_fn_has_its_conflict_explained(harness):
    assert not harness.window._fn.isVisible()
    harness.press("hold_key", "fn")
    assert harness.window._fn.isVisible() and "Do Nothing" in harness.window._fn.text()
    harness.press("hold_key", "f13")
    assert not harness.window._fn.isVisible()
    harness.press("translate_key", "fn")
    assert harness.window._fn.isVisible()


@pytest.mark.parametrize(
    ("does", "words"),
    [
        (FnKeyAction.INPUT_SOURCE, "tapping Fn also changes the input source"),
        (FnKeyAction.EMOJI, "tapping Fn also shows emoji and symbols"),
        (FnKeyAction.DICTATION, "tapping Fn twice also starts macOS dictation"),
        (FnKeyAction.UNKNOWN, "macOS also uses the Fn key"),
    ],
)
def test_action_of_an_fn_tap_is_shown(harness, does, words):
    harness.fn_key_action = does
    harness.press("hold_key", "fn")
    note = harness.window._fn
    assert words in note.text() and note.text().endswith(strings.FREE_FN)
    assert note.heightForWidth(note.width()) <= note.height()


def test_no_note_is_shown_where_an_fn_tap_does_nothing(harness):
    harness.fn_key_action = FnKeyAction.NOTHING
    harness.press("hold_key", "fn")
    assert not harness.window._fn.isVisible()


@pytest.mark.parametrize("field", ["hold_key", "paste_last_key"])
def test_a_key_that_controls_the_mac_without_fn_is_named(harness, field):
    harness.needs_fn = True
    harness.press(field, "f5")
    note = harness.window._fn
    assert note.isVisible() and note.text() == strings.NEEDS_FN.format("F5")
    assert note.heightForWidth(note.width()) <= note.height()
    harness.press(field, "f13")
    assert not note.isVisible()
    harness.needs_fn = False
    harness.press(field, "f5")
    assert not note.isVisible(), "this keyboard or this user has them as keys"


def test_permission_note_is_gone_after_a_visit_to_system_settings(harness):
    harness.press("hold_key", "fn")
    harness.fn_key_action = FnKeyAction.NOTHING
    harness.window.activateWindow()
    QApplication.sendEvent(harness.window, QEvent(QEvent.Type.ActivationChange))
    assert not harness.window._fn.isVisible()


def test_every_tick_and_list_shows_and_changes_its_setting(qtbot):
    now = Settings(
        style=Style.RAW,
        overlay=OverlayStyle.OFF,
        reduce_motion=True,
        keep_microphone_open=KeepOpen.ALWAYS,
        sounds=False,
        quiet_stop_s=0.0,
        trailing_space=True,
        auto_submit=True,
        restore_clipboard=False,
        private_dictation=True,
        smart_spacing=False,
        translate_to=Language.JAPANESE,
    )
    harness = Harness(qtbot, now)
    window = harness.window
    assert window._style.currentText() == "Plain lowercase words"
    assert window._overlay.currentText() == "Errors only"
    assert window._keep_open.currentText() == "Always"
    for check in set(window.findChildren(QCheckBox)) - {window._at_login}:
        check.click()
    assert window._language.currentText() == "Japanese"
    for combo in (window._style, window._overlay, window._language):
        combo.activated.emit(0)
    window._keep_open.activated.emit(1)
    assert harness.choices.now == Settings()


@pytest.mark.parametrize("quiet_s", [15.0, 180.0])
def test_no_word_is_clipped(qtbot, quiet_s):
    harness = Harness(
        qtbot, Settings(quiet_stop_s=quiet_s, hold_key="ctrl+alt+page_down")
    )
    harness.window._show_problem("F8 is for undoing already. Choose another key.")
    shown = [
        one
        for kind in (QCheckBox, QComboBox, QPushButton, QLabel)
        for one in harness.window.findChildren(kind)
        if one.isVisible()
    ]
    assert len(shown) > 20
    for one in shown:
        narrow = isinstance(one, QLabel) and one.wordWrap()
        assert narrow or one.sizeHint().width() <= one.width(), one
        tall = one.heightForWidth(one.width()) if narrow else one.sizeHint().height()
        assert tall <= one.height(), one


def controls(window):
    kinds = (QCheckBox, QComboBox, QPushButton)
    return [one for kind in kinds for one in window.findChildren(kind)]


@pytest.mark.parametrize("points", [9, 13.5, 20])
@pytest.mark.parametrize("screen", [SCREEN, QSize(1024, 600)])
def test_every_control_can_be_reached_on_a_small_screen(
    qtbot, monkeypatch, points, screen
):
    room(monkeypatch, screen)
    before, larger = QApplication.font(), QApplication.font()
    larger.setPointSizeF(points)
    QApplication.setFont(larger)
    try:
        window = Harness(qtbot, Settings(microphone=("Desk", "Headset"))).window
        assert window.width() <= screen.width() and window.height() <= screen.height()
        for one in filter(QWidget.isVisible, controls(window)):
            window._scroll.ensureWidgetVisible(one)
            shown = window._scroll.viewport().rect()
            at = one.mapTo(window._scroll.viewport(), one.rect().topLeft())
            assert at.x() >= 0 and at.x() + one.width() <= shown.width(), one
            assert 0 <= at.y() < shown.height(), one
    finally:
        QApplication.setFont(before)


def field_edges(window: SettingsWindow) -> set[int]:
    """The left edges of the controls next to a label, within the contents."""
    origin = QPoint(0, 0)
    parts = filter(QWidget.isVisible, controls(window))
    framed = (QCheckBox, QComboBox)
    shown = [one for one in parts if isinstance(one, framed)]
    return {one.mapTo(window.contents, origin).x() for one in shown}


def right_edge(window: SettingsWindow, one: QWidget) -> int:
    """The right edge of a widget, within the contents."""
    return one.mapTo(window.contents, one.rect().topRight()).x()


def test_keys_end_where_the_boxes_below_them_end(harness):
    window = harness.window
    keys = {right_edge(window, key.button) for key in window._keys.values()}
    assert keys == {
        right_edge(window, box) for box in (window._style, window._language)
    }


def test_clear_symbol_is_in_its_button_beside_the_words(harness):
    harness.press("undo_key", "ctrl+alt+page_down")
    field = harness.key("undo_key")
    button, cross = field.button, field._clear
    assert button.geometry().contains(cross.geometry())
    words = button.fontMetrics().horizontalAdvance(button.text())
    assert button.rect().center().x() + words // 2 < cross.geometry().left()
    assert field.childAt(cross.geometry().center()) is cross


def test_one_column_has_one_edge_and_its_minimum_width(qtbot, monkeypatch):
    room(monkeypatch, QSize(853, 480))
    window = Harness(qtbot, Settings()).window
    assert len(field_edges(window)) == 1
    assert window.width() < 600


def test_two_columns_have_two_edges(harness):
    assert len(field_edges(harness.window)) == 2


def test_list_of_microphones_is_not_clipped(harness):
    before = harness.window.height()
    harness.window._microphone.chosen.emit(("Headset", "Desk"))
    assert harness.choices.now.microphone == ("Headset", "Desk")
    picker = harness.window._microphone
    assert picker.height() >= picker.sizeHint().height()
    assert harness.window.height() <= SMALL_SCREEN
    harness.window._microphone.chosen.emit("Desk")
    assert harness.window.height() == before


def test_login_checkbox_changes_the_login_item(harness):
    box = harness.window._at_login
    assert box.isVisible() and not box.isChecked()
    box.click()
    assert (
        harness.login.now is LoginState.ON and not harness.window._problem.isVisible()
    )
    box.click()
    assert harness.login.now is LoginState.OFF


def test_missing_permissions_are_shown(harness):
    harness.login.then = LoginState.NEEDS_APPROVAL
    harness.window._at_login.click()
    assert harness.window._at_login.isChecked()
    assert strings.ALLOW_LOGIN in harness.window._problem.text()


def test_a_system_that_refuses_to_start_us_says_why(harness):
    harness.login.refusal = MicaError("Mica is no app here.", "Install it.")
    harness.window._at_login.click()
    assert not harness.window._at_login.isChecked()
    assert "Mica is no app here. Install it." in harness.window._problem.text()


def test_login_item_is_not_offered_where_the_system_has_none(qtbot):
    harness = Harness(qtbot, Settings(), FakeLogin(LoginState.UNSUPPORTED))
    assert not harness.window._at_login.isVisible()


def test_the_wheel_scrolls_and_chooses_nothing(qtbot, monkeypatch):
    room(monkeypatch, QSize(1024, 400))
    harness = Harness(qtbot, Settings())
    window, bar = harness.window, harness.window._scroll.verticalScrollBar()
    for combo in window.findChildren(QComboBox):
        window._scroll.ensureWidgetVisible(combo)
        before, bar_before = harness.choices.now, bar.value()
        middle = QPointF(combo.rect().center())
        for notches in (-120, -120, 120, 120):
            wheel = QWheelEvent(
                middle,
                combo.mapToGlobal(middle),
                QPoint(),
                QPoint(0, notches),
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            combo.setFocus()
            QApplication.sendEvent(combo, wheel)
            assert not wheel.isAccepted() or bar.value() != bar_before
        assert harness.choices.now == before


def test_layout_does_not_move_when_a_key_is_refused(harness):
    places = [one.mapTo(harness.window, QPoint()) for one in controls(harness.window)]
    size = harness.window.size()
    harness.refusal = SettingsError("Space is used for typing.", "Choose another key.")
    harness.press("hold_key", "space")
    assert harness.key("hold_key").problem.isVisible()
    assert [
        one.mapTo(harness.window, QPoint()) for one in controls(harness.window)
    ] == places
    assert harness.window.size() == size


def test_escape_closes_the_window_unless_a_key_is_being_recorded(harness, qtbot):
    button = harness.key("hold_key").button
    button.click()
    qtbot.keyClick(button, Qt.Key.Key_Escape)
    assert harness.window.isVisible()
    harness.learns("escape")
    qtbot.waitUntil(lambda: not button._deaf.isActive())
    qtbot.keyClick(harness.window, Qt.Key.Key_Escape)
    assert not harness.window.isVisible()


def test_messages_about_shortcuts_use_the_labels_of_the_window():
    labels = (
        strings.HOLD_TO_DICTATE,
        strings.HOLD_TO_TRANSLATE,
        strings.PASTE_LAST_KEY,
        strings.UNDO_LAST_KEY,
        strings.CAPTIONS_KEY,
    )
    assert [f"{use.value}:" for use in Hotkey] == [*labels]
