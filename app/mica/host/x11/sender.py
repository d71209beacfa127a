"""Sends synthetic keys on X11 through XTEST, and recognizes them when they come back.

A shortcut is looked up in the current keymap; if any of its keys is missing, none is
pressed. Latched and locked modifiers are cleared for it and restored, as are the
settings that would block it (Slow Keys, Bounce Keys) or that two keys at once would end
(Sticky Keys). All of it goes to the server in one piece.

X11 does not mark what XTEST sends, so SentKeys lists the presses that are about to come
back, and the listener removes them one by one: our own paste must not cancel the next
dictation. Those that never come back are dropped after FORGET_S.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]
from Xlib.error import ConnectionClosedError  # type: ignore[import-untyped]

from mica.errors import InsertionError, ModifierHeld
from mica.host.x11 import xkb
from mica.host.x11.keys import down
from mica.host.x11.xkb import ActiveLayout

FORGET_S: Final = 1.0


class SentKeys:
    """Synthetic presses that were sent and have not come back yet. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._expected: Counter[int] = Counter()
        self._until_s = 0.0

    def expect(self, codes: list[int]) -> None:
        """Announce keycodes about to be pressed, one entry per press."""
        with self._lock:
            self._forget()
            self._expected.update(codes)
            self._until_s = time.monotonic() + FORGET_S

    def consume(self, code: int) -> bool:
        """Whether this press is one that was sent; if so, it is removed."""
        with self._lock:
            self._forget()
            is_expected = self._expected[code] > 0
            self._expected[code] -= is_expected
            return is_expected

    def _forget(self) -> None:
        if time.monotonic() > self._until_s:
            self._expected.clear()


class Sender:
    """Presses shortcuts through XTEST, whatever is latched or locked.

    Main thread only; owns a connection to the display. Raises MicaError if that lacks
    the X Keyboard Extension.
    """

    def __init__(self, sent_keys: SentKeys) -> None:
        self.display = Display()
        self._sent_keys = sent_keys
        self._xkb = xkb.Xkb(self.display)
        self._device = self._xkb.xtest_keyboard()

    def ready(self) -> bool:
        """Whether no modifier is physically down."""
        pressed = down(self.display)
        if not pressed:
            return True
        keymap = self._xkb.keymap()
        return not pressed & (keymap.modifiers - keymap.locks)

    def check(self) -> None:
        """Raise ModifierHeld if a modifier is down; called last, right before the keys.

        The look-up before takes milliseconds, in which the user may press one to
        dictate again.
        """
        if not self.ready():
            raise ModifierHeld("A modifier key is held down.", "Release it.")

    def layout(self) -> ActiveLayout:
        """The keyboard's layout and state at this moment. Raises InsertionError."""
        with connection_errors():
            keymap = self._xkb.keymap(self._device)
            return ActiveLayout(keymap, self._xkb.state(), self._xkb.controls())

    def press(self, symbol: str, *modifiers: int, times: int = 1) -> None:
        """Press the key of this symbol `times` times while holding the modifiers.

        symbol      its X name
        modifiers   masks

        Raises InsertionError or ModifierHeld, with nothing pressed.
        """
        layout = self.layout()
        *held, key = layout.chord(symbol, modifiers)
        locks = layout.harmless_locks(key)
        with (
            connection_errors(),
            self._without_auto_repeat(key),
            self.neutral_state(layout, locks),
        ):
            self.check()
            self._sent_keys.expect([*held, *[key] * times])
            for code in held:
                self.display.xtest_fake_input(X.KeyPress, code)
            for _ in range(times):
                self.display.xtest_fake_input(X.KeyPress, key)
                self.display.xtest_fake_input(X.KeyRelease, key)
            for code in reversed(held):
                self.display.xtest_fake_input(X.KeyRelease, code)

    @contextmanager
    def neutral_state(self, layout: ActiveLayout, locks: int) -> Iterator[None]:
        """Clear what would change the keys pressed inside, and restore it afterwards.

        That is: latched modifiers, locked ones except `locks`, and AccessX filters.
        """
        state, controls = layout.state, layout.controls
        filters = controls.enabled & (xkb.SLOW_KEYS | xkb.BOUNCE_KEYS)
        sticky = controls.enabled & xkb.STICKY_KEYS
        if state.latched:
            self._xkb.latch(xkb.ALL_MODIFIERS, 0)
        if state.latched_group:
            self._xkb.latch_group(0)
        if state.locked & ~locks:
            self._xkb.lock(xkb.ALL_MODIFIERS, state.locked & locks)
        if filters:
            self._xkb.enable(filters, 0)
        if sticky:
            self._xkb.set_options(controls.options & ~xkb.TWO_KEYS)
        try:
            yield
        finally:
            if sticky:
                self._xkb.set_options(controls.options)
            if filters:
                self._xkb.enable(filters, filters)
            if state.locked:  # also what our Shift has unlocked
                self._xkb.lock(xkb.ALL_MODIFIERS, state.locked)
            if state.latched:
                self._xkb.latch(xkb.ALL_MODIFIERS, state.latched)
            if state.latched_group:
                self._xkb.latch_group(state.latched_group)
            self.display.sync()

    @contextmanager
    def _without_auto_repeat(self, code: int) -> Iterator[None]:
        """Turn off a key's auto-repeat: a starved X server sees the release long after
        the press, and would paste again and again in between."""
        repeats = self.display.get_keyboard_control().auto_repeats
        if not repeats[code // 8] >> code % 8 & 1:
            yield
            return
        change = self.display.change_keyboard_control
        change(key=code, auto_repeat_mode=X.AutoRepeatModeOff)
        try:
            yield
        finally:
            change(key=code, auto_repeat_mode=X.AutoRepeatModeOn)
            self.display.flush()


@contextmanager
def connection_errors() -> Iterator[None]:
    """Turn the loss of the display into an InsertionError."""
    try:
        yield
    except (ConnectionClosedError, AttributeError) as why:
        raise InsertionError(
            "The keys couldn’t be sent to the display.",
            "Use Paste Last Dictation to get the text.",
        ) from why
