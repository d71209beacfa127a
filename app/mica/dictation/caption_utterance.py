"""One utterance of captions: its recording, its words so far, and when to end it."""

from dataclasses import dataclass
from typing import Final

from mica.dictation.recorded_utterance import RecordedUtterance
from mica.dictation.recording_events import Level
from mica.events import Transcript

ROLL_S: Final = 600.0  # then end it at the next pause, to keep rows readable
PAUSE_S: Final = 1.0
LONGEST_S: Final = 3600.0  # even without a pause: a recording's file is limited to 4 GB


@dataclass(slots=True, kw_only=True)
class CaptionUtterance(RecordedUtterance):
    """An utterance of captions without its final text.

    session      the captions session it belongs to: only the current one is shown
    tentative    the words that may still change
    recorded_s   its length so far
    """

    session: int
    tentative: str = ""
    recorded_s: float = 0.0

    def is_long(self, level: Level) -> bool:
        """Whether it may end here, so that the next one begins."""
        in_pause = bool(self.committed) and level.quiet_s >= PAUSE_S
        return level.recorded_s >= (ROLL_S if in_pause else LONGEST_S)

    def so_far(self, note: str) -> Transcript:
        """Its text so far, if no better one will come."""
        text = " ".join(part for part in (*self.committed, self.tentative) if part)
        return Transcript(text, "", self.recorded_s, notes=(note,))
