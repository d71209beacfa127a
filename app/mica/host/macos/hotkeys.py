"""Our keys on a Mac: bare modifiers by NSEvent monitors, whole keys by Carbon.

No event tap, no permission. Other keys are not watched, only counted. Main thread.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from mica.host.hotkey_rules import Input
from mica.host.key_names import Use
from mica.host.macos.bindings import ESCAPE, Bindings
from mica.host.macos.carbon import CarbonKeys, HotKey
from mica.host.macos.key_state import KeyState
from mica.host.macos.learning import Learning
from mica.host.macos.presses import Presses, Typing
from mica.host.macos.system import Modifiers
from mica.host.ports import OnInput, OnUse

Clock = Callable[[], float]


class MacHotkeys:
    """See ports.Hotkeys."""

    def __init__(self, library: Any, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._keys = Bindings(library, CarbonKeys(library, self._whole_key))
        self._modifiers = Modifiers(self._modifier)
        self._presses = Presses()
        self._calls: tuple[OnInput, OnUse] | None = None
        self._learning: Learning | None = None
        self._typing = Typing()
        self._held, self._state = False, KeyState()

    def bind(self, chosen: Mapping[Use, str]) -> None:
        self._keys.bind(chosen)
        self._held, self._state = False, KeyState()

    def start(self, on_input: OnInput, on_use: OnUse) -> None:
        self._calls = (on_input, on_use)
        self._modifiers.start()

    def is_down(self) -> bool:
        self._count()
        hold = self._keys.hold
        return hold is not None and self._state.is_down(hold[0], held=self._held)

    def want_escape(self, wanted: bool) -> None:
        self._keys.want_escape(wanted)

    def other_presses(self) -> int | None:
        return None if self._calls is None else self._presses.others()

    def learn(self, on_key: Callable[[str], None] | None) -> None:
        if self._learning is not None:
            self._learning.close()
            self._learning = None
            self._keys.resume()
        if on_key is not None:
            self._keys.suspend()
            self._learning = Learning(self._keys.names(), on_key)

    def stop(self) -> None:
        self.learn(None)
        self._modifiers.stop()
        self._keys.suspend()
        self._calls = None

    def _modifier(self, code: int, pressed: bool) -> None:
        if self._learning is not None:
            self._learning.modifier(code, pressed)
        elif self._keys.hold == (code, 0):
            self._hold_key(pressed)
        elif pressed:
            self._tell(Input.OTHER)

    def _whole_key(self, key: HotKey, pressed: bool) -> None:
        self._presses.own(pressed)
        if key == self._keys.hold:
            self._hold_key(pressed)
        elif pressed and key == ESCAPE:
            self._tell(Input.ESCAPE)
        elif pressed and self._calls is not None and key in self._keys.uses:
            self._calls[1](self._keys.uses[key])

    def _hold_key(self, pressed: bool) -> None:
        self._count()
        self._held = pressed
        self._tell(Input.PRESS if pressed else Input.RELEASE)

    def _count(self) -> None:
        """Tell of keys typed since; not under a whole key, whose repeats count."""
        if self._typing.more() and self._held and self._keys.is_bare:
            self._tell(Input.OTHER)

    def _tell(self, what: Input) -> None:
        if self._calls is not None:
            self._calls[0](what, self._clock())
