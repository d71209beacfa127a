"""The hold keys of a dictation: turns inputs and ticks into actions.

The rules are in host/hold_key.py; controller.py carries out the actions. While a key is
held, the keyboard is polled for a lost key-up; Esc is grabbed while listening.
"""

from collections.abc import Iterable

from mica.dictation.state import Latch
from mica.host.hold_key import POLL_S, PRESS_INPUTS, HoldKey, Input
from mica.host.hold_key_table import Action, Mode
from mica.host.key_names import Hotkey, bound
from mica.host.ports import Hotkeys
from mica.settings import Settings

_LATCHES = {Mode.LATCHED: Latch.LATCHED, Mode.LOCKED: Latch.LOCKED}


def chosen_keys(settings: Settings) -> dict[Hotkey, str]:
    """The keys in the settings, by function."""
    keys = {
        Hotkey.HOLD: settings.hold_key,
        Hotkey.TRANSLATE: settings.translate_key,
        Hotkey.PASTE_LAST: settings.paste_last_key,
        Hotkey.UNDO: settings.undo_key,
        Hotkey.CAPTIONS: settings.captions_key,
    }
    return {use: name for use, name in keys.items() if name}


class KeySettings:
    """Binds the keys in the settings on the host, or none while paused."""

    def __init__(self, hotkeys: Hotkeys) -> None:
        self._hotkeys = hotkeys
        self._keys: dict[Hotkey, str] = {}
        self.paused = False

    def bind(self, settings: Settings) -> None:
        """Bind the keys. Raises MicaError and changes nothing if one is taken."""
        keys = chosen_keys(settings)
        if keys == self._keys:
            return
        bound(keys)  # raises at once, even while paused
        self._hotkeys.bind({} if self.paused else keys)
        self._keys = keys

    def pause(self, paused: bool) -> None:
        """Unbind the keys, or bind them again.

        Raises MicaError and stays paused if another app has taken one.
        """
        self._hotkeys.bind({} if paused else self._keys)
        self.paused = paused


class DictationKeys:
    """The hold keys of one session. Main thread only; call tick() unless `at_rest`."""

    def __init__(self, hotkeys: Hotkeys) -> None:
        self._hotkeys = hotkeys
        self._rules = HoldKey(longest_s=0.0)
        self._polled_s = 0.0
        self._escape_enabled = False

    @property
    def held(self) -> bool:
        """Whether a hold key is down; a modifier would change the keys of a paste."""
        return self._rules.down

    @property
    def translates(self) -> bool:
        """Whether the newest dictation is to be translated."""
        return self._rules.translates

    @property
    def at_rest(self) -> bool:
        return self._rules.at_rest

    @property
    def latch(self) -> Latch:
        return _LATCHES.get(self._rules.mode, Latch.OFF)

    @property
    def started_by(self) -> Hotkey | None:
        """The key that started the newest dictation; None if no key did."""
        return self._rules.started_by

    def expect_no_late_tap(self) -> None:
        """See HoldKey.expect_no_late_tap."""
        self._rules.expect_no_late_tap()

    def handle(self, input: Input, at_s: float, longest_s: float) -> Iterable[Action]:
        """The actions for an input. longest_s: see HoldKey."""
        if input in PRESS_INPUTS and not self._rules.down:
            self._polled_s = at_s
        self._rules.longest_s = longest_s
        return self._rules.handle(input, at_s)

    def tick(self, now_s: float) -> Iterable[Action]:
        """The actions due by now; polls the keyboard while a key is held."""
        down = None
        is_recent = 0 <= now_s - self._polled_s < POLL_S
        if self._rules.down and not is_recent:
            self._polled_s = now_s
            down = self._hotkeys.is_down(self._rules.pressed)
        return self._rules.tick(now_s, down)

    def enable_escape(self) -> None:
        """Make Esc cancel as long as a dictation listens. Call after acting: the window
        system may be slow, and the microphone comes first."""
        listening = self._rules.mode is not Mode.IDLE
        if listening is not self._escape_enabled:
            self._escape_enabled = listening
            self._hotkeys.enable_escape(listening)
