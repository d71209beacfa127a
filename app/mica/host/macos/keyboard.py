"""Secure input: a program keeps the keyboard to itself, and posted keys are dropped.

Whether, by Carbon, or by the window server's word where a system no longer exports
that function; who, only by the window server, which may name the front program in
place of the one that asked for it.

Sticky Keys, in System Settings › Accessibility › Keyboard.

With it macOS keeps a modifier's release from every program until another key was
pressed, or until that modifier's third press: what it says is down may be up. The keys
that programs post do not pass there (IOHIDKeyboardFilter.cpp in Apple's IOHIDFamily),
so that they neither end it nor use up what waits.

Posts keys for the user, where that is allowed and no program protects the keyboard.

Posted without the permission, or under secure input, keys vanish without a word: so
both are asked first. Main thread only.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from AppKit import NSRunningApplication
from ApplicationServices import AXIsProcessTrusted
from CoreFoundation import CFPreferencesAppSynchronize, CFPreferencesCopyAppValue
from Quartz import (
    CGEventCreateKeyboardEvent,
    CGEventKeyboardSetUnicodeString,
    CGEventPost,
    CGEventSetFlags,
    CGEventSourceCreate,
    CGEventSourceFlagsState,
    CGPreflightPostEventAccess,
    CGSessionCopyCurrentDictionary,
    kCGEventFlagMaskAlternate,
    kCGEventFlagMaskCommand,
    kCGEventFlagMaskControl,
    kCGEventFlagMaskSecondaryFn,
    kCGEventFlagMaskShift,
    kCGEventSourceStateHIDSystemState,
    kCGEventSourceStatePrivate,
    kCGHIDEventTap,
)

from mica.errors import InsertionError, PermissionDenied

_KEEPER = "kCGSSessionSecureInputPID"


def secure_input_owner(library: Any) -> str | None:
    """See ports.Focus. `library`: Carbon."""
    session = CGSessionCopyCurrentDictionary()  # None without a window server
    pid = session.get(_KEEPER) if session is not None else None
    ask = getattr(library, "IsSecureEventInputEnabled", None)
    if not (ask() if ask is not None else pid):
        return None
    if not pid:
        return ""
    program = NSRunningApplication.runningApplicationWithProcessIdentifier_(int(pid))
    return str(program.localizedName() or "") if program is not None else ""


_OWNER: Final = "com.apple.universalaccess"
_CHOICE: Final = "stickyKey"  # as nix-darwin's and others' tables of defaults have it


def sticky_keys() -> bool:
    """Whether the user has it on; False where macOS does not say."""
    CFPreferencesAppSynchronize(_OWNER)  # what another program has written since
    return bool(CFPreferencesCopyAppValue(_CHOICE, _OWNER))


BETWEEN_S: Final = 0.01  # between key down and key up (VoiceInk)
_MODIFIERS: Final = (
    kCGEventFlagMaskShift
    | kCGEventFlagMaskControl
    | kCGEventFlagMaskAlternate
    | kCGEventFlagMaskCommand
    | kCGEventFlagMaskSecondaryFn
)


class Keyboard:
    """Posted keys. `library`: Carbon."""

    def __init__(
        self, library: Any, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.library = library
        self._pause = pause

    def is_free(self) -> bool:
        """Whether no modifier is physically down; with Sticky Keys nobody can tell."""
        flags = CGEventSourceFlagsState(kCGEventSourceStateHIDSystemState)
        return not flags & _MODIFIERS or sticky_keys()

    def press(
        self, code: int, flags: int, *, times: int = 1, between_s: float = BETWEEN_S
    ) -> None:
        """A key with these modifiers. Raises InsertionError or PermissionDenied."""
        self.check()
        # a private source: keys the user holds do not mix in, nor do we in theirs
        source = CGEventSourceCreate(kCGEventSourceStatePrivate)
        for down in (True, False) * times:
            event = CGEventCreateKeyboardEvent(source, code, down)
            CGEventSetFlags(event, flags)
            CGEventPost(kCGHIDEventTap, event)
            if down:
                self._pause(between_s)

    def write(self, text: str, units: int) -> None:
        """One key press that carries these characters; raises as press does.

        units   how many of UTF-16 they are
        """
        self.check()
        source = CGEventSourceCreate(kCGEventSourceStatePrivate)
        for down in (True, False):
            event = CGEventCreateKeyboardEvent(source, 0, down)
            CGEventSetFlags(event, 0)
            CGEventKeyboardSetUnicodeString(event, units, text)
            CGEventPost(kCGHIDEventTap, event)
            self._pause(BETWEEN_S / 2)

    def check(self) -> None:
        """Raises what press would."""
        # either may be late to know
        if not (CGPreflightPostEventAccess() or AXIsProcessTrusted()):
            raise PermissionDenied(
                "Mica may not press keys for you.",
                "Allow it in System Settings › Privacy & Security › Accessibility.",
            )
        keeper = secure_input_owner(self.library)
        if keeper is not None:
            raise InsertionError(
                f"{f'“{keeper}”' if keeper else 'A program'} protects the keyboard.",
                "Leave the password field, or turn off Secure Keyboard Entry.",
            )
