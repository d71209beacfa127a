"""Hold the key, speak, release: everything real, observed from outside."""

import os
import signal

from end_to_end.parts import (
    DEMO,
    SHORT,
    clipboard,
    field,
    likeness,
    mica,
    needs_desktop,
    spoken,
    text_of,
    written_from,
)
from end_to_end.running_app import FocusWatch, after, screenshot
from support import xserver
from support.xserver import until, xdotool

pytestmark = needs_desktop


def test_words_are_inserted_at_the_cursor(app, users_clipboard, tmp_path):
    before, demo = clipboard(), spoken(DEMO)
    assert all(before.values())
    command, file = field(tmp_path, "letter")
    with xserver.program(command, "letter"):
        watch = FocusWatch()
        with app.listening():
            overlay = app.overlay()
            with after(2.0, lambda: screenshot("listening")):
                app.microphone.play(demo)
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
        focused = watch.close()
        screenshot("inserted")
    assert row["status"] == "inserted"
    assert overlay is not None and overlay not in focused
    assert clipboard() == before
    assert likeness(row["journal"], demo) > 0.9  # resampled twice, with a phase shift
    assert text_of(file) == written_from(row["journal"], tmp_path)
    assert len(text_of(file).split()) >= 4


def test_engine_crash_delays_but_loses_no_words(app, tmp_path):
    command, file = field(tmp_path, "report")
    first = app.engine()
    with xserver.program(command, "report"):
        with app.listening(), after(1.0, lambda: os.kill(first, signal.SIGKILL)):
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert app.engine() != first
    assert "engine restarted. Nothing was lost." in app.messages()
    assert text_of(file) == written_from(row["journal"], tmp_path) != ""


def test_a_second_start_shows_the_first(app):
    second = mica(app.home)
    assert second.returncode == 0 and "already running" in second.stderr
    find = ["search", "--onlyvisible", "--name", "^Mica Settings$"]
    until(lambda: xdotool("getactivewindow") in xdotool(*find).split())
    screenshot("settings")
    xdotool("key", "alt+F4")
