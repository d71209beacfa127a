"""Which keys are ours: their names looked up in the keyboard's map, whole keys taken
from the other programs, or given back. All of it again when the map or the chosen
layout changes. Main thread only.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from Xlib import X  # type: ignore[import-untyped]

from mica.errors import MicaError
from mica.host.key_names import HOLD_KEYS, Chord, Hotkey, bound, label
from mica.host.x11 import keys
from mica.host.x11.key_listener import Grab, KeyGrabs
from mica.host.x11.keymap import Keymap
from mica.host.x11.xkb import Xkb

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ours:
    """What each key means now. Never changed, so that any thread may read it.

    holds      the keys to hold; `uses`: the others
    bare       keys that are modifiers or locks, or ours alone
    escapes    those that are Esc
    characters those of `holds` alone that are no modifier in this layout: a compose or
               dead key, which would swallow the keys that paste
    mask       the modifiers that tell chords apart
    num_lock   the modifier that means nothing
    sets       the modifiers that a key of `holds` sets
    """

    holds: dict[Grab, Hotkey] = field(default_factory=dict)
    uses: dict[Grab, Hotkey] = field(default_factory=dict)
    bare: frozenset[int] = frozenset()
    escapes: frozenset[int] = frozenset()
    characters: frozenset[int] = frozenset()
    mask: int = 0
    num_lock: int = 0
    sets: dict[int, int] = field(default_factory=dict)


class X11Bindings:
    """Owns what it takes on that display."""

    def __init__(self, display: Any) -> None:
        """Raises MicaError where the display does not say what its keys mean."""
        display.xinput_query_version()  # or its grabs are refused
        self._display, self._xkb, self._grabs = display, Xkb(display), KeyGrabs(display)
        self._xkb.watch()
        self._chords: dict[Hotkey, Chord] = {}
        self._escape_wanted = False
        self.ours = Ours()  # nothing is known before bind()
        self.layout = Keymap(), 0  # and the group; any thread may read it

    @property
    def outright(self) -> set[int]:
        """Keys that reach no window now, under any modifiers."""
        return self._grabs.outright

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        """See ports.Hotkeys."""
        chords = bound(chosen)
        ours = self._found(chords)
        before = self._grabs.held
        for grab, use in (ours.holds | ours.uses).items():
            if not self._take(grab, chords[use], ours):
                self._grabs.keep(before)
                raise MicaError(
                    f"Another program has {label(str(chords[use]))}.",
                    "Choose another key.",
                )
        self._chords = chords
        self._settle(ours)

    def want_escape(self, wanted: bool) -> None:
        """See ports.Hotkeys."""
        self._escape_wanted = wanted
        self._take_outright()
        self.take_in()

    def names(self) -> dict[int, str]:
        """The name of each key that has one, by keycode."""
        return keys.names(*self._read())

    def take_in(self) -> None:
        """What came since: keys that the listener has told of, and whether keys mean
        something else now. A key that another program has there is not ours for now."""
        if not self._is_new():
            return
        ours = self._found(self._chords)
        if ours != self.ours:  # it is not where spare keys got a meaning
            self._grabs.keep(set())  # Num Lock may be another modifier
            for grab, use in (ours.holds | ours.uses).items():
                if not self._take(grab, self._chords[use], ours):
                    _log.warning("another program has %s", self._chords[use])
        self._settle(ours)

    def close(self) -> None:
        self._grabs.keep(set())
        self._grabs.take_outright(set())

    def _is_new(self) -> bool:
        kinds = (X.MappingNotify, self._xkb.event)
        is_new = False
        while self._display.pending_events():
            is_new |= self._display.next_event().type in kinds
        return is_new

    def _read(self) -> tuple[Keymap, int]:
        return self._xkb.keymap(), self._xkb.state().group

    def _take(self, grab: Grab, chord: Chord, ours: Ours) -> bool:
        return chord.is_bare or self._grabs.take(grab, ours.num_lock)

    def _settle(self, ours: Ours) -> None:
        self._grabs.keep({*ours.holds, *ours.uses})
        self.ours = ours
        self.want_escape(self._escape_wanted)

    def _take_outright(self) -> None:
        escapes = self.ours.escapes if self._escape_wanted else frozenset()
        self._grabs.take_outright({*escapes, *self.ours.characters})

    def _found(self, chords: Mapping[Hotkey, Chord]) -> Ours:
        keymap, group = self.layout = self._read()
        codes = {
            (code, keys.mask(keymap, chord)): use
            for use, chord in chords.items()
            for code in keys.keycodes(keymap, group, chord.key)
        }
        holds: dict[Grab, Hotkey] = {
            g: use for g, use in codes.items() if use in HOLD_KEYS
        }
        alone = {code for (code, _), use in holds.items() if chords[use].is_bare}
        return Ours(
            holds=holds,
            uses={grab: use for grab, use in codes.items() if use not in HOLD_KEYS},
            bare=keymap.modifiers | alone,
            escapes=frozenset(keys.keycodes(keymap, group, "escape")),
            characters=frozenset(c for c in alone if not keymap.modifies(c, group)),
            mask=sum(keys.masks(keymap).values()),
            num_lock=keymap.num_lock,
            sets={code: keymap.sets(code, group) for code in alone},
        )
