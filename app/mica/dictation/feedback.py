"""Microphone feedback for the user: the level meter and two sounds.

It has no influence on the recording.
"""

from collections.abc import Callable

from mica.audio.sounds import Tone
from mica.dictation.recording_events import Flowing, Level, RecordingEvent, Stopped


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
