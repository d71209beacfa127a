"""Latched and locked modifiers and AccessX, on a real X server: they do not change the
inserted text, and are restored afterward."""

from collections.abc import Iterator

import pytest

from host.test_x11_keys import Watched
from host.test_x11_paste import Field, Inserter, field, inserter, target
from mica.host.hold_key import Input
from mica.host.x11.xkb import BOUNCE_KEYS, SLOW_KEYS, STICKY_KEYS
from support import xserver

__all__ = ["field", "inserter", "target"]
TEXT = "Aa Bb, llss Vv."
SHIFT, CAPS, CTRL, ALT, NUM = 1, 2, 4, 8, 16
SHIFT_L, CAPS_LOCK, RIGHT_ALT = 50, 66, 108

pytestmark = pytest.mark.usefixtures("x_display")


@pytest.fixture
def keys(x_display: str) -> Iterator[xserver.Keys]:
    with xserver.xkb() as keys:
        yield keys
        keys.lock(0)
        keys.enable(STICKY_KEYS | SLOW_KEYS | BOUNCE_KEYS, 0)
        xserver.set_layout("us")


def test_sticky_keys_stay_on_and_latches_do_not_change_the_paste(
    keys: xserver.Keys, inserter: Inserter, field: Field
) -> None:
    keys.enable(STICKY_KEYS, STICKY_KEYS)
    keys.press(RIGHT_ALT)
    assert keys.latched() == ALT
    inserter.goes_in(TEXT, field)
    assert keys.enabled() & STICKY_KEYS
    assert keys.latched() == ALT  # still the user's
    keys.press(RIGHT_ALT, SHIFT_L)  # two keys at once still turn Sticky Keys off
    assert not keys.enabled() & STICKY_KEYS


def test_sticky_keys_outlive_a_dictation_by_keys(
    keys: xserver.Keys, inserter: Inserter, field: Field
) -> None:
    """Tapping Shift, then a letter, gives a capital."""
    keys.enable(STICKY_KEYS, STICKY_KEYS)
    inserter.insert("b")
    field.shows("b")
    keys.press(SHIFT_L)
    keys.press(38)
    field.shows("bA")


@pytest.mark.parametrize("mask", [SHIFT, CTRL, ALT, CAPS, NUM, CAPS | NUM, SHIFT | NUM])
def test_locked_modifiers_do_not_change_the_text_and_stay_locked(
    keys: xserver.Keys, inserter: Inserter, field: Field, mask: int
) -> None:
    keys.lock(mask)
    inserter.goes_in(TEXT, field)
    assert keys.locked() == mask


def test_num_lock_layout_does_not_change_the_text(
    keys: xserver.Keys, inserter: Inserter, field: Field
) -> None:
    """In Neo's layouts, V with Num Lock is BackSpace."""
    xserver.set_layout("de", "neo")
    keys.lock(NUM)
    inserter.goes_in(TEXT, field)
    assert keys.locked() == NUM


@pytest.mark.parametrize("option", ["caps:none", "caps:escape", "ctrl:swapcaps"])
def test_caps_lock_state_is_kept_whatever_its_key_does(
    keys: xserver.Keys, inserter: Inserter, field: Field, option: str
) -> None:
    keys.lock(CAPS)
    xserver.set_layout("us", "-option", option)
    inserter.goes_in(TEXT, field)
    assert keys.locked() == CAPS


@pytest.mark.parametrize("option", ["caps:shiftlock", "shift:breaks_caps"])
def test_remapped_caps_lock_is_kept(
    keys: xserver.Keys, inserter: Inserter, field: Field, option: str
) -> None:
    xserver.set_layout("us", "-option", option)
    keys.press(CAPS_LOCK)
    before = keys.locked()
    assert before
    inserter.goes_in(TEXT, field)
    assert keys.locked() == before


@pytest.mark.parametrize("controls", [SLOW_KEYS, BOUNCE_KEYS, SLOW_KEYS | STICKY_KEYS])
def test_slow_and_bounce_keys_do_not_stop_a_paste(
    keys: xserver.Keys, inserter: Inserter, field: Field, controls: int
) -> None:
    keys.enable(controls, controls)
    inserter.goes_in(TEXT, field)
    assert keys.enabled() & controls == controls


def test_slow_keys_are_restored_if_mica_dies(keys: xserver.Keys, field: Field) -> None:
    controls = SLOW_KEYS | STICKY_KEYS
    keys.enable(controls, controls)
    process = xserver.start(xserver.qt_program("inserter"))
    dies = Inserter(process)
    try:
        assert dies.outcome() == {"ready": True}
        dies.order(text="never", late_s=60.0)
        xserver.until(lambda: not keys.enabled() & SLOW_KEYS)
    finally:
        xserver.end(process)
    xserver.until(lambda: keys.enabled() & controls == controls)
    keys.enable(controls, 0)
    xserver.xdotool("keyup", "37", "keyup", "55")


def test_held_key_is_not_latched_by_sticky_keys(keys: xserver.Keys) -> None:
    watched = Watched()
    try:
        keys.enable(STICKY_KEYS, STICKY_KEYS)
        for _ in range(2):  # the second tap would lock it
            keys.press(RIGHT_ALT)
            assert [watched.next(), watched.next()] == [Input.PRESS, Input.RELEASE]
            assert keys.latched() == 0 and keys.locked() == 0
        keys.press(SHIFT_L)
        keys.press(RIGHT_ALT)
        assert [watched.next(), watched.next()] == [Input.PRESS, Input.RELEASE]
        assert keys.latched() == SHIFT
    finally:
        watched.hotkeys.stop()
