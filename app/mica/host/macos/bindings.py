"""Which keys are ours: their names looked up in the user's layout, and whole keys taken
from the other programs, or given back. Main thread only."""

from collections.abc import Mapping
from typing import Any, Final

from mica.errors import MicaError
from mica.host.key_names import HELD, Use, bound, label
from mica.host.macos import keys, layout
from mica.host.macos.carbon import CarbonKeys, HotKey

ESCAPE: Final[HotKey] = (keys.ESCAPE, 0)


class Bindings:
    """What each key of ours is for; a bare modifier is only known here, not taken.

    holds   those that are held; `uses`: the others
    """

    def __init__(self, library: Any, carbon: CarbonKeys) -> None:
        self.holds: dict[HotKey, Use] = {}
        self.uses: dict[HotKey, Use] = {}
        self._library, self._carbon = library, carbon

    def bind(self, chosen: Mapping[Use, str]) -> None:
        """See ports.Hotkeys."""
        prints = layout.prints(self._library)
        chords = bound(chosen)
        found = {
            use: (keys.keycode(chord.key, prints), keys.mask(chord))
            for use, chord in chords.items()
        }
        before = self._carbon.held
        for use, key in found.items():
            if not self._take(key):
                self._carbon.keep(before)
                name = label(str(chords[use]), mac=True)
                raise MicaError(f"Another program has {name}.", "Choose another key.")
        self._carbon.keep({*found.values(), *({ESCAPE} & before)})
        self.holds = {key: use for use, key in found.items() if use in HELD}
        self.uses = {key: use for use, key in found.items() if use not in HELD}

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

    def want_escape(self, wanted: bool) -> None:
        """Where another program has it, it stays theirs."""
        if wanted:
            self._carbon.take(ESCAPE)
        else:
            self._carbon.keep(self._carbon.held - {ESCAPE})

    def _take(self, key: HotKey) -> bool:
        return key[0] in keys.MODIFIER_BITS or self._carbon.take(key)
