"""Live text of the open segment: the CTC's text of windows that end now, put together,
behind what the decoder wrote of an older part.

Each window covers the last 4 s; its first half, encoded without much of what came
before, gives way to the windows before it. A word waits until it is over and a bit
more has come, since half a word is mostly another one. A pure rule over label runs; it
runs no network, and what it shows may change until the segment is decoded.

For example, one window covers frames 0 to 199, the next one 50 to 249, and both hold
letters at these frames:

    first    h110 e115 l120 l125 o130  150 w160 o170 r180
    second   j110 e115 l120 l125 o130  151 w160 o170 r180 l190 d200

The second one misread the "h", for it had little of what came before. Near its middle,
frame 150, both have a space, at most 5 frames apart: letters before it are taken from
the first window, from there on from the second, which gives "hello world". Without such
a space the windows are joined at frame 150 itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from mica.engine import ctc
from mica.engine.align import WORD, match_key
from mica.engine.draft import splice
from mica.text.joining import without_stop
from mica.units import BLOCK_FRAMES, FRAME_SAMPLES

WINDOW_FRAMES: Final = BLOCK_FRAMES
_BLIND_FRAMES: Final = 100
_JOIN_FRAMES: Final = 40  # so far from there two windows may be joined at a space
_SAME_FRAMES: Final = 5  # a space that both heard
_HELD_FRAMES: Final = 12  # a word is shown when its last letter is 0.24 s old
_SPACE: Final = ord(" ")
_Letter = tuple[int, int]  # frame, label
# Of the decoder's letters so many may differ from those CTC heard, one in so many more,
# and so many at the end may stand where CTC heard nothing.
_UNLIKE: Final = 8
_UNLIKE_OF: Final = 16
_ENDING: Final = 3


@dataclass(frozen=True, slots=True)
class Interim:
    """The decoder's text of a segment's first `stop` samples.

    in_pause   no word is cut there
    """

    text: str
    stop: int
    in_pause: bool


class LiveText:
    """The labels heard so far in the open segment, by frame."""

    def __init__(self) -> None:
        self._start = -1  # the segment's first sample
        self._labels: list[_Letter] = []  # in order
        self._stop = 0  # frame the last window ended at
        self._trusted: Interim | None = None

    def window(self, start: int, end: int) -> tuple[int, int, int]:
        """The next window: its first frame in the segment, its place in samples.

        start   the segment's first sample
        end     samples so far
        """
        self.move(start)
        frames = (end - start) // FRAME_SAMPLES
        first = max(0, frames - WINDOW_FRAMES)
        return first, start + first * FRAME_SAMPLES, start + frames * FRAME_SAMPLES

    def move(self, start: int) -> None:
        """The open segment begins at this sample; what was heard before it is gone."""
        if start == self._start:
            return
        shift = (start - self._start) // FRAME_SAMPLES
        self._labels = [
            (at - shift, label) for at, label in self._labels if at >= shift
        ]
        self._start, self._stop, self._trusted = start, self._stop - shift, None

    def update(self, first: int, labels: Sequence[int]) -> None:
        """Add a window's labels.

        first    its first frame, counted from the segment's start
        labels   the best CTC label of each of its frames, blanks included
        """
        before = [ctc.BLANK, *labels][: len(labels)]
        new = [
            (first + place, label)
            for place, (label, last) in enumerate(zip(labels, before, strict=True))
            if label not in (ctc.BLANK, last)
        ]
        stop, start = self._join_point(first, new)
        old = [(frame, label) for frame, label in self._labels if frame < stop]
        self._labels = old + [(frame, label) for frame, label in new if frame >= start]
        self._stop = first + len(labels)

    def text(self, interim: Interim | None = None) -> str:
        """The segment's text so far, without a word that may go on.

        interim   the newest there is; the last one that was like what was heard is used
        """
        if interim is not None and self._is_like(interim):
            self._trusted = interim
        trusted = self._trusted
        if trusted is None:
            return self._since(0)
        if not trusted.in_pause:
            return splice(trusted.text, self._since(0))
        more = self._since(trusted.stop // FRAME_SAMPLES)
        return f"{without_stop(trusted.text)} {more}" if more else trusted.text

    def _join_point(self, first: int, new: list[_Letter]) -> tuple[int, int]:
        """The frames before which the letters heard so far stay, and from which the new
        window's follow: where both heard a space, since a word put together from two
        windows may have a letter twice or not at all."""
        if first == 0:
            return 0, 0
        target = first + _BLIND_FRAMES
        ours, theirs = _spaces(self._labels), _spaces(new)
        pairs = [(a, b) for a in ours for b in theirs if abs(a - b) <= _SAME_FRAMES]
        near = [pair for pair in pairs if abs(pair[1] - target) <= _JOIN_FRAMES]
        return min(near, key=lambda p: abs(p[1] - target), default=(target, target))

    def _is_like(self, interim: Interim) -> bool:
        """Whether it says about what was heard. Where the sound stops in the midst of a
        sentence, a decoder may end it with words from elsewhere, or leave some out."""
        stop = interim.stop // FRAME_SAMPLES
        labels = [label for frame, label in self._labels if frame < stop]
        letters, ctc_letters = _letters(interim.text), _letters(ctc.characters(labels))
        pairs = SequenceMatcher(
            None, letters, ctc_letters, autojunk=False
        ).get_matching_blocks()
        pairs = [pair for pair in pairs if pair.size > 1]
        unlike = max(len(letters), len(ctc_letters)) - sum(pair.size for pair in pairs)
        ending = len(letters) - (pairs[-1].a + pairs[-1].size if pairs else 0)
        return unlike <= _UNLIKE + len(ctc_letters) // _UNLIKE_OF and ending <= _ENDING

    def _since(self, first: int) -> str:
        """What was heard from a frame on."""
        shown = [(frame, label) for frame, label in self._labels if frame >= first]
        while shown and shown[-1][0] > self._stop - _HELD_FRAMES:
            label = shown[-1][1]
            if ctc.is_katakana(label):  # written without spaces
                break
            stop = len(shown) - 1
            while label != _SPACE and stop > 0 and _continues_word(shown[stop - 1][1]):
                stop -= 1
            shown = shown[:stop]
        return ctc.characters([label for _, label in shown])


def _spaces(letters: list[_Letter]) -> list[int]:
    return [frame for frame, label in letters if label == _SPACE]


def _letters(text: str) -> str:
    return "".join(match_key(word) for word in WORD.findall(text))


def _continues_word(label: int) -> bool:
    """Whether a letter behind this one belongs to the same word."""
    return label != _SPACE and not ctc.is_katakana(label)
