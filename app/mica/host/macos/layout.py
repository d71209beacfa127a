"""Which key gives a character in the user's layout, and when that layout changes.

On Dvorak, and on layouts that become QWERTY while Command is held, V is elsewhere. A
layout without Latin letters borrows those of the last used layout that has them,
according to TextInputSources.h. Looked up anew each time, through ctypes: pyobjc does
not wrap Text Input Sources. Main thread only, or macOS ends the process.
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

#: kTISNotifySelectedKeyboardInputSourceChanged, which HIToolbox posts to every app.
CHANGED: Final = "com.apple.Carbon.TISNotifySelectedKeyboardInputSourceChanged"
_DOWN: Final = 0  # kUCKeyActionDown: a dead key types nothing
_DISPLAY: Final = 3  # kUCKeyActionDisplay
_COMMAND: Final = 1  # cmdKey >> 8
SHIFT: Final = 2  # shiftKey >> 8
OPTION: Final = 8  # optionKey >> 8
_NO_DEAD_KEYS: Final = 1  # kUCKeyTranslateNoDeadKeysMask
_KEYS: Final = 128
#: Carbon's functions for the layouts to query, the one in use last, so that it wins.
_SOURCES: Final = (
    "TISCopyCurrentASCIICapableKeyboardLayoutInputSource",
    "TISCopyCurrentKeyboardLayoutInputSource",
)


class MicaLayoutObserver(NSObject):  # type: ignore[misc]
    """The observer that the notification center calls."""

    def handleNotification_(self, note: Any) -> None:
        with contained():
            self.callback()


class InputSourceObserver:
    """Calls on_change when the user chooses another input source."""

    def __init__(self, on_change: Callback) -> None:
        self._on_change = on_change
        self._observer: Any = None

    def start(self) -> None:
        self.stop()
        self._observer = observer = MicaLayoutObserver.alloc().init()
        observer.callback = self._on_change
        # by default it is delivered only once a background app like Mica comes to the
        # front
        at_once = NSNotificationSuspensionBehaviorDeliverImmediately
        center = NSDistributedNotificationCenter.defaultCenter()
        center.addObserver_selector_name_object_suspensionBehavior_(
            observer, b"handleNotification:", CHANGED, None, at_once
        )

    def stop(self) -> None:
        if self._observer is not None:
            center = NSDistributedNotificationCenter.defaultCenter()
            center.removeObserver_(self._observer)
            self._observer = None


def declare_functions(library: Any) -> None:
    """Declare the types of these Carbon functions to ctypes."""
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


def keycode_for(library: Any, letter: str) -> int | None:
    """The virtual keycode that gives a letter while Command is held, or None."""
    return keys_by_character(library, _COMMAND).get(letter)


def keys_by_character(library: Any, modifiers: int = 0) -> dict[str, int]:
    """The virtual keycode of each character; empty if no layout is known.

    The main keyboard comes before the keypad. modifiers: Carbon's mask >> 8.
    """
    found: dict[str, int] = {}
    for name in _SOURCES:
        found |= _keys_of(library, getattr(library, name)(), modifiers)
    return found


def key_presses(library: Any, layers: Iterable[int]) -> dict[str, tuple[int, int]]:
    """The keycode and modifiers that type each character, from the first layer with it.

    Dead keys are left out: they type only with the next key.

    layers   Carbon's modifiers >> 8: SHIFT, OPTION
    """
    found: dict[str, tuple[int, int]] = {}
    for name in reversed(_SOURCES):  # an input method uses the keys of the other source
        for layer in layers:
            typed = _keys_of(library, getattr(library, name)(), layer, dead_keys=True)
            found = {text: (code, layer) for text, code in typed.items()} | found
        if found:
            break
    return found


def _keys_of(
    library: Any, source: Any, modifiers: int, *, dead_keys: bool = False
) -> dict[str, int]:
    """The keycodes of one input source, which is released here.

    An input method may have no layout of its own.

    dead_keys   characters as typed, without dead keys; otherwise in lower case
    """
    if not source:
        return {}
    try:
        data = library.TISGetInputSourceProperty(source, library.layout_property)
        layout = library.CFDataGetBytePtr(data) if data else None
        codes = range(_KEYS - 1, -1, -1) if layout else ()
        how = (_DOWN, 0) if dead_keys else (_DISPLAY, _NO_DEAD_KEYS)
        typed = ((_character_of(library, layout, c, modifiers, how), c) for c in codes)
        texts = {text: code for text, code in typed if text or not dead_keys}
    finally:
        library.CFRelease(source)
    return texts if dead_keys else {text.lower(): c for text, c in texts.items()}


def _character_of(
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
