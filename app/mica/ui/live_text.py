"""The words so far of the newest utterance, from what the engine tells.

What is committed stays, what is only a hypothesis is replaced by the next one. No Qt.
"""

from mica.engine.client_events import Committed, EngineEvent, Hypothesis


class LiveText:
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

    def hear(self, event: EngineEvent) -> bool:
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
