"""The shortcuts of macOS itself: Spotlight, screenshots, input sources, as the user has
set them. It takes them before any program does, and refuses nobody who registers one.
"""

import ctypes
from collections.abc import Mapping
from typing import Any, Final

from objc import objc_object

from mica.errors import MicaError
from mica.host.key_names import Chord, label
from mica.host.macos.carbon import HotKey
from mica.host.macos.keys import MODIFIER_MASK, WITH_FN

_CODE: Final = "kHISymbolicHotKeyCode"
_MODIFIERS: Final = "kHISymbolicHotKeyModifiers"
_ENABLED: Final = "kHISymbolicHotKeyEnabled"
_NO_KEY: Final = 0xFFFF  # of a shortcut without one


def of_macos(library: Any) -> set[HotKey]:
    """Those that are on; none where macOS does not say. library: Carbon."""
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
        if not modifiers & ~MODIFIER_MASK or code in WITH_FN  # no chord of ours has Fn
    }


def _key(one: Mapping[str, Any]) -> HotKey:
    return int(one.get(_CODE, _NO_KEY)), int(one.get(_MODIFIERS, 0))


def conflict(chord: Chord, with_macos: bool) -> MicaError:
    """Of a key that is somebody else's: macOS's own, or another program's."""
    name = label(str(chord), mac=True)
    if with_macos:
        remedy = "Choose another key, or free it in System Settings › Keyboard."
        return MicaError(f"macOS has {name}.", remedy)
    return MicaError(f"Another program has {name}.", "Choose another key.")
