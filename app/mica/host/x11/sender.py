"""Which key events are our own, so that a paste never cancels the next dictation.

X11 does not mark what XTEST sends. Who sends says what is about to come and the
listener crosses it off; what never arrives is forgotten after FORGET_S.

Synthetic keys on X11: through XTEST, by the map in force at that moment.

A chord whose keys are not all there presses none of them. What is latched or locked is
let go for it and put back, and so is what would keep it from windows (Slow Keys, Bounce
Keys) or would end at two keys at once (Sticky Keys). All of it goes to the server in
one piece. It knows no target and no meaning of a key.
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
from mica.host.x11.layout import ActiveLayout

FORGET_S: Final = 1.0


class OwnKeys:
    """Presses we sent and have not seen yet. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._coming: Counter[int] = Counter()
        self._until_s = 0.0

    def expect(self, codes: list[int]) -> None:
        """These keycodes are about to be pressed by us, as often as they stand here."""
        with self._lock:
            self._forget()
            self._coming.update(codes)
            self._until_s = time.monotonic() + FORGET_S

    def mine(self, code: int) -> bool:
        """Whether this press is ours; it is crossed off."""
        with self._lock:
            self._forget()
            ours = self._coming[code] > 0
            self._coming[code] -= ours
            return ours

    def _forget(self) -> None:
        if time.monotonic() > self._until_s:
            self._coming.clear()


class Sender:
    """Main thread only; owns a connection to the display. Raises MicaError where that
    lacks the X Keyboard Extension."""

    def __init__(self, own: OwnKeys) -> None:
        self.display = Display()
        self._own = own
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
        """Last before the keys: all that is asked before takes milliseconds, and who
        dictates again at once presses a modifier then. Raises ModifierHeld."""
        if not self.ready():
            raise ModifierHeld("A modifier key is held down.", "Let go of it.")

    def layout(self) -> ActiveLayout:
        """What is in force now. Raises InsertionError."""
        with sending():
            keymap = self._xkb.keymap(self._device)
            return ActiveLayout(keymap, self._xkb.state(), self._xkb.controls())

    def press(self, symbol: str, *modifiers: int, times: int = 1) -> None:
        """The key with this symbol, by its X name, so many times while these modifiers
        are held, each a mask. Raises InsertionError, ModifierHeld, with nothing
        pressed."""
        layout = self.layout()
        *held, key = layout.chord(symbol, modifiers)
        kept = layout.harmless(key)
        with sending(), self._unrepeated(key), self.undisturbed(layout, kept):
            self.check()
            self._own.expect([*held, *[key] * times])
            for code in held:
                self.display.xtest_fake_input(X.KeyPress, code)
            for _ in range(times):
                self.display.xtest_fake_input(X.KeyPress, key)
                self.display.xtest_fake_input(X.KeyRelease, key)
            for code in reversed(held):
                self.display.xtest_fake_input(X.KeyRelease, code)

    @contextmanager
    def undisturbed(self, layout: ActiveLayout, kept: int) -> Iterator[None]:
        """Nothing latched, nothing locked but `kept`, nothing of AccessX in the way: of
        the keys pressed inside. Then all is as it was."""
        state, controls = layout.state, layout.controls
        filters = controls.enabled & (xkb.SLOW_KEYS | xkb.BOUNCE_KEYS)
        sticky = controls.enabled & xkb.STICKY_KEYS
        if state.latched:
            self._xkb.latch(xkb.EVERY, 0)
        if state.latched_group:
            self._xkb.latch_group(0)
        if state.locked & ~kept:
            self._xkb.lock(xkb.EVERY, state.locked & kept)
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
            if state.locked:  # also what a Shift of ours has ended
                self._xkb.lock(xkb.EVERY, state.locked)
            if state.latched:
                self._xkb.latch(xkb.EVERY, state.latched)
            if state.latched_group:
                self._xkb.latch_group(state.latched_group)
            self.display.sync()

    @contextmanager
    def _unrepeated(self, code: int) -> Iterator[None]:
        """A key that does not repeat meanwhile: a starved X server sees the release
        long after the press, and would paste again and again in between."""
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
def sending() -> Iterator[None]:
    """Raises InsertionError where the display has gone."""
    try:
        yield
    except (ConnectionClosedError, AttributeError) as why:
        raise InsertionError(
            "The keys could not be sent to the display.",
            "The text is in the history.",
        ) from why
