"""Carbon's hot keys, and the macOS shortcuts that they may conflict with.

RegisterEventHotKey needs no permission, and the front app never sees the key. pyobjc
does not wrap it, so it is called through ctypes. macOS handles its own shortcuts
(Spotlight, screenshots, input sources) before any app, but lets apps register them
without effect; symbolic_hot_keys() lists those that are on. Main thread only.
"""

import ctypes
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from objc import objc_object

from mica.errors import MicaError
from mica.host.key_names import Chord, label
from mica.host.macos.keys import MODIFIER_MASK, WITH_FN

LIBRARY: Final = "/System/Library/Frameworks/Carbon.framework/Carbon"
_KEYBOARD, _HOT_KEY_TYPE, _DIRECT, _MICA = (
    int.from_bytes(code, "big") for code in (b"keyb", b"hkid", b"----", b"Mica")
)
PRESSED: Final = 5  # kEventHotKeyPressed
RELEASED: Final = 6  # kEventHotKeyReleased
EXCLUSIVE: Final = 1  # kEventHotKeyExclusive
_CODE_BITS: Final = 8
HotKey = tuple[int, int]  # virtual keycode, Carbon's modifiers
_HANDLER: Final = ctypes.CFUNCTYPE(
    ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
)
_CODE: Final = "kHISymbolicHotKeyCode"
_MODIFIERS: Final = "kHISymbolicHotKeyModifiers"
_ENABLED: Final = "kHISymbolicHotKeyEnabled"
_NO_KEY: Final = 0xFFFF  # for a shortcut without a key


class HotKeyId(ctypes.Structure):
    """EventHotKeyID."""

    _fields_ = (("signature", ctypes.c_uint32), ("id", ctypes.c_uint32))


class EventType(ctypes.Structure):
    """EventTypeSpec."""

    _fields_ = (("kind_class", ctypes.c_uint32), ("kind", ctypes.c_uint32))


def load() -> Any:
    """The Carbon library, with the types that ctypes would guess wrong."""
    library = ctypes.CDLL(LIBRARY)
    ref, code, size = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_ulong
    library.GetApplicationEventTarget.restype = ref
    library.InstallEventHandler.argtypes = [ref, _HANDLER, size, ref, ref, ref]
    library.RegisterEventHotKey.argtypes = [code, code, HotKeyId, ref, code, ref]
    library.UnregisterEventHotKey.argtypes = [ref]
    library.GetEventKind.argtypes = [ref]
    library.GetEventTime.argtypes = [ref]
    library.GetEventTime.restype = ctypes.c_double
    library.GetEventParameter.argtypes = [ref, code, code, ref, size, ref, ref]
    with suppress(AttributeError):  # macOS 27 reportedly no longer exports it
        library.IsSecureEventInputEnabled.restype = ctypes.c_bool
    return library


class CarbonKeys:
    """Registered hot keys: no other app gets these keys."""

    def __init__(
        self, library: Any, on_key: Callable[[HotKey, bool, float], None]
    ) -> None:
        """on_key: called with the key, whether it went down, and when, in seconds since
        the system's start."""
        self._library = library
        self._on_key = on_key
        self._refs: dict[HotKey, ctypes.c_void_p] = {}
        self._handler = _HANDLER(self._handle)  # must outlive its registration
        kinds = (EventType * 2)(
            EventType(_KEYBOARD, PRESSED), EventType(_KEYBOARD, RELEASED)
        )
        target = library.GetApplicationEventTarget()
        library.InstallEventHandler(target, self._handler, 2, kinds, None, None)

    @property
    def registered(self) -> set[HotKey]:
        """The keys that are currently registered."""
        return set(self._refs)

    def register(self, key: HotKey, options: int = EXCLUSIVE) -> bool:
        """Register this key; False if another app has it exclusively."""
        if key in self._refs:
            return True
        ref, target = ctypes.c_void_p(), self._library.GetApplicationEventTarget()
        identity = HotKeyId(_MICA, key[1] << _CODE_BITS | key[0])
        error = self._library.RegisterEventHotKey(
            *key, identity, target, options, ctypes.byref(ref)
        )
        if not error:
            self._refs[key] = ref
        return not error

    def unregister_except(self, keys: set[HotKey]) -> None:
        """Unregister all keys but these."""
        for key in self.registered - keys:
            self._library.UnregisterEventHotKey(self._refs.pop(key))

    def _handle(self, _call: int, event: int, _data: int) -> int:
        which = HotKeyId()
        size = ctypes.sizeof(which)
        self._library.GetEventParameter(
            event, _DIRECT, _HOT_KEY_TYPE, None, size, None, ctypes.byref(which)
        )
        modifiers, code = divmod(which.id, 1 << _CODE_BITS)
        pressed = self._library.GetEventKind(event) == PRESSED
        self._on_key((code, modifiers), pressed, self._library.GetEventTime(event))
        return 0


def symbolic_hot_keys(library: Any) -> set[HotKey]:
    """The keys of macOS's own shortcuts that are on; none if they are unknown.

    library   Carbon
    """
    array = ctypes.c_void_p()
    error = library.CopySymbolicHotKeys(ctypes.byref(array))
    if error or array.value is None:
        return set()
    every = objc_object(c_void_p=array.value)
    found = [_key(one) for one in every if one.get(_ENABLED)]
    library.CFRelease(array)
    return {
        (code, modifiers & MODIFIER_MASK)
        for code, modifiers in found
        if not modifiers & ~MODIFIER_MASK or code in WITH_FN  # our chords have no Fn
    }


def _key(one: Mapping[str, Any]) -> HotKey:
    return int(one.get(_CODE, _NO_KEY)), int(one.get(_MODIFIERS, 0))


def conflict_error(chord: Chord, with_macos: bool) -> MicaError:
    """The error for a key that macOS or another app has taken."""
    name = label(str(chord), mac=True)
    if with_macos:
        remedy = "Choose another key, or free it in System Settings › Keyboard."
        return MicaError(f"macOS already uses {name}.", remedy)
    return MicaError(f"Another app already uses {name}.", "Choose another key.")
