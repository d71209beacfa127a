"""What the tray and the overlay say of a dictation. Shows what it is told."""

from mica.engine.client_events import EngineEvent, Ready
from mica.session.state import Latch, Shown, State
from mica.ui.live_text import LiveText
from mica.ui.overlay import Overlay
from mica.ui.theme import Tone
from mica.ui.tray import Tray

SHOWN = {
    State.IDLE: (Tone.QUIET, "Mica"),
    State.ARMING: (Tone.QUIET, "Getting ready…"),
    State.LISTENING: (Tone.LISTENING, "Listening"),
    State.WORKING: (Tone.WORKING, "Writing…"),
    State.DONE: (Tone.DONE, "Done"),
    State.CANCELLED: (Tone.QUIET, "Cancelled"),
    State.TROUBLE: (Tone.TROUBLE, "Mica needs attention"),
}
PAUSED = (Tone.PAUSED, "Mica: hotkeys are paused")
LATCHED = {
    Latch.OFF: "",
    Latch.LATCHED: " until you tap the key",
    Latch.LOCKED: ", locked, until you tap the key",
}


class Status:
    """Main thread only."""

    def __init__(self, tray: Tray, overlay: Overlay) -> None:
        self._tray, self._overlay = tray, overlay
        self._live, self._words, self._into = LiveText(), 0, ""
        self._can_translate = True  # unless the model says otherwise
        self._shown, self._paused = Shown(State.IDLE), False

    @property
    def undoable(self) -> bool:
        """Whether a dictation was cancelled and can be had back."""
        return self._shown.state is State.CANCELLED

    def on_state(self, shown: Shown) -> None:
        self._shown = shown
        state = shown.state
        tone, tip = SHOWN[state]
        listens = state is State.LISTENING
        to = shown.to if self._can_translate else None
        self._into = f" → {to.value}" if to is not None else ""
        if listens:
            tip += self._into + LATCHED[shown.latch]
        if state is State.DONE:
            tip = f"{self._words:,} word{'' if self._words == 1 else 's'}"
        self._show_tray(tone, tip)
        if state is State.ARMING:
            self._live.clear()
        if state in (State.IDLE, State.TROUBLE):
            self._overlay.leave()
        else:
            # Work often begins with bad news: a lost microphone must be read.
            waits = state in (State.WORKING, State.DONE)
            self._overlay.say(
                tip, tone, metered=listens, waits=waits, undoable=self.undoable
            )

    def on_engine(self, event: EngineEvent) -> None:
        if isinstance(event, Ready):
            self._can_translate = event.translates
        if self._live.hear(event):
            before = f"{self._into.strip()}: " if self._into else ""
            self._overlay.live(before + self._live.text)

    def on_text(self, text: str) -> None:
        self._words = len(text.split())
        self._tray.show_last(text)

    def on_message(self, text: str, is_trouble: bool) -> None:
        self._overlay.message(text, Tone.TROUBLE if is_trouble else Tone.QUIET)

    def pause(self, paused: bool) -> None:
        """The hotkeys do nothing now, or work again."""
        self._paused = paused
        self._tray.show_paused(paused)
        self._show_tray(*SHOWN[self._shown.state])

    def _show_tray(self, tone: Tone, tip: str) -> None:
        state = self._shown.state
        if self._paused and state is State.IDLE:
            tone, tip = PAUSED
        active = state in (State.ARMING, State.LISTENING)
        self._tray.show_state(tone, tip, active=active, undoable=self.undoable)
