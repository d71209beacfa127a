"""Live captions, and a dictation while they run; everything real."""

from end_to_end.parts import (
    DEMO,
    SHORT,
    click,
    field,
    likeness,
    mica,
    needs_desktop,
    spoken,
    text_of,
    wait_until_recording,
    window,
    written_from,
)
from end_to_end.running_app import (
    TEXT_S,
    UNDER_WAY,
    FocusWatch,
    after,
    screenshot,
)
from mica import paths
from mica.cli.listen import text_from_app
from support import xserver
from support.xserver import until

pytestmark = needs_desktop


def test_captions_are_shown_and_saved_and_pause_for_a_dictation(app, tmp_path):
    command, file = field(tmp_path, "minutes")
    first = len(app.rows())
    with xserver.program(command, "minutes"):
        watch = FocusWatch()
        assert mica(app.home, "tell", "captions").returncode == 0
        wait_until_recording(app, first)
        band = window("Mica captions")
        with after(8.0, lambda: screenshot("captions")):
            app.microphone.play(spoken(DEMO))
        with app.listening():
            app.microphone.play(spoken(SHORT))
            screenshot("captions-aside")
        wait_until_recording(app, first + 2)
        app.microphone.play(spoken(SHORT))
        click("Mica Stop")
        until(lambda: window("Mica captions") == "")
        until(lambda: not {row["status"] for row in app.rows()} & {*UNDER_WAY}, TEXT_S)
        before, dictated, resumed = app.rows()[first:]
        until(lambda: text_of(file) == dictated["text"])
        focused = watch.close()
    assert band != "" and band not in focused
    kinds = [row["kind"] for row in (before, dictated, resumed)]
    assert kinds == ["captions", "dictation", "captions"]
    assert before["status"] == resumed["status"] == "written"
    assert likeness(before["journal"], spoken(DEMO)) > 0.9
    for row in (before, dictated, resumed):
        assert row["text"] == written_from(row["journal"], tmp_path)


def test_app_listens_for_a_terminal_without_permission(
    app, tmp_path, monkeypatch, capsys
):
    """On a Mac, the terminal would need the microphone permission."""
    monkeypatch.setenv("MICA_HOME", str(app.home))
    before = len(app.rows())

    def speak() -> None:
        wait_until_recording(app, before)
        assert window("Mica captions") != ""
        app.microphone.play(spoken(SHORT))

    text = text_from_app(paths.control_socket(), speak)
    [row] = app.rows()[before:]
    assert (row["kind"], row["status"]) == ("captions", "written")
    assert text == row["text"] == written_from(row["journal"], tmp_path) != ""
    until(lambda: window("Mica captions") == "")
    assert "running Mica app is listening" in capsys.readouterr().err
