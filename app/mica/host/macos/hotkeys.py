"""Our keys on a Mac: bare modifiers by NSEvent monitors, whole keys by Carbon.

No event tap, no permission. Other keys are not watched, only counted. Main thread.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from mica.host.hotkey_rules import TOLD, Input
from mica.host.key_names import Use
from mica.host.macos.bindings import Bindings
from mica.host.macos.carbon import CarbonKeys, HotKey
from mica.host.macos.key_state import only_bare
from mica.host.macos.keys import ESCAPE
from mica.host.macos.learning import Learning
from mica.host.macos.presses import Clock, Presses, Typing
from mica.host.macos.system import Modifiers
from mica.host.ports import OnInput, OnUse


class MacHotkeys:
    """See ports.Hotkeys."""

    def __init__(self, library: Any, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._keys = Bindings(library, CarbonKeys(library, self._whole_key))
        self._modifiers = Modifiers(self._modifier)
        self._presses = Presses(Typing(clock, self._keys.escape_down))
        self._calls: tuple[OnInput, OnUse] | None = None
        self._learning: Learning | None = None

    def bind(self, chosen: Mapping[Use, str]) -> None:
        self._keys.bind(chosen)

    def start(self, on_input: OnInput, on_use: OnUse) -> None:
        self._calls = (on_input, on_use)
        self._modifiers.start()

    def is_down(self, use: Use) -> bool:
        self._count()
        state = self._keys.states.get(use)
        return state is not None and state.is_down()

    def want_escape(self, wanted: bool) -> None:
        self._keys.want_escape(wanted)

    def other_presses(self) -> int | None:
        return None if self._calls is None else self._presses.others()

    def learn(self, on_key: Callable[[str], None] | None) -> None:
        if self._learning is not None:
            self._learning.close()
            self._learning = None
            self._keys.refresh()
        if on_key is not None:
            self._keys.suspend()
            self._learning = Learning(self._keys.names(), on_key)

    def stop(self) -> None:
        self.learn(None)
        self._modifiers.stop()
        self._keys.close()
        self._calls = None

    def _modifier(self, code: int, pressed: bool) -> None:
        if self._learning is not None:
            self._learning.modifier(code, pressed)
        elif (code, 0) in self._keys.holds:
            self._hold_key(self._keys.holds[code, 0], pressed)
        elif pressed:
            self._tell(Input.OTHER)

    def _whole_key(self, key: HotKey, pressed: bool) -> None:
        if key[0] != ESCAPE:
            self._presses.own(pressed)
        elif pressed:
            self._presses.own_once()  # it may not be ours any more when it comes up
            self._tell(Input.ESCAPE)
        if key in self._keys.holds:
            self._hold_key(self._keys.holds[key], pressed)
        elif pressed and self._calls is not None and key in self._keys.uses:
            self._calls[1](self._keys.uses[key])

    def _hold_key(self, use: Use, pressed: bool) -> None:
        self._count()
        self._keys.states[use].held = pressed
        self._tell(TOLD[use][not pressed])

    def _count(self) -> None:
        """Tell of keys typed since this was asked."""
        since_s = self._presses.typing.since_s()
        if since_s is not None and only_bare(self._keys.states.values()):
            self._tell(Input.OTHER, since_s)  # asked rarely: not later than it was

    def _tell(self, what: Input, at_s: float | None = None) -> None:
        if self._calls is not None:
            self._calls[0](what, self._clock() if at_s is None else at_s)
