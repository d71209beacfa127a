"""Tells the name of what is pressed in a window of ours, for the settings.

Keys that print reach us before the window and go no further; nothing is watched in
other programs. Main thread only.

Which keys are ours: their names looked up in the user's layout, and whole keys taken
from the other programs, or given back. Main thread only.

Our keys on a Mac: bare modifiers by NSEvent monitors, whole keys by Carbon.

No event tap, no permission. Other keys are not watched, only counted. Main thread.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from mica.host.hold_key import EVENTS_OF, Input
from mica.host.key_names import HOLD_KEYS, Chord, Hotkey, Learner, bound
from mica.host.macos import carbon, keys, layout, monitors
from mica.host.macos.carbon import CarbonKeys, HotKey
from mica.host.macos.key_counts import (
    Clock,
    KeyState,
    PressCounts,
    TypedKeys,
    gives_fn,
    is_down,
    only_bare,
)
from mica.host.macos.keys import ESCAPE, FN, fn_tap
from mica.host.macos.layout import InputSource
from mica.host.macos.monitors import Modifiers
from mica.host.ports import FnTap, OnInput, OnUse


class KeyLearner:
    """From here until close()."""

    def __init__(self, names: Mapping[int, str], on_key: Callable[[str], None]) -> None:
        """names: by virtual keycode."""
        self._names, self._on_key = names, on_key
        self._learner = Learner()
        self._monitors = monitors.watch_our_typing(lambda code: self._on(code, True))

    def modifier(self, code: int, pressed: bool) -> None:
        """These are watched already."""
        self._on(code, pressed)

    def close(self) -> None:
        monitors.unwatch(self._monitors)

    def _on(self, code: int, pressed: bool) -> None:
        name = self._names.get(code)
        learnt = self._learner.on(name, pressed) if name is not None else None
        if learnt is not None:
            self._on_key(learnt)


class MacBindings:
    """What each key of ours is for; a bare modifier is only known here, not taken.

    holds    those that are held; `uses`: the others
    states   of those that are held
    """

    def __init__(self, library: Any, carbon: CarbonKeys) -> None:
        self._chords: dict[Hotkey, Chord] = {}
        self.holds: dict[HotKey, Hotkey] = {}
        self.uses: dict[HotKey, Hotkey] = {}
        self.states: dict[Hotkey, KeyState] = {}
        self._library, self._carbon = library, carbon
        self._source = InputSource(self._layout_changed)
        self._suspended = False
        self._escapes = {(keys.ESCAPE, 0)}  # with what may be held as well
        self._escape_wanted = False

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        """See ports.Hotkeys."""
        chords = bound(chosen)
        found = keys.of_chords(chords, layout.prints(self._library))
        before, macs = self._carbon.held, carbon.of_macos(self._library)
        for use, key in found.items():
            if key in macs or not self._take(key):
                self._carbon.keep(before)
                raise carbon.conflict(chords[use], key in macs)
        self._chords = chords
        self._settle(found)
        self._source.start()

    def names(self) -> dict[int, str]:
        """The name of each key, by virtual keycode."""
        return keys.names(layout.prints(self._library))

    def suspend(self) -> None:
        """Every key goes to the windows."""
        self._suspended = True
        self._carbon.keep(set())

    def close(self) -> None:
        """The same, for good."""
        self._source.stop()
        self.suspend()

    def refresh(self) -> None:
        """Whole keys are ours again, where the layout has them now; one that another
        program has taken meanwhile is not."""
        self._suspended = False
        found = keys.of_chords(self._chords, layout.prints(self._library))
        for key in found.values():
            self._take(key)
        self._settle(found)

    def want_escape(self, wanted: bool) -> None:
        """Not for us alone: where another program has it so, it stays theirs."""
        self._escape_wanted = wanted
        others = {key for key in self._carbon.held if key[0] != keys.ESCAPE}
        self._carbon.keep(others | self._escapes if wanted else others)
        for key in self._escapes if wanted else ():
            self._carbon.take(key, options=0)

    def escape_down(self) -> bool:
        """Whether Esc is down, and may be ours."""
        return bool(self._escapes & self._carbon.held) and is_down(keys.ESCAPE)

    def _layout_changed(self) -> None:
        if not self._suspended:
            self.refresh()

    def _settle(self, found: Mapping[Hotkey, HotKey]) -> None:
        self._carbon.keep(set(found.values()))
        before = self.holds
        self.holds = {key: use for use, key in found.items() if use in HOLD_KEYS}
        if self.holds != before:
            self.states = {use: KeyState(key[0]) for key, use in self.holds.items()}
        self.uses = {key: use for use, key in found.items() if use not in HOLD_KEYS}
        self._escapes = keys.escapes(self._chords[use] for use in self.holds.values())
        self.want_escape(self._escape_wanted)

    def _take(self, key: HotKey) -> bool:
        return key[0] in keys.MODIFIER_BITS or self._carbon.take(key)


class MacHotkeys:
    """See ports.Hotkeys."""

    def __init__(self, library: Any, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._keys = MacBindings(library, CarbonKeys(library, self._whole_key))
        self._modifiers = Modifiers(self._modifier)
        self._presses = PressCounts(TypedKeys(clock, self._keys.escape_down))
        self._calls: tuple[OnInput, OnUse] | None = None
        self._learning: KeyLearner | None = None
        self._is_fn_ignored = False  # its last press was another key's

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        self._keys.bind(chosen)

    def start(self, on_input: OnInput, on_use: OnUse) -> None:
        self._calls = (on_input, on_use)
        self._modifiers.start()

    def is_down(self, use: Hotkey) -> bool:
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
            self._learning = KeyLearner(self._keys.names(), on_key)

    def stop(self) -> None:
        self.learn(None)
        self._modifiers.stop()
        self._keys.close()
        self._calls = None

    def _modifier(self, code: int, pressed: bool) -> None:
        if code == FN:
            if self._is_of_another_key(pressed):
                return
            if fn_tap() is not FnTap.NOTHING:
                self._presses.typing.fn_changed()
        if self._learning is not None:
            self._learning.modifier(code, pressed)
        elif (code, 0) in self._keys.holds:
            self._hold_key(self._keys.holds[code, 0], pressed)
        elif pressed:
            self._tell(Input.OTHER)

    def _is_of_another_key(self, pressed: bool) -> bool:
        """Arrow and function keys send Fn's events, too, on some Macs."""
        ignored = gives_fn() if pressed else self._is_fn_ignored
        self._is_fn_ignored = pressed and ignored
        return ignored

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

    def _hold_key(self, use: Hotkey, pressed: bool) -> None:
        self._count()
        self._keys.states[use].held = pressed
        self._tell(EVENTS_OF[use][not pressed])

    def _count(self) -> None:
        """Tell of keys typed since this was asked."""
        since_s = self._presses.typing.since_s()
        if since_s is not None and only_bare(self._keys.states.values()):
            self._tell(Input.OTHER, since_s)  # asked rarely: not later than it was

    def _tell(self, what: Input, at_s: float | None = None) -> None:
        if self._calls is not None:
            self._calls[0](what, self._clock() if at_s is None else at_s)
