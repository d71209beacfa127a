"""The X Keyboard Extension, which python-xlib lacks, and the keys of a shortcut.

Its requests, with the numbers and layouts of XKBproto.h. State is the core keyboard's,
which every program sees. The keymap belongs to one keyboard: each has its own, XTEST's
too, and the core keyboard has that of the one pressed last. For each shortcut, keymap,
layout group, latched and locked modifiers and AccessX are read anew.
"""

from dataclasses import dataclass
from functools import cached_property
from struct import calcsize, pack, unpack_from
from typing import Any, Final

from Xlib import X  # type: ignore[import-untyped]
from Xlib.ext import xinput  # type: ignore[import-untyped]
from Xlib.protocol import rq  # type: ignore[import-untyped]

from mica.errors import InsertionError, MicaError
from mica.host.x11.keymap import Keymap, parse

CORE: Final = 0x100  # XkbUseCoreKbd
ALL_MODIFIERS: Final = 0xFF  # modifier
SLOW_KEYS, BOUNCE_KEYS, STICKY_KEYS = 1 << 1, 1 << 2, 1 << 3
TWO_KEYS: Final = 1 << 6  # AccessX option: two keys at once end Sticky Keys
_USE, _SELECT, _STATE, _LATCH_LOCK, _CONTROLS, _SET_CONTROLS, _MAP = 0, 1, 4, 5, 6, 7, 8
_CLIENT_FLAGS, _AUTO_RESET = 21, 1 << 2
_NEW_KEYBOARD, _MAP_CHANGED, _STATE_CHANGED = 1 << 0, 1 << 1, 1 << 2
_GROUP: Final = 1 << 4  # changes of the state's group
_PARTS: Final = 1 << 0 | 1 << 1 | 1 << 4  # types, symbols, actions
_ALL: Final = 0xFF
_XTEST: Final = "Virtual core XTEST keyboard"
_SHOWN: Final = {"v": "V", "c": "C"}
_MODIFIERS: Final = {X.ControlMask: "Ctrl", X.ShiftMask: "Shift"}
KeyPress = tuple[int, bool]  # keycode, and whether Shift is held


class _Request(rq.Request):  # type: ignore[misc]
    _request = rq.Struct(
        rq.Card8("opcode"), rq.Card8("minor"), rq.RequestLength(), rq.Binary("body")
    )


class _RequestWithReply(rq.ReplyRequest):  # type: ignore[misc]
    _request = _Request._request
    _reply = rq.Struct(
        rq.ReplyCode(),
        rq.Card8("device"),
        rq.Card16("sequence_number"),
        rq.ReplyLength(),
        rq.Binary("body"),
    )


@dataclass(frozen=True, slots=True)
class XkbState:
    """Latched and locked modifiers, the layout group, and the latched group.

    group           without the offset latched for the next key
    latched_group   the offset that is latched for it
    """

    latched: int
    locked: int
    group: int
    latched_group: int


@dataclass(frozen=True, slots=True)
class Controls:
    """Keyboard accessibility: the controls that are on, and AccessX's options."""

    enabled: int
    options: int


class Xkb:
    """XKB requests on one connection; only for the thread that owns it."""

    def __init__(self, display: Any) -> None:
        """Raises MicaError if the display has no such extension."""
        found = display.query_extension("XKEYBOARD")
        if not found.present:
            raise MicaError(
                "This display doesn’t have the X Keyboard Extension.",
                "Use an X server that has it.",
            )
        self._display, self._opcode = display, found.major_opcode
        self.event: Final = int(found.first_event)
        self._request(_USE, pack("=HH", 1, 0))

    def watch(self) -> None:
        """Select events for changes of the map and the group."""
        some = _NEW_KEYBOARD | _MAP_CHANGED
        masks = (some | _STATE_CHANGED, 0, some, _ALL, _ALL, _GROUP, _GROUP)
        self._send(_SELECT, pack("=8H", CORE, *masks))
        self._display.flush()

    def state(self) -> XkbState:
        reply = self._request(_STATE, pack("=H2x", CORE))
        latched, locked, group, locked_group, latched_group = unpack_from(
            "=2x4B2xh", reply
        )
        return XkbState(
            latched, locked, locked_group if latched_group else group, latched_group
        )

    def keymap(self, device: int = CORE) -> Keymap:
        body = pack("=HH20x", device, _PARTS)
        return parse(self._request(_MAP, body))

    def latch(self, mask: int, wanted: int) -> None:
        """Latch those of the `mask` modifiers that are in `wanted`; clear the rest."""
        self._send(_LATCH_LOCK, pack("=H2x2x2B4x", CORE, mask, wanted))

    def lock(self, mask: int, wanted: int) -> None:
        """Lock those of the `mask` modifiers that are in `wanted`; unlock the rest."""
        self._send(_LATCH_LOCK, pack("=H2B8x", CORE, mask, wanted))

    def latch_group(self, wanted: int) -> None:
        """Latch a group offset for the next key."""
        self._send(_LATCH_LOCK, pack("=H7xBh", CORE, True, wanted))

    def controls(self) -> Controls:
        reply = self._request(_CONTROLS, pack("=H2x", CORE))
        head = "=8x4x18x"
        (options,) = unpack_from("=H", reply, calcsize(head))
        (enabled,) = unpack_from("=I", reply, calcsize(head + "H6x2x8x"))
        return Controls(enabled, options)

    def enable(self, mask: int, wanted: int) -> None:
        """Turn the `mask` controls on (wanted is mask) or off (0).

        If this connection ends, the server turns those that are off back on.
        """
        on = wanted == mask
        if on:
            self._set(pack("=3I", mask, wanted, 0), 0)
        flags = (_AUTO_RESET, 0 if on else _AUTO_RESET, mask, mask, mask)
        self._request(_CLIENT_FLAGS, pack("=H2x5I", CORE, *flags))
        if not on:
            self._set(pack("=3I", mask, wanted, 0), 0)

    def set_options(self, options: int) -> None:
        """Set AccessX's options for Sticky Keys."""
        self._set(pack("=3I", 0, 0, STICKY_KEYS), options)

    def xtest_keyboard(self) -> int:
        """The device id of the keyboard that synthetic keys come from."""
        self._display.xinput_query_version()
        devices = self._display.xinput_query_device(xinput.AllDevices).devices
        return next((d.deviceid for d in devices if d.name == _XTEST), CORE)

    def _set(self, enabled: bytes, options: int) -> None:
        head = pack("=H14xH2x", CORE, options)
        self._send(_SET_CONTROLS, head + enabled + bytes(64))

    def _request(self, minor: int, body: bytes) -> bytes:
        reply = _RequestWithReply(
            display=self._display.display, opcode=self._opcode, minor=minor, body=body
        )
        return bytes(reply._data["body"])

    def _send(self, minor: int, body: bytes) -> None:
        _Request(
            display=self._display.display, opcode=self._opcode, minor=minor, body=body
        )


@dataclass(frozen=True)
class ActiveLayout:
    """The state of the keyboard that synthetic keys come from."""

    keymap: Keymap
    state: XkbState
    controls: Controls

    def chord(self, symbol: str, modifiers: tuple[int, ...]) -> list[int]:
        """The keycodes of a shortcut, modifiers first. Raises InsertionError."""
        group = self.state.group
        held = [self.modifier(mask) for mask in modifiers]
        key = self.keymap.shortcut_key(symbol, group)
        if key is None:
            name = _SHOWN.get(symbol, symbol)
            raise InsertionError(
                f"Your keyboard layout has no {name} key.",
                "Choose another keyboard layout.",
            )
        return [*held, key]

    def modifier(self, mask: int) -> int:
        """A keycode that holds these modifiers. Raises InsertionError if none does."""
        key = self.keymap.modifier_key(mask, self.state.group)
        if key is None:
            what = f"Your keyboard layout has no {_MODIFIERS[mask]} key."
            raise InsertionError(what, "Choose another keyboard layout.")
        return key

    def harmless_locks(self, code: int) -> int:
        """The locks (Caps, Num) that may stay on while this key is pressed.

        With them on it gives the same symbol or its capital; in Neo's layouts Num Lock
        changes letters.
        """
        alone = self.keymap.symbol(code, self.state.group)
        found = 0
        for lock in (int(X.LockMask), self.keymap.num_lock):
            locked = self.keymap.symbol(code, self.state.group, lock)
            is_capital = locked < 0x80 and chr(locked).lower() == chr(alone)
            found |= lock if locked == alone or is_capital else 0
        return found

    @cached_property
    def key_presses(self) -> dict[int, KeyPress]:
        """How to type each symbol with Caps Lock off: the first key that gives it."""
        locked = self.state.locked & self.keymap.num_lock
        found: dict[int, KeyPress] = {}
        for code in self.keymap.keys:
            for shift in (0, X.ShiftMask):
                symbol = self.keymap.symbol(code, self.state.group, locked | shift)
                if symbol != X.NONE:
                    found.setdefault(symbol, (code, bool(shift)))
        return found

    @property
    def spare_keycodes(self) -> list[int]:
        """Keycodes without a symbol, free to be assigned one."""
        keys = self.keymap.keys.items()
        return [code for code, key in keys if not any(map(any, key.symbols))]
