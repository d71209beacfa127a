"""The Mac host against a pretend Mac that replays what real ones send."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from apple_fakes import FLAGS, FakeMac, installed
from fake_pasteboard import FakeData, FakeItem
from mica.errors import InsertionError, MicaError, PermissionDenied, SettingsError
from mica.host.hotkey_rules import Input
from mica.host.paste import QUIET_S, Fate, Left, PasteTransaction
from mica.host.ports import Grant, Permission, Target

R_ALT, L_ALT, R_SHIFT, FN, LEFT_ARROW, ESCAPE, F13 = 61, 58, 60, 63, 123, 53, 105
ALT, FN_FLAG = 0x80000, 0x800000
TARGET = Target(window=0, pid=42, name="com.example.Editor")


@pytest.fixture
def mac() -> Iterator[FakeMac]:
    mac = FakeMac()
    with installed(mac):
        yield mac


class Held:
    """A started hold key and what it reported; time moves by hand."""

    def __init__(self, mac: FakeMac, key: str = "right_alt") -> None:
        from mica.host.macos.hotkeys import MacHotkeys

        self.heard: list[str] = []
        self.times: list[float] = []
        self.now_s = 0.0
        self.keys = MacHotkeys(key, mac.carbon, clock=lambda: self.now_s)
        self.keys.start(self.hear)

    def hear(self, what: Input, at_s: float) -> None:
        self.heard.append(what.value)
        self.times.append(at_s)


def test_nothing_is_watched_before_the_app_runs(mac: FakeMac) -> None:
    Held(mac)
    assert mac.monitors == []
    mac.run()
    assert len(mac.monitors) == 2


def test_our_own_windows_still_get_their_events(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    event = SimpleNamespace(keyCode=lambda: R_ALT, modifierFlags=lambda: ALT | 0x40)
    assert mac.monitors[1](event) is event
    mac.run()
    assert held.heard == ["press"]


def test_hold_and_release(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | 0x40)
    held.now_s = 2.0
    mac.change(R_ALT, 0)
    assert (held.heard, held.times) == (["press", "release"], [0.0, 2.0])


def test_both_options_held(mac: FakeMac) -> None:
    """The general flag stays while the other one is down; the device bit goes."""
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | 0x40)
    mac.change(L_ALT, ALT | 0x60)
    mac.change(R_ALT, ALT | 0x20)
    assert held.heard == ["press", "other", "release"]


def test_a_key_up_of_another_modifier_is_nothing(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_SHIFT, ALT | FLAGS["Shift"] | 0x44)
    mac.change(R_ALT, ALT | FLAGS["Shift"] | 0x44)
    mac.change(R_SHIFT, ALT | 0x40)
    assert held.heard == ["other", "press"]


def test_a_typed_key_is_noticed_without_watching_keys(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.down = {R_ALT}
    mac.typed += 1  # before the press: no business of ours
    mac.change(R_ALT, ALT | 0x40)
    assert held.keys.is_down()
    assert held.heard == ["press"]
    mac.typed += 1
    assert held.keys.is_down()
    assert held.keys.is_down()
    assert held.heard == ["press", "other"]


def test_a_key_typed_just_before_the_release_comes_before_it(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | 0x40)
    mac.typed += 1
    mac.change(R_ALT, 0)
    assert held.heard == ["press", "other", "release"]


def test_typing_while_nothing_is_held_is_nothing(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | 0x40)
    mac.change(R_ALT, 0)
    mac.typed += 3
    assert not held.keys.is_down()
    assert held.heard == ["press", "release"]


def test_the_keyboard_is_asked_for_a_lost_key_up(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.down = {R_ALT}
    mac.change(R_ALT, ALT | 0x40)
    assert held.keys.is_down()
    mac.down = set()
    assert not held.keys.is_down()
    assert held.heard == ["press"]


def test_a_key_only_its_flag_knows_is_held_until_that_goes(mac: FakeMac) -> None:
    held = Held(mac, "fn")
    mac.run()
    mac.flags = FN_FLAG
    mac.change(FN, FN_FLAG)
    assert held.keys.is_down()
    mac.flags = ALT
    assert not held.keys.is_down()


def test_a_tap_of_fn_counts_and_an_arrow_key_does_not(mac: FakeMac) -> None:
    held = Held(mac, "fn")
    mac.run()
    mac.change(LEFT_ARROW, FN_FLAG)
    assert held.heard == []
    mac.change(FN, FN_FLAG)
    mac.change(FN, 0)
    assert held.heard == ["press", "release"]


def test_escape_is_ours_only_while_wanted(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.carbon.key(ESCAPE, True)
    assert held.heard == []
    held.keys.want_escape(True)
    mac.carbon.key(ESCAPE, True)
    mac.carbon.key(ESCAPE, False)
    assert held.heard == ["escape"]
    held.keys.want_escape(False)
    assert mac.carbon.registered == {}


def test_an_f_key_is_held_through_carbon(mac: FakeMac) -> None:
    held = Held(mac, "f13")
    mac.carbon.key(F13, True)
    mac.typed += 5  # its own repeats
    mac.down = {F13}
    assert held.keys.is_down()
    mac.carbon.key(F13, False)
    assert held.heard == ["press", "release"]
    held.keys.stop()
    assert mac.carbon.registered == {}


def test_a_taken_f_key_is_said(mac: FakeMac) -> None:
    mac.carbon.taken = {F13}
    with pytest.raises(MicaError, match="Another program"):
        Held(mac, "f13")


def test_a_taken_escape_does_not_stop_dictation(mac: FakeMac) -> None:
    mac.carbon.taken = {ESCAPE}
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | 0x40)
    held.keys.want_escape(True)
    mac.change(R_ALT, 0)
    held.keys.want_escape(False)
    assert held.heard == ["press", "release"]


def test_an_unknown_key_is_named(mac: FakeMac) -> None:
    with pytest.raises(SettingsError, match="scroll_lock"):
        Held(mac, "scroll_lock")


def test_stopping_is_silent_and_gives_every_key_back(mac: FakeMac) -> None:
    held = Held(mac)
    mac.run()
    mac.change(R_ALT, ALT | 0x40)
    held.keys.want_escape(True)
    held.keys.stop()
    assert (mac.monitors, mac.carbon.registered) == ([], {})
    held.keys._modifier(R_ALT, 0)
    assert held.heard == ["press"]


def test_stopping_before_the_app_ran_watches_nothing(mac: FakeMac) -> None:
    held = Held(mac)
    held.keys.stop()
    mac.run()
    assert mac.monitors == []


def users_items() -> list[FakeItem]:
    first = {"public.html": FakeData(b"<b>"), "public.png": FakeData(b"\x89PNG")}
    return [FakeItem(first), FakeItem({"com.example.private": FakeData(b"\0")})]


def test_a_paste_leaves_every_item_and_type_as_it_was(mac: FakeMac) -> None:
    from mica.host.macos.clipboard import MARKERS, MacClipboard
    from mica.host.macos.paster import MacPaster

    mac.board.items = users_items()
    board, pauses = MacClipboard(), []
    paster = MacPaster(mac.carbon, pauses.append)
    paste = PasteTransaction("Grüße 😀", TARGET, board, paster)
    assert paste.evaluate(0.0) is None
    assert set(mac.board.items[0].held) >= set(MARKERS)
    assert mac.board.read() == "Grüße 😀".encode()
    assert paste.evaluate(0.1) is None
    outcome = paste.evaluate(0.1 + QUIET_S)
    assert outcome is not None
    assert (outcome.fate, outcome.left) == (Fate.INSERTED, Left.AS_BEFORE)
    assert mac.board.items == users_items()
    assert [(e["code"], e["down"], e["flags"]) for e in mac.posted] == [
        (9, True, FLAGS["Command"]),
        (9, False, FLAGS["Command"]),
    ]
    assert {e["source"] for e in mac.posted} == {"private"}
    assert len(pauses) == 1


def test_a_promise_never_read_is_put_back(mac: FakeMac) -> None:
    from mica.host.macos.clipboard import MacClipboard
    from mica.host.macos.paster import MacPaster

    mac.board.items = users_items()
    paster = MacPaster(mac.carbon, lambda _s: None)
    paste = PasteTransaction("text", TARGET, MacClipboard(), paster)
    paste.evaluate(0.0)
    outcome = paste.evaluate(8.0)
    assert outcome is not None and outcome.fate is Fate.UNREAD
    assert mac.board.items == users_items()


def test_an_empty_clipboard_is_empty_again(mac: FakeMac) -> None:
    from mica.host.macos.clipboard import MacClipboard

    board = MacClipboard()
    before = board.snapshot()
    board.copy("text")
    assert mac.board.read() == b"text"
    assert board.receipts() == 0
    board.restore(before)
    assert mac.board.items == []


def test_types_that_do_not_answer_are_left_out(mac: FakeMac) -> None:
    from mica.host.macos.clipboard import MacClipboard

    mac.board.items = [FakeItem({"gone": None, "here": FakeData(b"1")})]
    snapshot = MacClipboard().snapshot()
    assert [piece.type for piece in snapshot.pieces] == ["here"]
    assert snapshot.left_out == ("gone",)


def test_where_reading_would_ask_nothing_is_read_and_the_text_stays(
    mac: FakeMac,
) -> None:
    from mica.host.macos.clipboard import MacClipboard

    behaviour: Any = lambda: 1  # noqa: E731
    mac.board.accessBehavior = behaviour  # type: ignore[attr-defined]
    mac.board.items = users_items()
    board = MacClipboard()
    before = board.snapshot()
    assert before.pieces == ()
    board.publish("text")
    board.restore(before)
    assert mac.board.read() == b"text"


def test_v_is_found_in_the_layout_of_the_user(mac: FakeMac) -> None:
    from mica.host.macos.layout import key_of

    assert key_of(mac.carbon, "v") == 9
    mac.carbon.letters = {9: "k", 47: "v"}  # Dvorak
    assert key_of(mac.carbon, "v") == 47
    mac.carbon.letters = {}
    assert key_of(mac.carbon, "v") == 9
    assert mac.carbon.released == 3
    mac.carbon.letters = None
    assert key_of(mac.carbon, "v") == 9


def test_keys_are_not_sent_where_they_would_be_dropped(mac: FakeMac) -> None:
    from mica.host.macos.paster import MacPaster

    paster = MacPaster(mac.carbon, lambda _s: None)
    mac.carbon.secure = True
    with pytest.raises(InsertionError, match="protects"):
        paster.chord(TARGET)
    mac.trusted = False
    with pytest.raises(PermissionDenied) as caught:
        paster.chord(TARGET)
    assert "Accessibility" in caught.value.remedy
    assert mac.posted == []


def test_keys_are_sent_where_one_of_two_answers_knows_it_is_allowed(
    mac: FakeMac,
) -> None:
    from mica.host.macos.paster import MacPaster

    mac.may_post = False  # a stale answer; Accessibility is on
    MacPaster(mac.carbon, lambda _s: None).chord(TARGET)
    assert len(mac.posted) == 2


@pytest.mark.parametrize("flag", FLAGS)
def test_a_held_modifier_is_not_ready(mac: FakeMac, flag: str) -> None:
    from mica.host.macos.paster import MacPaster

    paster = MacPaster(mac.carbon)
    assert paster.ready()
    mac.flags = FLAGS[flag]
    assert not paster.ready()


def test_focus_is_the_front_program(mac: FakeMac) -> None:
    from mica.host.macos.focus import MacFocus

    focus = MacFocus(mac.carbon)
    assert focus.current() == TARGET
    mac.password = True
    guarded = focus.current()
    assert guarded is not None and guarded.secure and guarded.same_place(TARGET)
    mac.accessible = False  # as Electron
    assert focus.current() == TARGET
    mac.carbon.secure = True
    protected = focus.current()
    assert protected is not None and protected.secure
    mac.front = None
    assert focus.current() is None


def test_the_display_is_the_one_with_the_keyboard(mac: FakeMac) -> None:
    from mica.host.macos.focus import MacFocus

    focus = MacFocus(mac.carbon)
    assert focus.middle() is None
    mac.screens = [(0, 0, 1440, 900), (1440, 100, 1920, 1080)]  # y points up
    assert focus.middle() == (720, 450)
    mac.main_screen = 1
    assert focus.middle() == (1440 + 960, 900 - 100 - 540)


@pytest.mark.parametrize(
    ("status", "grant"),
    [
        (0, Grant.UNDETERMINED),
        (1, Grant.DENIED),
        (2, Grant.DENIED),
        (3, Grant.GRANTED),
    ],
)
def test_the_microphone_permission(mac: FakeMac, status: int, grant: Grant) -> None:
    from mica.host.macos.permissions import MacPermissions

    mac.microphone = status
    permissions = MacPermissions()
    assert permissions.state(Permission.MICROPHONE) is grant
    permissions.request(Permission.MICROPHONE)
    asked = "audio" if status == 0 else "Privacy_Microphone"
    assert mac.asked[0].endswith(asked) and len(mac.asked) == 1


def test_the_insertion_permission(mac: FakeMac) -> None:
    from mica.host.macos.permissions import MacPermissions

    permissions = MacPermissions()
    assert permissions.state(Permission.INSERTION) is Grant.GRANTED
    mac.trusted = False
    assert permissions.state(Permission.INSERTION) is Grant.DENIED
    permissions.request(Permission.INSERTION)
    assert mac.asked[0] == "prompt {'prompt': True}"
    assert mac.asked[1].endswith("Privacy_Accessibility")
