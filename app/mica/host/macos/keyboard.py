"""Secure input: a program keeps what is typed from all others.

It is about reading keys (Apple's TN2150); ours arrive where it is on for the whole
Mac, as Terminal's Secure Keyboard Entry or a program that ended has it.

Whether, by Carbon, or by the window server's word where a system no longer exports
that function; who, only by the window server, which may name the front program in
place of the one that asked for it.

Sticky Keys, in System Settings › Accessibility › Keyboard.

With it macOS keeps a modifier's release from every program until another key was
pressed, or until that modifier's third press: what it says is down may be up. The keys
that programs post do not pass there (IOHIDKeyboardFilter.cpp in Apple's IOHIDFamily),
so that they neither end it nor use up what waits.

Posts keys for the user, where that is allowed.

Posted without the permission keys vanish without a word: so it is asked for first.
Main thread only.
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

_KEEPER = "kCGSSessionSecureInputPID"


def secure_input_pid(library: Any) -> int | None:
    """The process that has it on; 0 where that is not known, None where none has.
    `library`: Carbon."""
    session = CGSessionCopyCurrentDictionary()  # None without a window server
    pid = session.get(_KEEPER) if session is not None else None
    ask = getattr(library, "IsSecureEventInputEnabled", None)
    return int(pid or 0) if (ask() if ask is not None else pid) else None


def secure_input_owner(library: Any) -> str | None:
    """See ports.Focus. `library`: Carbon."""
    pid = secure_input_pid(library)
    if not pid:
        return None if pid is None else ""
    program = NSRunningApplication.runningApplicationWithProcessIdentifier_(pid)
    return str(program.localizedName() or "") if program is not None else ""


_OWNER: Final = "com.apple.universalaccess"
_CHOICE: Final = "stickyKey"  # as nix-darwin's and others' tables of defaults have it


def sticky_keys() -> bool:
    """Whether the user has it on; False where macOS does not say."""
    CFPreferencesAppSynchronize(_OWNER)  # what another program has written since
    return bool(CFPreferencesCopyAppValue(_CHOICE, _OWNER))


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


def is_posted_by_us(event: Any) -> bool:
    """Whether an NSEvent is one of ours. Either mark may be lost on the way."""
    posted = event.CGEvent()
    if posted is None:
        return False
    pid = CGEventGetIntegerValueField(posted, kCGEventSourceUnixProcessID)
    tag = CGEventGetIntegerValueField(posted, kCGEventSourceUserData)
    return bool(pid == os.getpid() or tag == _TAG)


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
        """A key with these modifiers. Raises PermissionDenied."""
        self.check()
        source = _source()
        with self._held(source, flags) as held:
            for down in (True, False) * times:
                _post(source, code, down, held)
                if down:
                    self._pause(between_s)

    @contextmanager
    def _held(self, source: Any, flags: int) -> Iterator[int]:
        """The modifiers go down before the key and come up behind it, as a person's do:
        some programs follow them by events of their own (flutter/flutter#184571). The
        flags meanwhile, with the bits that tell left from right (Emacs asks for them).
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

    def write(self, text: str, units: int, code: int = 0) -> None:
        """One key press that carries these characters; raises as press does.

        units   how many of UTF-16 they are
        code    the key's, for programs that look at it
        """
        self.check()
        source = _source()
        for down in (True, False):
            _post(source, code, down, 0, text, units)
            self._pause(BETWEEN_S / 2)

    def check(self) -> None:
        """Raises what press would."""
        if not may_post_keys():
            raise PermissionDenied(
                "Mica may not press keys for you.",
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
