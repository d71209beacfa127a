"""Maps our hotkeys to keycodes: names looked up in the keymap, then grabbed.

Looked up again when the keymap or the current layout changes. Main thread only.
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
class ActiveKeys:
    """The meaning of each keycode now. Immutable, so any thread may read it.

    hold_keys, other_hotkeys   by keycode and modifiers
    modifier_like   keycodes that are modifiers, locks, or bare hold keys
    escapes         keycodes of Esc
    characters      bare hold keys that are no modifier in this layout but a compose or
                    dead key, which would swallow the keys that paste
    mask            the modifiers that distinguish chords
    num_lock        the modifier to ignore
    modifiers_set   by keycode, the modifiers that a bare hold key sets
    """

    hold_keys: dict[Grab, Hotkey] = field(default_factory=dict)
    other_hotkeys: dict[Grab, Hotkey] = field(default_factory=dict)
    modifier_like: frozenset[int] = frozenset()
    escapes: frozenset[int] = frozenset()
    characters: frozenset[int] = frozenset()
    mask: int = 0
    num_lock: int = 0
    modifiers_set: dict[int, int] = field(default_factory=dict)


class X11Bindings:
    """Looks up the hotkeys' keycodes and grabs them on one display."""

    def __init__(self, display: Any) -> None:
        """Raises MicaError if the display has no X Keyboard Extension."""
        display.xinput_query_version()  # without it the server refuses its grabs
        self._display, self._xkb, self._grabs = display, Xkb(display), KeyGrabs(display)
        self._xkb.watch()
        self._chords: dict[Hotkey, Chord] = {}
        self._escape_enabled = False
        self.active = ActiveKeys()  # nothing is known before bind()
        self.layout = Keymap(), 0  # and the group; any thread may read it

    @property
    def grabbed_any_modifier(self) -> set[int]:
        """Keycodes that now reach no window, whatever the modifiers."""
        return self._grabs.grabbed_any_modifier

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        """See ports.Hotkeys."""
        chords = bound(chosen)
        active = self._look_up(chords)
        before = self._grabs.grabbed
        for grab, use in (active.hold_keys | active.other_hotkeys).items():
            if not self._grab(grab, chords[use], active):
                self._grabs.ungrab_except(before)
                raise MicaError(
                    f"Another app already uses {label(str(chords[use]))}.",
                    "Choose another key.",
                )
        self._chords = chords
        self._apply(active)

    def enable_escape(self, enabled: bool) -> None:
        """See ports.Hotkeys."""
        self._escape_enabled = enabled
        self._grab_any_modifier()
        self.process_events()

    def names(self) -> dict[int, str]:
        """Key names by keycode, in the current layout."""
        return keys.names(*self._read())

    def process_events(self) -> None:
        """Process the display's events; look keys up again if their meaning changed.

        A key that another program has grabbed in the new layout does not work for now.
        """
        if not self._has_changed():
            return
        active = self._look_up(self._chords)
        if active != self.active:  # unchanged if only spare keys got a meaning
            self._grabs.ungrab_except(set())  # Num Lock may be another modifier now
            for grab, use in (active.hold_keys | active.other_hotkeys).items():
                if not self._grab(grab, self._chords[use], active):
                    _log.warning("another program has %s", self._chords[use])
        self._apply(active)

    def close(self) -> None:
        self._grabs.ungrab_except(set())
        self._grabs.grab_any_modifier(set())

    def _has_changed(self) -> bool:
        kinds = (X.MappingNotify, self._xkb.event)
        has_changed = False
        while self._display.pending_events():
            has_changed |= self._display.next_event().type in kinds
        return has_changed

    def _read(self) -> tuple[Keymap, int]:
        return self._xkb.keymap(), self._xkb.state().group

    def _grab(self, grab: Grab, chord: Chord, active: ActiveKeys) -> bool:
        return chord.is_bare or self._grabs.grab(grab, active.num_lock)

    def _apply(self, active: ActiveKeys) -> None:
        self._grabs.ungrab_except({*active.hold_keys, *active.other_hotkeys})
        self.active = active
        self.enable_escape(self._escape_enabled)

    def _grab_any_modifier(self) -> None:
        escapes = self.active.escapes if self._escape_enabled else frozenset()
        self._grabs.grab_any_modifier({*escapes, *self.active.characters})

    def _look_up(self, chords: Mapping[Hotkey, Chord]) -> ActiveKeys:
        keymap, group = self.layout = self._read()
        codes = {
            (code, keys.mask(keymap, chord)): use
            for use, chord in chords.items()
            for code in keys.keycodes(keymap, group, chord.key)
        }
        hold_keys: dict[Grab, Hotkey] = {
            g: use for g, use in codes.items() if use in HOLD_KEYS
        }
        alone = {code for (code, _), use in hold_keys.items() if chords[use].is_bare}
        return ActiveKeys(
            hold_keys=hold_keys,
            other_hotkeys={
                grab: use for grab, use in codes.items() if use not in HOLD_KEYS
            },
            modifier_like=keymap.modifiers | alone,
            escapes=frozenset(keys.keycodes(keymap, group, "escape")),
            characters=frozenset(c for c in alone if not keymap.modifies(c, group)),
            mask=sum(keys.masks(keymap).values()),
            num_lock=keymap.num_lock,
            modifiers_set={
                code: keymap.modifiers_set_by(code, group) for code in alone
            },
        )
