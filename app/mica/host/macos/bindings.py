"""Which keys are ours: their names looked up in the user's layout, and whole keys taken
from the other programs, or given back. Main thread only."""

from collections.abc import Mapping
from typing import Any

from mica.errors import MicaError
from mica.host.key_names import HELD, Chord, Use, bound, label
from mica.host.macos import keys, layout, shortcuts
from mica.host.macos.carbon import CarbonKeys, HotKey
from mica.host.macos.key_state import is_down


class Bindings:
    """What each key of ours is for; a bare modifier is only known here, not taken.

    holds   those that are held; `uses`: the others
    """

    def __init__(self, library: Any, carbon: CarbonKeys) -> None:
        self.holds: dict[HotKey, Use] = {}
        self.uses: dict[HotKey, Use] = {}
        self._library, self._carbon = library, carbon
        self._escapes = {(keys.ESCAPE, 0)}  # with what may be held as well
        self._escape_wanted = False

    def bind(self, chosen: Mapping[Use, str]) -> None:
        """See ports.Hotkeys."""
        prints = layout.prints(self._library)
        chords = bound(chosen)
        found = {
            use: (keys.keycode(chord.key, prints), keys.mask(chord))
            for use, chord in chords.items()
        }
        before, macs = self._carbon.held, shortcuts.of_macos(self._library)
        for use, key in found.items():
            if key in macs or not self._take(key):
                self._carbon.keep(before)
                raise _conflict(chords[use], key in macs)
        self._carbon.keep(set(found.values()))
        self.holds = {key: use for use, key in found.items() if use in HELD}
        self.uses = {key: use for use, key in found.items() if use not in HELD}
        held = {keys.held_mask(chords[use]) for use in self.holds.values()}
        self._escapes = {(keys.ESCAPE, mask) for mask in {0} | held}
        self.want_escape(self._escape_wanted)

    def names(self) -> dict[int, str]:
        """The name of each key, by virtual keycode."""
        return keys.names(layout.prints(self._library))

    def suspend(self) -> None:
        """Every key goes to the windows."""
        self._carbon.keep(set())

    def resume(self) -> None:
        """Whole keys are ours again; one that was taken meanwhile is not."""
        for key in (*self.holds, *self.uses):
            self._take(key)
        self.want_escape(self._escape_wanted)

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

    def _take(self, key: HotKey) -> bool:
        return key[0] in keys.MODIFIER_BITS or self._carbon.take(key)


def _conflict(chord: Chord, with_macos: bool) -> MicaError:
    name = label(str(chord), mac=True)
    if with_macos:
        remedy = "Choose another key, or free it in System Settings › Keyboard."
        return MicaError(f"macOS has {name}.", remedy)
    return MicaError(f"Another program has {name}.", "Choose another key.")
