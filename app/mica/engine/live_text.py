"""Live text of the open segment: the decoder's text of an earlier part, then the CTC's
text of overlapping windows, merged.

Each window covers the last 4 s. Its first half was encoded with little left context, so
earlier windows take precedence there. A word is held back until it is over and a little
more has been heard, since half a word usually reads as a different one. A pure rule
over label runs; it runs no network, and its text may change until the segment is
decoded.

For example, one window covers frames 0 to 199, the next one 50 to 249, and both have
letters at these frames:

    first    h110 e115 l120 l125 o130  150 w160 o170 r180
    second   j110 e115 l120 l125 o130  151 w160 o170 r180 l190 d200

The second window misread the "h" for lack of left context. Near its middle, frame 150,
both have a space, at most 5 frames apart: letters before it come from the first window,
later ones from the second, which gives "hello world". Without such a space the windows
would be joined at frame 150 itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from mica.engine import ctc
from mica.engine.align import WORD, match_key
from mica.engine.draft import splice
from mica.text.capitals import without_stop
from mica.units import BLOCK_FRAMES, FRAME_SAMPLES

WINDOW_FRAMES: Final = BLOCK_FRAMES
_BLIND_FRAMES: Final = 100
_JOIN_FRAMES: Final = 40  # windows may be joined at a space this far from there
_SAME_FRAMES: Final = 5  # spaces this close count as the same one
_HELD_FRAMES: Final = 12  # a word is shown when its last letter is 0.24 s old
_SPACE: Final = ord(" ")
_Letter = tuple[int, int]  # frame, label
# How many of the decoder's letters may differ from the CTC's: _UNLIKE, plus one in
# _UNLIKE_OF; and how many at the end may have no counterpart in the CTC's text.
_UNLIKE: Final = 8
_UNLIKE_OF: Final = 16
_ENDING: Final = 3


@dataclass(frozen=True, slots=True)
class Interim:
    """The decoder's text of a segment's first `stop` samples.

    in_pause   it stops in a pause, so no word is cut
    """

    text: str
    stop: int
    in_pause: bool


class LiveText:
    """The CTC labels heard so far in the open segment, by frame."""

    def __init__(self) -> None:
        self._start = -1  # the segment's first sample
        self._labels: list[_Letter] = []  # in order
        self._stop = 0  # end of the last window, in frames
        self._trusted: Interim | None = None

    def window(self, start: int, end: int) -> tuple[int, int, int]:
        """The next window: its first frame in the segment, its start and stop samples.

        start   the segment's first sample
        end     samples so far
        """
        self.move(start)
        frames = (end - start) // FRAME_SAMPLES
        first = max(0, frames - WINDOW_FRAMES)
        return first, start + first * FRAME_SAMPLES, start + frames * FRAME_SAMPLES

    def move(self, start: int) -> None:
        """Set the open segment's first sample and drop the labels before it."""
        if start == self._start:
            return
        shift = (start - self._start) // FRAME_SAMPLES
        self._labels = [
            (at - shift, label) for at, label in self._labels if at >= shift
        ]
        self._start, self._stop, self._trusted = start, self._stop - shift, None

    def has_all_of(self, start: int, last_speech: int) -> bool:
        """Whether another window would add nothing.

        start, last_speech   of the open segment, in samples
        """
        covered_to = start + (self._stop - _HELD_FRAMES) * FRAME_SAMPLES
        return start == self._start and covered_to >= last_speech

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
        """The segment's text so far, without a last word that may continue.

        interim   the newest, if any; the last one that resembled the CTC's text is used
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
        """Where the letters heard so far stop and the new window's start, in frames: at
        a space both have, since a word joined from two windows may double or lose a
        letter."""
        if first == 0:
            return 0, 0
        target = first + _BLIND_FRAMES
        ours, theirs = _spaces(self._labels), _spaces(new)
        pairs = [(a, b) for a in ours for b in theirs if abs(a - b) <= _SAME_FRAMES]
        near = [pair for pair in pairs if abs(pair[1] - target) <= _JOIN_FRAMES]
        return min(near, key=lambda p: abs(p[1] - target), default=(target, target))

    def _is_like(self, interim: Interim) -> bool:
        """Whether it resembles the CTC's text. On audio cut in mid-sentence, a decoder
        may invent the rest of the sentence, or leave words out."""
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
        """The CTC's text from a frame on, without a word that may continue."""
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
    """Whether a letter after this one belongs to the same word."""
    return label != _SPACE and not ctc.is_katakana(label)
