"""One utterance of captions: its recording, its words so far, and when it is long."""

from dataclasses import dataclass, field
from typing import Final

from mica.dictation.recording import Recording
from mica.dictation.utterances import PendingUtterance
from mica.events import Transcript

ROLL_S: Final = 600.0  # then the next utterance begins at a pause: rows one can read
PAUSE_S: Final = 1.0
LONGEST_S: Final = 3600.0  # pause or not, for a recording's file ends at 4 GB


@dataclass(slots=True)
class CaptionUtterance:
    """It has no end yet.

    run   which captions it belongs to: those of earlier ones are shown no more
    """

    pending: PendingUtterance
    run: int
    committed: list[str] = field(default_factory=list)
    tentative: str = ""

    @property
    def recording(self) -> Recording:
        return self.pending.recording

    @property
    def seconds(self) -> float:
        """How long it is by now."""
        rate_hz = self.recording.rate_hz
        return self.recording.heard / rate_hz if rate_hz else 0.0

    @property
    def is_long(self) -> bool:
        """Whether it may end here, for the next one to begin."""
        in_pause = bool(self.committed) and self.recording.quiet_s >= PAUSE_S
        return self.seconds >= (ROLL_S if in_pause else LONGEST_S)

    def so_far(self, note: str) -> Transcript:
        """What there is of its text, where no better one will come."""
        text = " ".join(part for part in (*self.committed, self.tentative) if part)
        return Transcript(text, "", self.seconds, notes=(note,))
