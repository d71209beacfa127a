"""The decoder's prompts and expected answers for training, in the four prompt styles.

Keywords decide between spellings that sound alike: the answer uses the listed one.
Sometimes, another name is listed and answered in an invented spelling (spellings.py),
so that the decoder learns to copy from the list. The lists also contain other words,
spoken and not spoken; those do not change the answer.
"""

import random
import re
from dataclasses import dataclass
from typing import NamedTuple

from grammar import SEEN_RIVALS, UNSEEN_RIVALS
from spellings import respelled
from tokenizers import Tokenizer

EOS = 0
BLANK = 1  # <|pad|>: the projector's output between words
BEFORE = "USER: "
AFTER = "\n ASSISTANT:"
RAW = "can you transcribe the speech into a written format?"
RAW_KEYWORDS = "transcribe the speech to text."
PUNCTUATED = "transcribe the speech with proper punctuation and capitalization."
KEYWORDS_SHARE = 0.5  # of the prompts that have keywords
NAMED_SHARE = 0.9  # the same for prompts whose text has a name with a rival spelling
LISTED_SHARE = 0.6  # of such names that are listed; the others keep their spelling
NAME_WEIGHT = 8.0  # in the loss, of such a name's tokens in prompts with keywords
INVENTED_SHARE = 0.35  # of other names, in prompts with keywords
_EVALUATION_NAMES = {name for pair in UNSEEN_RIVALS for name in pair}
_RIVAL = {name: pair for pair in SEEN_RIVALS for name in pair}


def has_rival(text: str) -> bool:
    """Whether the text contains a name that has two spellings."""
    return any(name in _RIVAL for name in re.findall(r"[A-Za-z]+", text))


def instruction(punctuated: bool, keywords: list[str]) -> str:
    if not keywords:
        return PUNCTUATED if punctuated else RAW
    request = PUNCTUATED if punctuated else RAW_KEYWORDS
    return f"{request} Keywords: {', '.join(keywords)}"


def answer(text: str, raw: str, punctuated: bool, keywords: list[str]) -> str:
    """The text in the requested style; each listed name, or its rival, as listed."""
    written = text if punctuated else raw
    for word in keywords:
        other = [name for name in _RIVAL.get(word, ()) if name != word]
        for spelling in [word, *other]:
            pattern = rf"\b{re.escape(spelling)}\b"
            flags = 0 if punctuated else re.IGNORECASE
            if word[0].isupper():
                written = re.sub(pattern, word, written, flags=flags)
    return written


@dataclass(frozen=True, slots=True)
class TrainingPrompt:
    """Token ids before and after the audio, and of the answer with its end token.

    weights   of each token of the answer in the loss
    """

    before: list[int]
    after: list[int]
    answer: list[int]
    weights: list[float]


class Sentences(NamedTuple):
    """One or more spoken sentences; cased: the text has capitals and punctuation."""

    text: str
    raw: str
    cased: bool


class PromptSampler:
    """Random styles and keyword lists for sentences."""

    def __init__(
        self, tokenizer: Tokenizer, words: list[str], rng: random.Random
    ) -> None:
        self._tokenizer, self._words, self._rng = tokenizer, words, rng
        self.before = tokenizer.encode(BEFORE).ids

    def sample(self, sentences: Sentences) -> TrainingPrompt:
        rng = self._rng
        punctuated = sentences.cased and rng.random() < 0.6
        often = NAMED_SHARE if has_rival(sentences.text) else KEYWORDS_SHARE
        if rng.random() >= often:
            return self._training_prompt(
                sentences.text, sentences.raw, punctuated, [], set()
            )
        listed, text, raw = self.keywords(sentences.text), sentences.text, sentences.raw
        invented = self._invented(sentences.text)
        for name, spelling in invented.items():
            text = re.sub(rf"\b{name}\b", spelling, text)
            raw = re.sub(rf"\b{name.lower()}\b", spelling.lower(), raw)
            listed = [word for word in listed if word != name]
            listed.insert(rng.randint(0, len(listed)), spelling)
        return self._training_prompt(
            text, raw, punctuated, listed, set(invented.values())
        )

    def _invented(self, text: str) -> dict[str, str]:
        """Some of the names in the text, with invented spellings that sound alike."""
        found = {}
        for name in dict.fromkeys(re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b", text)):
            spelling = respelled(name, self._rng)
            if name in _RIVAL or name in _EVALUATION_NAMES or spelling == name:
                continue
            if self._rng.random() < INVENTED_SHARE:
                found[name] = spelling
        return found

    def _training_prompt(
        self,
        text: str,
        raw: str,
        punctuated: bool,
        keywords: list[str],
        invented: set[str],
    ) -> TrainingPrompt:
        after = instruction(punctuated, keywords) + AFTER
        expected = answer(text, raw, punctuated, keywords)
        wanted = [*self._tokenizer.encode(expected).ids, EOS]
        names = {*_RIVAL, *invented} if keywords else set()
        weights = self._weights(wanted, expected, names)
        return TrainingPrompt(
            self.before, self._tokenizer.encode(after).ids, wanted, weights
        )

    def _weights(
        self, wanted: list[int], expected: str, names: set[str]
    ) -> list[float]:
        weights = [1.0] * len(wanted)
        for word in re.findall(r"[A-Za-z]+", expected):
            known = word in names or word.capitalize() in names
            name = self._tokenizer.encode(f" {word}").ids if known else []
            for at in range(len(wanted) - len(name) + 1):
                if name and wanted[at : at + len(name)] == name:
                    weights[at : at + len(name)] = [NAME_WEIGHT] * len(name)
        return weights

    def keywords(self, text: str) -> list[str]:
        rng = self._rng
        chosen = [
            rng.choice(self._words) for _ in range(rng.choice([0, 1, 4, 8, 10, 10]))
        ]
        chosen += [
            rng.choice(_RIVAL[rng.choice(list(_RIVAL))])
            for _ in range(rng.randint(0, 2))
        ]
        spoken = re.findall(r"[A-Za-z']+", text)
        listed = {word for name in spoken for word in _RIVAL.get(name, ())}
        chosen = [word for word in chosen if word not in listed]
        for name in spoken:
            if name in _RIVAL and rng.random() < LISTED_SHARE:
                chosen.append(rng.choice(_RIVAL[name]))
            elif rng.random() < 0.05:
                chosen.append(name)
        unique = list(dict.fromkeys(chosen))
        unique = [w for w in unique if not self._clashes(w, unique)]
        rng.shuffle(unique)
        return unique[:12] or [rng.choice(self._words)]

    def _clashes(self, word: str, listed: list[str]) -> bool:
        """Whether the word's rival spelling comes earlier in the list."""
        preceding = listed[: listed.index(word)]
        return any(name != word and name in preceding for name in _RIVAL.get(word, ()))
