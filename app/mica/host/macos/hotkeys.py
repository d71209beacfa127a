"""The hold key on a Mac: bare modifiers by NSEvent monitors, F-keys by Carbon.

No event tap, no permission. Other keys are not watched: the system's count of key
presses is compared instead. Everything runs on the main thread, in its run loop.
"""

import time
from collections.abc import Callable
from typing import Any

from mica.errors import MicaError
from mica.host.hotkey_rules import POLL_S, Hold, HoldToTalk, Input, Output
from mica.host.macos import system
from mica.host.macos.carbon import CarbonKeys
from mica.host.macos.keys import ESCAPE, MODIFIER_BITS, keycode
from mica.host.ports import Callback

Clock = Callable[[], float]


class MacHotkeys:
    """One hold key; see ports.Hotkeys."""

    def __init__(
        self, hold_key: str, library: Any, clock: Clock = time.monotonic
    ) -> None:
        self._clock = clock
        self._code = keycode(hold_key)
        self._carbon = CarbonKeys(
            library, lambda code, down: self._key(code, down, Input.ESCAPE)
        )
        self._rules = HoldToTalk()
        self._report: dict[Output, Callback] = {}
        self._monitors: list[Any] = []
        self._timer: Any = None
        self._typed = 0

    def start(
        self, on_press: Callback, on_release: Callback, on_cancel: Callback
    ) -> None:
        calls = (on_press, on_release, on_cancel)
        self._report = dict(zip(Output, calls, strict=True))
        if self._code in MODIFIER_BITS:
            # a monitor added before the app runs wedges its events for good
            system.later(self._watch)
        elif not self._carbon.register(self._code):
            raise MicaError("Another program has the hold key.", "Choose another one.")

    def stop(self) -> None:
        system.unwatch(self._monitors)
        self._monitors = []
        self._take(Input.UP)  # held at stop counts as released
        self._report = {}
        self._carbon.unregister(self._code)

    def _watch(self) -> None:
        if not self._report:  # stopped before the app ran
            return
        self._monitors = system.watch_modifiers(self._on_flags)

    def _on_flags(self, code: int, flags: int) -> None:
        """May come on another thread."""
        system.later(lambda: self._modifier(code, flags))

    def _modifier(self, code: int, flags: int) -> None:
        self._key(code, bool(flags & MODIFIER_BITS.get(code, 0)), Input.OTHER)

    def _key(self, code: int, pressed: bool, other: Input) -> None:
        if code == self._code:
            self._take(Input.DOWN if pressed else Input.UP)
        elif pressed:
            self._take(other)

    def _poll(self, _timer: Any) -> None:
        self._take(Input.SEEN_DOWN if system.key_is_down(self._code) else Input.SEEN_UP)

    def _take(self, what: Input) -> None:
        if not self._report:
            return
        # an F-key's own repeats count as typing; only a bare modifier's do not
        if self._code in MODIFIER_BITS and self._rules.state is Hold.HELD:
            typed = system.keys_typed() != self._typed
            self._apply(Input.OTHER if typed else Input.SEEN_DOWN)
        self._apply(what)

    def _apply(self, what: Input) -> None:
        output = self._rules.on(what, self._clock())
        if output is Output.PRESS:
            self._typed = system.keys_typed()
            self._carbon.register(ESCAPE)
            self._timer = system.every(POLL_S, self._poll)
        elif output is not None:
            self._carbon.unregister(ESCAPE)
        if self._rules.state is Hold.UP and self._timer is not None:
            self._timer.invalidate()
            self._timer = None
        if output is not None:
            self._report[output]()
