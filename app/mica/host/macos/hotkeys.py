"""The hold key on a Mac: bare modifiers by NSEvent monitors, F-keys by Carbon.

No event tap, no permission. Other keys are not watched: the system's count of key
presses is compared when the key comes up and whenever we are asked whether it is down.
Everything runs on the main thread, in its run loop. Decides nothing.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from mica.errors import MicaError
from mica.host.hotkey_rules import Input
from mica.host.key_names import Use
from mica.host.macos import system
from mica.host.macos.carbon import CarbonKeys
from mica.host.macos.keys import ESCAPE, MODIFIER_BITS, keycode
from mica.host.ports import OnInput, OnUse

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
        self._on_input: OnInput | None = None
        self._monitors: list[Any] = []
        self._typed = 0
        self._held = False

    def bind(self, chosen: Mapping[Use, str]) -> None:
        """The hold key alone, before start."""
        self._code = keycode(chosen[Use.HOLD])

    def learn(self, on_key: Callable[[str], None] | None) -> None:
        """Nothing is learnt here yet."""

    def start(self, on_input: OnInput, on_use: OnUse | None = None) -> None:
        self._on_input = on_input
        if self._code in MODIFIER_BITS:
            # a monitor added before the app runs wedges its events for good
            system.later(self._watch)
        elif not self._carbon.register(self._code):
            raise MicaError("Another program has the hold key.", "Choose another one.")

    def is_down(self) -> bool:
        self._count()
        return system.key_is_down(self._code)

    def want_escape(self, wanted: bool) -> None:
        """Ours alone while wanted; where another program has it, it stays theirs."""
        if wanted:
            self._carbon.register(ESCAPE)
        else:
            self._carbon.unregister(ESCAPE)

    def other_presses(self) -> int | None:
        """Nobody counts clicks here yet."""
        return None

    def stop(self) -> None:
        system.unwatch(self._monitors)
        self._monitors = []
        self._on_input = None
        self._carbon.unregister(ESCAPE)
        self._carbon.unregister(self._code)

    def _watch(self) -> None:
        if self._on_input is None:  # stopped before the app ran
            return
        self._monitors = system.watch_modifiers(self._on_flags)

    def _on_flags(self, code: int, flags: int) -> None:
        """May come on another thread."""
        system.later(lambda: self._modifier(code, flags))

    def _modifier(self, code: int, flags: int) -> None:
        self._key(code, bool(flags & MODIFIER_BITS.get(code, 0)), Input.OTHER)

    def _key(self, code: int, pressed: bool, other: Input) -> None:
        if code == self._code:
            self._count()
            self._typed, self._held = system.keys_typed(), pressed
            self._tell(Input.PRESS if pressed else Input.RELEASE)
        elif pressed:
            self._tell(other)

    def _count(self) -> None:
        """Tell of keys typed since; an F-key's own repeats count, so not under one."""
        if self._held and self._code in MODIFIER_BITS:
            typed, self._typed = self._typed, system.keys_typed()
            if typed != self._typed:
                self._tell(Input.OTHER)

    def _tell(self, what: Input) -> None:
        if self._on_input is not None:
            self._on_input(what, self._clock())
