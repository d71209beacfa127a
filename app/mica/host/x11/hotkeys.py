"""Sticky Keys and a key that is held to dictate: it is no modifier of the next key.

With Sticky Keys a modifier that was tapped counts for the next key, and one that was
tapped twice until it is tapped again. A key of ours was meant for us.

The hotkeys on X11: a thread hears all keys, those that are ours are picked here.

Bare modifiers are only listened to, so that they still work as modifiers; other keys
of ours are grabbed and reach no window, also a modifier's where the layout has made it
a compose or dead key. The keyboard itself is asked whether the hold
key is still down. Which key means what comes as a table.
"""

import time
from collections.abc import Callable, Mapping

from Xlib.display import Display  # type: ignore[import-untyped]

from mica.errors import MicaError
from mica.host.hold_key import EVENTS_OF, Input
from mica.host.key_names import Hotkey, Learner
from mica.host.ports import OnInput, OnUse, Target
from mica.host.strokes import Typed
from mica.host.x11 import keys
from mica.host.x11.bindings import X11Bindings
from mica.host.x11.focus import X11Focus
from mica.host.x11.key_listener import CLICK, Grab, KeyListener, hush
from mica.host.x11.sender import OwnKeys
from mica.host.x11.strokes import Strokes, read
from mica.host.x11.xkb import EVERY, STICKY_KEYS, Xkb


class Sticky:
    """Any one thread; owns a connection to the display."""

    def __init__(self) -> None:
        self._display = Display()
        self._xkb = Xkb(self._display)

    def let_go(self, modifiers: int) -> None:
        """These, of a key that has just come up."""
        if modifiers and self._xkb.controls().enabled & STICKY_KEYS:
            kept = self._xkb.state().latched & ~modifiers
            self._xkb.latch(EVERY, kept)  # clearing one, X clears them all
            self._xkb.lock(modifiers, 0)
            self._display.sync()

    def close(self) -> None:
        self._display.close()


class X11Hotkeys:
    """See ports.Hotkeys. Called on the main thread; somebody must call take_in() when
    fileno() can be read, or a change of the layout is noticed late."""

    def __init__(self, own: OwnKeys) -> None:
        self._own = own
        self._display = Display()
        self.fileno = self._display.fileno
        hush(self._display)
        self._keys = X11Bindings(self._display)
        self._listener: KeyListener | None = None
        self._sticky: Sticky | None = None
        self._escape_wanted = False
        self._learns: Callable[[int, bool], None] | None = None
        self._held = set[Hotkey]()  # as heard; the keyboard knows better
        self._seen_up: Hotkey | None = None  # by the keyboard, and no release was heard
        # the listener's thread's own
        self._strokes = Strokes(X11Focus().current)  # others than of our keys
        self._fired: int | None = None  # a key that is not up yet
        self._on_input: OnInput = lambda what, at_s: None
        self._on_use: OnUse = lambda use: None

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        self._keys.bind(chosen)

    def take_in(self) -> None:
        """See Bindings.take_in."""
        self._keys.take_in()

    def start(self, on_input: OnInput, on_use: OnUse) -> None:
        """Raises MicaError where the display cannot record."""
        if not self._display.has_extension("RECORD"):
            raise MicaError(
                "This display cannot watch keys (no RECORD extension).",
                "Start dictation from the menu instead.",
            )
        self._on_input, self._on_use = on_input, on_use
        self._sticky = Sticky()
        self._listener = KeyListener(self._heard)
        self._listener.start()
        self._listener.wait()

    def is_down(self, use: Hotkey) -> bool:
        self.take_in()
        holds = self._keys.ours.holds
        codes = {code for (code, _), bound in holds.items() if bound is use}
        if codes & keys.down(self._display):
            self._seen_up = None
            return True
        if self._seen_up is use:  # twice: a release may have been on its way
            self._held.discard(use)  # a chord's key alone would dictate else
        self._seen_up = use
        return False

    def want_escape(self, wanted: bool) -> None:
        self._escape_wanted = wanted
        self._keys.want_escape(wanted)

    def other_presses(self) -> int | None:
        return None if self._listener is None else self._strokes.count

    def strokes_since(self, count: int | None, target: Target) -> list[Typed]:
        """See ports.Host."""
        return self._strokes.since(count, target)

    def composing(self, target: Target) -> bool:
        """See ports.Host."""
        return self._strokes.composing(target)

    def learn(self, on_key: Callable[[str], None] | None) -> None:
        if on_key is None:
            self._learns = None
            return
        learner, names = Learner(), self._keys.names()

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
        if self._sticky is not None:
            self._sticky.close()
            self._sticky = None
        self._keys.close()

    def _heard(self, code: int, state: int, pressed: bool) -> None:
        """On the listener's thread. Typing while nothing is held wakes nobody."""
        if self._learns is not None:
            self._learns(code, pressed)
            return
        if pressed and self._own.mine(code):  # also where it is a hotkey
            return
        seen = code, state & self._keys.ours.mask
        what = self._meaning(seen, state, pressed)
        if what is not None:
            self._on_input(what, time.monotonic())
        use = self._use(seen, pressed)
        if use is not None:
            self._on_use(use)

    def _of_held(self, seen: Grab, pressed: bool) -> Input | None:
        """What is told of the keys to hold."""
        code, _ = seen
        ours = self._keys.ours
        for grab, use in ours.holds.items():
            press, release = EVENTS_OF[use]
            if code != grab[0]:
                continue
            if pressed and (code in ours.bare or use in self._held or seen == grab):
                self._held.add(use)
                self._seen_up = None
                return press
            if not pressed and use in self._held:
                self._held.discard(use)
                if self._sticky is not None:
                    self._sticky.let_go(ours.sets.get(code, 0))
                return release
        return None

    def _use(self, seen: Grab, pressed: bool) -> Hotkey | None:
        """A use at its key's press, once however long that is held."""
        uses = self._keys.ours.uses
        if not pressed:
            self._fired = None if self._fired == seen[0] else self._fired
        elif seen in uses and self._fired != seen[0]:
            self._fired = seen[0]
            return uses[seen]
        return None

    def _meaning(self, seen: Grab, state: int, pressed: bool) -> Input | None:
        code, _ = seen
        told = self._of_held(seen, pressed)
        if told is not None:
            return told
        if not pressed:
            return None
        ours = self._keys.ours
        is_ours = seen in ours.uses or code in self._keys.outright
        if code not in ours.bare and not is_ours:
            self._strokes.add(read(*self._keys.layout, code, state & EVERY))
        if code == CLICK:
            return None
        if code in ours.escapes:
            return Input.ESCAPE if self._escape_wanted else None
        return Input.OTHER if self._held else None
