"""What the overlay shows of each state, for how long, and what it costs."""

import json
import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from mica.settings import OverlayStyle
from mica.ui.overlay import Overlay
from mica.ui.theme import Tone
from ui.floats import floats
from ui.overlay_states import (
    LONG,
    STATES,
    TROUBLE,
    arming,
    cancelled,
    done,
    error,
    listening,
    live,
    long_error,
    made,
    message,
    working,
)

TWO_SCREENS = """
from PySide6.QtWidgets import QApplication
from mica.ui.overlay import Overlay
from mica.ui.theme import Tone
application = QApplication([])
for point in ((1200, 300), (300, 300), (5000, 300)):
    overlay = Overlay(where=lambda: point)
    overlay.say("Listening", Tone.LISTENING)
    screens = application.screens()
    print(*(s.name() for s in screens if s.geometry().contains(overlay.geometry())))
"""


class Counted(Overlay):
    """Counts how often it is painted."""

    painted = 0

    def paintEvent(self, event) -> None:
        self.painted += 1
        super().paintEvent(event)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_it_never_takes_the_keyboard_and_the_mouse_goes_through(qtbot, state):
    overlay = made(qtbot)
    before = QGuiApplication.focusWindow()
    state(overlay)
    assert overlay.isVisible()
    floats(overlay, overlay.undo, overlay.dismiss)
    assert QGuiApplication.focusWindow() is before


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_only_what_was_cancelled_or_went_wrong_has_a_button(qtbot, state):
    overlay = made(qtbot)
    state(overlay)
    assert overlay.undo.isVisible() == (state is cancelled)
    assert overlay.dismiss.isVisible() == (state in (error, long_error))
    overlay.leave()
    overlay._message_over()
    assert not overlay.isVisible()
    assert not overlay.undo.isVisible() and not overlay.dismiss.isVisible()


def test_an_error_can_be_dismissed_and_shows_what_it_covered(qtbot):
    overlay = made(qtbot)
    listening(overlay)
    error(overlay)
    assert overlay.geometry().contains(overlay.dismiss.geometry())
    qtbot.mouseClick(overlay.dismiss, Qt.MouseButton.LeftButton)
    assert overlay.text == "Listening" and not overlay.dismiss.isVisible()
    arming(overlay)
    error(overlay)
    overlay.leave()
    qtbot.mouseClick(overlay.dismiss, Qt.MouseButton.LeftButton)
    assert not overlay.isVisible() and not overlay.dismiss.isVisible()
    error(overlay)  # the same again is news again
    assert overlay.isVisible() and overlay._hide.isActive()


def test_a_click_on_undo_is_told_and_lies_on_the_overlay(qtbot):
    overlay = made(qtbot)
    cancelled(overlay)
    assert overlay.geometry().contains(overlay.undo.geometry())
    with qtbot.waitSignal(overlay.undo_wanted):
        qtbot.mouseClick(overlay.undo, Qt.MouseButton.LeftButton)
    error(overlay)
    assert not overlay.undo.isVisible()


@pytest.mark.parametrize("still", [False, True])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_is_painted_while_nothing_changes(qtbot, state, still):
    overlay = Counted(still=still)
    qtbot.addWidget(overlay)
    qtbot.addWidget(overlay.undo)
    state(overlay)
    overlay.level(0.0)
    for _ in range(9):  # the meter comes to rest
        overlay._advance()
    QTest.qWait(50)
    before = overlay.painted
    assert before > 0
    state_text = overlay.text
    for _ in range(5):
        overlay._advance()
        overlay.live(overlay._live)
        if overlay._standing is not None and not overlay._hide.isActive():
            overlay._show_standing()
    QTest.qWait(100)
    assert (overlay.painted, overlay.text) == (before, state_text)


def test_a_still_meter_changes_only_with_the_loudness(qtbot):
    overlay = made(qtbot, still=True)
    overlay.say("Listening", Tone.LISTENING, metered=True)
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


def test_it_appears_on_the_display_of_the_focused_window(tmp_path):
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
    assert overlay.text == "Cancelled" and overlay.undo.isVisible()
    error(overlay)
    assert overlay.text == TROUBLE


def test_off_shows_only_what_went_wrong(qtbot):
    overlay = made(qtbot, OverlayStyle.OFF)
    for state in (arming, listening, live, working, done, cancelled, message):
        state(overlay)
        assert not overlay.isVisible() and not overlay.undo.isVisible()
        assert not overlay._frames.isActive()
    error(overlay)
    assert overlay.isVisible()


def test_an_error_stays_until_it_is_read(qtbot):
    overlay = made(qtbot)
    error(overlay)
    overlay.leave()
    assert overlay.isVisible() and overlay._hide.interval() >= 6000
    overlay.message("x" * 200, Tone.TROUBLE)
    assert overlay._hide.interval() >= 200 * 60


def test_each_window_is_lifted_whenever_it_is_shown(qtbot) -> None:
    lifted: list[int] = []
    overlay = Overlay(lift=lifted.append)
    qtbot.addWidget(overlay)
    overlay.say("Listening", Tone.LISTENING)
    overlay.say("Writing…", Tone.WORKING)  # it is up already
    assert lifted == [int(overlay.winId())]
    overlay.say("Cancelled", Tone.QUIET, undoable=True)
    assert lifted[1:] == [int(overlay.undo.winId())]
    overlay.leave()
    overlay.say("Listening", Tone.LISTENING)
    assert lifted[2:] == [int(overlay.winId())]
