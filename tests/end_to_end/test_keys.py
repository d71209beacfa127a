"""The hold key: held, tapped, double-tapped; everything real."""

from collections.abc import Iterator

import numpy as np
import pytest

from end_to_end.parts import (
    SHORT,
    click,
    field,
    likeness,
    mica,
    needs_desktop,
    spoken,
    text_of,
    window,
)
from end_to_end.running_app import (
    RIGHT_ALT,
    FocusWatch,
    RunningApp,
    running_app,
    screenshot,
)
from support import xserver
from support.deafness import deaf
from support.virtual_microphone import RATE_HZ
from support.xserver import until, xdotool

pytestmark = needs_desktop
QUIET_S = 3
LONGER = np.zeros(2 * QUIET_S * RATE_HZ, np.int16)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An app that ends a silent dictation, unless it is held or locked."""
    home = tmp_path_factory.mktemp("mica")
    (home / "settings.toml").write_text(f"quiet_stop_s = {QUIET_S}.0\n", "utf-8")
    with running_app(home) as running:
        yield running


def test_a_tap_listens_until_the_next_tap(app, tmp_path):
    command, file = field(tmp_path, "tapped")
    with xserver.program(command, "tapped"):
        with app.latched():
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert likeness(row["journal"], spoken(SHORT)) > 0.9


def test_dictation_begun_by_a_tap_ends_after_silence(app, tmp_path):
    command, file = field(tmp_path, "forgotten")
    with xserver.program(command, "forgotten"):
        with app.latched(last=False):
            app.microphone.play(spoken(SHORT))
        until(lambda: app.rows()[-1]["status"] != "speaking")
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert likeness(row["journal"], spoken(SHORT)) > 0.9


def test_two_quick_taps_listen_until_a_later_tap_however_quiet(app, tmp_path):
    command, file = field(tmp_path, "locked")
    with xserver.program(command, "locked"):
        with app.latched(taps=2):
            app.microphone.play(spoken(SHORT))
            screenshot("locked")
            app.microphone.play(LONGER)
            assert app.rows()[-1]["status"] == "speaking"
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert likeness(row["journal"], spoken(SHORT)) > 0.9


def test_lost_key_release_ends_a_hold_within_a_second(app, tmp_path):
    command, file = field(tmp_path, "unheard")
    with xserver.program(command, "unheard"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
            with deaf():
                assert app.rows()[-1]["status"] == "speaking"
                xdotool("keyup", RIGHT_ALT)
                until(lambda: app.rows()[-1]["status"] != "speaking", 1.0)
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert likeness(row["journal"], spoken(SHORT)) > 0.9


def test_chord_starts_no_dictation(app, tmp_path):
    command, file = field(tmp_path, "chord")
    with xserver.program(command, "chord"):
        before = len(app.rows())
        xdotool("keydown", RIGHT_ALT)
        until(lambda: len(app.rows()) > before)
        xdotool("key", "F5")
        xdotool("keyup", RIGHT_ALT)
        until(lambda: len(app.rows()) == before)  # its recording is deleted
        until(lambda: app.overlay() is None)
    assert text_of(file) == ""


def test_escape_cancels_and_undo_restores(app, tmp_path):
    command, file = field(tmp_path, "escaped")
    with xserver.program(command, "escaped"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
            xdotool("key", "Escape")
            until(lambda: app.rows()[-1]["status"] == "cancelled")
        screenshot("cancelled")
        assert text_of(file) == ""
        assert mica(app.home, "tell", "undo").returncode == 0
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"


def test_click_on_undo_inserts_the_words_and_the_field_keeps_the_focus(app, tmp_path):
    command, file = field(tmp_path, "clicked")
    with xserver.program(command, "clicked"):
        before = xdotool("getwindowfocus")
        watch = FocusWatch()
        with app.listening():
            app.microphone.play(spoken(SHORT))
            xdotool("key", "Escape")
            until(lambda: window("Mica Undo") != "")
        assert app.rows()[-1]["status"] == "cancelled" and text_of(file) == ""
        click("Mica Undo")
        until(lambda: window("Mica Undo") == "")
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
        focused = watch.close()
    assert row["status"] == "inserted"
    assert focused == {before}
    assert likeness(row["journal"], spoken(SHORT)) > 0.9
