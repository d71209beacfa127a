"""The captions window, light and dark, as pictures and by measurement.

The pictures are written to screenshots/captions-*.png; look at them.
"""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

from mica.dictation.captions import Phase
from mica.ui.captions_window import (
    FROM_BOTTOM,
    HINTS,
    ROWS,
    CaptionLines,
    CaptionsWindow,
    Line,
)
from mica.ui.overlay import Overlay
from mica.ui.overlay_painting import wrapped
from mica.ui.theme import StatusColor
from ui.floats import floats
from ui.pictures import LOOKS, has, sheet

SENTENCE = "So the committee agreed to meet again on the last Thursday of May."
OPEN = "and the minutes will be sent around by"
RED = QColor("#ff453a")


def arming(band: CaptionsWindow) -> None:
    band.show_phase(Phase.ARMING)


def listening(band: CaptionsWindow) -> None:
    arming(band)
    band.show_phase(Phase.LISTENING)


def tentative(band: CaptionsWindow) -> None:
    listening(band)
    band.set_words("", OPEN)


def both(band: CaptionsWindow) -> None:
    listening(band)
    band.set_words(SENTENCE, OPEN)


def long(band: CaptionsWindow) -> None:
    listening(band)
    for _ in range(30):
        band.set_words(SENTENCE, OPEN)


def endless_word(band: CaptionsWindow) -> None:
    listening(band)
    band.set_words("日本語" * 100, "日本語" * 20)


def beside(band: CaptionsWindow) -> None:
    both(band)
    band.show_phase(Phase.PAUSED)


def pause_at_once(band: CaptionsWindow) -> None:
    band.show_phase(Phase.PAUSED)


STATES = [
    arming, listening, tentative, both, long, endless_word, beside, pause_at_once
]  # fmt: skip


def made(qtbot, **more) -> CaptionsWindow:
    band = CaptionsWindow(**more)
    qtbot.addWidget(band)
    qtbot.addWidget(band.stop)
    return band


def test_every_state_looks_its_part(qtbot, look):
    images = []
    for state in STATES:
        band = made(qtbot)
        state(band)
        image = shown(band)
        assert has(image, LOOKS[look].back) and has(image, LOOKS[look].edge)
        assert has(image, LOOKS[look].text, body(band)) == bool(committed_text(band)), (
            state
        )
        assert has(image, LOOKS[look].faint, body(band)) == dimmed(band), state
        listens = band._phase is Phase.LISTENING
        assert has(image, RED) == listens
        images.append(image)
    sheet(images, "captions", look)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_caption_text_is_neither_clipped_nor_under_the_button(qtbot, state):
    band = made(qtbot)
    state(band)
    area = band.screen().availableGeometry()
    assert area.contains(band.geometry())
    assert band.geometry().contains(band.stop.geometry())
    assert area.bottom() + 1 - band.geometry().bottom() - 1 == FROM_BOTTOM
    room = band.stop.x() - band.x() - body(band).left()
    assert len(band.shown) <= ROWS
    for line in band.shown:
        assert band._metrics.horizontalAdvance(joined([line])) <= room


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_window_never_takes_the_keyboard_and_the_mouse_goes_through(qtbot, state):
    band = made(qtbot)
    before = QGuiApplication.focusWindow()
    state(band)
    assert band.isVisible()
    floats(band, band.stop)
    assert QGuiApplication.focusWindow() is before


def test_click_on_the_button_is_reported(qtbot):
    band = made(qtbot)
    listening(band)
    with qtbot.waitSignal(band.stop_wanted):
        qtbot.mouseClick(band.stop, Qt.MouseButton.LeftButton)
    band.show_phase(Phase.OFF)
    assert not band.isVisible() and not band.stop.isVisible()


def test_both_windows_are_raised_whenever_captions_begin(qtbot):
    lifted: list[int] = []
    band = made(qtbot, raise_above=lifted.append)
    windows = [int(band.winId()), int(band.stop.winId())]
    listening(band)
    assert lifted == windows
    band.show_phase(Phase.OFF)
    listening(band)
    assert lifted == windows * 2


def test_captions_window_returns_to_a_screen_when_screens_change(qtbot):
    band = made(qtbot)
    application = QGuiApplication.instance()
    listening(band)
    place = band.geometry()
    for change in (application.screenRemoved, application.screenAdded):
        band.move(-5000, -5000)  # on a screen that was disconnected
        change.emit(band.screen())
        qtbot.waitUntil(lambda: band.geometry() == place, timeout=2_000)
        assert place.contains(band.stop.geometry())
    band.show_phase(Phase.OFF)
    application.screenAdded.emit(band.screen())
    assert not band.isVisible()


def test_captions_begin_without_earlier_words(qtbot):
    band = made(qtbot)
    both(band)
    band.show_phase(Phase.OFF)
    listening(band)
    assert band.shown == () and HINTS[Phase.LISTENING]


def test_screen_reader_gets_the_words(qtbot):
    band = made(qtbot)
    both(band)
    assert band.accessibleName() == "Live captions"
    assert band.accessibleDescription() == f"{SENTENCE} {OPEN}"


def test_overlay_moves_above_the_captions_window_and_back(qtbot):
    band, overlay = made(qtbot), Overlay()
    qtbot.addWidget(overlay)
    qtbot.addWidget(overlay.undo)
    overlay.show_message("Canceled", StatusColor.QUIET, undoable=True)
    low = overlay.geometry()
    listening(band)
    overlay.set_bottom_inset(band.reach)
    assert not overlay.geometry().intersects(band.geometry())
    assert overlay.geometry().contains(overlay.undo.geometry())
    band.show_phase(Phase.OFF)
    overlay.set_bottom_inset(band.reach)
    assert overlay.geometry() == low


def test_committed_words_never_move_and_lines_only_scroll_up(qtbot):
    metrics = made(qtbot)._metrics
    lines, text = CaptionLines(ROWS, metrics, 600), ""
    words, top = (SENTENCE + " " + SENTENCE.lower()).split() * 12, 0
    for count in range(len(words)):
        if count % 7 == 6:  # one tentative word is committed differently
            final = " ".join([*words[count - 6 : count], "otherwise"])
            text = f"{text} {final}".strip()
            lines.set_words(final, "")
        else:
            lines.set_words("", " ".join(words[count - count % 7 : count + 1]))
        whole = wrapped(text, metrics, 600)
        seen = [line.committed for line in lines.shown if line.committed]
        if seen:
            at = whole.index(seen[0], top)
            assert whole[at : at + len(seen)] == seen
            top = at
    assert top > 9


def test_fewer_words_than_before_restore_nothing(qtbot):
    lines = CaptionLines(2, made(qtbot)._metrics, 600)
    lines.set_words(SENTENCE, f"{SENTENCE} {SENTENCE}")
    before = lines.shown
    lines.set_words("", f"{SENTENCE} {SENTENCE.rsplit(' ', 8)[0]}")
    assert len(before) == 2 and len(lines.shown) == 1
    assert before[0].tentative.startswith(lines.shown[0].tentative)


def test_empty_captions_have_no_line(qtbot):
    lines = CaptionLines(2, made(qtbot)._metrics, 600)
    lines.set_words("", SENTENCE * 9)
    lines.set_words("", "")
    assert lines.shown == ()
    lines.set_words("", "new")
    assert lines.shown == (Line("", "new"),)


def test_a_wider_screen_keeps_the_last_words(qtbot):
    lines = CaptionLines(ROWS, made(qtbot)._metrics, 400)
    for _ in range(9):
        lines.set_words(SENTENCE, "")
    lines.set_words("", OPEN)
    lines.fit(900)
    assert joined(lines.shown).endswith(f"{SENTENCE} {OPEN}")
    assert len(lines.shown) <= ROWS


def test_hours_of_captions_keep_only_visible_lines(qtbot):
    lines = CaptionLines(ROWS, made(qtbot)._metrics, 600)
    for _ in range(500):
        lines.set_words(SENTENCE, OPEN)
    assert len(lines._full) <= 2 * ROWS


def joined(lines) -> str:
    text = " ".join(f"{line.committed} {line.tentative}" for line in lines)
    return " ".join(text.split())


def committed_text(band: CaptionsWindow) -> str:
    return "".join(line.committed for line in band.shown)


def dimmed(band: CaptionsWindow) -> bool:
    return not band.shown or any(line.tentative for line in band.shown)


def body(band: CaptionsWindow) -> QRect:
    """The area for words, without the mark and the button."""
    x, right = 18 + 14 + 12, band.stop.x() - band.x()
    return QRect(x, 8, right - x, band.height() - 16)


def shown(band: CaptionsWindow) -> QImage:
    """The window as the user sees it, with the button over the body."""
    image = band.grab().toImage()
    painter = QPainter(image)
    painter.drawPixmap(band.stop.pos() - band.pos(), band.stop.grab())
    painter.end()
    return image
