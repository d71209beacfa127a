"""The decoder's prompt: the instruction for a style and the keywords in it.

The instructions are those that granite-speech-4.1-2b was trained on (see its model
card, which does not list punctuated text with keywords), and those of
granite-4.0-1b-speech, which writes raw text only. If the keywords exceed the token
budget, those nearest to the CTC's text are chosen, in the user's order; afterwards each
keyword in the output is compared with that text. Pure functions; the chat template
belongs to the model.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mica.errors import ModelError
from mica.events import Language, Style


class Forms(Enum):
    """The model family whose instructions a model was trained on."""

    GRANITE_4_1 = "granite-speech-4.1-2b"
    GRANITE_4_0 = "granite-4.0-1b-speech"

    @classmethod
    def of(cls, *, has_bpe_head: bool) -> "Forms":
        """The forms of a model, recognized by whether it has a BPE head."""
        return cls.GRANITE_4_1 if has_bpe_head else cls.GRANITE_4_0

    def style(self, wanted: Style) -> Style:
        """The style the model can write."""
        return wanted if self is Forms.GRANITE_4_1 else Style.RAW


_PLAIN = {
    Style.RAW: "can you transcribe the speech into a written format?",
    Style.PUNCTUATED: (
        "transcribe the speech with proper punctuation and capitalization."
    ),
}
_BEFORE_KEYWORDS = {
    Style.RAW: "transcribe the speech to text.",
    Style.PUNCTUATED: _PLAIN[Style.PUNCTUATED],
}


_TRANSLATED = {
    Style.RAW: "translate the speech to {}.",
    Style.PUNCTUATED: (
        "translate the speech to {} with proper punctuation and capitalization."
    ),
}
_TRANSLATED_4_0 = "can you translate the speech into {}?"


def instruction(
    style: Style,
    keywords: Sequence[str],
    forms: Forms = Forms.GRANITE_4_1,
    to: Language | None = None,
) -> str:
    """The instruction that follows the audio. `to`: None transcribes."""
    text = _task(forms.style(style), forms, to, named=bool(keywords))
    return f"{text} Keywords: {', '.join(keywords)}" if keywords else text


def _task(style: Style, forms: Forms, to: Language | None, *, named: bool) -> str:
    """The instruction without the keywords; `named`: keywords follow."""
    newest = forms is Forms.GRANITE_4_1
    if to is not None:
        form = _TRANSLATED[style] if newest else _TRANSLATED_4_0
        return form.format(to.value)
    return (_BEFORE_KEYWORDS if named and newest else _PLAIN)[style]


def cannot_translate(model: str) -> ModelError:
    """The error for a model that was not trained to translate; `model`: its name."""
    what = f"The model “{model}” can’t translate."
    return ModelError(what, "IBM’s Granite Speech models can.")


def as_spoken(model: str) -> str:
    """The note for an utterance that such a model was asked to translate."""
    return f"{cannot_translate(model).line()} The text is as spoken."


EXACT: Final = 400  # keywords compared by edit distance, preselected by shared pairs

UNHEARD: Final = 0.5  # edits per letter beyond which a word was not spoken

Count = Callable[[str], int]


def fitting(
    keywords: Sequence[str], ctc_text: str, budget: int, tokens: Count
) -> list[str]:
    """The keywords to use: all if they fit, else those nearest to `ctc_text`.

    budget   tokens for all of them together
    tokens   counts the tokens of a text
    """
    if len(keywords) > budget:  # each takes at least one token
        return _nearest(keywords, ctc_text, budget, tokens)
    if sum(tokens(f" {word},") for word in keywords) <= budget:
        return list(keywords)
    return _nearest(keywords, ctc_text, budget, tokens)


def _nearest(
    keywords: Sequence[str], ctc_text: str, budget: int, tokens: Count
) -> list[str]:
    candidates = _sharing_most(keywords, _folded(ctc_text))
    folded = [_folded(keywords[index]) for index in candidates]
    far = distances(folded, _folded(ctc_text))
    order = sorted(range(len(candidates)), key=lambda i: (far[i], candidates[i]))
    chosen, remaining = [], budget
    for place in order:
        cost = tokens(f" {keywords[candidates[place]]},")
        if cost <= remaining:
            chosen.append(candidates[place])
            remaining -= cost
    return [keywords[index] for index in sorted(chosen)]


def _sharing_most(keywords: Sequence[str], ctc_text: str) -> list[int]:
    """Indices of the keywords with the largest share of letter pairs in the text."""
    if len(keywords) <= EXACT:
        return list(range(len(keywords)))
    pairs = _pairs(ctc_text)
    shared = []
    for word in keywords:
        own = _pairs(_folded(word))
        shared.append(len(own & pairs) / max(1, len(own)))
    order = sorted(range(len(keywords)), key=lambda i: (-shared[i], i))
    return sorted(order[:EXACT])


def unsupported(text: str, keywords: Sequence[str], ctc_text: str) -> list[str]:
    """Keywords in the text that resemble nothing in the CTC's text."""
    written = f" {_folded(text)} "
    held = [word for word in keywords if f" {_folded(word)} " in written]
    far = distances([_folded(word) for word in held], _folded(ctc_text))
    return [word for word, d in zip(held, far, strict=True) if d > UNHEARD]


def distances(words: Sequence[str], text: str) -> list[float]:
    """Each word's edit distance to the nearest part of `text`, over the word's length.

    0 if the text contains the word, 1 if it contains nothing similar.
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
    """Edit distances after one more letter of the text; a match may start anywhere."""
    replaced = edits[:, :-1] + (letters != letter)
    column = np.zeros_like(edits)
    column[:, 1:] = np.minimum(replaced, edits[:, 1:] + 1)
    # A missing letter of the word costs one: a running minimum replaces the loop.
    return np.minimum.accumulate(column - steps, axis=1) + steps


def _folded(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c == " ")


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}
