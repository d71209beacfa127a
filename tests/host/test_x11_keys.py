"""The hold key, focus and permissions on a real X server, keys sent by keycode."""

import queue
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mica.errors import MicaError, SettingsError
from mica.host.hold_key import Input
from mica.host.key_names import Hotkey
from mica.host.values import LETTER, EditKey, Grant, Keystroke, Permission
from support import xserver
from support.deafness import deaf

RIGHT_ALT, SHIFT_L, SPACE, V, CTRL_L, ALT_L = "108", "50", "65", "55", "37", "64"
INSERT, F13 = "118", "191"
AUTO_REPEAT_S = 0.8  # the X server starts repeating after 0.66 s
ESCAPE = "Escape"  # xdotool would take "9" as the digit, not as a keycode

pytestmark = pytest.mark.usefixtures("x_display")


class Watched:
    """A started hold key whose inputs are recorded."""

    def __init__(self, hold: str = "right_alt", **others: str) -> None:
        from mica.host.x11.hotkeys import X11Hotkeys
        from mica.host.x11.sender import SentKeys

        self.own = SentKeys()
        self.hotkeys = X11Hotkeys(self.own)
        uses = {Hotkey[name.upper()]: key for name, key in others.items()}
        self.hotkeys.bind({Hotkey.HOLD: hold, **uses})
        self._events: queue.Queue[tuple[Input | Hotkey, float]] = queue.Queue()
        self.hotkeys.start(
            lambda what, at_s: self._events.put((what, at_s)),
            lambda use: self._events.put((use, time.monotonic())),
        )

    def next(self) -> Input | Hotkey:
        what, at_s = self._events.get(timeout=xserver.WAIT_S)
        assert 0 <= time.monotonic() - at_s < xserver.WAIT_S
        return what

    def silent(self) -> bool:
        return self._events.empty()


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    xserver.xdotool("keyup", RIGHT_ALT)
    watched.hotkeys.stop()


def test_hold_key_reports_press_and_release_and_its_state(watched: Watched) -> None:
    assert not watched.hotkeys.is_down(Hotkey.HOLD)
    xserver.xdotool("keydown", RIGHT_ALT)
    assert watched.next() is Input.PRESS
    assert watched.hotkeys.is_down(Hotkey.HOLD)
    xserver.xdotool("keyup", RIGHT_ALT)
    assert watched.next() is Input.RELEASE
    assert not watched.hotkeys.is_down(Hotkey.HOLD)
    assert watched.silent()


def test_a_release_under_shift_is_still_a_release(watched: Watched) -> None:
    xserver.xdotool("keydown", SHIFT_L)
    try:
        xserver.xdotool("keydown", RIGHT_ALT)
        assert watched.next() is Input.PRESS
    finally:
        xserver.xdotool("keyup", SHIFT_L)
    xserver.xdotool("keyup", RIGHT_ALT)
    assert watched.next() is Input.RELEASE


def test_press_count_leaves_out_sent_keys_and_the_hold_key(
    watched: Watched,
) -> None:
    counted = watched.hotkeys.press_count
    assert counted() == 0
    watched.own.expect([int(V), int(V)])
    xserver.xdotool("key", V, V)
    xserver.xdotool("key", RIGHT_ALT, SHIFT_L)
    xserver.xdotool("click", "4")
    xserver.xdotool("key", V, "click", "1")
    xserver.until(lambda: counted() == 2)
    xserver.xdotool("keydown", RIGHT_ALT, "click", "1", "keyup", RIGHT_ALT)
    xserver.until(lambda: counted() == 3)


def test_other_key_is_reported_only_while_held(watched: Watched) -> None:
    xserver.xdotool("key", SPACE)
    xserver.xdotool("keydown", RIGHT_ALT, "key", SPACE, "keyup", RIGHT_ALT)
    xserver.xdotool("key", SPACE)
    xserver.xdotool("key", RIGHT_ALT)
    events = [watched.next() for _ in range(5)]
    assert events == [
        Input.PRESS,
        Input.OTHER,
        Input.RELEASE,
        Input.PRESS,
        Input.RELEASE,
    ]


def test_escape_is_reported_only_while_enabled(watched: Watched) -> None:
    xserver.xdotool("key", ESCAPE)
    xserver.xdotool("key", RIGHT_ALT)
    assert [watched.next(), watched.next()] == [Input.PRESS, Input.RELEASE]
    before = watched.hotkeys.press_count()
    watched.hotkeys.enable_escape(True)
    xserver.xdotool("key", ESCAPE)
    assert watched.next() is Input.ESCAPE
    assert watched.hotkeys.press_count() == before  # no window got it


def test_sent_paste_keys_are_not_reported(watched: Watched) -> None:
    xserver.xdotool("keydown", RIGHT_ALT)
    assert watched.next() is Input.PRESS
    watched.own.expect([int(V)])
    xserver.xdotool("key", V)
    xserver.xdotool("keyup", RIGHT_ALT)
    assert watched.next() is Input.RELEASE
    assert watched.silent()


def test_sent_keys_trigger_no_hotkey(watched: Watched) -> None:
    """A paste presses Control, which may be the hold key."""
    watched.hotkeys.bind({Hotkey.HOLD: "left_ctrl", Hotkey.UNDO: "ctrl+insert"})
    watched.own.expect([int(CTRL_L), int(INSERT)])
    xserver.xdotool("keydown", CTRL_L, "key", INSERT, "keyup", CTRL_L)
    xserver.xdotool("key", CTRL_L)
    assert [watched.next(), watched.next()] == [Input.PRESS, Input.RELEASE]
    assert watched.silent()


def test_lost_release_is_known_by_the_keyboard(watched: Watched) -> None:
    """The listener stops getting events while the key is down, so it is polled."""
    xserver.xdotool("keydown", RIGHT_ALT)
    assert watched.next() is Input.PRESS
    listener = watched.hotkeys._listener
    assert listener is not None
    listener.stop()
    assert watched.hotkeys.is_down(Hotkey.HOLD)
    xserver.xdotool("keyup", RIGHT_ALT)
    assert not watched.hotkeys.is_down(Hotkey.HOLD)
    assert watched.silent()


def test_stop_ends_all_reports() -> None:
    watched = Watched("f13")
    xserver.xdotool("keydown", "191")
    assert watched.next() is Input.PRESS
    watched.hotkeys.stop()
    xserver.xdotool("keyup", "191")
    assert not watched.hotkeys.is_down(Hotkey.HOLD)
    assert watched.silent()


def test_chord_reports_its_hotkey_once_a_press(watched: Watched) -> None:
    watched.hotkeys.bind({Hotkey.HOLD: "right_alt", Hotkey.PASTE_LAST: "ctrl+alt+v"})
    xserver.xdotool("key", V)
    xserver.xdotool("key", "ctrl+shift+alt+v")
    xserver.xdotool("keydown", CTRL_L, "keydown", ALT_L, "keydown", V)
    time.sleep(AUTO_REPEAT_S)
    xserver.xdotool("keyup", V, "keydown", V, "keyup", V, "keyup", ALT_L)
    xserver.xdotool("keyup", CTRL_L, "key", RIGHT_ALT)
    events = [watched.next() for _ in range(4)]
    assert events == [Hotkey.PASTE_LAST, Hotkey.PASTE_LAST, Input.PRESS, Input.RELEASE]


def test_a_chord_with_caps_lock_on_is_the_same_chord(watched: Watched) -> None:
    watched.hotkeys.bind({Hotkey.HOLD: "right_alt", Hotkey.UNDO: "ctrl+alt+z"})
    xserver.xdotool("key", "Caps_Lock")
    try:
        xserver.xdotool("key", "ctrl+alt+z")
        assert watched.next() is Hotkey.UNDO
    finally:
        xserver.xdotool("key", "Caps_Lock")


def test_chord_under_the_hold_key_reports_both(watched: Watched) -> None:
    watched.hotkeys.bind({Hotkey.HOLD: "right_alt", Hotkey.UNDO: "alt+z"})
    xserver.xdotool("keydown", RIGHT_ALT, "key", "z", "keyup", RIGHT_ALT)
    events = [watched.next() for _ in range(4)]
    assert events == [Input.PRESS, Input.OTHER, Hotkey.UNDO, Input.RELEASE]


def test_a_held_chord_dictates_until_its_key_is_up(watched: Watched) -> None:
    watched.hotkeys.bind({Hotkey.HOLD: "ctrl+alt+space"})
    xserver.xdotool("key", SPACE)
    xserver.xdotool("keydown", CTRL_L, "keydown", ALT_L, "keydown", SPACE)
    assert watched.next() is Input.PRESS and watched.hotkeys.is_down(Hotkey.HOLD)
    time.sleep(AUTO_REPEAT_S)
    xserver.xdotool("keyup", CTRL_L, "keyup", ALT_L)
    assert watched.hotkeys.is_down(Hotkey.HOLD)
    xserver.xdotool("keyup", SPACE)
    events = [watched.next()]
    while events[-1] is Input.PRESS:
        events.append(watched.next())
    assert events[-1] is Input.RELEASE and not watched.hotkeys.is_down(Hotkey.HOLD)
    assert watched.silent()


def test_late_release_is_still_reported(watched: Watched) -> None:
    xserver.xdotool("keydown", RIGHT_ALT)
    assert watched.next() is Input.PRESS
    with deaf():
        xserver.xdotool("keyup", RIGHT_ALT)
        assert not watched.hotkeys.is_down(Hotkey.HOLD)
    xserver.xdotool("keydown", RIGHT_ALT, "keyup", RIGHT_ALT)
    assert [watched.next(), watched.next()] == [Input.PRESS, Input.RELEASE]


def test_translate_key_is_reported_as_such(watched: Watched) -> None:
    watched.hotkeys.bind({Hotkey.HOLD: "right_alt", Hotkey.TRANSLATE: "f13"})
    xserver.xdotool("keydown", F13, "keydown", RIGHT_ALT)
    assert [watched.next(), watched.next()] == [Input.TRANSLATE_PRESS, Input.PRESS]
    assert all(watched.hotkeys.is_down(use) for use in (Hotkey.HOLD, Hotkey.TRANSLATE))
    xserver.xdotool("keyup", RIGHT_ALT)
    assert watched.next() is Input.RELEASE
    assert not watched.hotkeys.is_down(Hotkey.HOLD)
    assert watched.hotkeys.is_down(Hotkey.TRANSLATE)
    xserver.xdotool("key", V, "keyup", F13)
    assert [watched.next(), watched.next()] == [Input.OTHER, Input.TRANSLATE_RELEASE]


def test_a_chord_whose_release_was_lost_is_still_a_chord() -> None:
    watched = Watched("ctrl+alt+v")
    try:
        xserver.xdotool("keydown", CTRL_L, "keydown", ALT_L, "keydown", V)
        assert watched.next() is Input.PRESS
        with deaf():
            xserver.xdotool("keyup", V, "keyup", ALT_L, "keyup", CTRL_L)
            for _ in range(2):  # during the first, a release could be pending
                assert not watched.hotkeys.is_down(Hotkey.HOLD)
        before = watched.hotkeys.press_count()
        xserver.xdotool("key", V)
        xserver.until(lambda: watched.hotkeys.press_count() != before)
        assert watched.silent()
    finally:
        watched.hotkeys.stop()


def test_grabbed_key_reaches_no_window(watched: Watched, tmp_path: Path) -> None:
    watched.hotkeys.bind({Hotkey.HOLD: "right_alt", Hotkey.UNDO: "ctrl+backspace"})
    typed = tmp_path / "typed.txt"
    with xserver.program(xserver.qt_program("field", "typed", str(typed)), "typed"):
        xserver.xdotool("key", "a", "key", "b", "key", "ctrl+BackSpace", "key", "c")
        xserver.until(lambda: typed.exists() and typed.read_text() == "abc")
    assert watched.next() is Hotkey.UNDO


def test_rebinding_frees_the_old_key(watched: Watched) -> None:
    watched.hotkeys.bind({Hotkey.HOLD: "f13"})
    xserver.xdotool("key", RIGHT_ALT, "key", "191")
    assert [watched.next(), watched.next()] == [Input.PRESS, Input.RELEASE]
    assert watched.silent()


def test_key_grabbed_by_another_program_is_refused_by_name(
    watched: Watched,
) -> None:
    from mica.host.x11.hotkeys import X11Hotkeys
    from mica.host.x11.sender import SentKeys

    other = X11Hotkeys(SentKeys())
    other.bind({Hotkey.HOLD: "right_alt", Hotkey.UNDO: "ctrl+alt+u"})
    keys = {Hotkey.HOLD: "f13", Hotkey.PASTE_LAST: "f14", Hotkey.UNDO: "ctrl+alt+u"}
    with pytest.raises(MicaError, match=r"Another app already uses Ctrl\+Alt\+U"):
        watched.hotkeys.bind(keys)
    xserver.xdotool("key", "191", "key", RIGHT_ALT)
    assert [watched.next(), watched.next()] == [Input.PRESS, Input.RELEASE]
    other.stop()
    watched.hotkeys.bind(keys)


@pytest.mark.parametrize(
    ("pressed", "name"),
    [
        (["key", RIGHT_ALT], "right_alt"),
        (["key", "ctrl+alt+v"], "ctrl+alt+v"),
        (["key", "super+comma"], "super+comma"),
        (["key", "191"], "f13"),
        (["key", ESCAPE], "escape"),
    ],
)
def test_shortcut_is_recorded_by_pressing_it(
    watched: Watched, pressed: list[str], name: str
) -> None:
    learnt: queue.Queue[str] = queue.Queue()
    watched.hotkeys.record_shortcut(learnt.put)
    xserver.xdotool(*pressed)
    assert learnt.get(timeout=xserver.WAIT_S) == name
    watched.hotkeys.record_shortcut(None)
    assert watched.silent()
    xserver.xdotool("key", RIGHT_ALT)
    assert watched.next() is Input.PRESS


def test_every_name_of_a_key_has_a_keycode_and_back() -> None:
    from Xlib.display import Display

    from mica.host.x11 import keys
    from mica.host.x11.xkb import Xkb

    display = Display()
    keymap = Xkb(display).keymap()
    for name in keys.KEYCODES:
        for code in keys.keycodes(keymap, 0, name):
            assert keys.names(keymap, 0)[code] == name
    with pytest.raises(SettingsError, match="fn"):
        keys.keycodes(keymap, 0, "fn")
    display.close()


#: A window as Tk creates it, without the id of its process.
ANONYMOUS = """
from Xlib import X
from Xlib.display import Display
display = Display()
window = display.screen().root.create_window(0, 0, 200, 100, 0, X.CopyFromParent)
window.set_wm_name("anonymous")
window.set_wm_class("tk", "Tk")
window.map()
while True:
    display.next_event()
"""


def test_focus_knows_the_process_of_a_window_that_does_not_name_it() -> None:
    from mica.host.x11.focus import X11Focus

    focus = X11Focus()
    found = []
    for _ in range(2):  # the second may get the first one's window ID
        command = [sys.executable, "-c", ANONYMOUS]
        with xserver.program(command, "anonymous") as process:
            target = focus.current()
            assert target is not None
            assert (target.pid, target.name) == (process.pid, "Tk")
            found.append(target)
        xserver.until(lambda: focus.current() is None)
    assert not found[0].same_place(found[1])


def test_focus_names_the_window_with_the_keyboard(tmp_path: Path) -> None:
    from mica.host.x11.focus import X11Focus

    focus = X11Focus()
    assert focus.current() is None and focus.focused_screen_point() is None
    field = xserver.qt_program("field", "focused", str(tmp_path / "field.txt"))
    with xserver.program(field, "focused") as process:
        first = focus.current()
        assert first is not None and first.pid == process.pid
        assert first.window == int(xserver.xdotool("getactivewindow"))
        place = xserver.xdotool("getwindowgeometry", "--shell", str(first.window))
        where = dict(line.split("=") for line in place.splitlines())
        middle = focus.focused_screen_point()
        assert middle is not None
        frame = 30  # xdotool counts it twice
        for is_at, axis, size in zip(middle, "XY", ("WIDTH", "HEIGHT"), strict=True):
            assert abs(is_at - int(where[axis]) - int(where[size]) // 2) < frame
        with xserver.program(["xterm", "-T", "second"], "second"):
            second = focus.current()
            assert second is not None and second.name == "XTerm"
            assert not second.same_place(first)
    xserver.until(lambda: focus.current() is None)


def test_x11_needs_no_permissions() -> None:
    from mica.host.x11.open import X11Permissions

    permissions = X11Permissions()
    permissions.request(Permission.INSERTION)
    assert {permissions.state(what) for what in Permission} == {Grant.NOT_NEEDED}


def test_terminals_have_their_own_paste_keys() -> None:
    from mica.host.values import Target
    from mica.host.x11.editing import X11Chord, chord_of, pastes_from_primary

    chords = {
        name: chord_of(Target(1, 2, name))
        for name in ("XTerm", "UXTerm", "Gnome-terminal", "kitty", "firefox", "")
    }
    assert chords == {
        "XTerm": X11Chord.SHIFT_INSERT,
        "UXTerm": X11Chord.SHIFT_INSERT,
        "Gnome-terminal": X11Chord.CTRL_SHIFT_V,
        "kitty": X11Chord.CTRL_SHIFT_V,
        "firefox": X11Chord.CTRL_V,
        "": X11Chord.CTRL_V,
    }
    assert [pastes_from_primary(Target(1, 2, name)) for name in ("XTerm", "kitty")] == [
        True,
        False,
    ]


def test_keystrokes_are_known_by_window_without_letters(
    watched: Watched, tmp_path: Path
) -> None:
    from mica.host.x11.focus import X11Focus

    def typed(*keys: str) -> list[Keystroke]:
        before = watched.hotkeys.press_count()
        assert before is not None
        xserver.xdotool("key", *keys)
        xserver.until(lambda: watched.hotkeys.press_count() == before + len(keys))
        return watched.hotkeys.keystrokes_since(before, place)

    field = xserver.qt_program("field", "field", str(tmp_path / "field"))
    with xserver.program(field, "field"):
        place = X11Focus().current()
        assert place is not None
        elsewhere = replace(place, window=place.window + 1)
        assert typed(V) == [LETTER]
        assert typed(SPACE, V) == [" ", LETTER]
        assert typed("23", "22") == ["\t", EditKey.BACKSPACE]
        for line_end in ("36", "104"):
            before = watched.hotkeys.press_count()
            assert typed(line_end) == ["\n"]
            found = watched.hotkeys.keystrokes_since(before, elsewhere)
            assert found == [EditKey.UNKNOWN]
        xserver.xdotool("keydown", CTRL_L)
        try:
            assert typed(SPACE) == [EditKey.UNKNOWN]
            assert typed("36") == ["\n"]  # which may send a message
            assert typed("38", "53") == [EditKey.SELECT_ALL, EditKey.CUT]
        finally:
            xserver.xdotool("keyup", CTRL_L)
        before = watched.hotkeys.press_count()
        xserver.xdotool("click", "1")
        xserver.until(lambda: watched.hotkeys.press_count() != before)
        assert watched.hotkeys.keystrokes_since(before, place) == [EditKey.UNKNOWN]


def test_a_dead_or_compose_key_waits_until_its_sequence_ends(
    watched: Watched, tmp_path: Path
) -> None:
    from mica.host.x11.focus import X11Focus

    def composing_after(*keys: str) -> bool:
        before = watched.hotkeys.press_count()
        assert before is not None
        xserver.xdotool("key", *keys)
        xserver.until(lambda: watched.hotkeys.press_count() == before + len(keys))
        return watched.hotkeys.is_composing(place)

    options = ("-layout", "us", "-variant", "intl", "-option", "compose:menu")
    field = xserver.qt_program("field", "dead", str(tmp_path / "field"))
    with xserver.layout(*options), xserver.program(field, "dead"):
        place = X11Focus().current()
        assert place is not None
        watched.hotkeys.process_events()
        acute, multi = "48", "135"
        assert composing_after(acute)
        assert not watched.hotkeys.is_composing(replace(place, window=place.window + 1))
        assert not composing_after(V)
        assert composing_after(multi)
        assert composing_after(V)
        assert not composing_after(V)
        assert composing_after(multi)
        assert not composing_after("22")
