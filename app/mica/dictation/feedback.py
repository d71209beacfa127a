"""What the user sees and hears of the microphone: the meter's level and two sounds.

It looks at a recording whenever asked. It decides nothing about the recording.
"""

from collections.abc import Callable
from typing import Final

from mica.audio.tones import Tone
from mica.dictation.recording import Recording

LEVEL_S: Final = 1 / 30  # what an overlay draws


class Feedback:
    """Main thread only.

    on_level   0 to 1, 30 times a second while it listens
    play       must return at once
    """

    def __init__(
        self,
        on_level: Callable[[float], None],
        play: Callable[[Tone], None],
        clock: Callable[[], float],
    ) -> None:
        self._on_level, self._play, self._clock = on_level, play, clock
        self._due_s = float("-inf")  # of the next level
        self._sounded: Recording | None = None  # its start was heard, its stop was not

    def look(self, recording: Recording, *, listens: bool, audible: bool) -> None:
        """Once a tick.

        listens   it is the one that is spoken into
        audible   sounds are wanted
        """
        health = recording.health
        if listens and health is not None:
            self._show(health.level)
            if health.flowing and not recording.signalled:
                recording.signalled = True
                self._sound(Tone.START, audible)
                self._sounded = recording
        if recording.heard_out and recording is self._sounded:
            self._sounded = None
            self._sound(Tone.STOP, audible)

    def _show(self, level: float) -> None:
        now_s = self._clock()
        if now_s >= self._due_s:
            # by plan, not by the last tick: a tick is always a little late
            late_s = now_s - self._due_s
            self._due_s = (self._due_s if late_s < LEVEL_S else now_s) + LEVEL_S
            self._on_level(level)

    def _sound(self, tone: Tone, audible: bool) -> None:
        if audible:
            self._play(tone)
