"""What keys do to a text, by the maps of xkeyboard-config that the server has."""

import pytest
from Xlib import X

from mica.host.ports import Target
from mica.host.strokes import LETTER, Stroke, Typed
from mica.host.x11.keymap import Keymap
from mica.host.x11.strokes import KEPT, Strokes, read
from support import xserver

EDITOR, OTHER = Target(1, 10, "Editor"), Target(2, 20, "Other")
A, C, X_KEY, LEFT, HOME, DELETE, SPACE = 38, 54, 53, 113, 110, 119, 65
NINE, QUOTE, TAB, ESCAPE = 18, 48, 23, 9


def keymap(*layout: str) -> Keymap:
    with xserver.layout(*layout), xserver.xkb() as keys:
        return keys.xkb.keymap()


@pytest.mark.usefixtures("x_display")
def test_a_key_is_read_under_the_modifiers_held_with_it() -> None:
    us = keymap("us")
    ctrl, shift, alt = X.ControlMask, X.ShiftMask, X.Mod1Mask
    found = {
        (code, held): read(us, 0, code, held)
        for code in (A, C, X_KEY, LEFT, HOME, DELETE, SPACE, NINE, TAB, ESCAPE)
        for held in (0, shift, ctrl, ctrl | shift, alt)
    }
    known = {key: what for key, what in found.items() if what is not Stroke.UNKNOWN}
    assert known == {
        **{(code, held): LETTER for code in (A, C, X_KEY) for held in (0, shift)},
        (NINE, 0): LETTER,
        (NINE, shift): "(",
        (SPACE, 0): " ",
        (SPACE, shift): " ",
        (TAB, 0): "\t",
        (A, ctrl): Stroke.ALL,
        (C, ctrl): Stroke.NOTHING,
        (X_KEY, ctrl): Stroke.NOTHING,
        (HOME, 0): Stroke.LINE,
        (HOME, ctrl): Stroke.TOP,
        (DELETE, 0): Stroke.NOTHING,
        (DELETE, shift): Stroke.NOTHING,
        (DELETE, ctrl): Stroke.NOTHING,
    }


@pytest.mark.usefixtures("x_display")
@pytest.mark.parametrize(
    ("layout", "code", "held", "wanted"),
    [
        (["us", "intl"], QUOTE, 0, Stroke.DEAD),
        (["us", "-option", "compose:ralt"], 108, 0, Stroke.COMPOSE),
        (["ru"], A, 0, LETTER),
        (["ru,us"], A, X.ControlMask, Stroke.ALL),
        (["de"], 55, X.Mod5Mask, "„"),
        (["us"], 79, X.Mod2Mask, LETTER),  # the keypad's 7
        (["us"], 79, 0, Stroke.LINE),
    ],
)
def test_a_key_is_read_by_the_layout(
    layout: list[str], code: int, held: int, wanted: Typed
) -> None:
    assert read(keymap(*layout), 0, code, held) == wanted


def test_presses_beyond_those_that_are_kept_are_unknown() -> None:
    strokes = Strokes(lambda: EDITOR)
    for _ in range(KEPT + 4):
        strokes.add(LETTER)
    assert strokes.since(strokes.count - KEPT, EDITOR) == [LETTER] * KEPT
    for count in (0, None):
        found = strokes.since(count, EDITOR)
        assert found == [Stroke.UNKNOWN, *[LETTER] * KEPT]


def test_a_sequence_in_another_window_is_not_composing_here() -> None:
    strokes = Strokes(lambda: OTHER)
    for what, composing in ((Stroke.COMPOSE, True), ("'", True), (LETTER, False)):
        strokes.add(what)
        assert strokes.composing(OTHER) is composing
        assert not strokes.composing(EDITOR) or what is LETTER
