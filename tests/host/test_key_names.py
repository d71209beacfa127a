"""Key names: which are valid, which conflict, and how shortcuts are recorded."""

import pytest

from mica.errors import SettingsError
from mica.host.key_names import (
    NAMES,
    Chord,
    Hotkey,
    ShortcutRecorder,
    bound,
    label,
    parse,
)


@pytest.mark.parametrize(
    ("name", "chord"),
    [
        ("right_alt", Chord("right_alt")),
        ("fn", Chord("fn")),
        ("f13", Chord("f13")),
        ("ctrl+alt+v", Chord("v", frozenset({"ctrl", "alt"}))),
        ("Alt + Ctrl + V", Chord("v", frozenset({"ctrl", "alt"}))),
    ],
)
def test_key_name_parses_to_a_chord(name: str, chord: Chord) -> None:
    assert parse(name) == chord


def test_a_chord_has_one_way_to_be_written() -> None:
    assert str(parse("shift+alt+ctrl+super+f5")) == "ctrl+alt+shift+super+f5"
    assert all(str(parse(name)) == name for name in NAMES)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("capslock", "capslock"),
        ("", "“”"),
        ("ctrl+", "“”"),
        ("hyper+v", "hyper"),
        ("ctrl+right_alt", "right_alt"),
        ("right_ctrl+v", "right_ctrl"),
    ],
)
def test_unknown_key_name_is_refused_with_a_remedy(name: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named) as caught:
        parse(name)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (
            {Hotkey.HOLD: "f13", Hotkey.UNDO: "F13"},
            "F13 can’t be used for both “Hold to dictate” and “Undo last dictation.” "
            "Choose another key.",
        ),
        (
            {Hotkey.PASTE_LAST: "ctrl+alt+v", Hotkey.UNDO: "alt+ctrl+v"},
            "Ctrl+Alt+V can’t be used for both “Paste last dictation” and "
            "“Undo last dictation.”",
        ),
        (
            {Hotkey.PASTE_LAST: "right_alt"},
            "Right Alt can be used alone only as a hold key.",
        ),
        (
            {Hotkey.HOLD: "right_alt", Hotkey.TRANSLATE: "right_alt"},
            "Right Alt can’t be used for both “Hold to dictate” and "
            "“Hold to translate.”",
        ),
        ({Hotkey.HOLD: "v"}, "V is used for typing."),
        ({Hotkey.UNDO: "shift+v"}, "Shift+V is used for typing."),
        ({Hotkey.HOLD: "space"}, "Space is used for typing."),
        ({Hotkey.UNDO: "escape"}, "Escape cancels a dictation."),
        ({Hotkey.HOLD: "ctrl+escape"}, "Ctrl+Escape cancels a dictation."),
        ({Hotkey.PASTE_LAST: "ctrl+v"}, "Ctrl+V is already Paste."),
        ({Hotkey.UNDO: "super+z"}, "Super+Z is already Undo."),
    ],
)
def test_conflicting_keys_are_refused_by_name(
    keys: dict[Hotkey, str], problem: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        bound(keys)
    assert caught.value.line().startswith(problem)


def test_compatible_keys_are_bound() -> None:
    keys = {
        Hotkey.HOLD: "right_ctrl",
        Hotkey.PASTE_LAST: "ctrl+alt+v",
        Hotkey.UNDO: "f8",
    }
    assert {use: str(chord) for use, chord in bound(keys).items()} == keys


@pytest.mark.parametrize(
    ("pressed", "learnt"),
    [
        ("+right_alt -right_alt", ["right_alt"]),
        ("+f13 -f13", ["f13"]),
        ("+left_ctrl +left_alt +v -v -left_alt -left_ctrl", ["ctrl+alt+v"]),
        ("+left_shift +right_ctrl -right_ctrl -left_shift", []),
        ("+fn +v -v -fn", ["v"]),
        ("-right_alt +left_alt -left_alt", ["left_alt"]),
        ("+left_alt +v -left_alt +w", ["alt+v", "w"]),
    ],
)
def test_shortcut_recorder_names_what_is_pressed(
    pressed: str, learnt: list[str]
) -> None:
    learner = ShortcutRecorder()
    events = [learner.on(event[1:], event[0] == "+") for event in pressed.split()]
    assert [name for name in events if name is not None] == learnt


def test_key_labels_follow_the_system() -> None:
    assert label("ctrl+alt+v") == "Ctrl+Alt+V"
    assert label("right_alt", mac=True) == "Right Option"
    assert label("super+comma", mac=True) == "Command+,"
    assert label("fn", mac=True) == "Fn"
    assert label("scroll_lock") == "Scroll Lock"
