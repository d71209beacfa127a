"""Tests the Mac host on a real Mac; run by the workflow `mac`.

    .venv/bin/python -m pytest packaging/macos/test_on_a_mac.py

Covers only what needs neither permissions nor a person (first_mac.md has the rest).
Tests that post keys are skipped where the machine does not allow that. These tests are
kept outside tests/, which must pass on every machine.
"""

import ctypes
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform != "darwin":
    pytest.skip("it asks a Mac", allow_module_level=True)

from AppKit import NSPasteboard, NSPasteboardItem, NSPasteboardTypeString
from ApplicationServices import (
    AXValueCreate,
    AXValueGetValue,
    AXValueRef,
    kAXValueTypeCFRange,
    kAXValueTypeCGPoint,
)
from Foundation import (
    NSData,
    NSDate,
    NSDictionary,
    NSDistributedNotificationCenter,
    NSRunLoop,
)
from objc import lookUpClass, objc_object, pyobjc_id
from PySide6.QtWidgets import QApplication
from Quartz import (
    CGEventCreateKeyboardEvent,
    CGEventKeyboardGetUnicodeString,
    CGEventKeyboardSetUnicodeString,
    CGPreflightPostEventAccess,
)

from mica.cli.self_test import dictate_recording
from mica.host.macos import accessibility, carbon, core_audio, layout
from mica.host.macos.accessibility import MacFocus, is_password_field
from mica.host.macos.carbon import CarbonKeys, symbolic_hot_keys
from mica.host.macos.check import missing
from mica.host.macos.clipboard import MARKERS, MacClipboard
from mica.host.macos.core_audio import MacSoundDevices
from mica.host.macos.editing import MacPaster
from mica.host.macos.key_counts import PressCounter, TypingCounter
from mica.host.macos.keyboard import Keyboard
from mica.host.macos.keys import fn_key_action
from mica.host.macos.monitors import ModifierMonitor
from mica.host.macos.permissions import MacPermissions
from mica.host.macos.session import LOCKED, UNLOCKED, MacActivity, MacLogin, MacPresence
from mica.host.macos.windows import prepare_launch, raise_overlay, stay_in_menu_bar
from mica.host.sound import Transport
from mica.host.values import AwayReason, FnKeyAction, LoginState, Permission
from mica.ui.overlay import Overlay
from mica.ui.theme import StatusColor

LIMIT_S = 10.0
IMPORTS_S = 60.0  # Qt's first import on a machine is slow; plus three seconds to watch
F19, ESCAPE, CONTROL_OPTION = 80, 53, 1 << 12 | 1 << 11
TAKES = f"""
from mica.host.macos.carbon import CarbonKeys, load
keys = CarbonKeys(load(), lambda key, pressed, at_s: None)
first, second = ({F19}, {CONTROL_OPTION}), ({ESCAPE}, 0)
taken = keys.register(first), keys.register(second, options=0)
print(*("yes" if one else "no" for one in taken))
"""


FIELD = """
from AppKit import NSApplication, NSMenu, NSTextView, NSWindow
from Foundation import NSObject, NSTimer
application = NSApplication.sharedApplication()
application.setActivationPolicy_(0)
menu, edit = NSMenu.alloc().init(), NSMenu.alloc().initWithTitle_("Edit")
edit.addItemWithTitle_action_keyEquivalent_("Paste", b"paste:", "v")
shown = menu.addItemWithTitle_action_keyEquivalent_("Edit", None, "")
menu.setSubmenu_forItem_(edit, shown)
application.setMainMenu_(menu)
make = NSWindow.alloc().initWithContentRect_styleMask_backing_defer_
window = make(((200, 200), (400, 200)), 1, 2, False)
text = NSTextView.alloc().initWithFrame_(((0, 0), (400, 200)))
window.setContentView_(text)
window.makeKeyAndOrderFront_(None)
window.makeFirstResponder_(text)
application.activateIgnoringOtherApps_(True)
class Looker(NSObject):
    ready = False
    def look_(self, timer):
        if not self.ready and application.isActive() and window.isKeyWindow():
            self.ready = True
            print("ready", flush=True)
        if text.string():
            print(text.string(), flush=True)
            application.terminate_(None)
every = NSTimer.scheduledTimerWithTimeInterval_target_selector_userInfo_repeats_
looker = Looker.alloc().init()
every(0.05, looker, b"look:", None, True)
application.run()
"""


def run_until(done: Callable[[], bool]) -> bool:
    """Run the main run loop until `done` is true; return False after LIMIT_S."""
    end_s = time.monotonic() + LIMIT_S
    while not done() and time.monotonic() < end_s:
        soon = NSDate.dateWithTimeIntervalSinceNow_(0.02)
        NSRunLoop.currentRunLoop().runUntilDate_(soon)
        time.sleep(0.005)  # a run loop without sources returns immediately
    return done()


@pytest.fixture(scope="module")
def library() -> object:
    found = carbon.load()
    layout.declare_functions(found)
    return found


@pytest.fixture
def pasteboard() -> Iterator[MacClipboard]:
    pasteboard = MacClipboard()
    before = pasteboard.snapshot()
    yield pasteboard
    pasteboard.restore(before)


def test_every_name_of_the_contract_exists() -> None:
    assert missing() == []


def test_a_promise_is_read_by_another_program_and_all_comes_back(
    pasteboard: MacClipboard,
) -> None:
    item = NSPasteboardItem.alloc().init()
    for kind, data in {"public.html": b"<b>", "com.example.private": b"\0"}.items():
        item.setData_forType_(NSData.dataWithBytes_length_(data, len(data)), kind)
    general = NSPasteboard.generalPasteboard()
    general.clearContents()
    general.writeObjects_([item])
    before = pasteboard.snapshot()
    assert {piece.type for piece in before.pieces} >= {"public.html"}
    pasteboard.publish("Grüße 😀")
    change = pasteboard.change_count()
    assert set(general.types()) >= {NSPasteboardTypeString, *MARKERS}
    reader = subprocess.Popen(["pbpaste", "-Prefer", "txt"], stdout=subprocess.PIPE)
    assert run_until(lambda: reader.poll() is not None)
    assert reader.stdout is not None
    assert reader.stdout.read().decode("utf-8") == "Grüße 😀"
    assert pasteboard.read_count() >= 1
    assert pasteboard.change_count() == change, "a read is no change"
    pasteboard.restore(before)
    assert pasteboard.snapshot() == before


def test_an_empty_type_is_read_too(pasteboard: MacClipboard) -> None:
    item = NSPasteboardItem.alloc().init()
    item.setData_forType_(NSData.data(), "com.example.empty")
    general = NSPasteboard.generalPasteboard()
    general.clearContents()
    general.writeObjects_([item])
    assert [piece.data for piece in pasteboard.snapshot().pieces] == [b""]


def test_the_layout_is_read(library: object) -> None:
    assert set("cv") <= set(layout.keys_by_character(library))
    assert layout.keycode_for(library, "v") in range(128)


def test_a_hot_key_is_taken_and_given_back(library: object) -> None:
    keys = CarbonKeys(library, lambda key, pressed, at_s: None)
    assert keys.register((F19, 1 << 12 | 1 << 11))
    keys.unregister_except(set())
    assert keys.register((F19, 1 << 12 | 1 << 11))
    keys.unregister_except(set())


def test_two_of_us_cannot_have_a_key_and_both_may_have_escape(library: object) -> None:
    keys = CarbonKeys(library, lambda key, pressed, at_s: None)
    other = [sys.executable, "-c", TAKES]
    assert keys.register((F19, CONTROL_OPTION)) and keys.register(
        (ESCAPE, 0), options=0
    )
    assert subprocess.run(other, capture_output=True, text=True).stdout == "no yes\n"
    keys.unregister_except(set())
    assert subprocess.run(other, capture_output=True, text=True).stdout == "yes yes\n"


def test_shortcuts_of_macos_are_read(library: object) -> None:
    """Which ones are on varies, but the screenshot shortcuts are on by default."""
    found = symbolic_hot_keys(library)
    assert all(code in range(1 << 16) for code, _ in found)
    assert found, "none is on"


def test_modifiers_can_be_watched() -> None:
    watch = ModifierMonitor(lambda code, pressed, at_s: None)
    watch.start()
    assert run_until(lambda: len(watch._monitors) == 2)
    assert None not in watch._monitors
    watch.stop()


def test_what_we_post_is_not_counted_as_the_users(library: object) -> None:
    if not CGPreflightPostEventAccess():
        pytest.skip("this machine does not let us post keys")
    presses = PressCounter(TypingCounter(time.monotonic, lambda: False))
    before = presses.count()
    Keyboard(library).press(F19, 0, times=3)
    run_until(lambda: presses.count() != before)
    assert presses.count() == before


def test_a_key_press_carries_an_emoji_whole() -> None:
    event = CGEventCreateKeyboardEvent(None, 0, True)
    CGEventKeyboardSetUnicodeString(event, 4, "Aé😀")
    assert CGEventKeyboardGetUnicodeString(event, 20, None, None) == (4, "Aé😀")


def test_a_range_comes_back_as_two_numbers() -> None:
    """field_text unpacks ranges this way."""
    value = AXValueCreate(kAXValueTypeCFRange, (17, 3))
    assert isinstance(value, AXValueRef)
    is_range, (first, length) = AXValueGetValue(value, kAXValueTypeCFRange, None)
    assert (is_range, first, length) == (True, 17, 3)
    assert AXValueGetValue(value, kAXValueTypeCGPoint, None) == (False, None)


def test_a_text_is_pasted_into_another_programs_text_view(
    library: object, pasteboard: MacClipboard
) -> None:
    """Four key events (Command and V, down and up), then the promised data is read."""
    if not CGPreflightPostEventAccess():
        pytest.skip("this machine does not let us post keys")
    command, pipe = [sys.executable, "-c", FIELD], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, text=True) as field:
        try:
            assert field.stdout is not None
            assert field.stdout.readline() == "ready\n"
            target = MacFocus(library).current()
            assert target is not None and target.pid == field.pid
            pasteboard.publish("Grüße 😀")
            MacPaster(library).press_paste_keys(target)
            assert run_until(lambda: field.poll() is not None)
            assert field.stdout.read() == "Grüße 😀\n"
        finally:
            field.kill()
    assert pasteboard.read_count() == 1


def test_the_engine_dictates_on_this_macs_gpu() -> None:
    """Metal in the engine's process: a complete dictation except for keyboard and
    microphone."""
    result = dictate_recording(pace=0)
    assert result.is_understood, result.text
    uses = [sys.executable, "-c", "import mlx.core as mx; print(mx.default_device())"]
    assert "gpu" in subprocess.run(uses, capture_output=True, text=True).stdout


def test_the_sound_of_other_programs_can_be_tapped() -> None:
    """A tap and the device that records it are created and destroyed. Nothing is
    recorded, because that would require a permission. CATapDescription.h,
    AudioHardwareTapping.h."""
    sound = ctypes.CDLL(core_audio.LIBRARY)
    describe = lookUpClass("CATapDescription").alloc()
    description = describe.initStereoGlobalTapButExcludeProcesses_([])
    description.setPrivate_(True)
    tap, device = ctypes.c_uint32(), ctypes.c_uint32()
    of_tap = ctypes.c_void_p(pyobjc_id(description))
    assert sound.AudioHardwareCreateProcessTap(of_tap, ctypes.byref(tap)) == 0
    try:
        assert tap.value
        uid = str(description.UUID().UUIDString())
        made = NSDictionary.dictionaryWithDictionary_(
            {
                "name": "Mica test",
                "uid": f"app.mica.test.{uid}",
                "private": 1,
                "tapautostart": 0,
                "taps": [{"uid": uid, "drift": 1}],
            }
        )
        of_device = ctypes.c_void_p(pyobjc_id(made))
        create = sound.AudioHardwareCreateAggregateDevice
        assert create(of_device, ctypes.byref(device)) == 0 and device.value
        assert sound.AudioHardwareDestroyAggregateDevice(device) == 0
    finally:
        assert sound.AudioHardwareDestroyProcessTap(tap) == 0


def test_lock_and_unlock_are_heard_in_the_background() -> None:
    reasons: list[AwayReason | None] = []
    presence = MacPresence()
    presence.watch(reasons.append, lambda: reasons.append(None))
    centre = NSDistributedNotificationCenter.defaultCenter()
    for name in (LOCKED, UNLOCKED):
        centre.postNotificationName_object_userInfo_deliverImmediately_(
            name, None, None, True
        )
    assert run_until(lambda: len(reasons) == 2)
    assert reasons == [AwayReason.LOCK, None]
    presence.stop()


@pytest.fixture(scope="module")
def application() -> QApplication:
    """A QApplication, created as start.py does."""
    prepare_launch()
    made = QApplication([])
    stay_in_menu_bar()
    return made


def test_what_floats_leaves_the_front_program_in_front() -> None:
    """In a separate process, because Qt reads its environment variables only once."""
    shown = [sys.executable, str(Path(__file__).with_name("show_what_floats.py"))]
    found = subprocess.run(shown, capture_output=True, text=True, timeout=IMPORTS_S)
    *fronts, own = found.stdout.split()
    assert len(fronts) == 4 and len(set(fronts)) == 1, found.stderr
    assert own not in fronts


def test_the_overlay_is_a_panel_that_activates_nobody(
    application: QApplication,
) -> None:
    overlay = Overlay(raise_above=raise_overlay)
    overlay.show_message("Listening", StatusColor.LISTENING)
    view = int(overlay.winId())
    application.processEvents()
    native = objc_object(c_void_p=view).window()
    assert native.level() == 25
    assert native.collectionBehavior() & 0x101 == 0x101
    assert native.styleMask() & 1 << 7
    assert native.respondsToSelector_(b"_setPreventsActivation:")
    assert not native.hidesOnDeactivate()
    overlay.close()


def test_the_rest_answers(library: object) -> None:
    activity = MacActivity()
    activity.keep_awake(True)
    activity.keep_awake(False)
    assert MacLogin().state() is LoginState.UNSUPPORTED, (
        "a checkout is no installed program"
    )
    focus = MacFocus(library)
    focus.current()
    focus.focused_screen_point()
    assert focus.secure_input_owner() is None
    assert not is_password_field()
    accessibility.selected_text()
    accessibility.text_before_caret(5)
    assert fn_key_action() in FnKeyAction
    for what in Permission:
        MacPermissions().state(what)
    sound = MacSoundDevices()
    sound.watch(lambda: None)
    assert sound.default_input() in {"", *sound.inputs()}
    assert isinstance(sound.output_transport(), Transport)
