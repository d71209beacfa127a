"""Live text of the open segment: what CTC hears in windows that end now, put together,
behind what the decoder wrote of an older part.

Each window covers the last 4 s; its first half, heard without much of what came before,
gives way to the windows before it. The last word waits until it is over, since half a
word is mostly another one. A pure rule over label runs; it runs no network, and what it
shows may change until the segment is decoded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mica.engine import ctc
from mica.engine.draft import glued
from mica.engine.join import without_stop
from mica.units import BLOCK_FRAMES, FRAME_SAMPLES

WINDOW_FRAMES: Final = BLOCK_FRAMES
_BLIND_FRAMES: Final = 100
_HELD_FRAMES: Final = 10  # 0.2 s without a letter end a word, where no space does
_SPACE: Final = ord(" ")


@dataclass(frozen=True, slots=True)
class Interim:
    """What the decoder wrote of a segment's first `stop` samples.

    in_pause   no word is cut there
    """

    text: str
    stop: int
    in_pause: bool


class Live:
    """The labels heard so far in the open segment, by frame."""

    def __init__(self) -> None:
        self._start = -1  # the segment's first sample
        self._heard: list[tuple[int, int]] = []  # (frame, label) in order
        self._is_in_word = False

    def window(self, start: int, heard_to: int) -> tuple[int, int, int]:
        """The next window: its first frame in the segment, its place in samples.

        start      the segment's first sample
        heard_to   samples so far
        """
        self.move(start)
        frames = (heard_to - start) // FRAME_SAMPLES
        first = max(0, frames - WINDOW_FRAMES)
        return first, start + first * FRAME_SAMPLES, start + frames * FRAME_SAMPLES

    def move(self, start: int) -> None:
        """The open segment begins at this sample; what was heard before it is gone."""
        before = (start - self._start) // FRAME_SAMPLES
        self._heard = [
            (at - before, label) for at, label in self._heard if at >= before
        ]
        self._start = start

    def update(self, first: int, labels: Sequence[int]) -> None:
        """Take a window.

        first    its first frame, counted from the segment's start
        labels   the best CTC label of each of its frames, blanks included
        """
        seam = first + _BLIND_FRAMES if first > 0 else 0
        kept = [(frame, label) for frame, label in self._heard if frame < seam]
        before = [ctc.BLANK, *labels][: len(labels)]
        new = [
            (first + place, label)
            for place, (label, last) in enumerate(zip(labels, before, strict=True))
            if label not in (ctc.BLANK, last) and first + place >= seam
        ]
        self._heard = kept + new
        self._is_in_word = any(label != ctc.BLANK for label in labels[-_HELD_FRAMES:])

    def text(self, interim: Interim | None = None) -> str:
        """The segment's text so far, without a word that may go on."""
        if interim is None:
            return self._since(0)
        if not interim.in_pause:
            return glued(interim.text, self._since(0))
        more = self._since(interim.stop // FRAME_SAMPLES)
        return f"{without_stop(interim.text)} {more}" if more else interim.text

    def _since(self, first: int) -> str:
        """What was heard from a frame on."""
        shown = [label for frame, label in self._heard if frame >= first]
        if self._is_in_word:
            shown = shown[: _last_word(shown)]
        return ctc.characters(shown)


def _last_word(labels: Sequence[int]) -> int:
    """Where the last word begins; one without letters where a space is last."""
    place = len(labels)
    while place > 0 and labels[place - 1] != _SPACE:
        if ctc.is_katakana(labels[place - 1]):  # written without spaces
            break
        place -= 1
    return place
