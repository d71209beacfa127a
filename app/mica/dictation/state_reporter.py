"""Reports a dictation to the user: its state, messages, level meter and two sounds.

Trouble stays shown until a success or until the user dismisses it. None of it has any
influence on the recording.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from mica.audio.sounds import Tone
from mica.dictation.recorded_utterance import Notice
from mica.dictation.recording_events import Flowing, Level, RecordingEvent, Stopped
from mica.dictation.state import LEGAL, ShownState, State

DONE_S: Final = 0.8  # how long a success is shown
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DictationCallbacks:
    """Callbacks that show and play a dictation. Called on the main thread.

    on_state      the state to show
    on_level      0 to 1, 30 times a second while listening
    on_text       an utterance's final text, which is in the library already
    on_message    a line for the user, and whether it is trouble
    on_retracted  a line that no longer applies
    play          the start or stop sound; returns at once
    """

    on_state: Callable[[ShownState], None]
    on_level: Callable[[float], None]
    on_text: Callable[[str], None]
    on_message: Callable[[str, bool], None]
    play: Callable[[Tone], None] = lambda tone: None
    on_retracted: Callable[[str], None] = lambda line: None


class StateReporter:
    """Reports state and messages. Main thread only. shown: the current state."""

    def __init__(
        self, callbacks: DictationCallbacks, clock: Callable[[], float]
    ) -> None:
        self.shown = ShownState(State.IDLE)
        self._callbacks, self._clock = callbacks, clock
        self._trouble = ""
        self._is_engine_trouble = False  # resolved as soon as the engine is ready
        self._done_until_s = 0.0

    @property
    def at_rest(self) -> ShownState:
        """The state while nothing is in progress."""
        if self._trouble:
            return ShownState(State.TROUBLE, reason=self._trouble)
        is_done = self._clock() < self._done_until_s
        return ShownState(State.DONE if is_done else State.IDLE)

    def show(self, shown: ShownState) -> None:
        """Show this state from now on. The transition must be in state.LEGAL."""
        if shown == self.shown:
            return
        before = self.shown.state
        legal = shown.state is before or shown.state in LEGAL[before]
        assert legal, (before, shown.state)
        self.shown = shown
        self._callbacks.on_state(shown)

    def show_done(self) -> None:
        """Show success for a moment: a text was inserted."""
        self._done_until_s = self._clock() + DONE_S

    def begin(self) -> None:
        """Clear the last success: a dictation begins."""
        self._done_until_s = 0.0

    def show_text(self, text: str) -> None:
        """Show a final text, which clears earlier trouble."""
        self.clear_trouble()
        self._callbacks.on_text(text)

    def show_message(self, text: str, is_trouble: bool = False) -> None:
        """Show a message; trouble also stays in the state."""
        if is_trouble:
            self.report(text)
        _log.info("said: %s", text)  # never what was dictated
        self._callbacks.on_message(text, is_trouble)

    def show_trouble(self, text: str) -> None:
        """Show a message about a failure."""
        self.show_message(text, True)

    def show_messages(self, notices: Iterable[Notice]) -> None:
        """Show or retract several messages."""
        for notice in notices:
            if notice.is_over:
                self.retract(notice.text)
            else:
                self.show_message(notice.text, notice.is_trouble)

    def warn(self, text: str) -> None:
        """Show a message even if the overlay is off, though nothing failed."""
        _log.info("said: %s", text)
        self._callbacks.on_message(text, True)

    def report(self, trouble: str) -> None:
        """Show trouble that the user was told of elsewhere, until it is resolved."""
        self._trouble, self._is_engine_trouble = trouble, False

    def show_engine_trouble(self, line: str) -> None:
        """Show trouble of the engine, unless the user was told of it at start."""
        if line not in self._trouble:
            self.show_trouble(line)
            self._is_engine_trouble = True

    def engine_ready(self) -> None:
        """Clear the engine's trouble."""
        if self._is_engine_trouble:
            self._trouble = ""

    def retract(self, line: str) -> None:
        """Withdraw a message that no longer applies."""
        if self._trouble == line:
            self._trouble = ""
        self._callbacks.on_retracted(line)

    def clear_trouble(self) -> None:
        """Clear trouble, after a success or because the user dismissed it."""
        self._trouble = ""


class Feedback:
    """Shows the level and plays the sounds. Main thread only.

    on_level     0 to 1, 30 times a second while listening
    play         must return at once
    is_audible   whether sounds are turned on
    """

    def __init__(
        self,
        on_level: Callable[[float], None],
        play: Callable[[Tone], None],
        is_audible: Callable[[], bool],
    ) -> None:
        self._on_level, self._play, self._is_audible = on_level, play, is_audible
        self._started: int | None = None  # the last utterance with a start sound

    def on_recording(self, event: RecordingEvent, *, listens: bool) -> None:
        """Show or play an event. listens: its utterance is being recorded."""
        match event:
            case Level(level=level) if listens:
                self._on_level(level)
            case Flowing(utterance) if listens and utterance != self._started:
                self._started = utterance
                self._sound(Tone.START)
            case Stopped(utterance) if utterance == self._started:
                self._sound(Tone.STOP)

    def _sound(self, tone: Tone) -> None:
        if self._is_audible():
            self._play(tone)
