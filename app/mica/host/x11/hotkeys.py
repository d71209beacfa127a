"""Hotkeys on X11: a thread sees every key and reports those that are ours.

Modifiers are only observed, so that they still work as such. Other hotkeys are grabbed
and reach no window; so is a modifier key that the layout makes a compose or dead key.
Whether a hold key is still down is read from the keyboard. With Sticky Keys, a modifier
that was held to dictate is unlatched again: it was not meant for the next key.
"""

import time
from collections.abc import Callable, Mapping

from Xlib.display import Display  # type: ignore[import-untyped]

from mica.errors import MicaError
from mica.host.hold_key import EVENTS_OF, Input
from mica.host.key_names import Hotkey, ShortcutRecorder
from mica.host.ports import OnHotkey, OnInput
from mica.host.values import Keystroke, Target
from mica.host.x11 import keys
from mica.host.x11.bindings import X11Bindings
from mica.host.x11.focus import X11Focus
from mica.host.x11.key_listener import CLICK, Grab, KeyListener, ignore_errors
from mica.host.x11.sender import SentKeys
from mica.host.x11.strokes import RecentKeystrokes, keystroke_of
from mica.host.x11.xkb import ALL_MODIFIERS, STICKY_KEYS, Xkb


class StickyKeys:
    """Undoes the effect of Sticky Keys on a key held to dictate.

    With Sticky Keys a tapped modifier applies to the next key, and one tapped twice
    stays on until tapped again. Any one thread; owns a connection to the display.
    """

    def __init__(self) -> None:
        self._display = Display()
        self._xkb = Xkb(self._display)

    def release(self, modifiers: int) -> None:
        """Unlatch and unlock the modifiers of a key that has just come up."""
        if modifiers and self._xkb.controls().enabled & STICKY_KEYS:
            other_latched = self._xkb.state().latched & ~modifiers
            self._xkb.latch(
                ALL_MODIFIERS, other_latched
            )  # X clears all when one is cleared
            self._xkb.lock(modifiers, 0)
            self._display.sync()

    def close(self) -> None:
        self._display.close()


class X11Hotkeys:
    """See ports.Hotkeys. Main thread; the listener calls back on its own thread.

    Call process_events() when fileno() is readable, or layout changes are noticed late.
    """

    def __init__(self, sent_keys: SentKeys) -> None:
        self._sent_keys = sent_keys
        self._display = Display()
        self.fileno = self._display.fileno
        ignore_errors(self._display)
        self._keys = X11Bindings(self._display)
        self._listener: KeyListener | None = None
        self._sticky_keys: StickyKeys | None = None
        self._escape_enabled = False
        self._on_recorded_key: Callable[[int, bool], None] | None = None
        self._held = set[Hotkey]()  # by events; the keyboard is authoritative
        self._reported_up: Hotkey | None = None  # by the keyboard, without an event
        # used by the listener's thread only
        self._keystrokes = RecentKeystrokes(X11Focus().current)  # excluding our keys
        self._pressed_hotkey: int | None = None  # a key that is still down
        self._on_input: OnInput = lambda what, at_s: None
        self._on_hotkey: OnHotkey = lambda use: None

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        self._keys.bind(chosen)

    def process_events(self) -> None:
        """See X11Bindings.process_events."""
        self._keys.process_events()

    def start(self, on_input: OnInput, on_hotkey: OnHotkey) -> None:
        """See ports.Hotkeys. Raises MicaError if the display has no RECORD."""
        if not self._display.has_extension("RECORD"):
            raise MicaError(
                "Hotkeys don’t work on this display (it has no RECORD extension).",
                "Start dictation from the menu instead.",
            )
        self._on_input, self._on_hotkey = on_input, on_hotkey
        self._sticky_keys = StickyKeys()
        self._listener = KeyListener(self._on_key)
        self._listener.start()
        self._listener.wait()

    def is_down(self, hotkey: Hotkey) -> bool:
        self.process_events()
        hold_keys = self._keys.active.hold_keys
        codes = {code for (code, _), bound in hold_keys.items() if bound is hotkey}
        if codes & keys.down(self._display):
            self._reported_up = None
            return True
        if self._reported_up is hotkey:  # second poll: a release may be in flight
            self._held.discard(hotkey)  # otherwise a chord's key alone would dictate
        self._reported_up = hotkey
        return False

    def enable_escape(self, enabled: bool) -> None:
        self._escape_enabled = enabled
        self._keys.enable_escape(enabled)

    def press_count(self) -> int | None:
        return None if self._listener is None else self._keystrokes.count

    def keystrokes_since(self, count: int | None, target: Target) -> list[Keystroke]:
        """See ports.Host."""
        return self._keystrokes.since(count, target)

    def is_composing(self, target: Target) -> bool:
        """See ports.Host."""
        return self._keystrokes.is_composing(target)

    def record_shortcut(self, on_key: Callable[[str], None] | None) -> None:
        if on_key is None:
            self._on_recorded_key = None
            return
        recorder, names = ShortcutRecorder(), self._keys.names()

        def on_recorded_key(code: int, pressed: bool) -> None:
            name = names.get(code)
            shortcut = recorder.on(name, pressed) if name is not None else None
            if shortcut is not None:
                on_key(shortcut)

        self._on_recorded_key = on_recorded_key

    def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._sticky_keys is not None:
            self._sticky_keys.close()
            self._sticky_keys = None
        self._keys.close()

    def _on_key(self, code: int, state: int, pressed: bool) -> None:
        """Handle a key on the listener's thread; typing wakes no other thread."""
        if self._on_recorded_key is not None:
            self._on_recorded_key(code, pressed)
            return
        if pressed and self._sent_keys.consume(code):  # even if it is a hotkey
            return
        chord = code, state & self._keys.active.mask
        what = self._input(chord, state, pressed)
        if what is not None:
            self._on_input(what, time.monotonic())
        use = self._hotkey_pressed(chord, pressed)
        if use is not None:
            self._on_hotkey(use)

    def _hold_key_input(self, chord: Grab, pressed: bool) -> Input | None:
        """The input, if this is a hold key."""
        code, _ = chord
        active = self._keys.active
        for grab, use in active.hold_keys.items():
            press, release = EVENTS_OF[use]
            if code != grab[0]:
                continue
            if pressed and (
                code in active.modifier_like or use in self._held or chord == grab
            ):
                self._held.add(use)
                self._reported_up = None
                return press
            if not pressed and use in self._held:
                self._held.discard(use)
                if self._sticky_keys is not None:
                    self._sticky_keys.release(active.modifiers_set.get(code, 0))
                return release
        return None

    def _hotkey_pressed(self, chord: Grab, pressed: bool) -> Hotkey | None:
        """The hotkey whose key was pressed; once, however long it is held."""
        other_hotkeys = self._keys.active.other_hotkeys
        if not pressed:
            self._pressed_hotkey = (
                None if self._pressed_hotkey == chord[0] else self._pressed_hotkey
            )
        elif chord in other_hotkeys and self._pressed_hotkey != chord[0]:
            self._pressed_hotkey = chord[0]
            return other_hotkeys[chord]
        return None

    def _input(self, chord: Grab, state: int, pressed: bool) -> Input | None:
        code, _ = chord
        hold_key_input = self._hold_key_input(chord, pressed)
        if hold_key_input is not None:
            return hold_key_input
        if not pressed:
            return None
        active = self._keys.active
        is_ours = (
            chord in active.other_hotkeys or code in self._keys.grabbed_any_modifier
        )
        if code not in active.modifier_like and not is_ours:
            self._keystrokes.add(
                keystroke_of(*self._keys.layout, code, state & ALL_MODIFIERS)
            )
        if code == CLICK:
            return None
        if code in active.escapes:
            return Input.ESCAPE if self._escape_enabled else None
        return Input.OTHER if self._held else None
