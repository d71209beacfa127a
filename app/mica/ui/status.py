"""The words so far of the newest utterance, from what the engine tells.

What is committed stays, what is only a hypothesis is replaced by the next one. No Qt.

What tray and overlay say of dictation, captions and microphone. Decides nothing.
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
    """One utterance's text; begun anew with each."""

    def __init__(self) -> None:
        self._utterance = -1
        self._closed = -1  # this utterance and those before it are told no more
        self._final: list[str] = []
        self._open = ""

    @property
    def text(self) -> str:
        return " ".join(part for part in (*self._final, self._open) if part)

    def clear(self) -> None:
        """A new utterance begins; stragglers of the one before are not heard."""
        self._closed = max(self._closed, self._utterance)
        self._final, self._open = [], ""

    def on_engine(self, event: EngineEvent) -> bool:
        """Whether this changed the text."""
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
    """Main thread only."""

    def __init__(self, tray: Tray, overlay: Overlay, settings: Settings) -> None:
        self._tray, self._overlay = tray, overlay
        self._live, self._words, self._into = LatestText(), 0, ""
        self.messages: deque[tuple[str, bool]] = deque(maxlen=10)  # the latest
        self._can_translate = True  # unless the model says otherwise
        self._shown, self._paused = ShownState(State.IDLE), False
        self._tip = ""  # of the state
        self._captions, self._opened = False, MicrophoneUse.CLOSED
        self._keys = chosen_keys(settings)
        self._show_tray()

    @property
    def undoable(self) -> bool:
        """Whether a dictation was cancelled and can be had back."""
        return self._shown.state is State.CANCELLED

    def on_state(self, shown: ShownState) -> None:
        before, self._shown = self._shown, shown
        state = shown.state
        tone, tip = SHOWN[state]
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
        hint = self._ending()
        self._tip = shown.reason or f"{tip} {hint}".strip()
        self._show_tray()
        if state in (State.IDLE, State.TROUBLE):
            self._overlay.clear()
            return
        self._overlay.show_message(
            tip,
            tone,
            metered=state is State.LISTENING,
            undoable=self.undoable,
            hint=hint,
            locked=shown.latch is Latch.LOCKED,
        )

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
        """This is no longer so."""
        if self._overlay.notice.text == text:
            self._overlay.forget()

    def forget(self) -> None:
        """A message that is up is old news."""
        self._overlay.forget()

    def on_captions(self, on: bool) -> None:
        self._captions = on
        self._tray.show_captions(on)
        self._show_tray()

    def on_microphone(self, opened: MicrophoneUse) -> None:
        """Whether one is open, by the one who opens them."""
        self._opened = opened
        self._show_tray()

    def bound(self, settings: Settings) -> None:
        """The keys are those of the settings now."""
        self._keys = chosen_keys(settings)
        self._show_tray()

    def pause(self, paused: bool) -> None:
        """The hotkeys do nothing now, or work again."""
        self._paused = paused
        self._tray.show_paused(paused)
        self._show_tray()

    def _ending(self) -> str:
        """How what was latched is ended: by the key that began it, or by the menu."""
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
        """A microphone that records is shown before anything else."""
        state = self._shown.state
        tone, tip = SHOWN[state][0], self._tip
        records, warm = (
            self._opened is MicrophoneUse.RECORDING,
            self._opened is MicrophoneUse.IDLE,
        )
        if state is State.IDLE:
            key = self._key(Hotkey.HOLD)
            tip = strings.READY.format(key) if key else "Mica"
            if self._paused:
                tone, tip = StatusColor.PAUSED, strings.SHORTCUTS_PAUSED
            elif warm:
                tone = StatusColor.WARM
        lines = [tip]
        if records and self._captions and state not in SPOKEN:
            tone = StatusColor.CAPTIONS
            is_idle = state is State.IDLE and not self._paused
            lines = (
                [strings.CAPTIONS_RECORD] if is_idle else [strings.CAPTIONS_RECORD, tip]
            )
        elif records:
            tone = StatusColor.LISTENING
        if warm:
            lines.append(strings.MICROPHONE_READY)
        self._tray.show_state(
            tone,
            lines,
            active=state in SPOKEN,
            undoable=self.undoable,
            dismissable=state is State.TROUBLE,
        )
