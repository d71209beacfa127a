"""What the one key means, pressed this way and that; everything real."""

import xserver
from deafness import deaf
from end_to_end.desk import RIGHT_ALT, screenshot
from end_to_end.parts import (
    SHORT,
    field,
    likeness,
    mica,
    needs_a_desk,
    spoken,
    text_of,
)
from xserver import until, xdotool

pytestmark = needs_a_desk


def test_a_tap_listens_until_the_next_tap(app, tmp_path):
    command, file = field(tmp_path, "tapped")
    with xserver.program(command, "tapped"):
        with app.latched():
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert likeness(row["journal"], spoken(SHORT)) > 0.9


def test_two_quick_taps_listen_until_a_later_tap(app, tmp_path):
    command, file = field(tmp_path, "locked")
    with xserver.program(command, "locked"):
        with app.latched(taps=2):
            app.microphone.play(spoken(SHORT))
            screenshot("locked")
            assert app.rows()[-1]["status"] == "speaking"
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert likeness(row["journal"], spoken(SHORT)) > 0.9


def test_a_release_nobody_hears_ends_a_hold_within_a_second(app, tmp_path):
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


def test_a_chord_is_no_dictation(app, tmp_path):
    command, file = field(tmp_path, "chord")
    with xserver.program(command, "chord"):
        before = len(app.rows())
        xdotool("keydown", RIGHT_ALT)
        until(lambda: len(app.rows()) > before)
        xdotool("key", "F5")
        xdotool("keyup", RIGHT_ALT)
        assert app.ended()["status"] == "cancelled"
        until(lambda: app.overlay() is None)
    assert text_of(file) == ""


def test_escape_forgets_and_undo_brings_it_back(app, tmp_path):
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
