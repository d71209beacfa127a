"""The Mac host's windows, presence, login item, activity and secure input."""

import os

import pytest

from mica.errors import MicaError
from mica.host.values import AwayReason, FnKeyAction, LoginState, Target
from support.apple_fakes import FakeMac
from support.fake_workspace import NONACTIVATING, FakeWindow

TARGET = Target(window=0, pid=42, name="com.example.Editor")


def test_overlay_floats_above_full_screen_apps(mac: FakeMac) -> None:
    from mica.host.macos.windows import raise_overlay

    mac.views[7] = window = FakeWindow()
    raise_overlay(7)
    raise_overlay(7)  # called each time it is shown
    every_desktop, over_full_screen = 1 << 0, 1 << 8
    behavior = window.state["behavior"]
    assert behavior & (every_desktop | over_full_screen) == 0x101
    assert not behavior & (1 << 1 | 1 << 7), "AppKit raises for the pair"
    assert (window.state["level"], window.state["hides"]) == (25, False)
    assert window.mask == 1 | NONACTIVATING
    assert window.state["prevents"] and window.state["front"]


def test_plain_window_is_raised_without_private_calls(mac: FakeMac) -> None:
    from mica.host.macos.windows import raise_overlay

    mac.views = {7: FakeWindow(kind="NSWindow", knows=False), 8: None}
    raise_overlay(7)
    raise_overlay(8)  # not shown yet
    window = mac.views[7]
    assert window is not None
    assert (window.mask, window.state["level"]) == (1, 25)


def test_app_lives_in_the_menu_bar_and_activates_for_windows(
    mac: FakeMac,
) -> None:
    from mica.host.macos.windows import MacFront, stay_in_menu_bar

    settings, closed = FakeWindow("NSWindow"), FakeWindow("NSWindow", visible=False)
    overlay = FakeWindow()
    mac.views = {1: settings, 2: closed, 3: overlay}
    stay_in_menu_bar()
    MacFront().activate_app()
    assert mac.requests == ["policy 1", "activate", "front"]
    assert settings.state == {"front": True}, "also where macOS refuses both"
    assert closed.state == overlay.state == {}


def test_focus_returns_to_the_previous_program(mac: FakeMac) -> None:
    from mica.host.macos.windows import MacFront

    front, own = MacFront(), os.getpid()
    front.activate_app()
    mac.front = (own, "app.mica.Mica")
    front.activate_app()  # for another of Mica's windows
    mac.requests.clear()
    front.restore_front()
    assert mac.requests == ["yield to 42", f"{own} to 42"]
    front.restore_front()  # a second call does nothing
    assert len(mac.requests) == 2


@pytest.mark.parametrize("why", ["elsewhere", "ended", "never"])
def test_focus_stays_where_the_user_went(mac: FakeMac, why: str) -> None:
    from mica.host.macos.windows import MacFront

    front = MacFront()
    if why == "never":
        mac.front = None
    front.activate_app()
    mac.front = (43 if why == "elsewhere" else os.getpid(), "com.example.Mail")
    mac.ended = {42} if why == "ended" else set()
    mac.requests.clear()
    front.restore_front()
    assert mac.requests == []


@pytest.mark.parametrize("other", [(43, "com.apple.finder"), None])
def test_focus_returns_to_the_owner_of_the_menu_bar(
    mac: FakeMac, other: tuple[int, str] | None
) -> None:
    """Launch Services activated Mica, so Mica never saw which program was in front."""
    from mica.host.macos.windows import MacFront

    front, own = MacFront(), os.getpid()
    mac.front, mac.menu_bar = (own, "app.mica.Mica"), other
    front.activate_app()
    mac.requests.clear()
    front.restore_front()
    assert mac.requests == (["yield to 43", f"{own} to 43"] if other else [])


def test_reopening_the_app_is_reported_and_never_raises(
    mac: FakeMac, caplog: pytest.LogCaptureFixture
) -> None:
    from mica.host.macos.reopening import MacReopening

    notices: list[str] = []
    reopening = MacReopening()
    reopening.watch(lambda: notices.append("opened"))
    mac.events.reopen()
    assert notices == ["opened"]
    reopening.watch(lambda: 1 // 0)
    mac.events.reopen()
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("still", [False, True])
def test_reduced_motion_follows_the_system(mac: FakeMac, still: bool) -> None:
    from mica.host.macos.windows import prefers_reduced_motion

    mac.still = still
    assert prefers_reduced_motion() is still


@pytest.mark.parametrize(
    ("chosen", "does"),
    [
        (0, FnKeyAction.NOTHING),
        (1, FnKeyAction.INPUT_SOURCE),
        (2, FnKeyAction.EMOJI),
        (3, FnKeyAction.DICTATION),
        *((other, FnKeyAction.UNKNOWN) for other in (None, 4, -1, "0", [0])),
    ],
)
def test_fn_key_action_follows_the_system(
    mac: FakeMac, chosen: object, does: FnKeyAction
) -> None:
    from mica.host.macos.keys import fn_key_action

    mac.fn_usage = chosen
    assert fn_key_action() is does


@pytest.mark.parametrize(("chosen", "needs"), [(None, True), (0, True), (1, False)])
def test_function_keys_need_fn_unless_the_user_chose_otherwise(
    mac: FakeMac, chosen: object, needs: bool
) -> None:
    from mica.host.macos.keys import function_keys_need_fn

    mac.standard_function_keys = chosen
    assert function_keys_need_fn() is needs


def test_presence_reports_sleep_lock_and_user_switch(mac: FakeMac) -> None:
    from mica.host.macos.session import MacPresence

    notices: list[AwayReason | None] = []
    presence = MacPresence()
    presence.watch(notices.append, lambda: notices.append(None))
    presence.watch(
        notices.append, lambda: notices.append(None)
    )  # replaces the first one
    mac.centre.post("NSWorkspaceWillSleepNotification")
    mac.centre.post("NSWorkspaceDidWakeNotification")
    mac.everywhere.post("com.apple.screenIsLocked")
    mac.everywhere.post("com.apple.screenIsUnlocked")
    mac.centre.post("NSWorkspaceSessionDidResignActiveNotification")
    mac.centre.post("NSWorkspaceSessionDidBecomeActiveNotification")
    assert notices == [
        AwayReason.SLEEP,
        None,
        AwayReason.LOCK,
        None,
        AwayReason.SWITCH,
        None,
    ]
    notices.clear()
    mac.everywhere.post("com.apple.screenIsLocked")
    mac.centre.post("NSWorkspaceWillSleepNotification")
    mac.centre.post("NSWorkspaceDidWakeNotification")
    assert notices == [AwayReason.LOCK, AwayReason.SLEEP], "it is locked still"
    mac.everywhere.post("com.apple.screenIsUnlocked")
    mac.everywhere.post("com.apple.screenIsUnlocked")
    assert notices == [AwayReason.LOCK, AwayReason.SLEEP, None]
    presence.stop()
    presence.stop()
    assert mac.centre.observers == mac.everywhere.observers == []


def test_activity_is_held_while_wanted(mac: FakeMac) -> None:
    from mica.host.macos.session import MacActivity

    activity = MacActivity()
    activity.keep_awake(False)
    activity.keep_awake(True)
    activity.keep_awake(True)
    assert mac.power.held == ["Dictation 1"] and not mac.power.lit
    activity.keep_awake(False)
    assert mac.power.held == []


def test_the_display_stays_on_while_captions_are_read(mac: FakeMac) -> None:
    from mica.host.macos.session import MacActivity

    activity = MacActivity()
    activity.keep_awake(True, screen=True)
    assert mac.power.lit == {"Dictation 1"}
    activity.keep_awake(True)
    assert mac.power.held == ["Dictation 2"] and not mac.power.lit
    activity.keep_awake(True, screen=True)
    activity.keep_awake(False)
    assert mac.power.held == [] and not mac.power.lit


def test_login_item_is_enabled_and_disabled(mac: FakeMac) -> None:
    from mica.host.macos.session import MacLogin

    login = MacLogin()
    assert login.state() is LoginState.OFF
    login.set_enabled(True)
    assert login.state() is LoginState.ON
    login.set_enabled(False)
    assert login.state() is LoginState.OFF
    mac.login.state = 2
    assert login.state() is LoginState.NEEDS_APPROVAL
    mac.login.state = 3  # never registered
    assert login.state() is LoginState.OFF


@pytest.mark.parametrize(
    ("refusal", "message"), [("Not permitted", "Not permitted"), ("", "no reason")]
)
def test_login_item_refusal_gives_its_reason(
    mac: FakeMac, refusal: str, message: str
) -> None:
    from mica.host.macos.session import MacLogin

    mac.login.refusal = refusal
    with pytest.raises(MicaError, match=message):
        MacLogin().set_enabled(True)


def test_checkout_has_no_login_item(mac: FakeMac) -> None:
    from mica.host.macos.session import MacLogin

    mac.bundle = "/Library/Frameworks/Python.framework/Resources/Python.app"
    assert MacLogin().state() is LoginState.UNSUPPORTED
    with pytest.raises(MicaError, match="installed"):
        MacLogin().set_enabled(True)
    assert mac.login.state == 0


def test_secure_input_names_its_owner(mac: FakeMac) -> None:
    from mica.host.macos.accessibility import MacFocus

    focus = MacFocus(mac.carbon)
    assert focus.secure_input_owner() is None
    mac.carbon.secure = True
    assert focus.secure_input_owner() == ""
    mac.session = {"kCGSSessionSecureInputPID": 311}
    assert focus.secure_input_owner() == ""  # the owner has exited
    mac.programs[311] = "Terminal"
    assert focus.secure_input_owner() == "Terminal"
    mac.programs[311] = None
    assert focus.secure_input_owner() == ""
    mac.carbon.secure = False  # the window server forgets later
    assert focus.secure_input_owner() is None


def test_secure_input_is_read_from_carbon_without_a_window_server(mac: FakeMac) -> None:
    from mica.host.macos.keyboard import secure_input_owner

    mac.session, mac.carbon.secure = None, True
    assert secure_input_owner(mac.carbon) == ""


def test_secure_input_is_read_from_the_window_server_without_carbon(
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
    """Secure Input applies to the whole Mac and may stay on after its program ended."""
    from mica.host.macos.accessibility import MacFocus
    from mica.host.macos.editing import MacPaster

    mac.carbon.secure, mac.accessible = True, False
    mac.session = {"kCGSSessionSecureInputPID": owner}
    focused = MacFocus(mac.carbon).current()
    assert focused is not None and not focused.secure
    MacPaster(mac.carbon, lambda _s: None).press_paste_keys(TARGET)
    assert mac.posted


@pytest.mark.parametrize(
    ("accessible", "role", "name", "secure"),
    [
        (False, "", "com.example.Editor", True),  # fields in Electron
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
