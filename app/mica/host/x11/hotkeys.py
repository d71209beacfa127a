"""The hotkeys on X11: a thread hears all keys, those that are ours are picked here.

Bare modifiers are only listened to, so that they still work as modifiers; other keys
of ours are grabbed and reach no window. The keyboard itself is asked whether the hold
key is still down. Which key means what comes as a table.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

from Xlib.display import Display  # type: ignore[import-untyped]

from mica.errors import MicaError
from mica.host.hotkey_rules import TOLD, Input
from mica.host.key_names import HELD, Chord, Learner, Use, bound, label
from mica.host.ports import OnInput, OnUse, Target
from mica.host.x11 import keys
from mica.host.x11.focus import X11Focus
from mica.host.x11.grabs import Grab, Grabs
from mica.host.x11.keys import BARE, ESCAPE, MODIFIER_MASK
from mica.host.x11.listener import CLICK, Listener, hush
from mica.host.x11.own_keys import OwnKeys

_ESCAPE: Final = (ESCAPE, 0)


class X11Hotkeys:
    """See ports.Hotkeys. Called on the main thread."""

    def __init__(self, own: OwnKeys) -> None:
        self._own = own
        self._display = Display()
        hush(self._display)
        self._grabs = Grabs(self._display)
        self._holds: dict[Grab, Use] = {}  # the keys to hold
        self._uses: dict[Grab, Use] = {}
        self._listener: Listener | None = None
        self._escape_wanted = False
        self._escapes = {_ESCAPE}  # with what may be held as well
        self._our_escapes = set[Grab]()  # these reach no window
        self._learns: Callable[[int, bool], None] | None = None
        self._held = set[Use]()  # as heard; the keyboard knows better
        self._seen_up: Use | None = None  # by the keyboard, and no release was heard
        # the listener's thread's own
        self._focus = X11Focus()
        self._others = 0
        self._last: tuple[str, Target | None] = ("", None)  # blank, and where
        self._fired: int | None = None  # a key that is not up yet
        self._on_input: OnInput = lambda what, at_s: None
        self._on_use: OnUse = lambda use: None

    def bind(self, chosen: Mapping[Use, str]) -> None:
        chords = bound(chosen)
        grabs = {use: self._grab(chord) for use, chord in chords.items()}
        before = self._grabs.held
        for use, grab in grabs.items():
            if not chords[use].is_bare and not self._grabs.take(grab):
                self._grabs.keep(before)
                raise MicaError(
                    f"Another program has {label(str(chords[use]))}.",
                    "Choose another key.",
                )
        self._grabs.keep({g for use, g in grabs.items() if not chords[use].is_bare})
        self._holds = {grab: use for use, grab in grabs.items() if use in HELD}
        self._uses = {grab: use for use, grab in grabs.items() if use not in HELD}
        held = [chords[use] for use in self._holds.values()]
        masks = {keys.held_mask(self._display, chord) for chord in held}
        self._escapes = {(ESCAPE, mask) for mask in {0} | masks}
        self.want_escape(self._escape_wanted)

    def start(self, on_input: OnInput, on_use: OnUse) -> None:
        """Raises MicaError where the display cannot record."""
        if not self._display.has_extension("RECORD"):
            raise MicaError(
                "This display cannot watch keys (no RECORD extension).",
                "Start dictation from the menu instead.",
            )
        self._on_input, self._on_use = on_input, on_use
        self._listener = Listener(self._heard)
        self._listener.start()
        self._listener.wait()

    def is_down(self, use: Use) -> bool:
        self._grabs.drain()
        codes = {code for (code, _), bound in self._holds.items() if bound is use}
        if codes & keys.down(self._display):
            self._seen_up = None
            return True
        if self._seen_up is use:  # twice: a release may have been on its way
            self._held.discard(use)  # a chord's key alone would dictate else
        self._seen_up = use
        return False

    def want_escape(self, wanted: bool) -> None:
        self._escape_wanted = wanted
        others = {grab for grab in self._grabs.held if grab[0] != ESCAPE}
        self._grabs.keep(others | self._escapes if wanted else others)
        taken = [grab for grab in self._escapes if wanted and self._grabs.take(grab)]
        self._our_escapes = {(code, mask & MODIFIER_MASK) for code, mask in taken}
        self._grabs.drain()

    def other_presses(self) -> int | None:
        return None if self._listener is None else self._others

    def last_blank(self, target: Target) -> str:
        """See ports.Host."""
        blank, place = self._last
        return blank if place is not None and place.same_place(target) else ""

    def learn(self, on_key: Callable[[str], None] | None) -> None:
        if on_key is None:
            self._learns = None
            return
        learner, names = Learner(), self._names()

        def learns(code: int, pressed: bool) -> None:
            name = names.get(code)
            learnt = learner.on(name, pressed) if name is not None else None
            if learnt is not None:
                on_key(learnt)

        self._learns = learns

    def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._grabs.keep(set())

    def _grab(self, chord: Chord) -> Grab:
        return keys.keycode(self._display, chord.key), keys.mask(chord)

    def _names(self) -> dict[int, str]:
        named = {code: keys.key_name(self._display, code) for code in range(8, 256)}
        return {code: name for code, name in named.items() if name is not None}

    def _heard(self, code: int, state: int, pressed: bool) -> None:
        """On the listener's thread. Typing while nothing is held wakes nobody."""
        if self._learns is not None:
            self._learns(code, pressed)
            return
        if pressed and self._own.mine(code):  # also where it is a hotkey
            return
        what = self._meaning((code, state & MODIFIER_MASK), pressed)
        if what is not None:
            self._on_input(what, time.monotonic())
        use = self._use((code, state & MODIFIER_MASK), pressed)
        if use is not None:
            self._on_use(use)

    def _of_held(self, seen: Grab, pressed: bool) -> Input | None:
        """What is told of the keys to hold."""
        code, _ = seen
        for grab, use in self._holds.items():
            press, release = TOLD[use]
            if code != grab[0]:
                continue
            if pressed and (code in BARE or use in self._held or seen == grab):
                self._held.add(use)
                self._seen_up = None
                return press
            if not pressed and use in self._held:
                self._held.discard(use)
                return release
        return None

    def _use(self, seen: Grab, pressed: bool) -> Use | None:
        """A use at its key's press, once however long that is held."""
        if not pressed:
            self._fired = None if self._fired == seen[0] else self._fired
        elif seen in self._uses and self._fired != seen[0]:
            self._fired = seen[0]
            return self._uses[seen]
        return None

    def _meaning(self, seen: Grab, pressed: bool) -> Input | None:
        code, _ = seen
        told = self._of_held(seen, pressed)
        if told is not None:
            return told
        if not pressed:
            return None
        ours = seen in self._uses or seen in self._our_escapes
        if code not in BARE and not ours:
            typed = keys.blank(*seen)
            self._last = typed, self._focus.current() if typed else None
            self._others += 1
        if code == CLICK:
            return None
        if code == ESCAPE:
            return Input.ESCAPE if self._escape_wanted else None
        return Input.OTHER if self._held else None
