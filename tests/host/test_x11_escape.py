"""Esc on a real X server, pressed while a hold key is down: no window gets it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from Xlib import X
from Xlib.display import Display

from host.test_x11_keys import (
    ALT_L,
    CTRL_L,
    ESCAPE,
    RIGHT_ALT,
    SHIFT_L,
    SPACE,
    V,
    Watched,
)
from mica.host.hold_key import Input
from mica.host.key_names import Hotkey
from support import xserver

ESCAPE_CODE, CTRL_R = 9, "105"

pytestmark = pytest.mark.usefixtures("x_display")


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.hotkeys.stop()


@contextmanager
def window(name: str = "keys") -> Iterator[Callable[[], list[int]]]:
    """A focused window; the function returned gives the keys pressed since its last
    call."""
    display = Display()
    screen = display.screen()
    mask = X.KeyPressMask | X.FocusChangeMask
    made = screen.root.create_window(
        0, 0, 50, 50, 0, screen.root_depth, event_mask=mask
    )
    made.set_wm_name(name)
    made.map()
    display.sync()
    find = ["search", "--onlyvisible", "--name", f"^{name}$"]
    xserver.until(lambda: bool(xserver.xdotool(*find)))
    xserver.xdotool("windowactivate", "--sync", str(made.id))
    xserver.until(lambda: display.get_input_focus().focus == made)

    def pressed() -> list[int]:
        display.sync()
        events = [display.next_event() for _ in range(display.pending_events())]
        return [event.detail for event in events if event.type == X.KeyPress]

    try:
        yield pressed
    finally:
        display.close()


@pytest.mark.parametrize(
    ("keys", "held"),
    [
        ({Hotkey.HOLD: "right_ctrl"}, [CTRL_R]),
        ({Hotkey.HOLD: "right_alt", Hotkey.TRANSLATE: "left_ctrl"}, [CTRL_L]),
        ({Hotkey.HOLD: "ctrl+shift+space"}, [CTRL_L, SHIFT_L, SPACE]),
    ],
)
def test_escape_under_the_hold_key_reaches_no_window(
    watched: Watched, keys: dict[Hotkey, str], held: list[str]
) -> None:
    watched.hotkeys.bind(keys)
    watched.hotkeys.enable_escape(True)
    before = watched.hotkeys.press_count()
    with window() as pressed:
        for key in held:
            xserver.xdotool("keydown", key)
        xserver.xdotool("key", ESCAPE)
        for key in reversed(held):
            xserver.xdotool("keyup", key)
        received = [watched.next() for _ in range(3)]
        assert ESCAPE_CODE not in pressed()
        assert received[1] is Input.ESCAPE
        assert watched.hotkeys.press_count() == before
        watched.hotkeys.enable_escape(False)
        xserver.xdotool("keydown", CTRL_L, "key", ESCAPE, "keyup", CTRL_L)
        xserver.until(lambda: ESCAPE_CODE in pressed())


def test_escape_under_a_key_of_the_third_level_reaches_no_window(
    watched: Watched,
) -> None:
    """On a German keyboard, Right Alt is AltGr, which has a different modifier."""
    with xserver.layout("de"):
        watched.hotkeys.bind({Hotkey.HOLD: "right_alt"})
        watched.hotkeys.enable_escape(True)
        with window() as pressed:
            xserver.xdotool("keydown", RIGHT_ALT, "key", ESCAPE, "keyup", RIGHT_ALT)
            expected = [Input.PRESS, Input.ESCAPE, Input.RELEASE]
            assert [watched.next() for _ in range(3)] == expected
            assert ESCAPE_CODE not in pressed()


@pytest.mark.parametrize(
    ("keys", "held"),
    [
        ({Hotkey.HOLD: "right_alt"}, [RIGHT_ALT]),
        ({Hotkey.HOLD: "left_alt"}, [ALT_L]),
        ({Hotkey.HOLD: "right_alt"}, [SHIFT_L, RIGHT_ALT]),
        ({Hotkey.HOLD: "right_ctrl"}, [CTRL_R, ALT_L]),
    ],
)
def test_the_window_manager_does_not_switch_windows_at_escape(
    watched: Watched, keys: dict[Hotkey, str], held: list[str]
) -> None:
    """openbox and GNOME use Alt+Esc themselves."""
    watched.hotkeys.bind(keys)
    with window("behind"), window("in front"):
        front = xserver.xdotool("getactivewindow")
        watched.hotkeys.enable_escape(True)
        for key in held:
            xserver.xdotool("keydown", key)
        xserver.xdotool("key", ESCAPE)
        for key in reversed(held):
            xserver.xdotool("keyup", key)
        while watched.next() is not Input.ESCAPE:
            pass
        handled_by_the_window_manager()
        assert xserver.xdotool("getactivewindow") == front
        watched.hotkeys.enable_escape(False)
        xserver.xdotool("keydown", ALT_L, "key", ESCAPE, "keyup", ALT_L)
        xserver.until(lambda: xserver.xdotool("getactivewindow") != front)


def handled_by_the_window_manager() -> None:
    """Wait until openbox has handled earlier keys; it handles them in order."""
    display = Display()
    shows = display.intern_atom("_NET_SHOWING_DESKTOP")
    root = display.screen().root

    def showing() -> bool:
        return bool(root.get_full_property(shows, X.AnyPropertyType).value[0])

    xserver.xdotool("key", "super+d")
    xserver.until(showing)
    xserver.xdotool("key", "super+d")
    xserver.until(lambda: not showing())
    display.close()


def test_escape_after_a_tap_with_other_modifiers_cancels_and_reaches_no_window(
    watched: Watched,
) -> None:
    watched.hotkeys.enable_escape(True)
    before = watched.hotkeys.press_count()
    with window() as pressed:
        xserver.xdotool("keydown", CTRL_L, "keydown", SHIFT_L, "key", ESCAPE)
        xserver.xdotool("keyup", SHIFT_L, "keyup", CTRL_L)
        assert watched.next() is Input.ESCAPE
        assert ESCAPE_CODE not in pressed()
    assert watched.hotkeys.press_count() == before


def test_every_other_key_reaches_the_window_while_escape_is_grabbed(
    watched: Watched,
) -> None:
    watched.hotkeys.enable_escape(True)
    with window() as pressed:
        xserver.xdotool("keydown", RIGHT_ALT, "key", V, "keyup", RIGHT_ALT)
        received = list[int]()
        xserver.until(lambda: bool(received.extend(pressed())) or int(V) in received)


@pytest.mark.parametrize("under", [[], [SHIFT_L]])
def test_a_hold_key_that_composes_in_this_layout_reaches_no_window(
    watched: Watched, under: list[str]
) -> None:
    """Otherwise, its compose sequence would swallow the paste keys."""
    with xserver.layout("us", "-option", "compose:ralt"), window() as pressed:
        watched.hotkeys.bind({Hotkey.HOLD: "right_alt"})
        watched.hotkeys.enable_escape(True)
        watched.hotkeys.enable_escape(False)
        xserver.xdotool("keydown", *under, RIGHT_ALT)
        assert watched.next() is Input.PRESS
        assert watched.hotkeys.is_down(Hotkey.HOLD)
        xserver.xdotool("keyup", RIGHT_ALT, *under)
        assert watched.next() is Input.RELEASE
        xserver.xdotool("key", V)
        assert pressed() == [*map(int, under), int(V)]


def test_a_hold_key_becomes_a_compose_key_and_a_modifier_again(
    watched: Watched,
) -> None:
    with window() as pressed:
        for options, seen in (
            (["-option", "compose:ralt"], []),
            ([], [int(RIGHT_ALT)]),
        ):
            xserver.set_layout("us", *options)
            watched.hotkeys.process_events()
            xserver.xdotool("key", RIGHT_ALT)
            assert [watched.next(), watched.next()] == [Input.PRESS, Input.RELEASE]
            assert pressed() == seen
