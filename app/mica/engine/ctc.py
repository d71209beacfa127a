"""Decodes the logits of the CTC heads, and finds the frames of a text's labels in them.

It runs no network: the encoder's heads produce the logits. Numpy in, values out. Forced
alignment is as in Kürzinger et al. 2020, "CTC-Segmentation", and torchaudio's
`forced_align`, with its star token for anything without a CTC label.
"""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

BLANK: Final = 0
_FIRST_KATAKANA: Final = 256  # labels from here on are U+30A1 and up
_KATAKANA: Final = 0x30A1
_KATAKANA_LABELS: Final = 92
Floats = NDArray[np.float32]
STAR: Final = -1  # matches whatever was said in its place
STAR_COST: Final = 0.3  # per frame, so that a label that was heard keeps its frames
_NEVER: Final = np.float32(-1e30)


def log_posteriors(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log softmax of logits (T, characters), by row."""
    above = logits - logits.max(axis=-1, keepdims=True)
    likely: NDArray[np.float32] = above - np.log(
        np.exp(above).sum(axis=-1, keepdims=True)
    )
    return likely


def labels(logits: NDArray[np.float32]) -> list[int]:
    """The best path of logits (T, characters), without repeats and blanks."""
    return collapsed(logits.argmax(axis=-1).tolist())


def collapsed(best: Sequence[int]) -> list[int]:
    """The best label of each frame, without repeats and blanks."""
    return [label for label, _ in groupby(best) if label != BLANK]


def letter_probabilities(scores: Floats) -> Floats:
    """How probable each label of the best path is in its best frame: (labels,).

    scores  (T, characters), log posteriors
    """
    if len(scores) == 0:
        return np.zeros(0, np.float32)
    best = scores.argmax(axis=-1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    peaks = np.maximum.reduceat(scores.max(axis=-1), starts)
    found: Floats = np.exp(peaks[best[starts] != BLANK])
    return found


def characters(found: Sequence[int]) -> str:
    """The text of character labels: 32 to 255 are Latin-1, then Katakana."""
    return "".join(map(_character, found)).strip()


def label(character: str) -> int | None:
    """The label of a lower-case letter, hiragana as katakana; None if it has none.

    Digits and symbols have labels too, but the CTC spells them out.
    """
    code = ord(character)
    if 0x3041 <= code <= 0x3096:
        code += _KATAKANA - 0x3041
    if _KATAKANA <= code < _KATAKANA + _KATAKANA_LABELS:
        return code - _KATAKANA + _FIRST_KATAKANA
    return code if character.isalpha() and code < _FIRST_KATAKANA else None


def is_katakana(label: int) -> bool:
    return label >= _FIRST_KATAKANA


def _character(label: int) -> str:
    if is_katakana(label):
        return chr(_KATAKANA + label - _FIRST_KATAKANA)
    character = chr(label)
    return character if character.isprintable() else ""


class Letter(NamedTuple):
    """A label and its frames, [first, stop)."""

    label: int
    first: int
    stop: int


def forced_align(labels: Sequence[int], scores: Floats) -> list[Letter] | None:
    """The most probable frames of `labels`, all of them in order with optional blanks;
    None if there are too few frames.

    labels  one or more; STAR is allowed
    scores  (T, characters), log posteriors
    """
    states = np.full(2 * len(labels) + 1, BLANK)
    states[1::2] = labels
    skips = np.zeros(len(states), bool)  # may skip the blank between different labels
    skips[3::2] = states[3::2] != states[1:-2:2]
    if len(scores) < 2 * len(labels) - 1 - np.count_nonzero(skips):
        return None
    emitted = scores[:, np.maximum(states, 0)]
    emitted[:, states == STAR] = scores.max(axis=1, keepdims=True) - STAR_COST
    path = _best_path(emitted, skips)
    letters = []
    for state, run in groupby(enumerate(path), key=itemgetter(1)):
        frames = [frame for frame, _ in run]
        if state % 2:
            letters.append(Letter(labels[state // 2], frames[0], frames[-1] + 1))
    return letters


def _best_path(emitted: Floats, skips: NDArray[np.bool_]) -> list[int]:
    """Each frame's state, by Viterbi: each transition stays, moves to the next state,
    or skips one where `skips` allows it."""
    frames, states = emitted.shape
    scores = np.full(states + 2, _NEVER)  # padding: two unreachable states in front
    scores[2:4] = emitted[0, :2]
    stay, step, skip = scores[2:], scores[1:-1], scores[:-2]
    barred = np.where(skips, np.float32(0), _NEVER)
    back = np.zeros((frames, states), np.int8)
    for frame in range(1, frames):
        skipped = skip + barred
        best = np.maximum(stay, step)
        back[frame] = step > stay
        back[frame, skipped > best] = 2
        stay[:] = np.maximum(best, skipped) + emitted[frame]
    state = states - 1 if stay[-1] > stay[-2] else states - 2
    path = [state]
    for frame in range(frames - 1, 0, -1):
        state -= int(back[frame, state])
        path.append(state)
    return path[::-1]
