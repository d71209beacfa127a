"""Whether a recording has a voice, and whether it is too soft.

A pure rule of the detector's ticks; it tells nobody.
"""

from enum import StrEnum
from typing import Final

from mica.audio.vad import TICK_S

ABSENT_S: Final = 5.0
HEARD_S: Final = 0.2  # of speech: less may be a click
JUDGED_S: Final = 1.0  # of speech, before its level is judged
#: Of a soft voice less than a tenth is louder. People's voices peak 9 to 14 dB above
#: their loudest tenth (LibriSpeech, Common Voice), so this one peaks at about -48 dBFS.
SOFT_DB: Final = -58.0
LOUD_PART: Final = 0.1


class VoiceLevel(StrEnum):
    """What is known of the voice.

    ABSENT   none in the first seconds
    SOFT     there is one, but so soft that words may be lost
    """

    UNKNOWN = "unknown"
    ABSENT = "absent"
    SOFT = "soft"
    GOOD = "good"


class VoiceMonitor:
    """Fed every decided tick of an utterance."""

    def __init__(self) -> None:
        self._ticks = self._speech = 0
        self._loud = 0  # ticks of speech that no soft voice has

    @property
    def level(self) -> VoiceLevel:
        speech_s = self._speech * TICK_S
        if speech_s >= JUDGED_S:
            is_soft = self._loud < LOUD_PART * self._speech
            return VoiceLevel.SOFT if is_soft else VoiceLevel.GOOD
        if speech_s < HEARD_S and self._ticks * TICK_S >= ABSENT_S:
            return VoiceLevel.ABSENT
        return VoiceLevel.UNKNOWN

    def push(self, speech: bool, level_db: float) -> None:
        self._ticks += 1
        self._speech += speech
        self._loud += speech and level_db >= SOFT_DB

    def restart(self) -> None:
        """Another microphone is open."""
        self._ticks = self._speech = self._loud = 0
