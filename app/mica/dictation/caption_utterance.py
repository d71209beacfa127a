"""One utterance of captions: its recording, its words so far, and when it is long."""

from dataclasses import dataclass
from typing import Final

from mica.dictation.recorded_utterance import RecordedUtterance
from mica.dictation.recording_events import Level
from mica.events import Transcript

ROLL_S: Final = 600.0  # then the next utterance begins at a pause: rows one can read
PAUSE_S: Final = 1.0
LONGEST_S: Final = 3600.0  # pause or not, for a recording's file ends at 4 GB


@dataclass(slots=True, kw_only=True)
class CaptionUtterance(RecordedUtterance):
    """An utterance of captions without its final text.

    session      which captions it belongs to: those of earlier ones are not shown
    tentative    the words that may still change
    recorded_s   its length so far
    """

    session: int
    tentative: str = ""
    recorded_s: float = 0.0

    def is_long(self, level: Level) -> bool:
        """Whether it may end here, for the next one to begin."""
        in_pause = bool(self.committed) and level.quiet_s >= PAUSE_S
        return level.recorded_s >= (ROLL_S if in_pause else LONGEST_S)

    def so_far(self, note: str) -> Transcript:
        """Its text up to now, where no better one will come."""
        text = " ".join(part for part in (*self.committed, self.tentative) if part)
        return Transcript(text, "", self.recorded_s, notes=(note,))
