"""Keyboard layouts other than US on a fake Mac: the keys for Paste and Copy, Mica's
hotkeys, and the effect of Sticky Keys and Caps Lock."""

import pytest

from host.mac_keys import ALT, CTRL_ALT, ESCAPE, R_ALT, R_ALT_BIT, RecordedHotkeys
from mica.errors import InsertionError
from mica.host.key_names import Hotkey
from mica.host.values import Target
from support.apple_fakes import FLAGS, FakeMac

COMMAND, CAPS_LOCK = 1 << 20 | 0x8, 1 << 16  # left Command
COMMAND_KEY = 55
COMMAND_HELD, SHIFT_HELD, OPTION_HELD = 1, 2, 8  # Carbon's modifiers >> 8
TARGET = Target(0, 42, "com.example.Editor")
DVORAK = {9: "k", 47: "v", 34: "c"}
RUSSIAN = {9: "м", 8: "с"}


def posted(mac: FakeMac) -> list[tuple[int, int]]:
    """Paste and copy; return the keycodes and flags of the keys pressed for it."""
    from mica.host.macos.editing import MacCaret, MacPaster

    mac.posted.clear()
    paster = MacPaster(mac.carbon, lambda _s: None)
    assert paster.can_paste(TARGET)
    paster.press_paste_keys(TARGET)
    MacCaret(paster).copy()
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
        (RUSSIAN, {9: "v", 8: "c"}, None, 9, 8),  # as in Apple's layouts
        (RUSSIAN, {}, DVORAK, 47, 34),
        ({}, {}, DVORAK, 47, 34),  # an input method
        (None, {}, DVORAK, 47, 34),
    ],
)
def test_v_and_c_are_found_as_command_changes_the_layout(
    mac: FakeMac,
    letters: dict[int, str] | None,
    commanded: dict[int, str],
    latin: dict[int, str] | None,
    v: int,
    c: int,
) -> None:
    mac.carbon.letters, mac.carbon.latin = letters, latin
    mac.carbon.layers = {COMMAND_HELD: commanded}
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

    mac.carbon.letters = letters
    paster = MacPaster(mac.carbon, lambda _s: None)
    assert not paster.can_paste(TARGET)
    with pytest.raises(InsertionError, match="no V key"):
        paster.press_paste_keys(TARGET)
    with pytest.raises(InsertionError, match="no C key"):
        MacCaret(paster).copy()
    assert mac.posted == []


def changed(mac: FakeMac, letters: dict[int, str]) -> None:
    from mica.host.macos.layout import CHANGED

    mac.carbon.letters = letters
    mac.everywhere.post(CHANGED)


def test_hotkeys_move_with_their_letters(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "ctrl+alt+v", {Hotkey.UNDO: "f13"})
    mac.run()
    assert {(9, CTRL_ALT), (105, 0)} == set(mac.carbon.registered)
    changed(mac, DVORAK)
    assert {(47, CTRL_ALT), (105, 0)} == set(mac.carbon.registered)
    mac.key(47, True, CTRL_ALT)
    mac.down = {47}
    assert hotkeys.keys.is_down(Hotkey.HOLD)
    mac.key(47, False, CTRL_ALT)
    mac.key(9, True, CTRL_ALT)
    assert hotkeys.reports == ["press", "release"]


def test_held_modifier_stays_held_across_layouts(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac)
    mac.run()
    mac.down = {R_ALT}
    mac.change(R_ALT, ALT | R_ALT_BIT)
    hotkeys.keys.enable_escape(True)
    changed(mac, DVORAK)
    assert (ESCAPE, 0) in mac.carbon.registered
    assert hotkeys.keys.is_down(Hotkey.HOLD)
    mac.change(R_ALT, 0)
    assert hotkeys.reports == ["press", "release"]


def test_layout_chosen_while_recording_applies_afterwards(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "ctrl+alt+v")
    hotkeys.keys.record_shortcut(hotkeys.reports.append)
    changed(mac, DVORAK)
    assert mac.carbon.registered == {}
    hotkeys.keys.record_shortcut(None)
    assert set(mac.carbon.registered) == {(47, CTRL_ALT)}


def test_letter_registered_by_another_app_is_not_ours(mac: FakeMac) -> None:
    hotkeys = RecordedHotkeys(mac, "right_alt", {Hotkey.UNDO: "ctrl+alt+v"})
    mac.carbon.exclusive_keys = {47}
    changed(mac, DVORAK)
    assert mac.carbon.registered == {}
    changed(mac, {9: "v"})
    assert set(mac.carbon.registered) == {(9, CTRL_ALT)}
    hotkeys.keys.stop()
    assert mac.everywhere.observers == []


def test_hotkeys_use_the_last_latin_layout(
    mac: FakeMac,
) -> None:
    mac.carbon.letters, mac.carbon.latin = RUSSIAN, DVORAK
    RecordedHotkeys(mac, "ctrl+alt+v")
    assert set(mac.carbon.registered) == {(47, CTRL_ALT)}


@pytest.mark.parametrize("flag", sorted(FLAGS.keys() - {"SecondaryFn"}))
def test_what_sticky_keys_keep_down_delays_no_paste(mac: FakeMac, flag: str) -> None:
    """macOS reports a tapped modifier as down for as long as it is latched."""
    from mica.host.macos.editing import MacPaster

    paster = MacPaster(mac.carbon)
    mac.flags = FLAGS[flag]
    assert not paster.ready()
    mac.sticky = 1
    assert paster.ready()
    mac.sticky = 0
    assert not paster.ready()


def test_posted_keys_have_no_caps_lock(mac: FakeMac) -> None:
    from mica.host.macos.editing import MacTypist
    from mica.host.macos.keyboard import Keyboard

    mac.flags = CAPS_LOCK
    keyboard = Keyboard(mac.carbon, lambda _s: None)
    assert keyboard.no_modifier_down()
    mac.carbon.letters = {9: "v", 8: "c"}
    assert posted(mac) == [(9, COMMAND), (8, COMMAND)]
    mac.posted.clear()
    MacTypist(keyboard).type("aB")
    assert [(event["text"], event["flags"]) for event in mac.posted] == [("aB", 0)] * 2


#: The characters of a US keyboard that these tests type; the second layer is Shift's.
US = {0: "a", 4: "h", 34: "i", 49: " ", 39: "'", 18: "1", 27: "-", 14: "e"}
US_SHIFT = {0: "A", 4: "H", 34: "I", 49: " ", 39: '"', 18: "!", 27: "_", 14: "E"}
US_OPTION = {0: "å", 4: "˙", 49: "\u00a0", 27: "–", 14: "´"}
SHIFT, ALT_KEY, SHIFT_KEY, NO_KEY = 1 << 17 | 0x2, 58, 56, 0xFF
GUEST = Target(0, 42, "com.parallels.desktop.console")
SHARED_MAC = Target(0, 42, "com.apple.ScreenSharing")


def typed(mac: FakeMac, text: str, target: Target) -> list[tuple[int, int]]:
    """The keycodes and flags of the keys that were pressed."""
    from mica.host.macos.editing import MacTypist
    from mica.host.macos.keyboard import Keyboard

    mac.carbon.letters, mac.carbon.dead_keys = US, "´˙"
    mac.carbon.layers = {SHIFT_HELD: US_SHIFT, OPTION_HELD: US_OPTION}
    mac.posted.clear()
    typist = MacTypist(Keyboard(mac.carbon, lambda _s: None))
    assert typist.prepare(text, target) == len(text)
    typist.type(text)
    downs, ups = [], []
    for event in mac.posted:
        (downs if event["down"] else ups).append((event["code"], event["flags"]))
    assert sorted(code for code, _ in downs) == sorted(code for code, _ in ups)
    return downs


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("ha i", [(4, 0), (0, 0), (49, 0), (34, 0)]),
        ("Hi", [(SHIFT_KEY, SHIFT), (4, SHIFT), (34, 0)]),
        ("!", [(SHIFT_KEY, SHIFT), (18, SHIFT)]),
        ("a’a", [(0, 0), (39, 0), (0, 0)]),
        ("–", [(27, 0)]),
        ("😀", [(NO_KEY, 0)]),
    ],
)
def test_another_machine_gets_the_layouts_own_keys(
    mac: FakeMac, text: str, keys: list[tuple[int, int]]
) -> None:
    """Most programs that show another machine forward keycodes; 0 would be an A."""
    assert typed(mac, text, GUEST) == keys


def test_a_shared_mac_gets_what_option_types(mac: FakeMac) -> None:
    option = 1 << 19 | 0x20
    assert typed(mac, "å", SHARED_MAC) == [(ALT_KEY, option), (0, option)]


def test_a_dead_key_is_not_pressed_for_its_sign(mac: FakeMac) -> None:
    """A dead key would only modify the next letter."""
    assert typed(mac, "´", SHARED_MAC) == [(NO_KEY, 0)]


@pytest.mark.parametrize("text", ["hå", "да", "é"])
def test_letters_that_another_machine_would_not_get_are_refused(
    mac: FakeMac, text: str
) -> None:
    with pytest.raises(InsertionError, match="no key for"):
        typed(mac, text, GUEST)
    assert mac.posted == []


def test_programs_on_this_mac_get_characters(mac: FakeMac) -> None:
    assert typed(mac, "да", TARGET) == [(0, 0)]
    assert mac.posted[0]["text"] == "да"


def test_an_input_method_types_into_another_machine_by_its_latin_layout(
    mac: FakeMac,
) -> None:
    from mica.host.macos.layout import key_presses

    mac.carbon.letters, mac.carbon.latin = {}, US
    assert key_presses(mac.carbon, (0,))["h"] == (4, 0)
