"""What the decoder is asked and what it should answer, in the four prompt styles.

Keywords decide between spellings that sound alike: the answer has the listed one. Other
names are at times listed, and answered, in a spelling made up for the occasion
(spellings.py), so that what is learned is to copy from the list. The lists also hold
words that were said and words that were not; those change nothing.
"""

import random
import re
from dataclasses import dataclass
from typing import NamedTuple

from grammar import SEEN_RIVALS, UNSEEN_RIVALS
from spellings import respelled
from tokenizers import Tokenizer

EOS = 0
BLANK = 1  # <|pad|>: what the projector gives between words
BEFORE = "USER: "
AFTER = "\n ASSISTANT:"
RAW = "can you transcribe the speech into a written format?"
RAW_KEYWORDS = "transcribe the speech to text."
PUNCTUATED = "transcribe the speech with proper punctuation and capitalization."
KEYWORDS_SHARE = 0.5  # of the questions that carry keywords
NAMED_SHARE = 0.9  # the same where a name with a rival was said
LISTED_SHARE = 0.6  # of such names in those; the others stay as they are
NAME_WEIGHT = 8.0  # in the loss, of such a name's tokens where there are keywords
INVENTED_SHARE = 0.35  # of other names in a question with keywords
_KEPT = {name for pair in UNSEEN_RIVALS for name in pair}  # to measure with
_RIVAL = {name: pair for pair in SEEN_RIVALS for name in pair}


def has_rival(text: str) -> bool:
    """Whether a name is in it that has two spellings."""
    return any(name in _RIVAL for name in re.findall(r"[A-Za-z]+", text))


def instruction(punctuated: bool, keywords: list[str]) -> str:
    if not keywords:
        return PUNCTUATED if punctuated else RAW
    asked = PUNCTUATED if punctuated else RAW_KEYWORDS
    return f"{asked} Keywords: {', '.join(keywords)}"


def answer(text: str, raw: str, punctuated: bool, keywords: list[str]) -> str:
    """The text in the style, every listed name and its rival as listed."""
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
    """Token ids around the audio: before it, after it, and the answer with its end;
    how much each of the answer's counts."""

    before: list[int]
    after: list[int]
    answer: list[int]
    weights: list[float]


class Sentences(NamedTuple):
    """What was said, one or more; cased: the text has capitals and marks."""

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

    def ask(self, said: Sentences) -> TrainingPrompt:
        rng = self._rng
        punctuated = said.cased and rng.random() < 0.6
        often = NAMED_SHARE if has_rival(said.text) else KEYWORDS_SHARE
        if rng.random() >= often:
            return self._asked(said.text, said.raw, punctuated, [], set())
        listed, text, raw = self.keywords(said.text), said.text, said.raw
        invented = self._invented(said.text)
        for name, spelling in invented.items():
            text = re.sub(rf"\b{name}\b", spelling, text)
            raw = re.sub(rf"\b{name.lower()}\b", spelling.lower(), raw)
            listed = [word for word in listed if word != name]
            listed.insert(rng.randint(0, len(listed)), spelling)
        return self._asked(text, raw, punctuated, listed, set(invented.values()))

    def _invented(self, text: str) -> dict[str, str]:
        """Some names within the sentences, and spellings that sound like them."""
        found = {}
        for name in dict.fromkeys(re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b", text)):
            spelling = respelled(name, self._rng)
            if name in _RIVAL or name in _KEPT or spelling == name:
                continue
            if self._rng.random() < INVENTED_SHARE:
                found[name] = spelling
        return found

    def _asked(
        self,
        text: str,
        raw: str,
        punctuated: bool,
        keywords: list[str],
        invented: set[str],
    ) -> TrainingPrompt:
        after = instruction(punctuated, keywords) + AFTER
        said = answer(text, raw, punctuated, keywords)
        wanted = [*self._tokenizer.encode(said).ids, EOS]
        names = {*_RIVAL, *invented} if keywords else set()
        weights = self._weights(wanted, said, names)
        return TrainingPrompt(
            self.before, self._tokenizer.encode(after).ids, wanted, weights
        )

    def _weights(self, wanted: list[int], said: str, names: set[str]) -> list[float]:
        weights = [1.0] * len(wanted)
        for word in re.findall(r"[A-Za-z]+", said):
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
        """Its rival stands earlier in the list."""
        earlier = listed[: listed.index(word)]
        return any(name != word and name in earlier for name in _RIVAL.get(word, ()))
