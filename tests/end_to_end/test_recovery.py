"""Speech is not lost in a crash, with a broken engine or with a missing model."""

import os
import signal
import subprocess
from contextlib import suppress

from end_to_end.parts import (
    SHORT,
    clipboard,
    field,
    mica,
    needs_desktop,
    spoken,
    text_of,
    written_from,
)
from end_to_end.running_app import RunningApp, screenshot
from mica.dictation.strings import RECOVERABLE_ONE, TRANSCRIBED
from support import xserver
from support.xserver import until

pytestmark = needs_desktop


def engines(app: RunningApp) -> list[int]:
    """The app's engine, if it has one now."""
    with suppress(AssertionError):
        return [app.engine()]
    return []


def test_words_said_before_a_crash_are_recovered(app: RunningApp, tmp_path):
    with app.listening():
        app.microphone.play(spoken(SHORT))
        app.crash()
    until(lambda: RECOVERABLE_ONE in app.messages())
    screenshot("recovered")
    row = app.rows()[-1]
    assert (row["status"], row["text"]) == ("failed", "")
    done = mica(app.home, "tell", "retry")
    assert done.returncode == 0, done.stderr
    until(lambda: TRANSCRIBED in app.messages(), 60.0)
    screenshot("transcribed-again")
    row = app.rows()[-1]
    assert row["text"] == written_from(row["journal"], tmp_path) != ""
    command, file = field(tmp_path, "letter")
    with xserver.program(command, "letter"):
        assert mica(app.home, "tell", "paste-last").returncode == 0
        until(lambda: text_of(file) == row["text"])


def test_user_copy_survives_a_killed_mica(app: RunningApp, users_clipboard, tmp_path):
    before = clipboard()
    command, _ = field(tmp_path, "note")
    with xserver.program(command, "note"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
        assert app.ended()["status"] == "inserted"
        until(lambda: clipboard() == before)
        app.crash()
        until(lambda: clipboard() == before)
        borrowed = app.home / "borrowed-clipboard"
        assert borrowed.stat().st_mode & 0o777 == 0o600
        subprocess.run(["xclip", "-selection", "clipboard"], input=b"newer", check=True)
        until(lambda: not borrowed.exists())


def test_an_engine_that_dies_again_and_again_ends_no_recording(
    app: RunningApp, tmp_path
):
    command, file = field(tmp_path, "report")
    speech = spoken(SHORT)
    with xserver.program(command, "report"):
        with app.listening():
            for _ in range(3):
                app.microphone.play(speech)
                until(lambda: bool(engines(app)))
                os.kill(engines(app)[0], signal.SIGKILL)
                app.microphone.play(speech)
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert text_of(file) == written_from(row["journal"], tmp_path) != ""
