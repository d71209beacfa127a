"""Live text of the open segment: what CTC hears in windows that end now, put together.

Each window covers the last 4 s; its first half, heard without much of what came before,
gives way to the windows before it. The last word waits until it is over, since half a
word is mostly another one. A pure rule over label runs; it runs no network, and what it
shows may change until the segment is decoded.
"""

from collections.abc import Sequence
from typing import Final

from mica.engine import ctc
from mica.units import BLOCK_FRAMES, FRAME_SAMPLES

WINDOW_FRAMES: Final = BLOCK_FRAMES
_BLIND_FRAMES: Final = 100
_HELD_FRAMES: Final = 10  # 0.2 s without a letter end a word, where no space does
_SPACE: Final = ord(" ")


class Live:
    """The labels heard so far in the open segment, by frame."""

    def __init__(self) -> None:
        self._start = -1  # the segment's first sample
        self._heard: list[tuple[int, int]] = []  # (frame, label) in order

    def window(self, start: int, heard_to: int) -> tuple[int, int, int]:
        """The next window: its first frame in the segment, its place in samples.

        start      the segment's first sample; another one begins anew
        heard_to   samples so far
        """
        if start != self._start:
            self._start, self._heard = start, []
        frames = (heard_to - start) // FRAME_SAMPLES
        first = max(0, frames - WINDOW_FRAMES)
        return first, start + first * FRAME_SAMPLES, start + frames * FRAME_SAMPLES

    def update(self, first: int, labels: Sequence[int]) -> str:
        """The segment's text so far, without a word that may go on.

        first    the window's first frame, counted from the segment's start
        labels   the best CTC label of each frame of the window, blanks included
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
        shown = [label for _, label in self._heard]
        if any(label != ctc.BLANK for label in labels[-_HELD_FRAMES:]):
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
