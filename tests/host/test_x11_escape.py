"""Esc on a real X server, under the keys that are held: no window gets it."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from Xlib import X
from Xlib.display import Display

import xserver
from host.test_x11_keys import CTRL_L, ESCAPE, RIGHT_ALT, SHIFT_L, SPACE, Watched
from mica.host.hotkey_rules import Input
from mica.host.key_names import Use

ESCAPE_CODE, CTRL_R = 9, "105"

pytestmark = pytest.mark.usefixtures("x_display")


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.hotkeys.stop()


@contextmanager
def window() -> Iterator[Callable[[], list[int]]]:
    """A window with the keyboard; called, it says what keys went down in it since."""
    display = Display()
    screen = display.screen()
    mask = X.KeyPressMask | X.FocusChangeMask
    made = screen.root.create_window(
        0, 0, 50, 50, 0, screen.root_depth, event_mask=mask
    )
    made.set_wm_name("keys")
    made.map()
    display.sync()
    find = ["search", "--onlyvisible", "--name", "^keys$"]
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
        ({Use.HOLD: "right_ctrl"}, [CTRL_R]),
        ({Use.HOLD: "right_alt", Use.TRANSLATE: "left_ctrl"}, [CTRL_L]),
        ({Use.HOLD: "ctrl+shift+space"}, [CTRL_L, SHIFT_L, SPACE]),
    ],
)
def test_escape_under_the_hold_key_reaches_no_window(
    watched: Watched, keys: dict[Use, str], held: list[str]
) -> None:
    watched.hotkeys.bind(keys)
    watched.hotkeys.want_escape(True)
    before = watched.hotkeys.other_presses()
    with window() as pressed:
        for key in held:
            xserver.xdotool("keydown", key)
        xserver.xdotool("key", ESCAPE)
        for key in reversed(held):
            xserver.xdotool("keyup", key)
        heard = [watched.next() for _ in range(3)]
        assert ESCAPE_CODE not in pressed()
        assert heard[1] is Input.ESCAPE
        assert watched.hotkeys.other_presses() == before
        watched.hotkeys.want_escape(False)
        xserver.xdotool("keydown", CTRL_L, "key", ESCAPE, "keyup", CTRL_L)
        xserver.until(lambda: ESCAPE_CODE in pressed())


@pytest.mark.skipif(shutil.which("setxkbmap") is None, reason="needs setxkbmap")
def test_escape_under_a_key_of_the_third_level_reaches_no_window(
    watched: Watched,
) -> None:
    """On a German keyboard Right Alt is AltGr, whose modifier is another one."""
    subprocess.run(["setxkbmap", "de"], check=True)
    try:
        watched.hotkeys.bind({Use.HOLD: "right_alt"})
        watched.hotkeys.want_escape(True)
        with window() as pressed:
            xserver.xdotool("keydown", RIGHT_ALT, "key", ESCAPE, "keyup", RIGHT_ALT)
            told = [Input.PRESS, Input.ESCAPE, Input.RELEASE]
            assert [watched.next() for _ in range(3)] == told
            assert ESCAPE_CODE not in pressed()
    finally:
        subprocess.run(["setxkbmap", "us"], check=True)
