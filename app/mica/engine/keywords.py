"""Which keywords ride in the instruction, and whether the sound bears them out.

Pure functions of the list and the text CTC heard. With more than fit, the terms nearest
to it ride along, as many as the token budget holds, in the user's order. It cleans no
entry.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

EXACT: Final = 400  # so many are compared letter by letter, chosen by shared pairs

UNHEARD: Final = 0.5  # edits a letter beyond which a word was not said

Count = Callable[[str], int]


def fitting(
    keywords: Sequence[str], heard: str, budget: int, tokens: Count
) -> list[str]:
    """The keywords to use: all where they fit, else those nearest to `heard`.

    budget   tokens all of them together may take
    tokens   how many tokens a text takes
    """
    if len(keywords) > budget:  # each takes one or more
        return _nearest(keywords, heard, budget, tokens)
    if sum(tokens(f" {word},") for word in keywords) <= budget:
        return list(keywords)
    return _nearest(keywords, heard, budget, tokens)


def _nearest(
    keywords: Sequence[str], heard: str, budget: int, tokens: Count
) -> list[str]:
    candidates = _sharing_most(keywords, _folded(heard))
    folded = [_folded(keywords[index]) for index in candidates]
    far = distances(folded, _folded(heard))
    order = sorted(range(len(candidates)), key=lambda i: (far[i], candidates[i]))
    chosen, left = [], budget
    for place in order:
        cost = tokens(f" {keywords[candidates[place]]},")
        if cost <= left:
            chosen.append(candidates[place])
            left -= cost
    return [keywords[index] for index in sorted(chosen)]


def _sharing_most(keywords: Sequence[str], heard: str) -> list[int]:
    """Indices of the keywords that share most letter pairs with the text."""
    if len(keywords) <= EXACT:
        return list(range(len(keywords)))
    pairs = _pairs(heard)
    shared = []
    for word in keywords:
        own = _pairs(_folded(word))
        shared.append(len(own & pairs) / max(1, len(own)))
    order = sorted(range(len(keywords)), key=lambda i: (-shared[i], i))
    return sorted(order[:EXACT])


def unsupported(text: str, keywords: Sequence[str], heard: str) -> list[str]:
    """Keywords the text holds though nothing like them was heard."""
    written = f" {_folded(text)} "
    held = [word for word in keywords if f" {_folded(word)} " in written]
    far = distances([_folded(word) for word in held], _folded(heard))
    return [word for word, d in zip(held, far, strict=True) if d > UNHEARD]


def distances(words: Sequence[str], text: str) -> list[float]:
    """For each word, edits to the nearest stretch of `text`, over the word's length.

    0 where the text holds the word, 1 where nothing is alike.
    """
    lengths = np.array([len(word) for word in words], np.intp)
    longest = int(lengths.max(initial=0))
    letters = np.zeros((len(words), longest), np.int32)
    for row, word in zip(letters, words, strict=True):
        row[: len(word)] = [ord(letter) for letter in word]
    steps = np.arange(longest + 1, dtype=np.int32)
    edits = np.tile(steps, (len(words), 1))
    rows = np.arange(len(words))
    best = edits[rows, lengths]
    for letter in text:
        edits = _column(edits, letters, ord(letter), steps)
        best = np.minimum(best, edits[rows, lengths])
    nearest: list[float] = (best / np.maximum(lengths, 1)).tolist()
    return nearest


def _column(
    edits: NDArray[np.int32],
    letters: NDArray[np.int32],
    letter: int,
    steps: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Edit distances one letter of the text further; a stretch may begin anywhere."""
    replaced = edits[:, :-1] + (letters != letter)
    column = np.zeros_like(edits)
    column[:, 1:] = np.minimum(replaced, edits[:, 1:] + 1)
    # A letter of the word left out costs one: a running minimum, not a loop.
    return np.minimum.accumulate(column - steps, axis=1) + steps


def _folded(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c == " ")


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}
