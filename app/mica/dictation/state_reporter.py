"""What the user is told of a dictation: its state, and messages.

It holds trouble until a success or until the user dismisses it, and decides nothing
else.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from mica.audio.tones import Tone
from mica.dictation.recorded_utterance import Notice
from mica.dictation.state import LEGAL, ShownState, State

DONE_S: Final = 0.8  # how long a success is shown
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DictationCallbacks:
    """Callbacks that show and play a dictation. Called on the main thread.

    on_state      what to show
    on_level      0 to 1, while it listens, 30 times a second
    on_text       an utterance's final text, which is in the library already
    on_message    a line for the user, and whether it is trouble
    on_retracted  a line that is no longer so
    play          a sound: it listens now, or no longer; returns at once
    """

    on_state: Callable[[ShownState], None]
    on_level: Callable[[float], None]
    on_text: Callable[[str], None]
    on_message: Callable[[str, bool], None]
    play: Callable[[Tone], None] = lambda tone: None
    on_retracted: Callable[[str], None] = lambda line: None


class StateReporter:
    """Main thread only. shown: the state that is shown."""

    def __init__(
        self, callbacks: DictationCallbacks, clock: Callable[[], float]
    ) -> None:
        self.shown = ShownState(State.IDLE)
        self._callbacks, self._clock = callbacks, clock
        self._trouble = ""
        self._is_engine_trouble = False  # over as soon as the engine is ready
        self._done_until_s = 0.0

    @property
    def at_rest(self) -> ShownState:
        """The state while nothing is under way."""
        if self._trouble:
            return ShownState(State.TROUBLE, reason=self._trouble)
        is_done = self._clock() < self._done_until_s
        return ShownState(State.DONE if is_done else State.IDLE)

    def show(self, shown: ShownState) -> None:
        """Show this from now on. How it changes must be legal (state.LEGAL)."""
        if shown == self.shown:
            return
        before = self.shown.state
        legal = shown.state is before or shown.state in LEGAL[before]
        assert legal, (before, shown.state)
        self.shown = shown
        self._callbacks.on_state(shown)

    def show_done(self) -> None:
        """A text was inserted: a success for a moment."""
        self._done_until_s = self._clock() + DONE_S

    def begin(self) -> None:
        """A dictation begins; the success before it is over."""
        self._done_until_s = 0.0

    def show_text(self, text: str) -> None:
        """A final text; what went wrong before it is over."""
        self.clear_trouble()
        self._callbacks.on_text(text)

    def show_message(self, text: str, is_trouble: bool = False) -> None:
        """Tell the user; trouble also stays in the state."""
        if is_trouble:
            self.report(text)
        _log.info("said: %s", text)  # never what was dictated
        self._callbacks.on_message(text, is_trouble)

    def show_trouble(self, text: str) -> None:
        """Show a message about something that went wrong."""
        self.show_message(text, True)

    def show_messages(self, notices: Iterable[Notice]) -> None:
        """Tell the user several lines."""
        for notice in notices:
            if notice.is_over:
                self.retract(notice.text)
            else:
                self.show_message(notice.text, notice.is_trouble)

    def warn(self, text: str) -> None:
        """Tell the user, also where the overlay is off; yet nothing failed."""
        _log.info("said: %s", text)
        self._callbacks.on_message(text, True)

    def report(self, trouble: str) -> None:
        """Trouble that the user was told elsewhere; shown until it is over."""
        self._trouble, self._is_engine_trouble = trouble, False

    def show_engine_trouble(self, line: str) -> None:
        """The engine's own trouble, unless the user was told of it at the start."""
        if line not in self._trouble:
            self.show_trouble(line)
            self._is_engine_trouble = True

    def engine_ready(self) -> None:
        """The engine's own trouble is over."""
        if self._is_engine_trouble:
            self._trouble = ""

    def retract(self, line: str) -> None:
        """This is no longer so."""
        if self._trouble == line:
            self._trouble = ""
        self._callbacks.on_retracted(line)

    def clear_trouble(self) -> None:
        """A success, or the user dismissed it."""
        self._trouble = ""
