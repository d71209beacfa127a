"""Hotkeys on a Mac: modifiers by NSEvent monitors, other keys by Carbon.

No event tap and no permission: other keys are counted (key_counts.py), never watched. A
bare modifier is only observed, so that it still works as one; any other key is
registered with Carbon and reaches no app. Names are looked up in the user's layout, and
again when that changes. Main thread only.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from mica.host.hold_key import EVENTS_OF, Input
from mica.host.key_names import HOLD_KEYS, Chord, Hotkey, ShortcutRecorder, bound
from mica.host.macos import carbon, keys, layout, monitors
from mica.host.macos.carbon import CarbonKeys, HotKey
from mica.host.macos.key_counts import (
    Clock,
    KeyState,
    PressCounter,
    TypingCounter,
    gives_fn,
    happened_s,
    is_down,
    only_modifiers_held,
)
from mica.host.macos.keys import ESCAPE, FN, fn_key_action
from mica.host.macos.layout import InputSourceObserver
from mica.host.macos.monitors import ModifierMonitor
from mica.host.ports import OnHotkey, OnInput
from mica.host.values import FnKeyAction


class MacShortcutRecorder:
    """Names the shortcut pressed in a window of Mica's, from creation until close().

    Keys that print reach this before the window, and are not passed on.
    """

    def __init__(self, names: Mapping[int, str], on_key: Callable[[str], None]) -> None:
        """names: by virtual keycode."""
        self._names, self._on_key = names, on_key
        self._recorder = ShortcutRecorder()
        self._monitors = monitors.monitor_key_downs(lambda code: self._on(code, True))

    def modifier(self, code: int, pressed: bool) -> None:
        """Handle a modifier event, which MacHotkeys already monitors."""
        self._on(code, pressed)

    def close(self) -> None:
        monitors.remove_monitors(self._monitors)

    def _on(self, code: int, pressed: bool) -> None:
        name = self._names.get(code)
        name_pressed = self._recorder.on(name, pressed) if name is not None else None
        if name_pressed is not None:
            self._on_key(name_pressed)


class MacBindings:
    """Maps hotkeys to keys, and keeps all but bare modifiers registered.

    hold_keys, other_hotkeys   each key's function, by keycode and Carbon modifiers
    states                     whether each hold key is down
    """

    def __init__(self, library: Any, carbon: CarbonKeys) -> None:
        self._chords: dict[Hotkey, Chord] = {}
        self.hold_keys: dict[HotKey, Hotkey] = {}
        self.other_hotkeys: dict[HotKey, Hotkey] = {}
        self.states: dict[Hotkey, KeyState] = {}
        self._library, self._carbon = library, carbon
        self._input_source = InputSourceObserver(self._layout_changed)
        self._suspended = False
        self._escape_keys = {(keys.ESCAPE, 0)}  # with the modifiers that may be held
        self._escape_enabled = False

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        """See ports.Hotkeys."""
        chords = bound(chosen)
        found = keys.hot_keys_of(chords, layout.keys_by_character(self._library))
        before = self._carbon.registered
        system_shortcuts = carbon.symbolic_hot_keys(self._library)
        for use, key in found.items():
            if key in system_shortcuts or not self._register(key):
                self._carbon.unregister_except(before)
                raise carbon.conflict_error(chords[use], key in system_shortcuts)
        self._chords = chords
        self._apply(found)
        self._input_source.start()

    def names(self) -> dict[int, str]:
        """Key names by virtual keycode, in the current layout."""
        return keys.names(layout.keys_by_character(self._library))

    def suspend(self) -> None:
        """Unregister all keys, so that they go to the front app."""
        self._suspended = True
        self._carbon.unregister_except(set())

    def close(self) -> None:
        """Unregister all keys, for good."""
        self._input_source.stop()
        self.suspend()

    def refresh(self) -> None:
        """Register the keys again, as the current layout has them.

        A key that another app has registered meanwhile stays theirs.
        """
        self._suspended = False
        found = keys.hot_keys_of(self._chords, layout.keys_by_character(self._library))
        for key in found.values():
            self._register(key)
        self._apply(found)

    def enable_escape(self, enabled: bool) -> None:
        """See ports.Hotkeys. Not exclusive: another app's Esc hot key keeps working."""
        self._escape_enabled = enabled
        others = {key for key in self._carbon.registered if key[0] != keys.ESCAPE}
        self._carbon.unregister_except(
            others | self._escape_keys if enabled else others
        )
        for key in self._escape_keys if enabled else ():
            self._carbon.register(key, options=0)

    def escape_down(self) -> bool:
        """Whether Esc is down and may be the hotkey."""
        return bool(self._escape_keys & self._carbon.registered) and is_down(
            keys.ESCAPE
        )

    def _layout_changed(self) -> None:
        if not self._suspended:
            self.refresh()

    def _apply(self, found: Mapping[Hotkey, HotKey]) -> None:
        self._carbon.unregister_except(set(found.values()))
        before = self.hold_keys
        self.hold_keys = {key: use for use, key in found.items() if use in HOLD_KEYS}
        if self.hold_keys != before:
            self.states = {use: KeyState(key[0]) for key, use in self.hold_keys.items()}
        self.other_hotkeys = {
            key: use for use, key in found.items() if use not in HOLD_KEYS
        }
        self._escape_keys = keys.escape_keys(
            self._chords[use] for use in self.hold_keys.values()
        )
        self.enable_escape(self._escape_enabled)

    def _register(self, key: HotKey) -> bool:
        return key[0] in keys.MODIFIER_BITS or self._carbon.register(key)


class MacHotkeys:
    """See ports.Hotkeys."""

    def __init__(self, library: Any, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._keys = MacBindings(library, CarbonKeys(library, self._on_hot_key))
        self._modifier_monitor = ModifierMonitor(self._on_modifier)
        self._presses = PressCounter(TypingCounter(clock, self._keys.escape_down))
        self._callbacks: tuple[OnInput, OnHotkey] | None = None
        self._shortcut_recorder: MacShortcutRecorder | None = None
        self._is_fn_ignored = False  # its last press came from another key

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        self._keys.bind(chosen)

    def start(self, on_input: OnInput, on_hotkey: OnHotkey) -> None:
        self._callbacks = (on_input, on_hotkey)
        self._modifier_monitor.start()

    def is_down(self, hotkey: Hotkey) -> bool:
        self._report_typing()
        state = self._keys.states.get(hotkey)
        return state is not None and state.is_down()

    def enable_escape(self, enabled: bool) -> None:
        self._keys.enable_escape(enabled)

    def press_count(self) -> int | None:
        return None if self._callbacks is None else self._presses.count()

    def record_shortcut(self, on_key: Callable[[str], None] | None) -> None:
        if self._shortcut_recorder is not None:
            self._shortcut_recorder.close()
            self._shortcut_recorder = None
            self._keys.refresh()
        if on_key is not None:
            self._keys.suspend()
            self._shortcut_recorder = MacShortcutRecorder(self._keys.names(), on_key)

    def stop(self) -> None:
        self.record_shortcut(None)
        self._modifier_monitor.stop()
        self._keys.close()
        self._callbacks = None

    def _on_modifier(self, code: int, pressed: bool, event_s: float) -> None:
        at_s = happened_s(event_s, self._clock())
        if code == FN:
            if self._is_of_another_key(pressed):
                return
            if fn_key_action() is not FnKeyAction.NOTHING:
                self._presses.typing.fn_changed(at_s)
        if self._shortcut_recorder is not None:
            self._shortcut_recorder.modifier(code, pressed)
        elif (code, 0) in self._keys.hold_keys:
            self._on_hold_key(self._keys.hold_keys[code, 0], pressed, at_s)
        elif pressed:
            self._report(Input.OTHER, at_s)

    def _is_of_another_key(self, pressed: bool) -> bool:
        """Whether a Fn event comes from an arrow or function key, as on some Macs."""
        ignored = gives_fn() if pressed else self._is_fn_ignored
        self._is_fn_ignored = pressed and ignored
        return ignored

    def _on_hot_key(self, key: HotKey, pressed: bool, event_s: float) -> None:
        at_s = happened_s(event_s, self._clock())
        if key[0] != ESCAPE:
            self._presses.on_hotkey(pressed)
        elif pressed:
            self._presses.on_hotkey_press()  # it may be unregistered before its release
            self._report(Input.ESCAPE, at_s)
        if key in self._keys.hold_keys:
            self._on_hold_key(self._keys.hold_keys[key], pressed, at_s)
        elif pressed and self._callbacks is not None:
            hotkey = self._keys.other_hotkeys.get(key)
            if hotkey is not None:
                self._callbacks[1](hotkey)

    def _on_hold_key(self, use: Hotkey, pressed: bool, at_s: float) -> None:
        self._report_typing()
        self._keys.states[use].held = pressed
        self._report(EVENTS_OF[use][not pressed], at_s)

    def _report_typing(self) -> None:
        """Report keys typed since the last call."""
        since_s = self._presses.typing.typed_since_s()
        if since_s is not None and only_modifiers_held(self._keys.states.values()):
            # called rarely, so this is the earliest time of the key press
            self._report(Input.OTHER, since_s)

    def _report(self, what: Input, at_s: float) -> None:
        if self._callbacks is not None:
            self._callbacks[0](what, at_s)
