"""Functions that each revert one fix: they restore the earlier code for one scenario.

They import the host themselves, because it can be imported only while Apple's modules
are faked. mutations.py names the scenario that must then fail.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from host.rehearsal.fake_mac.activation import RAISE, TRANSFORM
from mica import desktop

Patch = pytest.MonkeyPatch


def raise_as_the_front_program(patch: Patch) -> None:
    """Without the environment variable, and with raise_() for floating windows."""
    from mica.host.macos import windows
    from mica.ui import floating

    def bring(self: Any, window: Any) -> None:
        window.show()
        window.raise_()
        self._raise_above(int(window.winId()))

    _without(patch, windows, RAISE)
    patch.setattr(floating.Floating, "bring", bring)


def let_qt_raise_the_process(patch: Patch) -> None:
    """Without the environment variable only; the overlay still avoids raise_()."""
    from mica.host.macos import windows

    _without(patch, windows, RAISE)


def transform_at_the_start(patch: Patch) -> None:
    """Without the variable that keeps Qt from making Mica a foreground app."""
    from mica.host.macos import windows

    _without(patch, windows, TRANSFORM)


def keep_python_in_the_dock(patch: Patch) -> None:
    """Without LSUIElement in the info dictionary of Python's bundle."""
    from mica.host.macos import windows

    prepare = windows.prepare_launch

    def prepare_without() -> None:
        prepare()
        windows.NSBundle.mainBundle().infoDictionary().pop("LSUIElement")

    patch.setattr(windows, "prepare_launch", prepare_without)


def _without(patch: Patch, windows: Any, variable: str) -> None:
    prepare = windows.prepare_launch

    def prepare_without() -> None:
        prepare()
        os.environ.pop(variable)

    patch.setattr(windows, "prepare_launch", prepare_without)


def type_characters_into_virtual_machines(patch: Patch) -> None:
    """Type characters on keycode 0, as for any other program."""
    from mica.host.macos import editing

    patch.setattr(editing, "is_remote", lambda target: False)


def press_v_with_a_flag_alone(patch: Patch) -> None:
    """Without events for the Command key itself."""
    from mica.host.macos.keyboard import Keyboard

    @contextmanager
    def held(self: Keyboard, source: Any, flags: int) -> Iterator[int]:
        yield flags

    patch.setattr(Keyboard, "_held", held)


def treat_fn_as_a_held_modifier(patch: Patch) -> None:
    from mica.host.macos import keyboard
    from support.apple_fakes import FLAGS

    modifiers = keyboard._MODIFIERS | FLAGS["SecondaryFn"]
    patch.setattr(keyboard, "_MODIFIERS", modifiers)


def treat_an_unread_clipboard_as_empty(patch: Patch) -> None:
    from mica.host.macos import clipboard
    from mica.host.values import Snapshot

    patch.setattr(clipboard, "_NOT_ALLOWED", Snapshot())


def treat_a_refused_clipboard_as_empty(patch: Patch) -> None:
    """Accept an empty clipboard even if macOS has just asked and was refused."""
    from mica.host.macos import clipboard

    def snapshot(self: Any) -> Any:
        reading = clipboard._Reading(self._pasteboard)
        return reading.result(clipboard.SNAPSHOT_S)

    patch.setattr(clipboard.MacClipboard, "snapshot", snapshot)


def open_a_microphone_before_it_is_allowed(patch: Patch) -> None:
    from mica.dictation.permission_notices import MicrophoneAccess
    from mica.host.values import Grant, Permission

    def problem(self: MicrophoneAccess) -> None:
        if self._permissions.state(Permission.MICROPHONE) is Grant.UNDETERMINED:
            self._permissions.request(Permission.MICROPHONE)

    patch.setattr(MicrophoneAccess, "problem", problem)


def keep_silent_microphones_open(patch: Patch) -> None:
    from mica.audio.microphone_pool import _Stream

    patch.setattr(_Stream, "is_silent", False)
    do_not_reopen_silent_microphones(patch)


def do_not_reopen_silent_microphones(patch: Patch) -> None:
    from mica.audio.failover import FailoverMicrophone

    patch.setattr(FailoverMicrophone, "replace_silent", lambda self: None)


def refuse_on_any_secure_input(patch: Patch) -> None:
    """Treat every target as secure, whichever program turned Secure Input on."""
    from mica.host.macos.accessibility import MacFocus

    current = MacFocus.current

    def guarded(self: MacFocus) -> Any:
        target = current(self)
        is_on = self.secure_input_owner() is not None
        return replace(target, secure=is_on) if target is not None else None

    patch.setattr(MacFocus, "current", guarded)


def omit_secure_input_from_the_message(patch: Patch) -> None:
    """Do not mention Secure Input when the text was not read."""
    from mica.insertion.insert_job import UNCONFIRMED, InsertJob

    patch.setattr(InsertJob, "_unconfirmed", lambda self, result: UNCONFIRMED[result])


def trust_one_answer_about_accessibility(patch: Patch) -> None:
    """Rely on AXIsProcessTrusted, whose answer may date from the start."""
    from ApplicationServices import AXIsProcessTrusted

    from mica.host.macos import keyboard, permissions

    for module in (keyboard, permissions):
        patch.setattr(module, "may_post_keys", lambda: AXIsProcessTrusted())


def omit_the_restart_advice(patch: Patch) -> None:
    """Without the advice for users who have already allowed Mica."""
    from mica.errors import PermissionDenied
    from mica.host.macos.keyboard import Keyboard

    ensure = Keyboard.ensure_allowed

    def ensure_allowed(self: Keyboard) -> None:
        try:
            ensure(self)
        except PermissionDenied as why:
            remedy = why.remedy.partition(" If it is on")[0]
            raise PermissionDenied(why.what, remedy) from why

    patch.setattr(Keyboard, "ensure_allowed", ensure_allowed)


def name_mica_instead_of_the_terminal(patch: Patch) -> None:
    from mica.host.macos import keyboard, permissions

    for module in (keyboard, permissions):
        patch.setattr(module, "holder", lambda: "Mica")


def show_an_alert_and_a_page_at_each_text(patch: Patch) -> None:
    from mica.host.macos.permissions import MacPermissions

    request = MacPermissions.request

    def both(self: MacPermissions, what: Any) -> None:
        request(self, what)
        self._is_alert_shown = True
        request(self, what)

    patch.setattr(MacPermissions, "request", both)


def put_the_socket_in_the_temporary_folder(patch: Patch) -> None:
    import tempfile
    from pathlib import Path

    from mica import paths

    socket = Path(tempfile.gettempdir()) / "mica"
    patch.setattr(paths, "control_socket", lambda: socket)


def count_fn_as_a_typed_key(patch: Patch) -> None:
    from mica.host.macos.key_counts import TypingCounter

    patch.setattr(TypingCounter, "fn_changed", lambda self, at_s: None)


def accept_fn_from_any_key(patch: Patch) -> None:
    from mica.host.macos import hotkeys

    patch.setattr(hotkeys, "gives_fn", lambda: False)


def read_a_clipboard_to_its_end(patch: Patch) -> None:
    """Read on the main thread, however long the owner takes."""
    from mica.host.macos import clipboard

    class Thread:
        def __init__(self, target: Callable[[], None], **_options: object) -> None:
            self.start = target

    fake = SimpleNamespace(Event=threading.Event, Thread=Thread)
    patch.setattr(clipboard, "threading", fake)


def count_keys_from_when_they_are_handled(patch: Patch) -> None:
    from mica.host.macos import hotkeys

    patch.setattr(hotkeys, "happened_s", lambda event_s, now_s: now_s)


def let_exceptions_through(patch: Patch) -> None:
    """Let exceptions reach AppKit, which ends the process."""
    from mica.host.macos import layout, monitors, session

    @contextmanager
    def contained() -> Iterator[None]:
        yield

    for module in (layout, monitors, session):
        patch.setattr(module, "contained", contained)


def exit_on_hangup_signal(patch: Patch) -> None:
    """Without SIGHUP among the signals on which Mica shuts down cleanly."""
    names = {"SIGHUP": signal.SIGTERM}
    known = {name: getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIG_IGN")}
    functions = {"signal": signal.signal, "getsignal": signal.getsignal}
    patch.setattr(desktop, "signal", SimpleNamespace(**names, **known, **functions))


def do_not_restore_the_front_program(patch: Patch) -> None:
    """Do not return to the previous program when the last window closes."""
    from mica.host.macos.windows import MacFront

    patch.setattr(MacFront, "restore_front", lambda self: None)


def leave_settings_behind_other_windows(patch: Patch) -> None:
    """Only activate the app, which macOS may refuse, without raising its windows."""
    from mica.host.macos.windows import MacFront, NSApplication

    def activate_app(self: MacFront) -> None:
        NSApplication.sharedApplication().activateIgnoringOtherApps_(True)

    patch.setattr(MacFront, "activate_app", activate_app)


def leave_reopening_to_qt(patch: Patch) -> None:
    """Leave the reopen event to Qt, which shows nothing."""
    from mica.host.macos.reopening import MacReopening

    patch.setattr(MacReopening, "watch", lambda self, on_reopen: None)


def ignore_the_menu_bar_owner(patch: Patch) -> None:
    """Ignore the owner of the menu bar if Mica is in front already."""
    from mica.host.macos import windows

    workspace = windows.NSWorkspace.sharedWorkspace()
    patch.setattr(workspace, "menuBarOwningApplication", lambda: None)


def offer_the_text_to_other_devices(patch: Patch) -> None:
    from mica.host.macos import clipboard

    patch.setattr(clipboard, "_HERE_ONLY", 0)


def let_the_display_sleep(patch: Patch) -> None:
    from mica.host.macos import session

    patch.setattr(session, "NSActivityIdleDisplaySleepDisabled", 0)


def require_a_mouse_entered_event(patch: Patch) -> None:
    """Require a mouse-entered event before a button in a floating window works."""
    from mica.ui.floating import Button

    released = Button.mouseReleaseEvent

    def mouse_released(self: Button, event: Any) -> None:
        if self._is_under:
            released(self, event)

    patch.setattr(Button, "mouseReleaseEvent", mouse_released)


def activate_on_click(patch: Patch) -> None:
    """Let clicks on floating windows activate Mica: the style mask alone does not
    prevent that."""
    from mica.host.macos import open, windows

    def raise_overlay(view: int) -> None:
        windows.raise_overlay(view)
        window = windows.objc_object(c_void_p=view).window()
        window._setPreventsActivation_(False)

    patch.setattr(open, "raise_overlay", raise_overlay)


def hide_floating_windows_in_full_screen(patch: Patch) -> None:
    """Show floating windows on all desktops, but not above a full-screen program."""
    from mica.host.macos import windows

    desktops = windows.NSWindowCollectionBehaviorCanJoinAllSpaces
    patch.setattr(windows, "_EVERYWHERE", desktops)


def float_below_the_menu_bar(patch: Patch) -> None:
    """Use the level that Qt gives to a tool window that stays on top."""
    from mica.host.macos import windows

    patch.setattr(windows, "NSStatusWindowLevel", 8)  # NSModalPanelWindowLevel


def keep_a_microphone_open_while_away(patch: Patch) -> None:
    """Keep a microphone ready after its recording though the user is away."""

    def on_away(self: desktop.Desktop, away: Any) -> None:
        self._captions.suspend()
        self._dictation.suspend()

    patch.setattr(desktop.Desktop, "_on_away", on_away)
