"""The key that translates, with a model that cannot; everything real."""

from collections.abc import Iterator

import pytest

from end_to_end.parts import field, needs_desktop, text_of
from end_to_end.running_app import RunningApp, running_app, screenshot
from support import xserver
from support.xserver import until, xdotool

pytestmark = needs_desktop
F13 = "191"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    home = tmp_path_factory.mktemp("mica")
    chosen = 'translate_key = "f13"\ntranslate_to = "German"\n'
    (home / "settings.toml").write_text(chosen, "utf-8")
    with running_app(home) as running:
        yield running


def test_a_translation_is_refused_before_it_is_spoken(app):
    xdotool("keydown", F13)
    try:
        until(lambda: "The model “pebble” can’t translate." in app.messages())
        screenshot("translating-refused")
    finally:
        xdotool("keyup", F13)
    assert app.rows() == [] and list((app.home / "journal").glob("*.wav")) == []


def test_other_hold_key_during_a_dictation_is_a_chord(app, tmp_path):
    command, file = field(tmp_path, "both")
    with xserver.program(command, "both"):
        before = len(app.rows())
        with app.held_key():
            until(lambda: len(app.rows()) > before)
            xdotool("key", F13)
        until(lambda: len(app.rows()) == before)  # its recording is deleted
        until(lambda: app.overlay() is None)
    assert text_of(file) == ""
