"""Microphones that are silent, are unplugged and come back, or are missing."""

from end_to_end.parts import (
    OTHER,
    SHORT,
    field,
    likeness,
    mica,
    needs_desktop,
    spoken,
    text_of,
    written_from,
)
from end_to_end.running_app import RIGHT_ALT, running_app, screenshot
from support import xserver
from support.xserver import until, xdotool

pytestmark = needs_desktop
NO_MICROPHONE = "No microphone was found."
NAME = "default"  # ALSA's name for PulseAudio's only microphone
SAME = "pulse"  # another name of the same microphone
NAMED_S = 3.0  # one second of zeros, plus time for a busy machine


def test_microphone_of_zeros_is_reported(app, tmp_path):
    command, file = field(tmp_path, "quiet")
    with xserver.program(command, "quiet"):
        app.microphone.mute()
        with app.listening():
            until(lambda: "only silence" in app.messages(), NAMED_S)
            assert f"The microphone “{NAME}” gives only silence." in app.messages()
            screenshot("zeros")
        app.microphone.muted = False
        assert app.ended()["text"] == "" and text_of(file) == ""


def test_microphone_is_chosen_by_name_and_reset(app, tmp_path, monkeypatch):
    for name, value in app.microphone.environment.items():
        monkeypatch.setenv(name, value)  # for `mica devices`, which runs separately
    command, file = field(tmp_path, "chosen")
    with xserver.program(command, "chosen"):
        assert f"  {SAME}  (" in mica(app.home, "devices").stdout
        assert mica(app.home, "tell", "microphone", SAME).returncode == 0
        assert f"Mica uses {SAME}: you chose it" in mica(app.home, "devices").stdout
        with app.listening():
            refused = mica(app.home, "tell", "microphone", "Łódź Mic")
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
        app.microphone.mute()
        with app.listening():
            until(lambda: f"“{SAME}” gives only silence" in app.messages(), NAMED_S)
        app.microphone.muted = False
        app.ended()
        assert mica(app.home, "tell", "microphone").returncode == 0
    assert likeness(row["journal"], spoken(SHORT)) > 0.9
    assert refused.returncode == 1 and "“Łódź Mic” is connected" in refused.stderr
    assert f"Mica uses {NAME}: the system’s" in mica(app.home, "devices").stdout


def test_recording_continues_on_a_reconnected_microphone(app, tmp_path):
    command, file = field(tmp_path, "back")
    with xserver.program(command, "back"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
            app.microphone.unplug()
            app.microphone.plug_in()
            until(lambda: "was away" in app.messages())
            app.microphone.play(spoken(OTHER))
        row = app.ended()
        screenshot("back")
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert row["text"].index("pharmacy") < row["text"].index("letter")
    for clip in (SHORT, OTHER):  # before and after the change
        assert likeness(row["journal"], spoken(clip)) > 0.9
    assert text_of(file) == written_from(row["journal"], tmp_path)


def test_recording_continues_with_a_microphone_chosen_during_it(app, tmp_path):
    command, file = field(tmp_path, "other")
    with xserver.program(command, "other"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
            assert mica(app.home, "tell", "microphone", SAME).returncode == 0
            until(lambda: f"changed from “{NAME}” to “{SAME}”" in app.messages())
            app.microphone.play(spoken(OTHER))
        row = app.ended()
        screenshot("other")
        until(lambda: text_of(file) == row["text"])
        assert mica(app.home, "tell", "microphone").returncode == 0
    assert row["status"] == "inserted"
    for clip in (SHORT, OTHER):  # before and after the change
        assert likeness(row["journal"], spoken(clip)) > 0.9
    assert text_of(file) == written_from(row["journal"], tmp_path)


def test_removed_microphone_keeps_the_words_so_far(app, tmp_path):
    command, file = field(tmp_path, "last")
    with xserver.program(command, "last"):
        with app.listening():
            app.microphone.play(spoken(SHORT))
            app.microphone.unplug()
            until(lambda: "microphone stopped working" in app.messages())
        row = app.ended()
        screenshot("vanished")
        until(lambda: text_of(file) == row["text"])
    assert row["status"] == "inserted"
    assert likeness(row["journal"], spoken(SHORT)) > 0.9
    assert text_of(file) == written_from(row["journal"], tmp_path) != ""
    app.microphone.plug_in()


def test_missing_microphone_is_reported_and_the_app_lives_on(tmp_path):
    (tmp_path / "home").mkdir()
    with running_app(tmp_path / "home", plugged=False) as app:
        for _ in range(2):
            told = app.messages().count(NO_MICROPHONE)
            xdotool("keydown", RIGHT_ALT)  # may end before the overlay is detected
            try:
                until(lambda told=told: app.messages().count(NO_MICROPHONE) > told)
            finally:
                xdotool("keyup", RIGHT_ALT)
            assert app.rows() == []  # nothing was recorded
        screenshot("no-microphone")
