"""Tells that the user has chosen another keyboard layout. Main thread only.

Which key types a letter in the user's layout, by itself or while Command is held.

On Dvorak, and on layouts that become QWERTY under Command, V is elsewhere; a layout
without Latin letters has them from the last one used that has some, as TextInputSources
.h calls it. Asked anew each time. Through ctypes: pyobjc does not wrap the Text Input
Sources. Main thread only, or macOS ends us.
"""

import ctypes
from collections.abc import Iterable
from typing import Any, Final

from Foundation import (
    NSDistributedNotificationCenter,
    NSNotificationSuspensionBehaviorDeliverImmediately,
    NSObject,
)

from mica.host.macos.callbacks import contained
from mica.host.ports import Callback

#: kTISNotifySelectedKeyboardInputSourceChanged, as HIToolbox posts it to everybody.
CHANGED: Final = "com.apple.Carbon.TISNotifySelectedKeyboardInputSourceChanged"


class MicaLayoutObserver(NSObject):  # type: ignore[misc]
    """Whom the notification center calls."""

    def told_(self, note: Any) -> None:
        with contained():
            self.tell()


class InputSource:
    """From start to stop."""

    def __init__(self, on_change: Callback) -> None:
        self._on_change = on_change
        self._observer: Any = None

    def start(self) -> None:
        self.stop()
        self._observer = observer = MicaLayoutObserver.alloc().init()
        observer.tell = self._on_change
        # by default it waits until a program like ours comes to the front
        at_once = NSNotificationSuspensionBehaviorDeliverImmediately
        center = NSDistributedNotificationCenter.defaultCenter()
        center.addObserver_selector_name_object_suspensionBehavior_(
            observer, b"told:", CHANGED, None, at_once
        )

    def stop(self) -> None:
        if self._observer is not None:
            center = NSDistributedNotificationCenter.defaultCenter()
            center.removeObserver_(self._observer)
            self._observer = None


_DOWN: Final = 0  # kUCKeyActionDown: a dead key types nothing
_DISPLAY: Final = 3  # kUCKeyActionDisplay
_COMMAND: Final = 1  # cmdKey >> 8
SHIFT: Final = 2  # shiftKey >> 8
OPTION: Final = 8  # optionKey >> 8
_NO_DEAD_KEYS: Final = 1  # kUCKeyTranslateNoDeadKeysMask
_KEYS: Final = 128
#: Of Carbon, by which layouts are asked for letters, the one in use last: it wins.
_SOURCES: Final = (
    "TISCopyCurrentASCIICapableKeyboardLayoutInputSource",
    "TISCopyCurrentKeyboardLayoutInputSource",
)


def prepare(library: Any) -> None:
    """Tell ctypes what these functions of Carbon take and give."""
    pointer = ctypes.c_void_p
    library.layout_property = pointer.in_dll(
        library, "kTISPropertyUnicodeKeyLayoutData"
    )
    library.TISCopyCurrentASCIICapableKeyboardLayoutInputSource.restype = pointer
    library.TISCopyCurrentKeyboardLayoutInputSource.restype = pointer
    library.TISGetInputSourceProperty.argtypes = [pointer, pointer]
    library.TISGetInputSourceProperty.restype = pointer
    library.CFDataGetBytePtr.argtypes = [pointer]
    library.CFDataGetBytePtr.restype = pointer
    library.CFRelease.argtypes = [pointer]
    library.LMGetKbdType.restype = ctypes.c_uint8
    library.UCKeyTranslate.argtypes = [
        pointer,
        *[ctypes.c_uint16] * 2,
        *[ctypes.c_uint32] * 3,
        pointer,
        ctypes.c_ulong,
        pointer,
        pointer,
    ]


def key_of(library: Any, letter: str) -> int | None:
    """The virtual keycode that gives the letter with Command held; None where no layout
    says."""
    return prints(library, _COMMAND).get(letter)


def prints(library: Any, modifiers: int = 0) -> dict[str, int]:
    """The key of each character, the main keyboard's before the keypad's; empty where
    no layout says."""
    found: dict[str, int] = {}
    for name in _SOURCES:
        found |= _of_source(library, getattr(library, name)(), modifiers)
    return found


def strokes(library: Any, layers: Iterable[int]) -> dict[str, tuple[int, int]]:
    """Which key types each character, and the modifiers to hold, of these layers; the
    first layer that has it. Dead keys are left out: they type with the next key only.

    layers   Carbon's modifiers >> 8: SHIFT, OPTION
    """
    found: dict[str, tuple[int, int]] = {}
    for name in reversed(_SOURCES):  # an input method has the keys of the other one
        for layer in layers:
            typed = _of_source(library, getattr(library, name)(), layer, dead_keys=True)
            found = {text: (code, layer) for text, code in typed.items()} | found
        if found:
            break
    return found


def _of_source(
    library: Any, source: Any, modifiers: int, *, dead_keys: bool = False
) -> dict[str, int]:
    """The same of one input source, which is released; an input method may have no
    layout of its own.

    dead_keys   characters as they are typed, none of a dead key; else in small letters
    """
    if not source:
        return {}
    try:
        data = library.TISGetInputSourceProperty(source, library.layout_property)
        layout = library.CFDataGetBytePtr(data) if data else None
        codes = range(_KEYS - 1, -1, -1) if layout else ()
        how = (_DOWN, 0) if dead_keys else (_DISPLAY, _NO_DEAD_KEYS)
        typed = ((_typed(library, layout, c, modifiers, how), c) for c in codes)
        texts = {text: code for text, code in typed if text or not dead_keys}
    finally:
        library.CFRelease(source)
    return texts if dead_keys else {text.lower(): c for text, c in texts.items()}


def _typed(
    library: Any, layout: Any, code: int, modifiers: int, how: tuple[int, int]
) -> str:
    """`how`: UCKeyTranslate's action and options."""
    dead, length = ctypes.c_uint32(), ctypes.c_ulong()
    letters = (ctypes.c_uint16 * 4)()
    action, options = how
    library.UCKeyTranslate(
        layout,
        code,
        action,
        modifiers,
        library.LMGetKbdType(),
        options,
        ctypes.byref(dead),
        len(letters),
        ctypes.byref(length),
        letters,
    )
    return "".join(chr(letter) for letter in letters[: length.value])
