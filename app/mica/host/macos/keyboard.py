"""Post key events, where macOS will deliver them; who has Secure Input on.

Without the Accessibility permission macOS drops posted keys silently, so it is checked
first. Secure Input keeps other apps from reading keys (Apple's TN2150); posted keys
still arrive where it is on for the whole Mac, as by Terminal's Secure Keyboard Entry or
an app that has ended. Whether it is on is Carbon's word, or the window server's where a
system no longer exports that function; which app turned it on only the window server
says, and it may name the app in front instead.

With Sticky Keys, macOS keeps the release of a modifier from every app until another key
or that modifier is pressed: a modifier that it reports down may be up. Posted keys do
not pass there (IOHIDKeyboardFilter.cpp in Apple's IOHIDFamily,
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
_STICKY_KEYS: Final = "stickyKey"  # as nix-darwin's table of defaults has it
BETWEEN_S: Final = 0.01  # between key down and key up (VoiceInk)
#: Without Fn: arrow and function keys set its flag as well, and it may stay set after
#: they came up (marmotz/murmure#398); posted keys do not take it over.
_MODIFIERS: Final = (
    kCGEventFlagMaskShift
    | kCGEventFlagMaskControl
    | kCGEventFlagMaskAlternate
    | kCGEventFlagMaskCommand
)
#: The key that gives each flag.
_KEYS: Final = {
    kCGEventFlagMaskShift: keycode("left_shift", {}),
    kCGEventFlagMaskAlternate: keycode("left_alt", {}),
    kCGEventFlagMaskCommand: keycode("left_super", {}),
}
_TAG: Final = int.from_bytes(b"Mica", "big")
#: No key has this code. A program that reads codes instead of characters ignores it; 0
#: would be an A to it (CGEventKeyboardSetUnicodeString's notes; Hammerspoon#2881).
NO_KEY: Final = 0xFF


def secure_input_pid(library: Any) -> int | None:
    """The process that has it on; 0 where that is not known, None where none has.
    `library`: Carbon."""
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
    """Whether the user has Sticky Keys on; False where macOS does not say."""
    CFPreferencesAppSynchronize(_DOMAIN)  # what another program has written since
    return bool(CFPreferencesCopyAppValue(_STICKY_KEYS, _DOMAIN))


def is_posted_by_us(event: Any) -> bool:
    """Whether an NSEvent is one of ours. Either mark may be lost on the way."""
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
        """Whether no modifier is physically down; with Sticky Keys nobody can tell."""
        flags = CGEventSourceFlagsState(kCGEventSourceStateHIDSystemState)
        return not flags & _MODIFIERS or sticky_keys()

    def press(
        self, code: int, flags: int, *, times: int = 1, between_s: float = BETWEEN_S
    ) -> None:
        """A key with these modifiers. Raises PermissionDenied."""
        self.ensure_allowed()
        source = _source()
        with self._held(source, flags) as held:
            for down in (True, False) * times:
                _post(source, code, down, held)
                if down:
                    self._pause(between_s)

    @contextmanager
    def _held(self, source: Any, flags: int) -> Iterator[int]:
        """Hold the modifiers of these flags; yields the flags of the events meanwhile.

        Some apps follow modifiers by their own events (flutter/flutter#184571). The
        flags have the bits that tell left from right, which Emacs reads.
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
        """Post one key press that carries these characters; raises as press does.

        units   how many of UTF-16 they are
        code    the key's, for programs that look at it
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
    """A private one: keys the user holds do not mix in, nor do we in theirs."""
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
