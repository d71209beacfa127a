"""The permissions that Mica needs on macOS: the microphone, and posting keys."""

import ctypes
import os
from typing import Final

from AppKit import (
    NSPasteboard,
    NSPasteboardAccessBehaviorAlwaysAllow,
    NSPasteboardAccessBehaviorDefault,
    NSRunningApplication,
    NSWorkspace,
)
from ApplicationServices import (
    AXIsProcessTrusted,
    AXIsProcessTrustedWithOptions,
    AXUIElementCopyAttributeValue,
    AXUIElementCreateSystemWide,
    AXUIElementSetMessagingTimeout,
    kAXErrorAPIDisabled,
    kAXFocusedApplicationAttribute,
    kAXTrustedCheckOptionPrompt,
)
from AVFoundation import AVCaptureDevice, AVMediaTypeAudio
from Foundation import NSURL, NSBundle
from Quartz import CGPreflightPostEventAccess

from mica.host.values import Grant, Permission

PAGE: Final = "x-apple.systempreferences:com.apple.preference.security?Privacy_"
_PAGES: Final = {
    Permission.MICROPHONE: "Microphone",
    Permission.INSERTION: "Accessibility",
    Permission.CLIPBOARD: "Pasteboard",  # feedback-assistant/reports#656
}
#: Default acts like Ask, as it becomes at the first request (NSPasteboard.h); if macOS
#: asks each time, Mica reads nothing (clipboard.py).
_CLIPBOARD_STATES: Final = {
    NSPasteboardAccessBehaviorDefault: Grant.UNDETERMINED,
    NSPasteboardAccessBehaviorAlwaysAllow: Grant.GRANTED,
}
_STATES: Final = (Grant.UNDETERMINED, Grant.DENIED, Grant.DENIED, Grant.GRANTED)


_PROBE_S: Final = 0.25
_UNKNOWN_APP: Final = "the app that Mica was started from"


def may_post_keys() -> bool:
    """Whether any of three checks allows it: each may keep its result from the start of
    the process (screenpipe#5365; Apple's forums, 727984). The last is a real query of
    another program."""
    is_allowed = CGPreflightPostEventAccess() or AXIsProcessTrusted()
    return bool(is_allowed) or not _probe_error()


def accessibility_works() -> bool:
    """Whether other programs can be queried: after an update of the app, a grant may
    have no effect (screenpipe#5365). Other errors mean nothing here."""
    return bool(_probe_error() != kAXErrorAPIDisabled)


def _probe_error() -> int:
    everything = AXUIElementCreateSystemWide()
    AXUIElementSetMessagingTimeout(everything, _PROBE_S)
    error, _program = AXUIElementCopyAttributeValue(
        everything, kAXFocusedApplicationAttribute, None
    )
    return int(error)


def responsible_pid(library: str | None = None) -> int:
    """The process that macOS holds responsible for ours: itself for an app that was
    opened, the terminal for programs in one, Mica.app's executable included. 0:
    unknown. A private function, which Chromium uses too
    (base/process/process_info_mac.cc).

    library   the path of its library; None: libSystem
    """
    name = "responsibility_get_pid_responsible_for_pid"
    ask = getattr(ctypes.CDLL(library), name, None)
    return max(0, int(ask(os.getpid()))) if ask is not None else 0


def holder() -> str:
    """The name of the program that macOS asks about and lists."""
    if pid := responsible_pid():
        find = NSRunningApplication.runningApplicationWithProcessIdentifier_
        program = find(pid)  # None: no app, such as sshd
        name = program.localizedName() if program is not None else ""
        return str(name or _UNKNOWN_APP)
    return _holder_by_environment()


def _holder_by_environment() -> str:
    """Mica if this runs in its own bundle, else the app whose identifier was left in
    our environment (pynput#389)."""
    if str(NSBundle.mainBundle().bundlePath()).endswith("/Mica.app"):
        return "Mica"
    identifier = os.environ.get("__CFBundleIdentifier", "")  # noqa: SIM112 Apple's name
    find = NSRunningApplication.runningApplicationsWithBundleIdentifier_
    for program in find(identifier) if identifier else ():
        return str(program.localizedName() or _UNKNOWN_APP)
    return _UNKNOWN_APP


class MacPermissions:
    """See ports.Permissions. Main thread only."""

    def __init__(self) -> None:
        self._is_alert_shown = False  # macOS shows it once per start

    def state(self, what: Permission) -> Grant:
        if what is Permission.INSERTION:
            return Grant.GRANTED if may_post_keys() else Grant.DENIED
        if what is Permission.CLIPBOARD:
            pasteboard = NSPasteboard.generalPasteboard()
            if not pasteboard.respondsToSelector_("accessBehavior"):
                return Grant.NOT_NEEDED  # before macOS 15.4
            return _CLIPBOARD_STATES.get(pasteboard.accessBehavior(), Grant.DENIED)
        status = AVCaptureDevice.authorizationStatusForMediaType_(AVMediaTypeAudio)
        return _STATES[status]

    def holder(self) -> str:
        return holder()

    def request(self, what: Permission) -> None:
        undetermined = self.state(what) is Grant.UNDETERMINED
        if what is Permission.MICROPHONE and undetermined:
            ask = AVCaptureDevice.requestAccessForMediaType_completionHandler_
            ask(AVMediaTypeAudio, lambda granted: None)  # the state is polled
            return
        if what is Permission.INSERTION and not self._is_alert_shown:
            self._is_alert_shown = True  # it leads to the page itself
            AXIsProcessTrustedWithOptions({kAXTrustedCheckOptionPrompt: True})
            return
        page = NSURL.URLWithString_(PAGE + _PAGES[what])
        NSWorkspace.sharedWorkspace().openURL_(page)
