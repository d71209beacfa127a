"""The effect of keys on a text, with the server's keymaps from xkeyboard-config."""

import pytest
from Xlib import X

from mica.host.values import LETTER, EditKey, Keystroke, Target
from mica.host.x11.keymap import Keymap
from mica.host.x11.strokes import MAX_PRESSES, RecentKeystrokes, keystroke_of
from support import xserver

EDITOR, OTHER = Target(1, 10, "Editor"), Target(2, 20, "Other")
A, C, X_KEY, LEFT, HOME, DELETE, SPACE = 38, 54, 53, 113, 110, 119, 65
NINE, QUOTE, TAB, ESCAPE = 18, 48, 23, 9


def keymap(*layout: str) -> Keymap:
    with xserver.layout(*layout), xserver.xkb() as keys:
        return keys.xkb.keymap()


@pytest.mark.usefixtures("x_display")
def test_keystroke_depends_on_the_modifiers() -> None:
    us = keymap("us")
    ctrl, shift, alt = X.ControlMask, X.ShiftMask, X.Mod1Mask
    found = {
        (code, held): keystroke_of(us, 0, code, held)
        for code in (A, C, X_KEY, LEFT, HOME, DELETE, SPACE, NINE, TAB, ESCAPE)
        for held in (0, shift, ctrl, ctrl | shift, alt)
    }
    known = {key: what for key, what in found.items() if what is not EditKey.UNKNOWN}
    assert known == {
        **{(code, held): LETTER for code in (A, C, X_KEY) for held in (0, shift)},
        (NINE, 0): LETTER,
        (NINE, shift): "(",
        (SPACE, 0): " ",
        (SPACE, shift): " ",
        (TAB, 0): "\t",
        (A, ctrl): EditKey.SELECT_ALL,
        (C, ctrl): EditKey.COPY,
        (X_KEY, ctrl): EditKey.CUT,
        (HOME, 0): EditKey.LINE_START,
        (HOME, ctrl): EditKey.TEXT_START,
        (DELETE, 0): EditKey.DELETE,
        (DELETE, shift): EditKey.CUT,
        (DELETE, ctrl): EditKey.DELETE_WORD,
    }


@pytest.mark.usefixtures("x_display")
@pytest.mark.parametrize(
    ("layout", "code", "held", "wanted"),
    [
        (["us", "intl"], QUOTE, 0, EditKey.DEAD_KEY),
        (["us", "-option", "compose:ralt"], 108, 0, EditKey.COMPOSE_KEY),
        (["ru"], A, 0, LETTER),
        (["ru,us"], A, X.ControlMask, EditKey.SELECT_ALL),
        (["de"], 55, X.Mod5Mask, "„"),
        (["us"], 79, X.Mod2Mask, LETTER),  # the keypad's 7
        (["us"], 79, 0, EditKey.LINE_START),
        (["us"], 86, 0, "+"),  # the keypad's +
        (["de"], 26, X.Mod5Mask, "€"),
        (["us"], 123, 0, EditKey.NO_CHANGE),  # volume up
        (["us"], 163, 0, EditKey.UNKNOWN),  # starts the mail program
    ],
)
def test_keystroke_depends_on_the_layout(
    layout: list[str], code: int, held: int, wanted: Keystroke
) -> None:
    assert keystroke_of(keymap(*layout), 0, code, held) == wanted


def test_presses_beyond_the_history_are_unknown() -> None:
    strokes = RecentKeystrokes(lambda: EDITOR)
    for _ in range(MAX_PRESSES + 4):
        strokes.add(LETTER)
    assert strokes.since(strokes.count - MAX_PRESSES, EDITOR) == [LETTER] * MAX_PRESSES
    for count in (0, None):
        found = strokes.since(count, EDITOR)
        assert found == [EditKey.UNKNOWN, *[LETTER] * MAX_PRESSES]


def test_letters_typed_in_another_window_are_not_typed_here() -> None:
    windows = [EDITOR, OTHER]
    strokes = RecentKeystrokes(lambda: windows[0])
    strokes.add(LETTER)
    windows.reverse()  # the other window opened by itself
    strokes.add(LETTER)
    windows.reverse()  # and closed again
    strokes.add(" ")
    assert strokes.since(0, EDITOR) == [EditKey.UNKNOWN, " "]
    assert strokes.since(None, EDITOR) == [EditKey.UNKNOWN, " "]


def test_compose_sequence_in_another_window_is_not_composing_here() -> None:
    strokes = RecentKeystrokes(lambda: OTHER)
    for what, composing in ((EditKey.COMPOSE_KEY, True), ("'", True), (LETTER, False)):
        strokes.add(what)
        assert strokes.is_composing(OTHER) is composing
        assert not strokes.is_composing(EDITOR) or what is LETTER
