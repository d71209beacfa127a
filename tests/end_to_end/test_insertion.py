"""Insertion into other windows, closed ones and terminals; and the clipboard."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from end_to_end.parts import (
    SHORT,
    clipboard,
    copied,
    field,
    mica,
    needs_desktop,
    spoken,
    text_of,
)
from end_to_end.running_app import TEXT_S, RunningApp, running_app, screenshot
from mica.insertion import strings
from support import xserver
from support.xserver import until, xdotool

pytestmark = needs_desktop


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An app that is set to type into one kind of terminal."""
    home = tmp_path_factory.mktemp("mica")
    (home / "settings.toml").write_text('[apps.uxterm]\ninsert = "type"\n', "utf-8")
    with running_app(home) as running:
        yield running


def test_text_never_goes_into_another_window(app, tmp_path):
    command, first = field(tmp_path, "first")
    other, second = field(tmp_path, "second")
    with ExitStack() as windows:
        windows.enter_context(xserver.program(command, "first"))
        with app.listening():
            app.microphone.play(spoken(SHORT))
            # A dialog opens while the key is down.
            windows.enter_context(xserver.program(other, "second"))
        row = app.ended()
        screenshot("focus-changed")
        assert row["status"] == "copied" and row["text"]
        assert text_of(first) == "" and text_of(second) == ""
        assert "You switched windows" in row["error"]
        assert copied("UTF8_STRING").decode() == row["text"]


def test_a_window_that_hangs_and_wakes_never_gets_the_next_text(
    app, users_clipboard, tmp_path
):
    command, first = field(tmp_path, "hanging")
    other, second = field(tmp_path, "awake")
    with xserver.program(command, "hanging") as hanging:
        hanging.send_signal(signal.SIGSTOP)
        try:
            with app.listening():
                app.microphone.play(spoken(SHORT))
            row = app.ended()
            assert row["status"] == "written" and "couldn’t be inserted" in row["error"]
            with app.listening():  # in the same window again
                app.microphone.play(spoken(SHORT))
            row = app.ended()
            assert row["status"] == "written" and strings.WINDOW_HUNG in row["error"]
            with ExitStack() as windows:
                third, _ = field(tmp_path, "closing")
                windows.enter_context(xserver.program(third, "closing"))
                with app.listening():
                    app.microphone.play(spoken(SHORT))
                    windows.close()
            assert app.ended()["status"] == "written"  # not offered to the hung window
            with xserver.program(other, "awake"):
                with app.listening():
                    app.microphone.play(spoken(SHORT))
                row = app.ended()
                until(lambda: text_of(second) == row["text"])
        finally:
            hanging.send_signal(signal.SIGCONT)
        until(lambda: text_of(first) == "earlier ✓ text")  # its late paste
    # The text is typed, and the window does not report its contents.
    assert row["status"] == "unknown"


def test_a_window_without_a_text_field_is_named_within_two_seconds(
    app, users_clipboard
):
    before = clipboard()
    with xserver.program(xserver.qt_program("label", "picture"), "picture"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
        until(lambda: app.rows()[-1]["text"], TEXT_S)
        pasted_s = time.monotonic()
        until(lambda: strings.NOT_INSERTED in app.messages())
        assert time.monotonic() - pasted_s < 2.0
        screenshot("no-text-field")
        row = app.ended()
    assert (
        row["status"] == "written"
        and row["text"]
        and strings.NOT_INSERTED in row["error"]
    )
    until(lambda: clipboard() == before, TEXT_S)  # later: a web page may be slow


def test_two_dictations_are_inserted_in_order_with_a_space(app, tmp_path):
    command, file = field(tmp_path, "twice")
    speech = spoken(SHORT)
    with xserver.program(command, "twice"):
        before = len(app.rows())
        with app.listening():
            app.microphone.play(speech)
            os.kill(app.engine(), signal.SIGSTOP)
        with app.listening():  # while the first is being transcribed
            assert app.rows()[before]["status"] == "working"
            os.kill(app.engine(), signal.SIGCONT)
            app.microphone.play(speech)
        app.ended()
        first, second = app.rows()[before:]
        until(lambda: text_of(file).endswith(second["text"]))
        screenshot("twice")
    assert first["status"] == second["status"] == "inserted"
    assert text_of(file) == f"{first['text']} {second['text']}"


def test_clipboard_manager_that_reads_at_once_changes_nothing(
    app, users_clipboard, tmp_path
):
    before = clipboard()
    command, file = field(tmp_path, "managed")
    manager = xserver.start(xserver.qt_program("manager", str(tmp_path / "saved")))
    try:
        until((tmp_path / "saved").exists)
        with xserver.program(command, "managed"):
            with app.listening():
                app.microphone.play(spoken(SHORT))
            row = app.ended()
            until(lambda: text_of(file) == row["text"])
    finally:
        xserver.end(manager)
    assert row["status"] == "inserted"
    assert clipboard() == before
    until(lambda: row["text"] in text_of(tmp_path / "saved.read"))
    assert row["text"] not in text_of(tmp_path / "saved")  # it was marked as transient


def test_words_for_a_closed_window_are_left_on_the_clipboard(app, tmp_path):
    command, file = field(tmp_path, "closed")
    with ExitStack() as window:
        window.enter_context(xserver.program(command, "closed"))
        with app.listening():
            app.microphone.play(spoken(SHORT))
            window.close()
    row = app.ended()
    assert row["status"] == "copied" and row["text"]
    assert copied("UTF8_STRING").decode() == row["text"]
    assert text_of(file) == ""


def test_terminal_gets_the_words_without_a_return(app, tmp_path):
    file = tmp_path / "line"
    shell = f'read -r line; printf %s "$line" > {file}; sleep 60'
    with xserver.program(["xterm", "-u8", "-T", "shell", "-e", shell], "shell"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        screenshot("terminal")
        assert row["status"] == "inserted" and not file.exists()
        xdotool("key", "Return")
        until(lambda: text_of(file) == row["text"])


def test_a_terminal_that_takes_no_paste_is_typed_into(app, users_clipboard, tmp_path):
    before = clipboard()
    file = tmp_path / "typed"
    shell = f'read -r line; printf %s "$line" > {file}; sleep 60'
    deaf = "UXTerm*VT100.translations: #override Shift <Key>Insert: ignore()"
    command = ["xterm", "-u8", "-class", "UXTerm", "-xrm", deaf, "-T", "typed"]
    with xserver.program([*command, "-e", shell], "typed"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        screenshot("typed")
        assert clipboard() == before
        assert row["status"] == "unknown" and not file.exists()
        xdotool("key", "Return")
        until(lambda: text_of(file) == row["text"])


def test_undo_removes_the_words(app, tmp_path):
    command, file = field(tmp_path, "undone")
    with xserver.program(command, "undone"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
        assert mica(app.home, "tell", "undo").returncode == 0
        until(lambda: text_of(file) == "")
        screenshot("undone")


def test_undo_leaves_a_text_that_was_changed(app, users_clipboard, tmp_path):
    before = clipboard()
    command, file = field(tmp_path, "changed")
    with xserver.program(command, "changed"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
        app.ended()
        xdotool("key", "x")
        until(lambda: text_of(file).endswith("x"))
        changed = text_of(file)
        assert mica(app.home, "tell", "undo").returncode == 0
        until(lambda: "no longer the last dictation" in app.messages())
        screenshot("undo-refused")
        xdotool("key", "y")
        until(lambda: text_of(file) != changed)
    assert text_of(file) == f"{changed}y"  # the caret is where it was
    assert clipboard() == before
