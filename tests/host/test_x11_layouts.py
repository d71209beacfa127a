"""Texts and keys in layouts other than US, chosen before Mica starts or while it runs,
and with remapped modifiers; on a real X server, into a foreign window."""

from collections.abc import Iterator
from typing import Any

import pytest
from Xlib import X

from host.test_x11_keys import Watched
from host.test_x11_paste import Field, Inserter, field, inserter, target
from mica.errors import InsertionError, ModifierHeld
from mica.host.hold_key import Input
from mica.host.key_names import Hotkey
from mica.host.values import Target
from support import xserver

__all__ = ["field", "inserter", "target"]
TARGET = Target(0, None, "xterm")
TEXT = "Vivid, CVcv (1) naïve ł?"
LAYOUTS = {
    "dvorak": (["us", "dvorak"], 0),
    "colemak": (["us", "colemak"], 0),
    "neo": (["de", "neo"], 0),
    "bepo": (["fr", "bepo"], 0),
    "azerty": (["fr"], 0),
    "swapcaps": (["us", "-option", "ctrl:swapcaps"], 0),
    "caps is ctrl": (["us", "-option", "ctrl:nocaps"], 0),
    "ctrl is alt": (["us", "-option", "ctrl:swap_lalt_lctl"], 0),
    "as on a Mac": (["us", "-option", "altwin:ctrl_alt_win"], 0),
    "second: dvorak": (["us,us", "-variant", ",dvorak"], 1),
    "second: neo": (["us,de", "-variant", ",neo"], 1),
    "second: bepo": (["us,fr", "-variant", ",bepo"], 1),
    "second: russian": (["us,ru"], 1),
    "third: dvorak": (["us,ru,us", "-variant", ",,dvorak"], 2),
    "first of two": (["us,us", "-variant", "dvorak,"], 0),
    "russian, then dvorak": (["ru,us", "-variant", ",dvorak"], 0),
}

pytestmark = pytest.mark.usefixtures("x_display")


@pytest.fixture(autouse=True)
def us(x_display: str) -> Iterator[None]:
    yield
    xserver.set_layout("us")


def chosen(name: str) -> None:
    words, group = LAYOUTS[name]
    xserver.set_layout(*words)
    with xserver.xkb() as keys:
        keys.lock_group(group)


@pytest.mark.parametrize("name", LAYOUTS)
def test_text_is_inserted_after_a_layout_change(
    inserter: Inserter, field: Field, name: str
) -> None:
    assert inserter.insert("before")["result"] == "INSERTED"
    field.start_anew()
    chosen(name)
    inserter.goes_in(TEXT, field)


@pytest.mark.parametrize("name", ["second: dvorak", "second: neo", "as on a Mac"])
def test_text_is_inserted_if_the_layout_was_chosen_before_the_start(
    field: Field, name: str
) -> None:
    chosen(name)
    process = xserver.start(xserver.qt_program("inserter"))
    fresh = Inserter(process)
    try:
        assert fresh.outcome() == {"ready": True}
        fresh.goes_in(TEXT, field)
    finally:
        xserver.end(process)


def test_layout_of_the_xtest_keyboard_is_used_if_it_differs(
    inserter: Inserter, field: Field
) -> None:
    """Each keyboard has its own keymap; Mica's keys come from the XTEST keyboard."""
    with xserver.xkb() as keys:
        device = str(keys.xkb.xtest_keyboard())
    xserver.set_layout("-device", device, "us", "dvorak")
    inserter.goes_in(TEXT, field)


@pytest.mark.parametrize("layout", ["ru", "gr", "ru,gr"])
def test_no_key_is_pressed_where_none_is_a_v(
    inserter: Inserter, field: Field, layout: str
) -> None:
    with xserver.layout(layout):
        assert inserter.insert(TEXT)["result"] == "REFUSED"
        inserter.order(back=TEXT)
        assert inserter.outcome()["result"] == "REFUSED"
        inserter.order(type=TEXT)
        assert inserter.outcome()["result"] == "TYPED"
        field.shows(TEXT)


def test_typing_continues_in_a_layout_chosen_during_it(field: Field) -> None:
    typist = opened_typist()
    xserver.set_layout("us,us", "-variant", ",dvorak")
    assert typist.prepare("one ł two ł", TARGET) == 11
    typist.type("one ł")
    field.shows("one ł")
    with xserver.xkb() as keys:
        keys.lock_group(1)
        typist.type(" two ł")
        field.shows("one ł two ł")
        assert typist.layout_changed()
        typist.finish()
        keys.lock_group(0)


def test_a_layout_changed_and_changed_back_is_noticed(field: Field) -> None:
    typist = opened_typist()
    xserver.set_layout("us,us", "-variant", ",dvorak")
    typist.prepare("one ł two", TARGET)
    typist.type("one ł")
    assert not typist.layout_changed()
    with xserver.xkb() as keys:
        keys.lock_group(1)
        typist.type(" t")
        keys.lock_group(0)
        typist.type("wo")
    typist.prepare("more", TARGET)  # the rest of a text
    typist.type("more")
    field.shows("one ł twomore")
    assert typist.layout_changed()
    typist.finish()
    typist.prepare("v", TARGET)
    typist.type("v")
    assert not typist.layout_changed()
    typist.finish()


def test_layout_change_before_typing_is_an_error_and_types_no_other_character(
    field: Field,
) -> None:
    typist = opened_typist()
    typist.prepare("a ł", TARGET)
    xserver.set_layout("us", "dvorak")
    with pytest.raises(InsertionError, match="layout changed"):
        typist.type("a ł")
    before = xserver.keyboard()
    typist.finish()
    assert xserver.keyboard() == before
    typist.prepare("v", TARGET)
    typist.type("v")
    field.shows("v")


@pytest.mark.parametrize("code", [37, 108])
def test_no_key_is_sent_under_a_modifier_pressed_after_the_check(
    field: Field, code: int
) -> None:
    typist = opened_typist()
    typist.prepare("v", TARGET)
    with xserver.xkb() as keys:
        keys.display.xtest_fake_input(X.KeyPress, code)
        keys.display.sync()
        try:
            with pytest.raises(ModifierHeld):
                typist._sender.press("v", X.ControlMask)
            with pytest.raises(ModifierHeld):
                typist.type("v")
        finally:
            keys.display.xtest_fake_input(X.KeyRelease, code)
            keys.display.sync()
    typist.type("w")
    field.shows("w")


def opened_typist() -> Any:
    from mica.host.x11.editing import X11Typist
    from mica.host.x11.sender import Sender, SentKeys

    own = SentKeys()
    return X11Typist(Sender(own), own)


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.hotkeys.stop()


@pytest.mark.parametrize(
    ("words", "name", "code"),
    [
        (["de"], "right_alt", 108),
        (["de", "neo"], "right_alt", 108),
        (["us", "-option", "altwin:swap_alt_win"], "right_alt", 134),
        (["us", "-option", "altwin:ctrl_alt_win"], "left_ctrl", 64),
        (["us", "-option", "ctrl:swapcaps"], "left_ctrl", 66),
        (["us", "-option", "ctrl:nocaps"], "left_ctrl", 66),
        (["us", "-option", "ctrl:nocaps"], "left_ctrl", 37),
        (["us", "-option", "ctrl:ralt_rctrl"], "right_ctrl", 108),
        (["us", "-option", "compose:ralt"], "right_alt", 108),
        (["us", "dvorak"], "ctrl+alt+space", 65),
    ],
)
def test_hold_key_follows_its_keysym(
    watched: Watched, words: list[str], name: str, code: int
) -> None:
    watched.hotkeys.bind({Hotkey.HOLD: name})
    xserver.set_layout(*words)
    watched.hotkeys.process_events()
    with xserver.xkb() as keys:
        held = [64, 37] if "+" in name else []
        keys.press(*held, code)
    assert [watched.next(), watched.next()] == [Input.PRESS, Input.RELEASE]
    assert watched.silent()


def test_a_chord_moves_with_its_letter_to_the_second_layout(watched: Watched) -> None:
    watched.hotkeys.bind({Hotkey.HOLD: "right_alt", Hotkey.UNDO: "ctrl+alt+v"})
    xserver.set_layout("us,us", "-variant", ",dvorak")
    with xserver.xkb() as keys:
        keys.lock_group(1)
        watched.hotkeys.process_events()
        keys.press(37, 64, 55)
        keys.press(37, 64, 60)
        assert watched.next() is Hotkey.UNDO
        keys.lock_group(0)
        watched.hotkeys.process_events()
        keys.press(37, 64, 60)
        keys.press(37, 64, 55)
        assert watched.next() is Hotkey.UNDO
        keys.press(108)
    assert [watched.next(), watched.next()] == [Input.PRESS, Input.RELEASE]
    assert watched.silent()


def test_escape_follows_its_keysym(watched: Watched) -> None:
    watched.hotkeys.enable_escape(True)
    xserver.set_layout("us", "-option", "caps:swapescape")
    watched.hotkeys.process_events()
    before = watched.hotkeys.press_count()
    with xserver.xkb() as keys:
        keys.press(66)
    assert watched.next() is Input.ESCAPE
    assert watched.hotkeys.press_count() == before


def test_running_app_notices_a_layout_change() -> None:
    process = xserver.start(xserver.qt_program("inserter"))
    app = Inserter(process)
    try:
        assert app.outcome() == {"ready": True}
        app.order(watch="left_ctrl")
        assert app.outcome() == {"watched": True}
        xserver.set_layout("us", "-option", "ctrl:swap_lalt_lctl")

        def is_pressed() -> bool:
            with xserver.xkb() as keys:
                keys.press(64)  # until the change has been noticed
            return xserver.has_line(process)

        xserver.until(is_pressed)
        assert app.outcome() == {"event": "PRESS"}
        assert app.outcome() == {"event": "RELEASE"}
    finally:
        xserver.end(process)
