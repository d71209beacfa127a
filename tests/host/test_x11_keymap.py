"""Reading the keymap by XKB's rules, with hand-written keymaps."""

import pytest
from Xlib import XK, X

from mica.errors import InsertionError
from mica.host.x11.keymap import Keymap, MappedKey
from mica.host.x11.xkb import ActiveLayout, Controls, XkbState

PLAIN = (0, dict[int, int]())
SHIFTED = (X.ShiftMask, {X.ShiftMask: 1})
SET, LATCH, LOCK = 1, 2, 3
CLAMP, REDIRECT = 0x40, 0x80


def letters(*groups: str, range_: int = 0) -> MappedKey:
    """A key with these symbols in each group, the second one with Shift."""
    symbols = tuple(tuple(map(ord, group)) for group in groups)
    return MappedKey(symbols, (SHIFTED,) * len(groups), range_)


def modifier(name: str, what: int, mask: int) -> MappedKey:
    symbol = XK.string_to_keysym(name)
    return MappedKey(((symbol,),), (PLAIN,), 0, ((what, mask),))


def in_force(keymap: Keymap, group: int = 0, locked: int = 0) -> ActiveLayout:
    return ActiveLayout(keymap, XkbState(0, locked, group, 0), Controls(0, 0))


@pytest.mark.parametrize(
    ("range_", "wanted"), [(0, "bab"), (CLAMP, "bbb"), (REDIRECT | 1 << 4, "bbb")]
)
def test_a_group_that_a_key_lacks_is_read_as_the_key_says(
    range_: int, wanted: str
) -> None:
    keymap = Keymap({24: letters("aA", "bB", range_=range_)})
    read = [chr(keymap.symbol(24, group)) for group in (1, 2, 3)]
    assert "".join(read) == wanted
    assert keymap.symbol(24, 3, X.ShiftMask | X.LockMask) == ord("B")
    assert keymap.symbol(25, 0) == X.NONE


def test_letter_is_looked_up_in_the_current_layout_first() -> None:
    keymap = Keymap({24: letters("vV", "kK"), 25: letters("kK", "vV")})
    assert [keymap.shortcut_key("v", group) for group in (0, 1)] == [24, 25]


def test_key_of_another_latin_letter_is_never_used() -> None:
    latin = Keymap({24: letters("vV", "kK")})
    assert latin.shortcut_key("v", 1) is None
    with pytest.raises(InsertionError, match="no V key"):
        in_force(latin, 1).chord("v", ())
    cyrillic = Keymap({24: letters("vV", "мМ"), 25: letters("kK", "кК")})
    assert cyrillic.shortcut_key("v", 1) == 24


def test_a_modifier_is_a_key_that_holds_it_and_nothing_else() -> None:
    keymap = Keymap(
        {
            37: modifier("Caps_Lock", LOCK, X.LockMask),
            38: modifier("Control_L", LATCH, X.ControlMask),
            39: modifier("Hyper_L", SET, X.ControlMask | X.Mod4Mask),
            92: modifier("Control_L", SET, X.ControlMask),  # on no keyboard
            66: modifier("Control_R", SET, X.ControlMask),
            67: modifier("Control_L", SET, X.ControlMask),
            24: letters("vV"),
        }
    )
    assert in_force(keymap).chord("v", (X.ControlMask,)) == [67, 24]
    assert keymap.modifiers == {37, 38, 39, 92, 66, 67}
    assert keymap.locks == {37}
    with pytest.raises(InsertionError, match="no Shift key"):
        in_force(keymap).chord("v", (X.ShiftMask,))


def test_a_modifier_that_composes_too_is_pressed_only_where_no_other_is() -> None:
    composes = {37: modifier("Multi_key", SET, X.ControlMask), 24: letters("vV")}
    other = {105: modifier("Control_R", SET, X.ControlMask)}
    chord = "v", (X.ControlMask,)
    assert in_force(Keymap(composes)).chord(*chord) == [37, 24]
    assert in_force(Keymap(composes | other)).chord(*chord) == [105, 24]


def test_character_under_num_lock_is_typed() -> None:
    keypad = MappedKey(((ord("."), ord(",")),), ((X.Mod2Mask, {X.Mod2Mask: 1}),), 0)
    keymap = Keymap({77: modifier("Num_Lock", LOCK, X.Mod2Mask), 91: keypad})
    assert ord(".") in in_force(keymap).key_presses
    assert ord(".") not in in_force(keymap, locked=X.Mod2Mask).key_presses
    assert in_force(keymap, locked=X.Mod2Mask).key_presses[ord(",")] == (91, False)


def test_keys_without_a_symbol_are_spare() -> None:
    empty = MappedKey(((X.NONE,),), (PLAIN,), 0)
    keymap = Keymap({24: letters("aA"), 97: MappedKey((), (), 0), 103: empty})
    assert in_force(keymap).spare_keycodes == [97, 103]
