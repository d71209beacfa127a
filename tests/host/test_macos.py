"""The Mac host's clipboard, paste keys, focus and permissions on a fake Mac."""

import os
import subprocess
import threading
import time

import pytest

from mica.errors import PermissionDenied
from mica.host.values import Grant, Permission, Piece, Snapshot, Target
from mica.insertion.outcome import ClipboardState, InsertOutcome, InsertResult
from mica.insertion.paste import ANONYMOUS_QUIET_S, PasteTransaction
from mica.insertion.timing import UNREAD_S
from support.apple_fakes import FLAGS, PRIVATE, FakeMac
from support.fake_pasteboard import TEXT, FakeData, FakeItem

COMMAND = 55  # keycode
LIMIT_S = 20.0
TARGET = Target(window=0, pid=42, name="com.example.Editor")


def users_items() -> list[FakeItem]:
    first = {"public.html": FakeData(b"<b>"), "public.png": FakeData(b"\x89PNG")}
    return [FakeItem(first), FakeItem({"com.example.private": FakeData(b"\0")})]


def test_pasting_restores_every_item_and_type(mac: FakeMac) -> None:
    from mica.host.macos.clipboard import MARKERS, MacClipboard
    from mica.host.macos.editing import MacPaster

    mac.pasteboard.items = users_items()
    clipboard, pauses = MacClipboard(), []
    paster = MacPaster(mac.carbon, pauses.append)
    paste = PasteTransaction("Grüße 😀", TARGET, clipboard, paster)
    assert paste.evaluate(0.0) is None
    assert set(mac.pasteboard.items[0].held) >= set(MARKERS)
    assert mac.pasteboard.read() == "Grüße 😀".encode()
    assert paste.evaluate(0.1) is None
    outcome = paste.evaluate(0.1 + ANONYMOUS_QUIET_S)
    assert outcome is not None
    assert (outcome.result, outcome.clipboard) == (
        InsertResult.INSERTED,
        ClipboardState.AS_BEFORE,
    )
    assert mac.pasteboard.items == users_items()
    command = FLAGS["Command"] | 0x8  # NX_DEVICELCMDKEYMASK
    assert [(e["code"], e["down"], e["flags"]) for e in mac.posted] == [
        (COMMAND, True, command),
        (9, True, command),
        (9, False, command),
        (COMMAND, False, 0),
    ]
    assert {e["source"] for e in mac.posted} == {PRIVATE}
    assert len(pauses) == 2


def test_an_unread_promise_is_replaced_by_the_users_clipboard(mac: FakeMac) -> None:
    from mica.host.macos.clipboard import MacClipboard
    from mica.host.macos.editing import MacPaster

    mac.pasteboard.items = users_items()
    paster = MacPaster(mac.carbon, lambda _s: None)
    paste = PasteTransaction("text", TARGET, MacClipboard(), paster)
    paste.evaluate(0.0)
    outcome = paste.evaluate(8.0)
    assert outcome is not None and outcome.result is InsertResult.UNREAD
    assert mac.pasteboard.items == users_items()


def begun(mac: FakeMac, text: str = "text") -> PasteTransaction:
    """A paste whose keys were sent at 0.0."""
    from mica.host.macos.clipboard import MacClipboard
    from mica.host.macos.editing import MacPaster

    mac.pasteboard.items = users_items()
    paster = MacPaster(mac.carbon, lambda _s: None)
    paste = PasteTransaction(text, TARGET, MacClipboard(), paster)
    assert paste.evaluate(0.0) is None
    return paste


def test_clipboard_manager_reading_early_leaves_the_text_to_the_target(
    mac: FakeMac,
) -> None:
    """Only the first read of a promise is noticed; later ones get the stored text."""
    paste = begun(mac)
    assert mac.pasteboard.read() == b"text"  # the manager
    assert paste.evaluate(0.05) is None
    assert mac.pasteboard.read() == b"text"  # the target
    assert paste.evaluate(0.1) is None
    outcome = paste.evaluate(0.05 + ANONYMOUS_QUIET_S)
    assert outcome is not None and outcome.result is InsertResult.INSERTED
    assert mac.pasteboard.items == users_items()


def test_target_reading_long_after_a_manager_still_gets_the_text(
    mac: FakeMac,
) -> None:
    paste = begun(mac)
    mac.pasteboard.read()  # the manager
    assert paste.evaluate(0.02) is None
    assert paste.evaluate(0.45) is None
    assert mac.pasteboard.read() == b"text"  # the target
    assert paste.evaluate(2.0) is not None


def test_clipboard_manager_that_honors_the_markers_is_not_counted(mac: FakeMac) -> None:
    from mica.host.macos.clipboard import MARKERS

    paste = begun(mac)
    assert {mac.pasteboard.read(marker) for marker in MARKERS} == {b""}
    assert paste.evaluate(1.0) is None
    assert mac.pasteboard.read() == b"text"
    assert paste.evaluate(1.25) is None
    outcome = paste.evaluate(1.25 + ANONYMOUS_QUIET_S)
    assert outcome is not None and outcome.result is InsertResult.INSERTED


def test_users_copy_during_a_paste_stays(mac: FakeMac) -> None:
    paste = begun(mac)
    mac.pasteboard.clearContents()
    mac.pasteboard.setString_forType_("newer", TEXT)
    assert paste.evaluate(0.1) is None
    outcome = paste.evaluate(UNREAD_S)
    assert outcome is not None and outcome.clipboard is ClipboardState.NEWER
    assert mac.pasteboard.read() == b"newer"


def test_dictated_text_is_offered_to_no_other_device(mac: FakeMac) -> None:
    """Universal Clipboard shares the contents of the general pasteboard."""
    from mica.host.macos.clipboard import MacClipboard

    mac.pasteboard.items = users_items()
    clipboard = MacClipboard()
    before = clipboard.snapshot()
    for leave in (clipboard.publish, clipboard.copy):
        leave("text")
        assert mac.pasteboard.is_here_only
    copied = clipboard.snapshot()
    clipboard.restore(before)
    assert not mac.pasteboard.is_here_only, "what the user copied is theirs to share"
    clipboard.restore(copied)
    assert mac.pasteboard.is_here_only and mac.pasteboard.read() == b"text"


@pytest.mark.parametrize("marker", ["Concealed", "Transient"])
def test_a_restored_secret_is_offered_to_no_other_device(
    mac: FakeMac, marker: str
) -> None:
    """A password manager offers it to this Mac only, which a snapshot doesn't tell."""
    from mica.host.macos.clipboard import MacClipboard

    secret, mark = Piece(0, TEXT, b"secret"), f"org.nspasteboard.{marker}Type"
    MacClipboard().restore(Snapshot((secret, Piece(0, mark, b""))))
    assert mac.pasteboard.is_here_only and mac.pasteboard.read() == b"secret"


def test_an_empty_clipboard_is_empty_again(mac: FakeMac) -> None:
    from mica.host.macos.clipboard import MacClipboard

    clipboard = MacClipboard()
    before = clipboard.snapshot()
    clipboard.copy("text")
    assert mac.pasteboard.read() == b"text"
    assert clipboard.read_count() == 0
    clipboard.restore(before)
    assert mac.pasteboard.items == []


def test_snapshot_leaves_out_types_that_do_not_answer(mac: FakeMac) -> None:
    from mica.host.macos.clipboard import MacClipboard

    mac.pasteboard.items = [FakeItem({"gone": None, "here": FakeData(b"1")})]
    snapshot = MacClipboard().snapshot()
    assert [piece.type for piece in snapshot.pieces] == ["here"]
    assert snapshot.left_out == ("gone",)


class SlowItem(FakeItem):
    """An item whose owner provides the type "slow" only after `ready` is set."""

    ready: threading.Event
    reads = 0

    def dataForType_(self, type: str) -> FakeData | None:
        if type == "slow":
            self.reads += 1
            assert self.ready.wait(LIMIT_S)
        return super().dataForType_(type)


def slow_item(mac: FakeMac) -> SlowItem:
    """Copy an item whose slow type is between two immediate ones."""
    types = ("first", "slow", "last")
    item = SlowItem({type: FakeData(b"1") for type in types})
    item.ready = threading.Event()
    mac.pasteboard.items = [item]
    return item


def test_hanging_clipboard_owner_blocks_nothing(mac: FakeMac) -> None:
    from mica.host.macos.clipboard import SNAPSHOT_S, MacClipboard

    item, clipboard = slow_item(mac), MacClipboard()
    began_s = time.monotonic()
    snapshot = clipboard.snapshot()
    assert time.monotonic() - began_s < SNAPSHOT_S + 0.5
    assert [piece.type for piece in snapshot.pieces] == ["first"]
    assert snapshot.left_out == ("slow", "last")
    assert clipboard.snapshot().left_out and clipboard.snapshot().pieces == ()
    assert item.reads == 1, "AppKit takes no two readers at a time"
    item.ready.set()
    end_s = time.monotonic() + LIMIT_S
    while clipboard.snapshot().left_out and time.monotonic() < end_s:
        time.sleep(0.01)
    assert len(clipboard.snapshot().pieces) == 3


def test_a_text_is_not_pasted_over_a_clipboard_that_is_late(mac: FakeMac) -> None:
    item = slow_item(mac)
    paste = not_to_be_saved(mac)
    assert paste.outcome == InsertOutcome(
        InsertResult.UNSAVED, ClipboardState.AS_BEFORE
    )
    assert mac.pasteboard.items == [item] and mac.posted == []
    item.ready.set()


def not_to_be_saved(mac: FakeMac) -> PasteTransaction:
    """A paste after one attempt."""
    from mica.host.macos.clipboard import MacClipboard
    from mica.host.macos.editing import MacPaster

    paster = MacPaster(mac.carbon, lambda _s: None)
    paste = PasteTransaction("text", TARGET, MacClipboard(), paster)
    paste.evaluate(0.0)
    return paste


@pytest.mark.parametrize("answer", [1, 3])  # ask, always deny
def test_clipboard_is_not_touched_where_reading_is_not_allowed(
    mac: FakeMac, answer: int
) -> None:
    mac.pasteboard.accessBehavior = lambda: answer  # type: ignore[attr-defined]
    mac.pasteboard.items = users_items()
    paste = not_to_be_saved(mac)
    assert paste.outcome == InsertOutcome(
        InsertResult.UNSAVED, ClipboardState.AS_BEFORE
    )
    assert mac.pasteboard.items == users_items() and mac.posted == []


def test_clipboard_refused_while_reading_does_not_count_as_empty(
    mac: FakeMac,
) -> None:
    """macOS asks at the first read, and the user refuses."""
    behavior = [0]  # default

    def ask() -> list[FakeItem]:
        behavior[0] = 1
        return []

    mac.pasteboard.accessBehavior = lambda: behavior[0]  # type: ignore[attr-defined]
    mac.pasteboard.pasteboardItems = ask  # type: ignore[method-assign]
    mac.pasteboard.items = users_items()
    paste = not_to_be_saved(mac)
    assert paste.outcome == InsertOutcome(
        InsertResult.UNSAVED, ClipboardState.AS_BEFORE
    )
    assert mac.pasteboard.items == users_items() and mac.posted == []


def test_clipboard_over_the_size_limit_is_not_touched(
    mac: FakeMac, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mica.host.macos import clipboard

    for limit in ("TYPE_BYTES", "ALL_BYTES", "MOST_TYPES"):
        with monkeypatch.context() as patch:
            patch.setattr(clipboard, limit, 1 if limit == "MOST_TYPES" else 2)
            mac.pasteboard.items = users_items()
            paste = not_to_be_saved(mac)
            assert paste.outcome == InsertOutcome(
                InsertResult.UNSAVED, ClipboardState.AS_BEFORE
            )
            assert mac.pasteboard.items == users_items() and mac.posted == []


def test_clipboard_manager_copying_our_text_is_not_a_users_copy(mac: FakeMac) -> None:
    paste = begun(mac)
    mac.pasteboard.read()
    mac.pasteboard.clearContents()
    mac.pasteboard.setString_forType_("text", TEXT)  # a manager, without the markers
    paste.evaluate(0.1)
    outcome = paste.evaluate(UNREAD_S)
    assert outcome is not None and outcome.result is InsertResult.UNKNOWN
    assert mac.pasteboard.items == users_items()


def test_return_is_pressed_without_modifiers(mac: FakeMac) -> None:
    from mica.host.macos.editing import MacPaster

    MacPaster(mac.carbon, lambda _s: None).press_return(TARGET)
    keys = [(e["code"], e["down"], e["flags"]) for e in mac.posted]
    assert keys == [(36, True, 0), (36, False, 0)]


def test_paste_is_refused_where_macos_would_drop_its_keys(mac: FakeMac) -> None:
    from mica.host.macos.editing import MacPaster

    paster = MacPaster(mac.carbon, lambda _s: None)
    mac.trusted = False
    with pytest.raises(PermissionDenied) as caught:
        paster.press_paste_keys(TARGET)
    assert "Accessibility" in caught.value.remedy
    assert mac.posted == []


def test_paste_needs_only_one_of_two_permission_answers(
    mac: FakeMac,
) -> None:
    from mica.host.macos.editing import MacPaster

    mac.may_post = False  # an outdated answer: Accessibility is on
    MacPaster(mac.carbon, lambda _s: None).press_paste_keys(TARGET)
    assert len(mac.posted) == 4


@pytest.mark.parametrize(
    ("trusted", "may_post", "reads"),
    [(True, False, False), (False, True, False), (False, False, True)],
)
def test_permission_is_detected_by_any_of_three_answers(
    mac: FakeMac, trusted: bool, may_post: bool, reads: bool
) -> None:
    """Each answer may remain what it was when the process started."""
    from mica.host.macos.keyboard import Keyboard
    from mica.host.macos.permissions import MacPermissions

    mac.trusted, mac.may_post, mac.reads = trusted, may_post, reads
    assert MacPermissions().state(Permission.INSERTION) is Grant.GRANTED
    Keyboard(mac.carbon, lambda _s: None).ensure_allowed()


@pytest.mark.parametrize(
    ("bundle", "identifier", "named"),
    [
        ("/Applications/Mica.app", "com.apple.Terminal", "Mica"),
        ("/usr/bin/Python.app", "com.apple.Terminal", "Terminal"),
        ("/usr/bin", "com.googlecode.iterm2", "the app that Mica was started from"),
        ("/usr/bin", "", "the app that Mica was started from"),
    ],
)
def test_the_program_to_allow_is_named_as_macos_lists_it(
    mac: FakeMac,
    monkeypatch: pytest.MonkeyPatch,
    bundle: str,
    identifier: str,
    named: str,
) -> None:
    from mica.host.macos.keyboard import Keyboard

    mac.trusted, mac.bundle = False, bundle
    mac.running = {"com.apple.Terminal": ["Terminal"]}
    monkeypatch.setenv("__CFBundleIdentifier", identifier)
    with pytest.raises(PermissionDenied) as caught:
        Keyboard(mac.carbon, lambda _s: None).ensure_allowed()
    assert caught.value.remedy.startswith(f"Allow {named} in System Settings")


@pytest.mark.parametrize(
    ("responsible", "named"),
    [
        (0, "Mica"),  # macOS does not say
        pytest.param(os.getpid(), "Mica", id="ours"),
        (311, "Terminal"),  # Mica.app's executable was started in Terminal
        (22, "the app that Mica was started from"),  # sshd
    ],
)
def test_the_program_to_allow_is_the_responsible_one(
    mac: FakeMac, responsible: int, named: str
) -> None:
    from mica.host.macos.permissions import MacPermissions

    mac.responsible = responsible
    mac.programs = {os.getpid(): "Mica", 311: "Terminal"}
    assert MacPermissions().holder() == named


def test_modifier_is_released_though_the_wait_was_cancelled(mac: FakeMac) -> None:
    from mica.host.macos.editing import MacPaster

    def interrupt(_seconds: float) -> None:
        if mac.posted[-1]["code"] != COMMAND:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        MacPaster(mac.carbon, interrupt).press_paste_keys(TARGET)
    last = mac.posted[-1]
    assert (last["code"], last["down"], last["flags"]) == (COMMAND, False, 0)


def test_fns_flag_is_no_held_modifier(mac: FakeMac) -> None:
    """An arrow key sets the flag while down and, on some Macs, leaves it set."""
    from mica.host.macos.editing import MacPaster

    mac.flags = FLAGS["SecondaryFn"] | 1 << 21
    assert MacPaster(mac.carbon).ready()


@pytest.mark.parametrize("flag", sorted(FLAGS.keys() - {"SecondaryFn"}))
def test_a_held_modifier_is_not_ready(mac: FakeMac, flag: str) -> None:
    from mica.host.macos.editing import MacPaster

    paster = MacPaster(mac.carbon)
    assert paster.ready()
    mac.flags = FLAGS[flag]
    assert not paster.ready()


def test_focus_is_the_frontmost_app(mac: FakeMac) -> None:
    from mica.host.macos.accessibility import MacFocus

    focus = MacFocus(mac.carbon)
    assert focus.current() == TARGET
    mac.password = True
    guarded = focus.current()
    assert guarded is not None and guarded.secure and guarded.same_place(TARGET)
    mac.accessible = False  # as in Electron
    assert focus.current() == TARGET
    mac.front = None
    assert focus.current() is None


def test_hanging_app_delays_focus_by_one_timeout(mac: FakeMac) -> None:
    from mica.host.macos.accessibility import TIMEOUT_S, MacFocus

    mac.hangs = mac.password = True
    assert MacFocus(mac.carbon).current() == TARGET
    assert mac.waited_s == TIMEOUT_S


def test_two_windows_of_one_app_are_two_targets(mac: FakeMac) -> None:
    from mica.host.macos.accessibility import MacFocus

    def seen(window: int) -> Target:
        mac.window = window
        found = MacFocus(mac.carbon).current()
        assert found is not None
        return found

    one, other, silent = seen(1), seen(2), seen(0)
    assert one.window and not one.same_place(other)
    assert seen(1).same_place(one)
    assert silent.same_place(one) and one.same_place(silent)
    mac.accessible = False  # Electron reports its windows, but not its fields
    assert seen(2).same_place(other)


def test_window_probe_fails_until_a_hanging_app_wakes_or_ends(
    mac: FakeMac,
) -> None:
    from mica.host.macos.accessibility import TIMEOUT_S, probe_window

    with subprocess.Popen(["sleep", "60"]) as program:
        answered = probe_window(Target(0, program.pid, "com.example.Editor"))
        assert answered()
        assert mac.patience_s == TIMEOUT_S
        mac.hangs = True
        assert not answered()
        mac.hangs = False
        assert answered()
        mac.hangs = True
        assert not probe_window(Target(0, 1, "of another user"))()
        program.kill()
    assert answered() is None
    assert probe_window(Target(0, None, "nobody's"))()


def test_focused_screen_point_is_on_the_main_screen(mac: FakeMac) -> None:
    from mica.host.macos.accessibility import MacFocus

    focus = MacFocus(mac.carbon)
    assert focus.focused_screen_point() is None
    mac.screens = [(0, 0, 1440, 900), (1440, 100, 1920, 1080)]  # y points up
    assert focus.focused_screen_point() == (720, 450)
    mac.main_screen = 1
    assert focus.focused_screen_point() == (1440 + 960, 900 - 100 - 540)


@pytest.mark.parametrize(
    ("status", "grant"),
    [
        (0, Grant.UNDETERMINED),
        (1, Grant.DENIED),
        (2, Grant.DENIED),
        (3, Grant.GRANTED),
    ],
)
def test_microphone_permission_follows_its_status(
    mac: FakeMac, status: int, grant: Grant
) -> None:
    from mica.host.macos.permissions import MacPermissions

    mac.microphone = status
    permissions = MacPermissions()
    assert permissions.state(Permission.MICROPHONE) is grant
    permissions.request(Permission.MICROPHONE)
    expected = "audio" if status == 0 else "Privacy_Microphone"
    assert mac.requests[0].endswith(expected) and len(mac.requests) == 1


def test_insertion_permission_opens_accessibility_settings(mac: FakeMac) -> None:
    from mica.host.macos.permissions import MacPermissions

    permissions = MacPermissions()
    assert permissions.state(Permission.INSERTION) is Grant.GRANTED
    mac.trusted = False
    assert permissions.state(Permission.INSERTION) is Grant.DENIED
    permissions.request(Permission.INSERTION)
    assert mac.requests == ["prompt {'prompt': True}"], "one window at a time"
    permissions.request(Permission.INSERTION)
    assert len(mac.requests) == 2 and mac.requests[1].endswith("Privacy_Accessibility")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Grüße an alle", ["Grüße an alle"]),
        ("0123456789" * 2 + "x", ["0123456789" * 2, "x"]),
        ("x" * 19 + "😀!", ["x" * 19, "😀!"]),
        ("x" * 19 + "e\u0301!", ["x" * 19, "e\u0301!"]),
        ("👩\u200d🔬" * 12, [*["👩\u200d🔬" * 4] * 3]),
        ("e" + "\u0301" * 25, ["e" + "\u0301" * 9, "\u0301" * 16]),
    ],
)
def test_typist_cuts_text_into_pieces_apps_accept(
    mac: FakeMac, text: str, pieces: list[str]
) -> None:
    from mica.host.macos.editing import MacTypist
    from mica.host.macos.keyboard import Keyboard

    typist = MacTypist(Keyboard(mac.carbon, lambda _s: None))
    assert typist.prepare(text, TARGET) == len(text)
    typist.type(text)
    typist.finish()
    assert [e["text"] for e in mac.posted if e["down"]] == pieces
    assert {e["flags"] for e in mac.posted} <= {0}
    assert "".join(pieces) == text


def test_typist_refuses_where_macos_would_drop_its_keys(mac: FakeMac) -> None:
    from mica.host.macos.editing import MacTypist
    from mica.host.macos.keyboard import Keyboard

    typist = MacTypist(Keyboard(mac.carbon, lambda _s: None))
    mac.trusted = False
    with pytest.raises(PermissionDenied):
        typist.prepare("text", TARGET)
    with pytest.raises(PermissionDenied):
        typist.type("text")
    assert mac.posted == []


@pytest.mark.parametrize(
    ("behavior", "grant"),
    [
        (0, Grant.UNDETERMINED),
        (1, Grant.DENIED),
        (2, Grant.GRANTED),
        (3, Grant.DENIED),
        (None, Grant.NOT_NEEDED),
    ],
)
def test_clipboard_permission_follows_the_access_behavior(
    mac: FakeMac, behavior: int | None, grant: Grant
) -> None:
    from mica.host.macos.permissions import MacPermissions

    if behavior is not None:  # from macOS 15.4 on
        mac.pasteboard.accessBehavior = lambda: behavior  # type: ignore[attr-defined]
    permissions = MacPermissions()
    assert permissions.state(Permission.CLIPBOARD) is grant
    permissions.request(Permission.CLIPBOARD)
    assert mac.requests == [
        "x-apple.systempreferences:com.apple.preference.security?Privacy_Pasteboard"
    ]
