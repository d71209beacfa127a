"""Dictation with keyboard layouts that are changed while Mica runs; everything real."""

import pytest

from end_to_end.parts import SHORT, field, needs_desktop, spoken, text_of
from mica.host.x11.xkb import STICKY_KEYS
from support import xserver
from support.xserver import until

pytestmark = needs_desktop


@pytest.mark.parametrize(
    ("words", "group"),
    [
        (["us", "dvorak", "-option", "ctrl:swapcaps"], 0),
        (["us,de", "-variant", ",neo"], 1),
        (["ru"], 0),  # no V in this layout, so the text is typed
    ],
)
def test_dictation_is_inserted_in_any_layout(app, tmp_path, words, group):
    command, file = field(tmp_path, "layout")
    with xserver.program(command, "layout"), xserver.layout(*words):
        with xserver.xkb() as keys:
            keys.lock_group(group)
        with app.listening():
            app.microphone.play(spoken(SHORT))
        row = app.ended()
        until(lambda: text_of(file) == row["text"])
    # Only Accessibility can confirm typed text.
    assert row["status"] == ("unknown" if words == ["ru"] else "inserted")


def test_a_dictation_by_a_tap_with_sticky_keys_leaves_them_as_they_were(app, tmp_path):
    command, file = field(tmp_path, "sticky")
    with xserver.program(command, "sticky"), xserver.xkb() as keys:
        keys.enable(STICKY_KEYS, STICKY_KEYS)
        try:
            with app.latched():
                app.microphone.play(spoken(SHORT))
            row = app.ended()
            until(lambda: text_of(file) == row["text"])
            assert keys.enabled() & STICKY_KEYS
            assert keys.latched() == keys.locked() == 0
        finally:
            keys.enable(STICKY_KEYS, 0)
    assert row["status"] == "inserted"


def test_a_hold_key_that_composes_loses_no_dictation(app, tmp_path):
    command, file = field(tmp_path, "multi")
    options = ("us", "-option", "compose:ralt")
    texts = []
    with xserver.program(command, "multi"), xserver.layout(*options):
        for _ in range(2):
            with app.listening():
                app.microphone.play(spoken(SHORT))
            row = app.ended()
            texts.append(row["text"])
            assert row["status"] == "inserted"
            until(lambda: text_of(file) == " ".join(texts))


def test_pending_dead_key_is_not_disturbed(app, tmp_path):
    command, file = field(tmp_path, "accent")
    with xserver.program(command, "accent"), xserver.layout("us", "intl"):
        xserver.xdotool("key", "48")  # the dead acute
        with app.listening():
            app.microphone.play(spoken(SHORT))
        assert app.ended()["status"] == "copied"
        assert text_of(file) == ""
        xserver.xdotool("key", "26")
        until(lambda: text_of(file) == "\u00e9")
