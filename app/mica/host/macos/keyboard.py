"""Posts key events if macOS will deliver them, and finds who has Secure Input on.

Without the Accessibility permission macOS drops posted keys silently, so it is checked
first. Secure Input keeps other apps from reading keys (Apple's TN2150); posted keys
still arrive if it is on for the whole Mac, as with Terminal's Secure Keyboard Entry or
an app that has ended. Carbon reports whether it is on, or the window server if a system
no longer exports that function; only the window server reports which app turned it on,
and it may name the front app instead.

With Sticky Keys, macOS keeps the release of a modifier from every app until another key
or that modifier is pressed: a modifier reported as down may be up. Posted keys do not
pass through that filter (IOHIDKeyboardFilter.cpp in Apple's IOHIDFamily,
https://github.com/apple-oss-distributions/IOHIDFamily), so they neither end it nor use
up what it latched. Main thread only.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from AppKit import NSRunningApplication
from CoreFoundation import CFPreferencesAppSynchronize, CFPreferencesCopyAppValue
from Quartz import (
    CGEventCreateKeyboardEvent,
    CGEventGetIntegerValueField,
    CGEventKeyboardSetUnicodeString,
    CGEventPost,
    CGEventSetFlags,
    CGEventSourceCreate,
    CGEventSourceFlagsState,
    CGEventSourceSetUserData,
    CGSessionCopyCurrentDictionary,
    kCGEventFlagMaskAlternate,
    kCGEventFlagMaskCommand,
    kCGEventFlagMaskControl,
    kCGEventFlagMaskShift,
    kCGEventSourceStateHIDSystemState,
    kCGEventSourceStatePrivate,
    kCGEventSourceUnixProcessID,
    kCGEventSourceUserData,
    kCGHIDEventTap,
)

from mica.errors import PermissionDenied
from mica.host.macos.keys import MODIFIER_BITS, keycode
from mica.host.macos.permissions import holder, may_post_keys

_SECURE_INPUT_PID = "kCGSSessionSecureInputPID"
_DOMAIN: Final = "com.apple.universalaccess"
_STICKY_KEYS: Final = "stickyKey"  # according to nix-darwin's table of defaults
BETWEEN_S: Final = 0.01  # between key down and key up (VoiceInk)
#: Without Fn: arrow and function keys set its flag too, and it may stay set after their
#: release (marmotz/murmure#398); posted keys do not inherit it.
_MODIFIERS: Final = (
    kCGEventFlagMaskShift
    | kCGEventFlagMaskControl
    | kCGEventFlagMaskAlternate
    | kCGEventFlagMaskCommand
)
#: The key for each flag.
_KEYS: Final = {
    kCGEventFlagMaskShift: keycode("left_shift", {}),
    kCGEventFlagMaskAlternate: keycode("left_alt", {}),
    kCGEventFlagMaskCommand: keycode("left_super", {}),
}
_TAG: Final = int.from_bytes(b"Mica", "big")
#: No key has this code. Programs that read codes instead of characters ignore it; 0
#: would be an A to them (CGEventKeyboardSetUnicodeString's notes; Hammerspoon#2881).
NO_KEY: Final = 0xFF


def secure_input_pid(library: Any) -> int | None:
    """The process that has it on; 0: not known; None: none has. `library`: Carbon."""
    session = CGSessionCopyCurrentDictionary()  # None without a window server
    pid = session.get(_SECURE_INPUT_PID) if session is not None else None
    ask = getattr(library, "IsSecureEventInputEnabled", None)
    return int(pid or 0) if (ask() if ask is not None else pid) else None


def secure_input_owner(library: Any) -> str | None:
    """See ports.Focus. `library`: Carbon."""
    pid = secure_input_pid(library)
    if not pid:
        return None if pid is None else ""
    program = NSRunningApplication.runningApplicationWithProcessIdentifier_(pid)
    return str(program.localizedName() or "") if program is not None else ""


def sticky_keys() -> bool:
    """Whether the user has Sticky Keys on; False if macOS does not report it."""
    CFPreferencesAppSynchronize(_DOMAIN)  # picks up changes by other programs
    return bool(CFPreferencesCopyAppValue(_STICKY_KEYS, _DOMAIN))


def is_posted_by_us(event: Any) -> bool:
    """Whether an NSEvent was posted by Mica. Either mark may be lost on the way."""
    posted = event.CGEvent()
    if posted is None:
        return False
    pid = CGEventGetIntegerValueField(posted, kCGEventSourceUnixProcessID)
    tag = CGEventGetIntegerValueField(posted, kCGEventSourceUserData)
    return bool(pid == os.getpid() or tag == _TAG)


class Keyboard:
    """Posts key events. `library`: Carbon."""

    def __init__(
        self, library: Any, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.library = library
        self._pause = pause

    def no_modifier_down(self) -> bool:
        """Whether no modifier is physically down; unknowable with Sticky Keys."""
        flags = CGEventSourceFlagsState(kCGEventSourceStateHIDSystemState)
        return not flags & _MODIFIERS or sticky_keys()

    def press(
        self, code: int, flags: int, *, times: int = 1, between_s: float = BETWEEN_S
    ) -> None:
        """Press a key with these modifiers. Raises PermissionDenied."""
        self.ensure_allowed()
        source = _source()
        with self._held(source, flags) as held:
            for down in (True, False) * times:
                _post(source, code, down, held)
                if down:
                    self._pause(between_s)

    @contextmanager
    def _held(self, source: Any, flags: int) -> Iterator[int]:
        """Hold the modifiers of these flags; yields the flags for events inside.

        Some apps track modifiers by their own events (flutter/flutter#184571). The
        flags include the bits that distinguish left from right, which Emacs reads.
        """
        held = 0
        down: list[tuple[int, int]] = []
        try:
            for flag, code in _KEYS.items():
                if flags & flag:
                    down.append((code, held))
                    held |= flag | MODIFIER_BITS[code]
                    _post(source, code, True, held)
                    self._pause(BETWEEN_S)
            yield flags | held
        finally:
            for code, before in reversed(down):
                _post(source, code, False, before)

    def type_text(self, text: str, units: int, code: int = 0) -> None:
        """Post one key press that carries these characters; raises like press().

        units   their number of UTF-16 units
        code    the key's, for programs that read it
        """
        self.ensure_allowed()
        source = _source()
        for down in (True, False):
            _post(source, code, down, 0, text, units)
            self._pause(BETWEEN_S / 2)

    def ensure_allowed(self) -> None:
        """Raise PermissionDenied if macOS would drop posted keys."""
        if not may_post_keys():
            raise PermissionDenied(
                "Mica isn’t allowed to press keys.",
                f"Allow {holder()} in System Settings › Privacy & Security › "
                "Accessibility. If it is on already, quit Mica and start it again.",
            )


def _source() -> Any:
    """A private event source, which does not mix with keys that the user holds."""
    source = CGEventSourceCreate(kCGEventSourceStatePrivate)
    CGEventSourceSetUserData(source, _TAG)
    return source


def _post(
    source: Any, code: int, down: bool, flags: int, text: str = "", units: int = 0
) -> None:
    event = CGEventCreateKeyboardEvent(source, code, down)
    CGEventSetFlags(event, flags)
    if text:
        CGEventKeyboardSetUnicodeString(event, units, text)
    CGEventPost(kCGHIDEventTap, event)
