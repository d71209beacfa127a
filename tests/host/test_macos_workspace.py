"""The Mac host's windows, presence, login item, activity and secure input."""

import pytest

from mica.errors import MicaError
from mica.host.ports import Away, FnTap, Login, Target
from support.apple_fakes import FakeMac
from support.fake_workspace import NONACTIVATING, FakeWindow

TARGET = Target(window=0, pid=42, name="com.example.Editor")


def test_the_overlay_is_above_full_screen_programs_and_stays(mac: FakeMac) -> None:
    from mica.host.macos.windows import lift

    mac.views[7] = window = FakeWindow()
    lift(7)
    lift(7)  # each time it is shown
    every_desktop, over_full_screen = 1 << 0, 1 << 8
    behaviour = window.told["behaviour"]
    assert behaviour & (every_desktop | over_full_screen) == 0x101
    assert not behaviour & (1 << 1 | 1 << 7), "AppKit raises for the pair"
    assert (window.told["level"], window.told["hides"]) == (25, False)
    assert window.mask == 1 | NONACTIVATING
    assert window.told["prevents"] and window.told["front"]


def test_a_plain_window_is_lifted_as_far_as_it_goes(mac: FakeMac) -> None:
    from mica.host.macos.windows import lift

    mac.views = {7: FakeWindow(kind="NSWindow", knows=False), 8: None}
    lift(7)
    lift(8)  # not shown yet
    window = mac.views[7]
    assert window is not None
    assert (window.mask, window.told["level"]) == (1, 25)


def test_it_lives_in_the_menu_bar_and_its_windows_come_to_the_front(
    mac: FakeMac,
) -> None:
    from mica.host.macos.windows import come_forward, stay_in_menu_bar

    settings, closed = FakeWindow("NSWindow"), FakeWindow("NSWindow", visible=False)
    overlay = FakeWindow()
    mac.views = {1: settings, 2: closed, 3: overlay}
    stay_in_menu_bar()
    come_forward()
    assert mac.asked == ["policy 1", "activate", "front"]
    assert settings.told == {"front": True}, "also where macOS refuses both"
    assert closed.told == overlay.told == {}


@pytest.mark.parametrize("still", [False, True])
def test_who_has_the_mac_move_less_is_heard(mac: FakeMac, still: bool) -> None:
    from mica.host.macos.windows import wants_stillness

    mac.still = still
    assert wants_stillness() is still


@pytest.mark.parametrize(
    ("chosen", "does"),
    [
        (0, FnTap.NOTHING),
        (1, FnTap.INPUT_SOURCE),
        (2, FnTap.EMOJI),
        (3, FnTap.DICTATION),
        *((other, FnTap.UNKNOWN) for other in (None, 4, -1, "0", [0])),
    ],
)
def test_what_a_tap_of_fn_does_is_known(
    mac: FakeMac, chosen: object, does: FnTap
) -> None:
    from mica.host.macos.keys import fn_tap

    mac.fn_usage = chosen
    assert fn_tap() is does


def test_sleep_lock_and_the_turn_of_another_user_are_told(mac: FakeMac) -> None:
    from mica.host.macos.session import MacPresence

    told: list[Away | None] = []
    presence = MacPresence()
    presence.watch(told.append, lambda: told.append(None))
    presence.watch(told.append, lambda: told.append(None))  # in place of the first
    mac.centre.post("NSWorkspaceWillSleepNotification")
    mac.centre.post("NSWorkspaceDidWakeNotification")
    mac.everywhere.post("com.apple.screenIsLocked")
    mac.everywhere.post("com.apple.screenIsUnlocked")
    mac.centre.post("NSWorkspaceSessionDidResignActiveNotification")
    mac.centre.post("NSWorkspaceSessionDidBecomeActiveNotification")
    assert told == [Away.SLEEP, None, Away.LOCK, None, Away.SWITCH, None]
    told.clear()
    mac.everywhere.post("com.apple.screenIsLocked")
    mac.centre.post("NSWorkspaceWillSleepNotification")
    mac.centre.post("NSWorkspaceDidWakeNotification")
    assert told == [Away.LOCK, Away.SLEEP], "it is locked still"
    mac.everywhere.post("com.apple.screenIsUnlocked")
    mac.everywhere.post("com.apple.screenIsUnlocked")
    assert told == [Away.LOCK, Away.SLEEP, None]
    presence.stop()
    presence.stop()
    assert mac.centre.heard == mac.everywhere.heard == []


def test_the_machine_stays_awake_while_wanted(mac: FakeMac) -> None:
    from mica.host.macos.session import MacActivity

    activity = MacActivity()
    activity.hold(False)
    activity.hold(True)
    activity.hold(True)
    assert mac.power.held == ["Dictation 1"] and not mac.power.lit
    activity.hold(False)
    assert mac.power.held == []


def test_the_display_stays_on_while_captions_are_read(mac: FakeMac) -> None:
    from mica.host.macos.session import MacActivity

    activity = MacActivity()
    activity.hold(True, screen=True)
    assert mac.power.lit == {"Dictation 1"}
    activity.hold(True)
    assert mac.power.held == ["Dictation 2"] and not mac.power.lit
    activity.hold(True, screen=True)
    activity.hold(False)
    assert mac.power.held == [] and not mac.power.lit


def test_the_login_item_goes_on_and_off(mac: FakeMac) -> None:
    from mica.host.macos.session import MacLogin

    login = MacLogin()
    assert login.state() is Login.OFF
    login.want(True)
    assert login.state() is Login.ON
    login.want(False)
    assert login.state() is Login.OFF
    mac.login.state = 2
    assert login.state() is Login.ASKED
    mac.login.state = 3  # never wanted before
    assert login.state() is Login.OFF


@pytest.mark.parametrize(
    ("refusal", "said"), [("Not permitted", "Not permitted"), ("", "no reason")]
)
def test_a_refused_login_item_says_why(mac: FakeMac, refusal: str, said: str) -> None:
    from mica.host.macos.session import MacLogin

    mac.login.refusal = refusal
    with pytest.raises(MicaError, match=said):
        MacLogin().want(True)


def test_a_checkout_does_not_put_python_on_the_login_list(mac: FakeMac) -> None:
    from mica.host.macos.session import MacLogin

    mac.bundle = "/Library/Frameworks/Python.framework/Resources/Python.app"
    assert MacLogin().state() is Login.UNKNOWN
    with pytest.raises(MicaError, match="installed"):
        MacLogin().want(True)
    assert mac.login.state == 0


def test_secure_input_on_and_off_is_noticed_and_named(mac: FakeMac) -> None:
    from mica.host.macos.accessibility import MacFocus

    focus = MacFocus(mac.carbon)
    assert focus.secure_input_owner() is None
    mac.carbon.secure = True
    assert focus.secure_input_owner() == ""
    mac.session = {"kCGSSessionSecureInputPID": 311}
    assert focus.secure_input_owner() == ""  # gone already
    mac.programs[311] = "Terminal"
    assert focus.secure_input_owner() == "Terminal"
    mac.programs[311] = None
    assert focus.secure_input_owner() == ""
    mac.carbon.secure = False  # the window server forgets later
    assert focus.secure_input_owner() is None


def test_without_a_window_server_only_carbon_knows(mac: FakeMac) -> None:
    from mica.host.macos.keyboard import secure_input_owner

    mac.session, mac.carbon.secure = None, True
    assert secure_input_owner(mac.carbon) == ""


def test_where_carbon_lost_its_function_the_window_server_is_asked(
    mac: FakeMac,
) -> None:
    from mica.host.macos.keyboard import secure_input_owner

    assert secure_input_owner(object()) is None
    mac.session = {"kCGSSessionSecureInputPID": 311}
    assert secure_input_owner(object()) == ""


@pytest.mark.parametrize("owner", [311, None])
def test_secure_input_of_another_program_stops_no_insertion(
    mac: FakeMac, owner: int | None
) -> None:
    """It is on for the whole Mac, and may stay on when its program has ended."""
    from mica.host.macos.accessibility import MacFocus
    from mica.host.macos.editing import MacPaster

    mac.carbon.secure, mac.accessible = True, False
    mac.session = {"kCGSSessionSecureInputPID": owner}
    focused = MacFocus(mac.carbon).current()
    assert focused is not None and not focused.secure
    MacPaster(mac.carbon, lambda _s: None).chord(TARGET)
    assert mac.posted


@pytest.mark.parametrize(
    ("accessible", "role", "name", "secure"),
    [
        (False, "", "com.example.Editor", True),  # as Electron's fields
        (True, "AXWebArea", "com.example.Editor", True),
        (True, "AXTextField", "com.example.Editor", False),
        (True, "AXTextArea", "com.example.Editor", False),
        (False, "", "com.apple.Terminal", False),  # Secure Keyboard Entry
        (False, "", "com.googlecode.iterm2", False),
    ],
)
def test_a_program_that_guards_its_own_keyboard_may_be_in_a_password_field(
    mac: FakeMac, accessible: bool, role: str, name: str, secure: bool
) -> None:
    from mica.host.macos.accessibility import MacFocus

    mac.carbon.secure, mac.session = True, {"kCGSSessionSecureInputPID": 42}
    mac.accessible, mac.role, mac.front = accessible, role, (42, name)
    focused = MacFocus(mac.carbon).current()
    assert focused is not None and focused.secure is secure
    mac.accessible = mac.password = True
    focused = MacFocus(mac.carbon).current()
    assert focused is not None and focused.secure
