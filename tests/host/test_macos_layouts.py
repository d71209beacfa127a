"""Keys in other layouts than a US one on a pretend Mac: what pastes and copies, where
our own keys are, and what Sticky Keys and Caps Lock change."""

import pytest

from apple_fakes import FLAGS, FakeMac
from host.mac_keys import ALT, CTRL_ALT, ESCAPE, R_ALT, R_ALT_BIT, Held
from mica.errors import InsertionError
from mica.host.key_names import Hotkey
from mica.host.ports import Target

COMMAND, CAPS_LOCK = 1 << 20 | 0x8, 1 << 16  # the left one
COMMAND_KEY = 55
TARGET = Target(0, 42, "com.example.Editor")
DVORAK = {9: "k", 47: "v", 34: "c"}
RUSSIAN = {9: "м", 8: "с"}


def posted(mac: FakeMac) -> list[tuple[int, int]]:
    """Pastes and copies; by keycode, with their flags, what went down for it."""
    from mica.host.macos.editing import MacCaret, MacPaster
    from mica.host.macos.keyboard import Keyboard

    mac.posted.clear()
    keyboard = Keyboard(mac.carbon, lambda _s: None)
    assert MacPaster(keyboard).can_paste(TARGET)
    MacPaster(keyboard).chord(TARGET)
    MacCaret(keyboard).copy()
    return [
        (event["code"], event["flags"])
        for event in mac.posted
        if event["down"] and event["code"] != COMMAND_KEY
    ]


@pytest.mark.parametrize(
    ("letters", "commanded", "latin", "v", "c"),
    [
        ({9: "v", 8: "c"}, {}, None, 9, 8),
        (DVORAK, {}, None, 47, 34),
        (DVORAK, {9: "v", 8: "c", 47: ".", 34: "i"}, None, 9, 8),  # Dvorak - QWERTY ⌘
        (RUSSIAN, {9: "v", 8: "c"}, None, 9, 8),  # as Apple's layouts do
        (RUSSIAN, {}, DVORAK, 47, 34),
        ({}, {}, DVORAK, 47, 34),  # an input method
        (None, {}, DVORAK, 47, 34),
    ],
)
def test_v_and_c_are_found_as_command_makes_them(
    mac: FakeMac,
    letters: dict[int, str] | None,
    commanded: dict[int, str],
    latin: dict[int, str] | None,
    v: int,
    c: int,
) -> None:
    mac.carbon.letters, mac.carbon.latin = letters, latin
    mac.carbon.commanded = commanded
    assert posted(mac) == [(v, COMMAND), (c, COMMAND)]
    sources = (letters is not None) + (latin is not None)
    assert mac.carbon.released == 3 * sources


def test_v_is_looked_up_for_every_paste(mac: FakeMac) -> None:
    mac.carbon.letters = {9: "v", 8: "c"}
    assert posted(mac)[0] == (9, COMMAND)
    mac.carbon.letters = DVORAK
    assert posted(mac)[0] == (47, COMMAND)


@pytest.mark.parametrize("letters", [RUSSIAN, {}, None])
def test_no_key_is_posted_where_no_layout_has_a_v(
    mac: FakeMac, letters: dict[int, str] | None
) -> None:
    from mica.host.macos.editing import MacCaret, MacPaster
    from mica.host.macos.keyboard import Keyboard

    mac.carbon.letters = letters
    keyboard = Keyboard(mac.carbon, lambda _s: None)
    assert not MacPaster(keyboard).can_paste(TARGET)
    with pytest.raises(InsertionError, match="no key for V"):
        MacPaster(keyboard).chord(TARGET)
    with pytest.raises(InsertionError, match="no key for C"):
        MacCaret(keyboard).copy()
    assert mac.posted == []


def changed(mac: FakeMac, letters: dict[int, str]) -> None:
    from mica.host.macos.layout import CHANGED

    mac.carbon.letters = letters
    mac.everywhere.post(CHANGED)


def test_our_keys_move_with_their_letters(mac: FakeMac) -> None:
    held = Held(mac, "ctrl+alt+v", {Hotkey.UNDO: "f13"})
    mac.run()
    assert {(9, CTRL_ALT), (105, 0)} == set(mac.carbon.registered)
    changed(mac, DVORAK)
    assert {(47, CTRL_ALT), (105, 0)} == set(mac.carbon.registered)
    mac.key(47, True, CTRL_ALT)
    mac.down = {47}
    assert held.keys.is_down(Hotkey.HOLD)
    mac.key(47, False, CTRL_ALT)
    mac.key(9, True, CTRL_ALT)
    assert held.heard == ["press", "release"]


def test_a_held_modifier_is_held_on_in_another_layout(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.down = {R_ALT}
    mac.change(R_ALT, ALT | R_ALT_BIT)
    held.keys.want_escape(True)
    changed(mac, DVORAK)
    assert (ESCAPE, 0) in mac.carbon.registered
    assert held.keys.is_down(Hotkey.HOLD)
    mac.change(R_ALT, 0)
    assert held.heard == ["press", "release"]


def test_a_layout_chosen_while_a_key_is_learnt_counts_afterwards(mac: FakeMac) -> None:
    held = Held(mac, "ctrl+alt+v")
    held.keys.learn(held.heard.append)
    changed(mac, DVORAK)
    assert mac.carbon.registered == {}
    held.keys.learn(None)
    assert set(mac.carbon.registered) == {(47, CTRL_ALT)}


def test_a_letter_that_another_program_has_there_is_not_ours(mac: FakeMac) -> None:
    held = Held(mac, "right_alt", {Hotkey.UNDO: "ctrl+alt+v"})
    mac.carbon.taken = {47}
    changed(mac, DVORAK)
    assert mac.carbon.registered == {}
    changed(mac, {9: "v"})
    assert set(mac.carbon.registered) == {(9, CTRL_ALT)}
    held.keys.stop()
    assert mac.everywhere.heard == []


def test_the_letters_of_our_keys_are_those_of_the_last_latin_layout(
    mac: FakeMac,
) -> None:
    mac.carbon.letters, mac.carbon.latin = RUSSIAN, DVORAK
    Held(mac, "ctrl+alt+v")
    assert set(mac.carbon.registered) == {(47, CTRL_ALT)}


@pytest.mark.parametrize("flag", FLAGS.keys() - {"SecondaryFn"})
def test_what_sticky_keys_keep_down_delays_no_paste(mac: FakeMac, flag: str) -> None:
    """macOS says of a key that was tapped that it is down, for as long as it waits."""
    from mica.host.macos.editing import MacPaster
    from mica.host.macos.keyboard import Keyboard

    paster = MacPaster(Keyboard(mac.carbon))
    mac.flags = FLAGS[flag]
    assert not paster.ready()
    mac.sticky = 1
    assert paster.ready()
    mac.sticky = 0
    assert not paster.ready()


def test_caps_lock_is_no_part_of_what_is_posted(mac: FakeMac) -> None:
    from mica.host.macos.editing import MacTypist
    from mica.host.macos.keyboard import Keyboard

    mac.flags = CAPS_LOCK
    keyboard = Keyboard(mac.carbon, lambda _s: None)
    assert keyboard.is_free()
    mac.carbon.letters = {9: "v", 8: "c"}
    assert posted(mac) == [(9, COMMAND), (8, COMMAND)]
    mac.posted.clear()
    MacTypist(keyboard).type("aB")
    assert [(event["text"], event["flags"]) for event in mac.posted] == [("aB", 0)] * 2
