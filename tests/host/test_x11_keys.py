"""The hold key, focus and permissions on a real X server, keys sent by keycode."""

import queue
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import xserver
from mica.errors import SettingsError
from mica.host.ports import Grant, Permission

RIGHT_ALT, SHIFT_L, SPACE, ESCAPE, V = "108", "50", "65", "9", "55"

pytestmark = pytest.mark.usefixtures("x_display")


class Watched:
    """A started hold key whose callbacks are kept with their times."""

    def __init__(self, hold_key: str = "right_alt") -> None:
        from mica.host.x11.hotkeys import X11Hotkeys
        from mica.host.x11.own_keys import OwnKeys

        self.own = OwnKeys()
        self.hotkeys = X11Hotkeys(hold_key, self.own)
        self._heard: queue.Queue[tuple[str, float]] = queue.Queue()
        self.hotkeys.start(
            lambda: self._hear("press"),
            lambda: self._hear("release"),
            lambda: self._hear("cancel"),
        )

    def _hear(self, what: str) -> None:
        self._heard.put((what, time.monotonic()))

    def next(self) -> str:
        return self._heard.get(timeout=xserver.WAIT_S)[0]

    def silent(self) -> bool:
        return self._heard.empty()


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    xserver.xdotool("keyup", RIGHT_ALT)
    watched.hotkeys.stop()


def test_hold_and_release(watched: Watched) -> None:
    xserver.xdotool("keydown", RIGHT_ALT)
    assert watched.next() == "press"
    xserver.xdotool("keyup", RIGHT_ALT)
    assert watched.next() == "release"
    assert watched.silent()


def test_a_release_under_shift_is_still_a_release(watched: Watched) -> None:
    xserver.xdotool("keydown", SHIFT_L)
    try:
        xserver.xdotool("keydown", RIGHT_ALT)
        assert watched.next() == "press"
    finally:
        xserver.xdotool("keyup", SHIFT_L)
    xserver.xdotool("keyup", RIGHT_ALT)
    assert watched.next() == "release"


@pytest.mark.parametrize("key", [SPACE, ESCAPE])
def test_another_key_cancels(watched: Watched, key: str) -> None:
    xserver.xdotool("keydown", RIGHT_ALT)
    assert watched.next() == "press"
    xserver.xdotool("key", key)
    assert watched.next() == "cancel"
    xserver.xdotool("keyup", RIGHT_ALT, "keydown", RIGHT_ALT)
    assert watched.next() == "press"


def test_our_own_paste_keys_do_not_cancel(watched: Watched) -> None:
    xserver.xdotool("keydown", RIGHT_ALT)
    assert watched.next() == "press"
    watched.own.expect([int(V)])
    xserver.xdotool("key", V)
    xserver.xdotool("keyup", RIGHT_ALT)
    assert watched.next() == "release"
    assert watched.silent()


def test_a_lost_key_up_is_noticed(watched: Watched) -> None:
    """The listener goes deaf while the key is down; the keyboard is asked."""
    xserver.xdotool("keydown", RIGHT_ALT)
    assert watched.next() == "press"
    listener = watched.hotkeys._listener
    assert listener is not None
    listener.stop()
    began_s = time.monotonic()
    xserver.xdotool("keyup", RIGHT_ALT)
    assert watched.next() == "release"
    assert time.monotonic() - began_s < 1.0


def test_a_key_held_at_the_end_counts_as_released() -> None:
    watched = Watched("f13")
    xserver.xdotool("keydown", "191")
    assert watched.next() == "press"
    watched.hotkeys.stop()
    xserver.xdotool("keyup", "191")
    assert watched.next() == "release"
    assert watched.silent()


def test_an_unknown_key_is_named() -> None:
    from mica.host.x11.keys import keycode

    with pytest.raises(SettingsError, match="caps") as caught:
        keycode("caps")
    assert "right_alt" in caught.value.remedy


def test_focus_names_the_window_with_the_keyboard(tmp_path: Path) -> None:
    from mica.host.x11.focus import X11Focus

    focus = X11Focus()
    assert focus.current() is None
    field = xserver.qt_program("field", "focused", str(tmp_path / "field.txt"))
    with xserver.program(field, "focused") as process:
        first = focus.current()
        assert first is not None and first.pid == process.pid
        assert first.window == int(xserver.xdotool("getactivewindow"))
        with xserver.program(["xterm", "-T", "second"], "second"):
            second = focus.current()
            assert second is not None and second.name == "XTerm"
            assert not second.same_place(first)
    xserver.until(lambda: focus.current() is None)


def test_everything_is_allowed() -> None:
    from mica.host.x11.permissions import X11Permissions

    permissions = X11Permissions()
    permissions.request(Permission.INSERTION)
    assert {permissions.state(what) for what in Permission} == {Grant.NOT_NEEDED}


def test_terminals_have_keys_of_their_own() -> None:
    from mica.host.ports import Target
    from mica.host.x11.paster import Chord, chord_of, pastes_from_primary

    chords = {
        name: chord_of(Target(1, 2, name))
        for name in ("XTerm", "UXTerm", "Gnome-terminal", "kitty", "firefox", "")
    }
    assert chords == {
        "XTerm": Chord.SHIFT_INSERT,
        "UXTerm": Chord.SHIFT_INSERT,
        "Gnome-terminal": Chord.CTRL_SHIFT_V,
        "kitty": Chord.CTRL_SHIFT_V,
        "firefox": Chord.CTRL_V,
        "": Chord.CTRL_V,
    }
    assert [pastes_from_primary(Target(1, 2, name)) for name in ("XTerm", "kitty")] == [
        True,
        False,
    ]
