"""The settings window: what is chosen is in force; keys are learnt by pressing them."""

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

from mica.dictation.settings_store import Choices
from mica.errors import MicaError, SettingsError
from mica.events import Language, Style
from mica.host.ports import FnTap, Login
from mica.settings import OverlayStyle, Settings, Warmth
from mica.ui.settings_window import ALLOW, FREE_FN, SettingsWindow
from mica.ui.widgets import FRAME

SCREEN = QSize(1280, 720)
SMALL_SCREEN = 600  # what is left of it


class FakeLogin:
    """A system that starts programs at login, once the user allows it."""

    def __init__(self, now: Login = Login.OFF) -> None:
        self.now, self.then, self.refusal = now, Login.ON, None

    def state(self) -> Login:
        return self.now

    def want(self, wanted: bool) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.now = self.then if wanted else Login.OFF


@pytest.mark.parametrize("can", [True, False])
def test_translation_is_offered_only_where_the_model_can(qtbot, can):
    bench = Bench(qtbot, Settings(translate_key="f13"))
    bench.window.can_translate = lambda: can
    bench.window.refresh()
    assert bench.window._language.isEnabled() is can
    assert bench.window._keys["translate_key"].isEnabled() is can
    assert bench.window._keys["hold_key"].isEnabled()
    assert bench.window._untranslated.isVisible() is not can


class Bench:
    """A window, its settings, and the keyboard it learns from."""

    def __init__(self, qtbot, now: Settings, login: FakeLogin | None = None) -> None:
        self.refusal: SettingsError | None = None
        self.learns = None
        self.choices = Choices(now, self._apply)
        self.login = login or FakeLogin()
        self.fn_tap = FnTap.UNKNOWN
        self.window = SettingsWindow(
            self.choices,
            lambda: ["Desk"],
            self._learn,
            self.login,
            lambda: self.fn_tap,
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


def room(monkeypatch, screen: QSize) -> None:
    """The screenless platform's is smaller than any."""
    monkeypatch.setattr(SettingsWindow, "room", property(lambda _: screen - FRAME))


@pytest.fixture(autouse=True)
def screen(monkeypatch):
    room(monkeypatch, SCREEN)


@pytest.fixture
def bench(qtbot):
    return Bench(qtbot, Settings())


def test_a_key_is_bound_by_pressing_it(bench):
    assert bench.key("hold_key").button.text() == "Right Alt"
    bench.key("hold_key").button.click()
    assert bench.key("hold_key").button.text() == "Press a key…"
    bench.learns("ctrl+alt+space")
    assert bench.key("hold_key").button.text() == "Ctrl+Alt+Space"
    assert bench.choices.now.hold_key == "ctrl+alt+space"
    assert bench.learns is None


def test_escape_leaves_a_key_and_backspace_takes_it_away(bench):
    bench.press("undo_key", "f8")
    bench.press("undo_key", "escape")
    assert bench.choices.now.undo_key == "f8"
    bench.press("undo_key", "backspace")
    assert bench.choices.now.undo_key is None
    assert bench.key("undo_key").button.text() == "Record Shortcut"


def test_the_key_that_translates_can_be_a_modifier_and_be_taken_away(bench):
    assert bench.key("translate_key").button.text() == "Record Shortcut"
    bench.press("translate_key", "right_ctrl")
    assert bench.choices.now.translate_key == "right_ctrl"
    bench.press("translate_key", "backspace")
    assert bench.choices.now.translate_key is None


def test_a_key_in_the_way_is_named_until_the_next_choice(bench):
    bench.refusal = SettingsError("F8 is for undoing already.", "Choose another key.")
    bench.press("hold_key", "f8")
    told = bench.key("hold_key").problem
    assert told.isVisible() and "F8 is for undoing already." in told.text()
    assert bench.key("hold_key").button.text() == "Right Alt"
    bench.refusal = None
    bench.press("hold_key", "f9")
    assert not told.isVisible()


def test_a_key_in_the_way_is_explained_beside_its_button(bench):
    bench.refusal = SettingsError("Space is needed for typing.", "Choose another key.")
    bench.press("paste_last_key", "space")
    key, other = bench.key("paste_last_key"), bench.key("hold_key")
    assert key.problem.isVisible() and not other.problem.isVisible()
    below = key.problem.mapTo(bench.window, key.problem.rect().topLeft()).y()
    button = key.button.mapTo(bench.window, key.button.rect().bottomLeft()).y()
    assert 0 <= below - button < 10
    assert not bench.window._problem.isVisible()


def test_a_refused_key_that_comes_up_late_clicks_nothing(bench, qtbot):
    bench.refusal = SettingsError("Space is needed for typing.", "Choose another key.")
    button = bench.key("hold_key").button
    button.click()
    bench.learns("space")  # the host was quicker than Qt
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert bench.learns is None and button.text() == "Right Alt"
    qtbot.waitUntil(lambda: not button._deaf.isActive())
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert bench.learns is not None


@pytest.mark.parametrize(
    ("key", "name"),
    [(Qt.Key.Key_CapsLock, "Caps Lock"), (Qt.Key.Key_Launch1, "Launch")],
)
def test_a_key_the_host_has_no_name_for_is_refused_by_name(bench, qtbot, key, name):
    field = bench.key("hold_key")
    field.button.click()
    qtbot.keyClick(field.button, key)
    qtbot.waitUntil(field.problem.isVisible)
    assert (
        name in field.problem.text() and "can’t be a shortcut" in field.problem.text()
    )
    assert bench.learns is None and field.button.text() == "Right Alt"


def test_a_key_the_host_names_late_is_not_refused(bench, qtbot):
    field = bench.key("hold_key")
    field.button.click()
    qtbot.keyClick(field.button, Qt.Key.Key_F9)
    bench.learns("f9")
    qtbot.wait(400)
    assert not field.problem.isVisible() and field.button.text() == "F9"


def test_a_cross_clears_a_shortcut_that_is_optional(bench):
    field = bench.key("undo_key")
    assert not field._clear.isVisible()
    assert not bench.key("hold_key")._clear.isVisible()
    bench.press("undo_key", "f8")
    assert field._clear.isVisible()
    field._clear.click()
    assert bench.choices.now.undo_key is None and not field._clear.isVisible()


def test_while_it_learns_keys_do_nothing_else(bench, qtbot):
    button = bench.key("hold_key").button
    button.click()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.keyClick(button, Qt.Key.Key_Tab)
    assert button.text() == "Press a key…" and bench.learns is not None


@pytest.mark.parametrize("leave", ["click", "hide"])
def test_it_learns_no_more_once_left(bench, leave):
    button = bench.key("hold_key").button
    button.click()
    heard = bench.learns
    button.click() if leave == "click" else bench.window.hide()
    assert bench.learns is None
    heard("f9")  # was on its way
    assert bench.choices.now.hold_key == "right_alt"


def test_only_fn_has_its_conflict_explained(bench):
    assert not bench.window._fn.isVisible()
    bench.press("hold_key", "fn")
    assert bench.window._fn.isVisible() and "Do Nothing" in bench.window._fn.text()
    bench.press("hold_key", "f13")
    assert not bench.window._fn.isVisible()
    bench.press("translate_key", "fn")
    assert bench.window._fn.isVisible()


@pytest.mark.parametrize(
    ("does", "words"),
    [
        (FnTap.INPUT_SOURCE, "a tap of Fn also changes the input source"),
        (FnTap.EMOJI, "a tap of Fn also shows emoji and symbols"),
        (FnTap.DICTATION, "two taps of Fn also start the dictation of macOS"),
        (FnTap.UNKNOWN, "macOS acts on a tap of Fn as well"),
    ],
)
def test_what_a_tap_of_fn_does_on_this_mac_is_said(bench, does, words):
    bench.fn_tap = does
    bench.press("hold_key", "fn")
    told = bench.window._fn
    assert words in told.text() and told.text().endswith(FREE_FN)
    assert told.heightForWidth(told.width()) <= told.height()


def test_where_a_tap_of_fn_does_nothing_nothing_is_said(bench):
    bench.fn_tap = FnTap.NOTHING
    bench.press("hold_key", "fn")
    assert not bench.window._fn.isVisible()


def test_who_comes_back_from_the_systems_settings_sees_it_gone(bench):
    bench.press("hold_key", "fn")
    bench.fn_tap = FnTap.NOTHING
    bench.window.activateWindow()
    QApplication.sendEvent(bench.window, QEvent(QEvent.Type.ActivationChange))
    assert not bench.window._fn.isVisible()


def test_every_tick_and_list_shows_and_changes_its_setting(qtbot):
    now = Settings(
        style=Style.RAW,
        overlay=OverlayStyle.OFF,
        reduce_motion=True,
        warm_microphone=Warmth.ALWAYS,
        sounds=False,
        quiet_stop_s=0.0,
        trailing_space=True,
        auto_submit=True,
        restore_clipboard=False,
        smart_spacing=False,
        translate_to=Language.JAPANESE,
    )
    bench = Bench(qtbot, now)
    window = bench.window
    assert window._style.currentText() == "Plain lowercase words"
    assert window._overlay.currentText() == "Errors only"
    assert window._warmth.currentText() == "Always"
    for check in set(window.findChildren(QCheckBox)) - {window._at_login}:
        check.click()
    assert window._language.currentText() == "Japanese"
    for combo in (window._style, window._overlay, window._language):
        combo.activated.emit(0)
    window._warmth.activated.emit(1)
    assert bench.choices.now == Settings()


@pytest.mark.parametrize("quiet_s", [15.0, 180.0])
def test_no_word_is_clipped(qtbot, quiet_s):
    bench = Bench(qtbot, Settings(quiet_stop_s=quiet_s, hold_key="ctrl+alt+page_down"))
    bench.window._tell("F8 is for undoing already. Choose another key.")
    shown = [
        one
        for kind in (QCheckBox, QComboBox, QPushButton, QLabel)
        for one in bench.window.findChildren(kind)
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
        window = Bench(qtbot, Settings(microphone=("Desk", "Headset"))).window
        assert window.width() <= screen.width() and window.height() <= screen.height()
        for one in filter(QWidget.isVisible, controls(window)):
            window._scroll.ensureWidgetVisible(one)
            shown = window._scroll.viewport().rect()
            at = one.mapTo(window._scroll.viewport(), one.rect().topLeft())
            assert at.x() >= 0 and at.x() + one.width() <= shown.width(), one
            assert 0 <= at.y() < shown.height(), one
    finally:
        QApplication.setFont(before)


def test_a_list_of_microphones_has_room(bench):
    before = bench.window.height()
    bench.window._microphone.chosen.emit(("Headset", "Desk"))
    assert bench.choices.now.microphone == ("Headset", "Desk")
    picker = bench.window._microphone
    assert picker.height() >= picker.sizeHint().height()
    assert bench.window.height() <= SMALL_SCREEN
    bench.window._microphone.chosen.emit("Desk")
    assert bench.window.height() == before


def test_starting_at_login_is_asked_of_the_system(bench):
    box = bench.window._at_login
    assert box.isVisible() and not box.isChecked()
    box.click()
    assert bench.login.now is Login.ON and not bench.window._problem.isVisible()
    box.click()
    assert bench.login.now is Login.OFF


def test_what_the_system_has_yet_to_allow_is_said(bench):
    bench.login.then = Login.ASKED
    bench.window._at_login.click()
    assert bench.window._at_login.isChecked()
    assert ALLOW in bench.window._problem.text()


def test_a_system_that_refuses_to_start_us_says_why(bench):
    bench.login.refusal = MicaError("Mica is no app here.", "Install it.")
    bench.window._at_login.click()
    assert not bench.window._at_login.isChecked()
    assert "Mica is no app here. Install it." in bench.window._problem.text()


def test_where_nothing_starts_at_login_it_is_not_offered(qtbot):
    bench = Bench(qtbot, Settings(), FakeLogin(Login.UNKNOWN))
    assert not bench.window._at_login.isVisible()


def test_the_wheel_scrolls_and_chooses_nothing(qtbot, monkeypatch):
    room(monkeypatch, QSize(1024, 400))
    bench = Bench(qtbot, Settings())
    window, bar = bench.window, bench.window._scroll.verticalScrollBar()
    for combo in window.findChildren(QComboBox):
        window._scroll.ensureWidgetVisible(combo)
        before, bar_before = bench.choices.now, bar.value()
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
        assert bench.choices.now == before


def test_nothing_moves_when_a_key_is_refused(bench):
    places = [one.mapTo(bench.window, QPoint()) for one in controls(bench.window)]
    size = bench.window.size()
    bench.refusal = SettingsError("Space is needed for typing.", "Choose another key.")
    bench.press("hold_key", "space")
    assert bench.key("hold_key").problem.isVisible()
    assert [
        one.mapTo(bench.window, QPoint()) for one in controls(bench.window)
    ] == places
    assert bench.window.size() == size


def test_escape_closes_it_unless_a_key_is_learnt(bench, qtbot):
    button = bench.key("hold_key").button
    button.click()
    qtbot.keyClick(button, Qt.Key.Key_Escape)
    assert bench.window.isVisible()
    bench.learns("escape")
    qtbot.waitUntil(lambda: not button._deaf.isActive())
    qtbot.keyClick(bench.window, Qt.Key.Key_Escape)
    assert not bench.window.isVisible()
