"""Which keys are ours: their names looked up in the user's layout, and whole keys taken
from the other programs, or given back. Main thread only."""

from collections.abc import Mapping
from typing import Any

from mica.host.key_names import HELD, Chord, Use, bound
from mica.host.macos import keys, layout, shortcuts
from mica.host.macos.carbon import CarbonKeys, HotKey
from mica.host.macos.input_source import InputSource
from mica.host.macos.key_state import KeyState, is_down


class Bindings:
    """What each key of ours is for; a bare modifier is only known here, not taken.

    holds    those that are held; `uses`: the others
    states   of those that are held
    """

    def __init__(self, library: Any, carbon: CarbonKeys) -> None:
        self._chords: dict[Use, Chord] = {}
        self.holds: dict[HotKey, Use] = {}
        self.uses: dict[HotKey, Use] = {}
        self.states: dict[Use, KeyState] = {}
        self._library, self._carbon = library, carbon
        self._source = InputSource(self._layout_changed)
        self._suspended = False
        self._escapes = {(keys.ESCAPE, 0)}  # with what may be held as well
        self._escape_wanted = False

    def bind(self, chosen: Mapping[Use, str]) -> None:
        """See ports.Hotkeys."""
        chords = bound(chosen)
        found = keys.of_chords(chords, layout.prints(self._library))
        before, macs = self._carbon.held, shortcuts.of_macos(self._library)
        for use, key in found.items():
            if key in macs or not self._take(key):
                self._carbon.keep(before)
                raise shortcuts.conflict(chords[use], key in macs)
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

    def _settle(self, found: Mapping[Use, HotKey]) -> None:
        self._carbon.keep(set(found.values()))
        before = self.holds
        self.holds = {key: use for use, key in found.items() if use in HELD}
        if self.holds != before:
            self.states = {use: KeyState(key[0]) for key, use in self.holds.items()}
        self.uses = {key: use for use, key in found.items() if use not in HELD}
        self._escapes = keys.escapes(self._chords[use] for use in self.holds.values())
        self.want_escape(self._escape_wanted)

    def _take(self, key: HotKey) -> bool:
        return key[0] in keys.MODIFIER_BITS or self._carbon.take(key)
