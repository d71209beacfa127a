"""What the tray and the overlay show of dictation, captions and the microphone, and the
live text of the newest utterance. Makes no decisions.

Committed text stays; a hypothesis is replaced by the next one.
"""

import sys
from collections import deque
from typing import Final

from mica.audio.microphone_pool import MicrophoneUse
from mica.dictation.hold_keys import chosen_keys
from mica.dictation.state import Latch, ShownState, State
from mica.engine.client_events import Committed, EngineEvent, Hypothesis, Ready
from mica.host.key_names import Hotkey, label
from mica.settings import Settings
from mica.ui import strings
from mica.ui.overlay import Overlay
from mica.ui.theme import StatusColor
from mica.ui.tray import Tray


class LatestText:
    """The text of the newest utterance. No Qt."""

    def __init__(self) -> None:
        self._utterance = -1
        self._closed = -1  # events of this utterance and earlier ones are ignored
        self._final: list[str] = []
        self._open = ""

    @property
    def text(self) -> str:
        return " ".join(part for part in (*self._final, self._open) if part)

    def clear(self) -> None:
        """Start a new utterance; late events of the previous one are ignored."""
        self._closed = max(self._closed, self._utterance)
        self._final, self._open = [], ""

    def on_engine(self, event: EngineEvent) -> bool:
        """Handle an event; whether it changed the text."""
        match event:
            case Hypothesis(number, text) if self._is_newest(number):
                self._open = text
            case Committed(number, text=text) if self._is_newest(number):
                self._final.append(text)
                self._open = ""
            case _:
                return False
        return True

    def _is_newest(self, utterance: int) -> bool:
        if utterance <= self._closed or utterance < self._utterance:
            return False
        if utterance > self._utterance:
            self._utterance, self._final, self._open = utterance, [], ""
        return True


SHOWN: Final = {
    State.IDLE: (StatusColor.QUIET, strings.APP),
    State.ARMING: (StatusColor.QUIET, strings.GETTING_READY),
    State.LISTENING: (StatusColor.LISTENING, strings.LISTENING),
    State.WORKING: (StatusColor.WORKING, strings.WRITING),
    State.DONE: (StatusColor.DONE, strings.DONE),
    State.CANCELLED: (StatusColor.QUIET, strings.CANCELLED),
    State.TROUBLE: (StatusColor.TROUBLE, ""),
}
SPOKEN: Final = (State.ARMING, State.LISTENING)


class StatusPresenter:
    """Updates the tray and the overlay. Main thread only."""

    def __init__(self, tray: Tray, overlay: Overlay, settings: Settings) -> None:
        self._tray, self._overlay = tray, overlay
        self._live, self._words, self._into = LatestText(), 0, ""
        self.messages: deque[tuple[str, bool]] = deque(maxlen=10)  # the latest
        self._can_translate = True  # until the model is known not to
        self._shown, self._paused = ShownState(State.IDLE), False
        self._tip = ""  # the tooltip of the state
        self._overlay_text = ""  # what the overlay says of it, without the hint
        self._captions, self._opened = False, MicrophoneUse.CLOSED
        self._keys = chosen_keys(settings)
        self._show_tray()

    @property
    def undoable(self) -> bool:
        """Whether a dictation was cancelled and can be restored."""
        return self._shown.state is State.CANCELLED

    @property
    def tip(self) -> str:
        """The state in words, as the icon's tooltip shows it."""
        return self._tray.icon.toolTip()

    def on_state(self, shown: ShownState) -> None:
        before, self._shown = self._shown, shown
        state = shown.state
        tip = SHOWN[state][1]
        to = shown.to if self._can_translate else None
        self._into = f" → {to.value}" if to is not None else ""
        if state is State.LISTENING:
            tip = (
                strings.LISTENING
                if to is None or not self._into
                else strings.TRANSLATING_INTO.format(to.value)
            )
        if state is State.DONE:
            tip = (
                strings.ONE_WORD
                if self._words == 1
                else strings.WORDS.format(self._words)
            )
        if shown.is_retry:
            tip = strings.TRANSCRIBING_AGAIN
            self._live.clear()
        if state is State.ARMING:
            self._live.clear()
            if before.state not in SPOKEN:
                self._overlay.forget()
        self._overlay_text = tip
        self._show_state()

    def on_engine(self, event: EngineEvent) -> None:
        if isinstance(event, Ready):
            self._can_translate = event.translates
        if self._live.on_engine(event):
            before = f"{self._into.strip()}: " if self._into else ""
            self._overlay.live(before + self._live.text)

    def on_text(self, text: str) -> None:
        self._words = len(text.split())
        self._tray.show_last(text)

    def on_message(self, text: str, is_trouble: bool) -> None:
        self.messages.append((text, is_trouble))
        self._overlay.message(
            text, StatusColor.TROUBLE if is_trouble else StatusColor.QUIET
        )

    def on_retracted(self, text: str) -> None:
        """Withdraw a message that no longer applies."""
        if self._overlay.notice.text == text:
            self._overlay.forget()

    def forget(self) -> None:
        """Hide the message."""
        self._overlay.forget()

    def on_captions(self, on: bool) -> None:
        self._captions = on
        self._tray.show_captions(on)
        self._show_tray()

    def on_microphone(self, opened: MicrophoneUse) -> None:
        """Set whether a microphone is open, as its owner reports."""
        self._opened = opened
        self._show_tray()

    def bound(self, settings: Settings) -> None:
        """Set the current keys, as bound from the settings."""
        self._keys = chosen_keys(settings)
        self._show_ending()

    def pause(self, paused: bool) -> None:
        """Show that the hotkeys are paused, or that they work again."""
        self._paused = paused
        self._tray.show_paused(paused)
        self._show_ending()

    def _show_ending(self) -> None:
        """Show how to end the dictation now that other keys work."""
        if self._shown.state is State.LISTENING:
            self._show_state()
        else:
            self._show_tray()

    def _show_state(self) -> None:
        """Show the state in the tray and the overlay."""
        shown, text, hint = self._shown, self._overlay_text, self._ending()
        if shown.latch is Latch.LOCKED and text == strings.LISTENING:
            text = ""  # "Locked." says enough
        self._tip = shown.reason or f"{text} {hint}".strip()
        self._show_tray()
        if shown.state in (State.IDLE, State.TROUBLE):
            self._overlay.clear()
            return
        self._overlay.show_message(
            text,
            SHOWN[shown.state][0],
            metered=shown.state is State.LISTENING,
            undoable=self.undoable,
            hint=hint,
            locked=shown.latch is Latch.LOCKED,
        )

    def _ending(self) -> str:
        """How to end a latched dictation: with the key that started it, or the menu."""
        shown = self._shown
        if shown.state is not State.LISTENING or shown.latch is Latch.OFF:
            return ""
        locked = strings.LOCKED if shown.latch is Latch.LOCKED else ""
        key = None if self._paused else self._key(shown.key)
        tap = strings.TAP_TO_FINISH.format(key) if key else strings.FINISH_BY_MENU
        return f"{locked} {tap}".strip()

    def _key(self, use: Hotkey | None) -> str | None:
        name = self._keys.get(use) if use is not None else None
        return label(name, mac=sys.platform == "darwin") if name else None

    def _show_tray(self) -> None:
        """Update the tray; a recording microphone takes precedence over all else."""
        state = self._shown.state
        tone, tip = SHOWN[state][0], self._tip
        records, idles = (
            self._opened is MicrophoneUse.RECORDING,
            self._opened is MicrophoneUse.IDLE,
        )
        if state is State.IDLE:
            key = self._key(Hotkey.HOLD)
            tip = strings.READY.format(key) if key else "Mica"
            if self._paused:
                tone, tip = StatusColor.PAUSED, strings.SHORTCUTS_PAUSED
            elif idles:
                tone = StatusColor.STANDBY
        lines = [tip]
        if records and self._captions and state not in SPOKEN:
            tone = StatusColor.CAPTIONS
            is_idle = state is State.IDLE and not self._paused
            lines = (
                [strings.CAPTIONS_RECORD] if is_idle else [strings.CAPTIONS_RECORD, tip]
            )
        elif records:
            tone = StatusColor.LISTENING
        if idles:
            lines.append(strings.MICROPHONE_READY)
        self._tray.show_state(
            tone,
            lines,
            active=state in SPOKEN,
            undoable=self.undoable,
            dismissable=state is State.TROUBLE,
        )
