"""What the overlay shows in each state, for how long, and at what cost."""

import json
import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from mica.settings import OverlayStyle
from mica.ui.overlay import Overlay, Pill
from mica.ui.theme import StatusColor
from ui.floats import floats
from ui.overlay_states import (
    LONG,
    STATES,
    TROUBLE,
    arming,
    cancelled,
    done,
    error,
    latched,
    listening,
    live,
    locked,
    locked_live,
    long_error,
    long_live,
    made,
    message,
    working,
)

TWO_SCREENS = """
from PySide6.QtWidgets import QApplication
from mica.ui.overlay import Overlay, Pill
from mica.ui.theme import StatusColor
application = QApplication([])
for point in ((1200, 300), (300, 300), (5000, 300)):
    overlay = Overlay(screen_point=lambda: point)
    overlay.show_message("Listening", StatusColor.LISTENING)
    screens = application.screens()
    print(*(s.name() for s in screens if s.geometry().contains(overlay.geometry())))
"""


class Counted(Overlay):
    """An overlay that counts how often it is painted."""

    painted = 0

    def __init__(self, **more) -> None:
        super().__init__(**more)
        self.notice.paintEvent = self.paints_notice

    def paints_notice(self, event) -> None:
        self.painted += 1
        Pill.paintEvent(self.notice, event)

    def paintEvent(self, event) -> None:
        self.painted += 1
        super().paintEvent(event)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_window_never_takes_the_keyboard_and_the_mouse_goes_through(qtbot, state):
    overlay = made(qtbot)
    before = QGuiApplication.focusWindow()
    state(overlay)
    assert overlay.isVisible() or overlay.notice.isVisible()
    floats(overlay, overlay.undo)
    floats(overlay.notice, overlay.dismiss)
    assert QGuiApplication.focusWindow() is before


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_only_cancelled_and_failed_states_have_a_button(qtbot, state):
    overlay = made(qtbot)
    state(overlay)
    assert overlay.undo.isVisible() == (state is cancelled)
    assert overlay.dismiss.isVisible() == (state in (error, long_error))
    overlay.clear()
    overlay.forget()
    assert not overlay.isVisible() and not overlay.notice.isVisible()
    assert not overlay.undo.isVisible() and not overlay.dismiss.isVisible()


def test_error_can_be_dismissed_and_that_is_reported(qtbot):
    overlay = made(qtbot)
    listening(overlay)
    error(overlay)
    assert overlay.notice.geometry().contains(overlay.dismiss.geometry())
    with qtbot.waitSignal(overlay.dismissed):
        qtbot.mouseClick(overlay.dismiss, Qt.MouseButton.LeftButton)
    assert overlay.text == "Listening" and overlay.isVisible()
    assert not overlay.notice.isVisible() and not overlay.dismiss.isVisible()
    error(overlay)  # a repeated error is shown again
    assert overlay.notice.isVisible() and overlay._hide.isActive()


@pytest.mark.parametrize("notice", [error, long_error, message])
@pytest.mark.parametrize("spoken", [listening, locked, long_live, locked_live])
def test_a_message_covers_neither_meter_nor_words(qtbot, spoken, notice):
    overlay = made(qtbot)
    spoken(overlay)
    before = (overlay.text, overlay.placed.meter)
    for first in (notice, spoken):  # even if another message follows
        first(overlay)
        shown = (overlay.text, overlay.placed.meter)
        assert shown == before and overlay._frames.isActive()
        assert overlay.isVisible() and overlay.notice.isVisible()
        assert not overlay.notice.geometry().intersects(overlay.geometry())
        screen = overlay.screen().availableGeometry()
        assert screen.contains(overlay.notice.geometry())


def test_a_message_that_was_there_first_makes_room(qtbot):
    overlay = made(qtbot)
    error(overlay)
    alone = overlay.notice.geometry()
    locked_live(overlay)
    assert not overlay.notice.geometry().intersects(overlay.geometry())
    above = overlay.notice.geometry()
    assert above.bottom() < alone.bottom()
    overlay.clear()
    assert overlay.notice.geometry() == above  # does not move while it is being read


def test_hint_on_how_to_finish_stays_beside_the_words(qtbot):
    overlay = made(qtbot)
    latched(overlay)
    assert overlay.placed.lines == ("Listening… Tap Right Alt to finish.",)
    overlay.live(LONG)
    assert len(overlay.placed.lines) == 3
    assert overlay.placed.lines[-1] == "Tap Right Alt to finish."
    listening(overlay)
    overlay.live(LONG)
    assert len(overlay.placed.lines) == 2


def test_locked_state_is_visible_in_the_minimal_overlay(qtbot):
    pictures = set()
    for state in (listening, locked):
        overlay = made(qtbot, OverlayStyle.MINIMAL)
        state(overlay)
        pictures.add(overlay.grab().toImage().constBits().tobytes())
    assert len(pictures) == 2


def test_click_on_undo_is_reported_and_is_on_the_overlay(qtbot):
    overlay = made(qtbot)
    cancelled(overlay)
    assert overlay.geometry().contains(overlay.undo.geometry())
    with qtbot.waitSignal(overlay.undo_wanted):
        qtbot.mouseClick(overlay.undo, Qt.MouseButton.LeftButton)
    overlay.show_message("Transcribing…", StatusColor.WORKING)
    assert not overlay.undo.isVisible()


@pytest.mark.parametrize("still", [False, True])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_overlay_is_not_painted_while_unchanged(qtbot, state, still):
    overlay = Counted(still=still)
    qtbot.addWidget(overlay)
    qtbot.addWidget(overlay.undo)
    state(overlay)
    overlay.level(0.0)
    for _ in range(9):  # until the meter is at rest
        overlay._advance()
    QTest.qWait(50)
    before = overlay.painted
    assert before > 0
    state_text = overlay.text
    for _ in range(5):
        overlay._advance()
        overlay.live(overlay._live)
        overlay._show_current()
    QTest.qWait(100)
    assert (overlay.painted, overlay.text) == (before, state_text)


def test_a_still_meter_changes_only_with_the_loudness(qtbot):
    overlay = made(qtbot, still=True)
    overlay.show_message("Listening", StatusColor.LISTENING, metered=True)
    seen = []
    for level in (0.5, 0.5, 0.49, 1.0):
        overlay.level(level)
        overlay._advance()
        seen.append(list(overlay._levels))
    assert seen[0] == seen[1] == seen[2] != seen[3]


def test_the_meter_shows_thirty_pictures_a_second(qtbot):
    overlay = made(qtbot)
    listening(overlay)
    assert overlay._frames.interval() in (33, 34)


def test_live_text_shows_its_end_and_goes_with_the_next_press(qtbot):
    overlay = made(qtbot)
    listening(overlay)
    overlay.live(LONG)
    assert " ".join(overlay.placed.lines).endswith("last Thursday of May")
    assert len(overlay.placed.lines) == 2
    arming(overlay)
    listening(overlay)
    assert overlay.text == "Listening"


def test_more_words_only_ever_move_lines_up(qtbot):
    overlay = made(qtbot)
    listening(overlay)
    words, before, jumps = LONG.split(), ("",), 0
    for count in range(1, len(words)):
        overlay.live(" ".join(words[:count]))
        lines = overlay.placed.lines
        jumps += not (lines[0] in before or lines[0].startswith(before[0]))
        before = lines
    assert jumps <= len(LONG) // 400


def test_overlay_appears_on_the_display_of_the_focused_window(tmp_path):
    screens = [
        {"name": name, "x": x, "y": 0, "width": 800, "height": 600, "dpr": 1}
        for name, x in (("one", 0), ("two", 800))
    ]
    config = tmp_path / "screens.json"
    config.write_text(json.dumps({"screens": screens}))
    done = subprocess.run(
        [sys.executable, "-c", TWO_SCREENS],
        env={**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == ["two", "one", "one"], done.stderr


def test_minimal_shows_no_words_but_those_to_act_on(qtbot):
    overlay = made(qtbot, OverlayStyle.MINIMAL)
    for state in (arming, listening, live, working, done):
        state(overlay)
        assert overlay.isVisible() and overlay.text == ""
    cancelled(overlay)
    assert overlay.text == "Canceled" and overlay.undo.isVisible()
    error(overlay)
    assert overlay.notice.text == TROUBLE


def test_off_shows_only_what_went_wrong(qtbot):
    overlay = made(qtbot, OverlayStyle.OFF)
    for state in (arming, listening, live, working, done, cancelled, message):
        state(overlay)
        assert not overlay.isVisible() and not overlay.notice.isVisible()
        assert not overlay.undo.isVisible() and not overlay._frames.isActive()
    error(overlay)
    assert overlay.notice.isVisible() and not overlay.isVisible()


def test_an_error_stays_until_it_is_read(qtbot):
    overlay = made(qtbot)
    error(overlay)
    overlay.clear()
    assert overlay.notice.isVisible() and overlay._hide.interval() >= 6000
    overlay.message("x" * 200, StatusColor.TROUBLE)
    assert overlay._hide.interval() >= 200 * 60


def test_floating_windows_have_no_native_shadow(qtbot) -> None:
    overlay = Overlay()
    qtbot.addWidget(overlay)
    for window in (overlay, overlay.notice, overlay.undo):
        assert window.windowFlags() & Qt.WindowType.NoDropShadowWindowHint


def test_only_the_host_raises_the_overlay_on_a_mac(qtbot, monkeypatch) -> None:
    """QCocoaWindow::raise would activate Mica instead of the text's target."""
    lifted: list[int] = []
    overlay = Overlay(raise_above=lifted.append)
    qtbot.addWidget(overlay)
    raised: list[str] = []
    for window in (overlay, overlay.undo):
        monkeypatch.setattr(window, "raise_", lambda: raised.append("raised"))
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "cocoa")
    for window in (overlay, overlay.undo):
        overlay.bring(window)
    assert raised == [] and len(lifted) == 2


def test_each_window_is_raised_whenever_it_is_shown(qtbot) -> None:
    lifted: list[int] = []
    overlay = Overlay(raise_above=lifted.append)
    qtbot.addWidget(overlay)
    overlay.show_message("Listening", StatusColor.LISTENING)
    overlay.show_message("Transcribing…", StatusColor.WORKING)  # already visible
    assert lifted == [int(overlay.winId())]
    overlay.show_message("Canceled", StatusColor.QUIET, undoable=True)
    assert lifted[1:] == [int(overlay.undo.winId())]
    overlay.clear()
    overlay.show_message("Listening", StatusColor.LISTENING)
    assert lifted[2:] == [int(overlay.winId())]
