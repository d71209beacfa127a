"""The key that translates, with a model that cannot; everything real."""

import json
from collections.abc import Iterator

import pytest

import xserver
from end_to_end.desk import Desk, desk, screenshot
from end_to_end.parts import (
    SHORT,
    field,
    likeness,
    needs_a_desk,
    spoken,
    text_of,
    written_from,
)
from xserver import until, xdotool

pytestmark = needs_a_desk
F13 = "191"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("mica")
    chosen = 'translate_key = "f13"\ntranslate_to = "German"\n'
    (home / "settings.toml").write_text(chosen, "utf-8")
    with desk(home) as running:
        yield running


def test_the_words_are_written_as_spoken_and_it_is_said(app, tmp_path):
    command, file = field(tmp_path, "foreign")
    with xserver.program(command, "foreign"):
        with app.listening(F13):
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
        screenshot("translating-refused")
    assert row["status"] == "inserted"
    assert likeness(row["journal"], spoken(SHORT)) > 0.9
    assert row["text"] == written_from(row["journal"], tmp_path)
    transcript = json.loads(row["transcript"])
    assert transcript["language"] is None
    [note] = transcript["notes"]
    assert "“pebble” cannot translate. The text is as spoken." in note
    assert note in app.said()


def test_the_other_key_meanwhile_is_a_chord(app, tmp_path):
    command, file = field(tmp_path, "both")
    with xserver.program(command, "both"):
        before = len(app.rows())
        with app.held_key():
            until(lambda: len(app.rows()) > before)
            xdotool("key", F13)
        assert app.ended()["status"] == "cancelled"
        until(lambda: app.overlay() is None)
    assert len(app.rows()) == before + 1
    assert text_of(file) == ""
