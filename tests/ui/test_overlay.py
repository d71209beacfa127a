"""The overlay in every state, light and dark, as pictures and by measure.

The pictures are in screenshots/overlay-*.png afterwards: look at them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest

from mica.settings import OverlayStyle
from mica.ui import theme
from mica.ui.overlay import Overlay
from mica.ui.theme import Tone

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
LONG = "and so the committee agreed to meet again on the last Thursday of May " * 40
TROUBLE = "The microphone gives only silence. Check that it is not muted."
PATH = f"Not saved: /Users/someone/{'very-long-folder-name/' * 8}settings.toml"


def arming(overlay: Overlay) -> None:
    overlay.say("Getting ready…", Tone.QUIET)


def listening(overlay: Overlay) -> None:
    overlay.say("Listening", Tone.LISTENING, metered=True)
    for number in range(9):
        overlay.level((number * 5 % 9) / 9)
        overlay._advance()


def latched(overlay: Overlay) -> None:
    tip = "Listening until you tap the key"
    overlay.say(tip, Tone.LISTENING, metered=True)


def locked(overlay: Overlay) -> None:
    tip = "Listening, locked, until you tap the key"
    overlay.say(tip, Tone.LISTENING, metered=True)


def live(overlay: Overlay) -> None:
    listening(overlay)
    overlay.live("so the committee agreed")


def long_live(overlay: Overlay) -> None:
    listening(overlay)
    overlay.live(LONG)


def endless_word(overlay: Overlay) -> None:
    listening(overlay)
    overlay.live("日本語" * 300)


def working(overlay: Overlay) -> None:
    overlay.say("Writing…", Tone.WORKING)


def working_live(overlay: Overlay) -> None:
    live(overlay)
    working(overlay)


def done(overlay: Overlay) -> None:
    overlay.say("1,024 words", Tone.DONE)


def cancelled(overlay: Overlay) -> None:
    overlay.say("Cancelled", Tone.QUIET, undoable=True)


def error(overlay: Overlay) -> None:
    overlay.message(TROUBLE, Tone.TROUBLE)


def long_error(overlay: Overlay) -> None:
    overlay.message(f"{TROUBLE}\n{PATH}", Tone.TROUBLE)


def message(overlay: Overlay) -> None:
    overlay.message("The last transcript is on the clipboard.", Tone.QUIET)


STATES = [
    arming, listening, latched, locked, live, long_live, endless_word, working,
    working_live, done, cancelled, error, long_error, message,
]  # fmt: skip
LOOKS = {"light": theme.LIGHT, "dark": theme.DARK}


@pytest.fixture(params=LOOKS)
def look(request, qtbot, monkeypatch) -> str:
    """The offscreen screen has no scheme to choose."""
    monkeypatch.setattr(theme, "palette", lambda: LOOKS[request.param])
    return str(request.param)


def made(qtbot, style: OverlayStyle = OverlayStyle.LIVE, **more) -> Overlay:
    overlay = Overlay(style, **more)
    qtbot.addWidget(overlay)
    qtbot.addWidget(overlay.undo)
    qtbot.addWidget(overlay.dismiss)
    return overlay


class Counted(Overlay):
    """Counts how often it is painted."""

    painted = 0

    def paintEvent(self, event) -> None:
        self.painted += 1
        super().paintEvent(event)


@pytest.mark.parametrize("style", OverlayStyle, ids=lambda style: style.value)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_nothing_is_clipped_or_overlaps(qtbot, state, style):
    overlay = made(qtbot, style)
    state(overlay)
    if not overlay.isVisible():
        assert style is OverlayStyle.OFF
        return
    layout, metrics = overlay.placed, overlay.fontMetrics()
    whole = QRect(QPoint(0, 0), layout.size)
    assert overlay.size() == layout.size
    assert overlay.screen().availableGeometry().contains(overlay.geometry())
    right = whole.right() - 12
    if overlay._picture.metered:
        assert layout.meter.right() <= right and whole.contains(layout.meter.toRect())
        right = int(layout.meter.left())
    if overlay._picture.button is not None:
        assert whole.contains(layout.button)
        right = layout.button.left()
    assert bool(layout.lines) == bool(overlay.text)
    for line, place in zip(layout.lines, layout.texts, strict=True):
        drawn = metrics.boundingRect(line).translated(
            place.left(), place.top() + metrics.ascent()
        )
        for rectangle in (place, drawn):
            assert rectangle.left() >= layout.mark.right()
            assert rectangle.right() <= right
            assert rectangle.top() >= 4 and rectangle.bottom() <= whole.bottom() - 4


def test_every_state_looks_its_part(qtbot, look):
    pictures = {}
    for state in STATES:
        overlay = made(qtbot)
        state(overlay)
        pictures[state.__name__] = shown(overlay)
    colours = {
        name: tuple(accent.getRgb() for accent in ACCENTS if has(image, accent))
        for name, image in pictures.items()
    }
    assert colours["listening"] == colours["long_live"] == (ACCENTS[0].getRgb(),)
    assert colours["working"] == (ACCENTS[1].getRgb(),)
    assert colours["error"] == (ACCENTS[2].getRgb(),)
    assert colours["done"] == (ACCENTS[3].getRgb(),)
    colours_of_all = (LOOKS[look].back, LOOKS[look].edge)
    for image in pictures.values():
        assert all(has(image, colour) for colour in colours_of_all)
    for state in (arming, listening, working, done):
        overlay = made(qtbot, OverlayStyle.MINIMAL)
        state(overlay)
        pictures[f"minimal {state.__name__}"] = shown(overlay)
    sheet(list(pictures.values()), look)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_it_never_takes_the_keyboard_and_the_mouse_goes_through(qtbot, state):
    overlay = made(qtbot)
    before = QGuiApplication.focusWindow()
    state(overlay)
    assert overlay.isVisible() and not overlay.isActiveWindow()
    assert QGuiApplication.focusWindow() is before
    for window in (overlay, overlay.undo, overlay.dismiss):
        assert window.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
        assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        assert window.focusPolicy() is Qt.FocusPolicy.NoFocus
    assert overlay.windowFlags() & Qt.WindowType.WindowTransparentForInput
    for button in (overlay.undo, overlay.dismiss):
        assert not button.windowFlags() & Qt.WindowType.WindowTransparentForInput


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


def test_the_meter_shows_thirty_pictures_a_second_at_most(qtbot):
    overlay = made(qtbot)
    listening(overlay)
    assert overlay._frames.interval() >= 33


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
ACCENTS = [QColor(name) for name in ("#ff453a", "#0a84ff", "#ff9f0a", "#30a14e")]


def shown(overlay: Overlay) -> QImage:
    """As the user sees it: the button over the body."""
    image = overlay.grab().toImage()
    painter = QPainter(image)
    for button in (overlay.undo, overlay.dismiss):
        if button.isVisible():
            painter.drawPixmap(overlay.placed.button.topLeft(), button.grab())
    painter.end()
    return image


def has(image: QImage, colour: QColor) -> bool:
    wanted = colour.rgb()
    return any(
        image.pixel(x, y) == wanted
        for y in range(image.height())
        for x in range(image.width())
    )


def sheet(images: list[QImage], look: str) -> None:
    """All states on one picture."""
    whole = QImage(
        560, sum(image.height() + 14 for image in images) + 14, images[0].format()
    )
    whole.fill(QColor("#101014" if look == "dark" else "#c8d4e0"))
    painter, top = QPainter(whole), 14
    for image in images:
        painter.drawImage((whole.width() - image.width()) // 2, top, image)
        top += image.height() + 14
    painter.end()
    SCREENSHOTS.mkdir(exist_ok=True)
    assert whole.save(str(SCREENSHOTS / f"overlay-{look}.png"))


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
