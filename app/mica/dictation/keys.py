"""The hold keys of a dictation: turns inputs and ticks into actions.

The rules are host/hold_key.py's; what an action does is controller.py's business. While
a key is held the keyboard is asked whether it still is; Esc is ours while we listen.
"""

from collections.abc import Iterable

from mica.dictation.state import Latch
from mica.host.hold_key import POLL_S, PRESSES, Action, HybridKey, Input, Mode
from mica.host.key_names import Hotkey, bound
from mica.host.ports import Hotkeys
from mica.settings import Settings

_LATCHES = {Mode.LATCHED: Latch.LATCHED, Mode.LOCKED: Latch.LOCKED}


def chosen_keys(settings: Settings) -> dict[Hotkey, str]:
    """The keys of the settings, by use."""
    keys = {
        Hotkey.HOLD: settings.hold_key,
        Hotkey.TRANSLATE: settings.translate_key,
        Hotkey.PASTE_LAST: settings.paste_last_key,
        Hotkey.UNDO: settings.undo_key,
        Hotkey.CAPTIONS: settings.captions_key,
    }
    return {use: name for use, name in keys.items() if name}


class KeySettings:
    """Which keys are ours now: those of the settings, or none while paused."""

    def __init__(self, hotkeys: Hotkeys) -> None:
        self._hotkeys = hotkeys
        self._keys: dict[Hotkey, str] = {}
        self.paused = False

    def bind(self, settings: Settings) -> None:
        """Raises MicaError, and leaves all as it was, where one cannot be had."""
        keys = chosen_keys(settings)
        if keys == self._keys:
            return
        bound(keys)  # said at once, also while paused
        self._hotkeys.bind({} if self.paused else keys)
        self._keys = keys

    def pause(self, paused: bool) -> None:
        """Or no longer; raises MicaError, and stays paused, where a key has gone."""
        self._hotkeys.bind({} if paused else self._keys)
        self.paused = paused


class Keys:
    """Main thread only; tick() often unless `at_rest`."""

    def __init__(self, hotkeys: Hotkeys) -> None:
        self._hotkeys = hotkeys
        self._rules = HybridKey(longest_s=0.0)
        self._asked_s = 0.0
        self._escape_wanted = False

    @property
    def held(self) -> bool:
        """Whether one is down; its modifier would spoil a paste."""
        return self._rules.down

    @property
    def translates(self) -> bool:
        """Whether the key that began the newest dictation was the one for that."""
        return self._rules.translates

    @property
    def at_rest(self) -> bool:
        return self._rules.at_rest

    @property
    def latch(self) -> Latch:
        return _LATCHES.get(self._rules.mode, Latch.OFF)

    @property
    def began_by(self) -> Hotkey | None:
        """The key whose tap ends the newest dictation; None: no key began it."""
        return self._rules.began_by

    def forget_end(self) -> None:
        """Who asks now has seen that nobody listens."""
        self._rules.forget_end()

    def on(self, what: Input, at_s: float, longest_s: float) -> Iterable[Action]:
        """What to do now. longest_s: of a dictation that is not locked."""
        if what in PRESSES and not self._rules.down:
            self._asked_s = at_s
        self._rules.longest_s = longest_s
        return self._done(self._rules.on(what, at_s))

    def tick(self, now_s: float) -> Iterable[Action]:
        """The same as time passes; while the key is held, the keyboard is asked."""
        down = None
        lately = 0 <= now_s - self._asked_s < POLL_S
        if self._rules.down and not lately:
            self._asked_s = now_s
            down = self._hotkeys.is_down(self._rules.pressed)
        return self._done(self._rules.tick(now_s, down))

    def _done(self, actions: list[Action]) -> list[Action]:
        listening = self._rules.mode is not Mode.IDLE
        if listening is not self._escape_wanted:
            self._escape_wanted = listening
            self._hotkeys.want_escape(listening)
        return actions
