"""The copy stage's items: text whose words are in the audio slots as embeddings.

The first items are random words after a bare prompt, without blanks or noise. Language
knowledge does not help with these, so the decoder must learn to attend to the slots.
While the decoder is right, the level rises: blanks and noise, then sentences in every
style and with keywords, then several sentences in a row. If training started with whole
sentences, the decoder would learn the language and ignore the slots.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from prompts import AFTER, BLANK, EOS, PromptSampler, Sentences, TrainingPrompt
from sentences import raw_form
from spellings import respelled
from tokenizers import Tokenizer
from torch import Tensor
from torch_decoder import EMBEDDING_MULTIPLIER
from torch_encoder import DEVICE, VOCABULARY

Embed = Callable[[Tensor], Tensor]
RISE = 0.006  # of the level, per step
GOOD = 0.72  # share of correct tokens above which the level rises
MEMORY = 0.95  # decay of the running mean of that share
NOISY, SPOKEN, SEVERAL, LONG = 0.5, 1.0, 1.6, 1.8  # levels
LONGEST_SHARE = 0.015
MISSPELLED_SHARE = 0.06  # of the words in the slots, for the decoder to correct
COMMON_ROWS = 20_000  # sentences whose words are used as random words


@dataclass(frozen=True, slots=True)
class Item:
    """One training example.

    slots      (n, 192), the embeddings in place of the audio
    token_ids  the raw token ids that they contain
    """

    slots: Tensor
    token_ids: list[int]
    prompt: TrainingPrompt


def in_a_row(rows: list[dict]) -> Sentences:
    """Join sentences; the result counts as cased only if all of them are."""
    return Sentences(
        " ".join(row["text"] for row in rows),
        " ".join(row["raw"] for row in rows),
        all(row["cased"] for row in rows),
    )


class TextCorpus:
    """The training sentences, by id, and a sampler of prompts for them."""

    def __init__(self, work: Path, seed: int) -> None:
        self.tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
        self.rows = [json.loads(line) for line in (work / "train.jsonl").open()]
        self.by_id = {row["id"]: row for row in self.rows}
        if (work / "people.jsonl").exists():
            lines = (work / "people.jsonl").open()
            self.by_id |= {row["id"]: row for row in map(json.loads, lines)}
        words = json.loads((work / "lexicon.json").read_text())
        pool = [w for kind in ("NOUN", "VERB", "ADJECTIVE") for w in words[kind]]
        pool += [*words["name"], *words["city"], *words["family"]] * 20
        pool += sorted({w for r in self.rows[:COMMON_ROWS] for w in r["raw"].split()})
        self.rng = random.Random(seed)
        self.pool = pool
        self.prompt_sampler = PromptSampler(self.tokenizer, pool, self.rng)

    def joined(self, ids: list[str]) -> Sentences:
        return in_a_row([self.by_id[i] for i in ids])

    def token_ids(self, raw: str) -> list[int]:
        return list(self.tokenizer.encode(raw).ids)


class CopyTask:
    """Generates items whose difficulty follows the decoder's progress."""

    def __init__(self, embed: Embed, texts: TextCorpus, level: float = 0.0) -> None:
        self._texts, self.level = texts, level
        self._embed = lambda ids: embed(torch.tensor(ids, device=DEVICE))
        self._bare = texts.tokenizer.encode(AFTER).ids
        self._before = texts.prompt_sampler.before
        self._right = 0.0

    def report_accuracy(self, right: float) -> None:
        """Report the share of tokens the decoder had right in the last step."""
        self._right = MEMORY * self._right + (1 - MEMORY) * right
        if self._right > GOOD:
            self.level = min(2.0, self.level + RISE)

    def items(self, positions: int) -> list[Item]:
        used, items = 0, []
        while used < positions:
            items.append(self._item())
            prompt = items[-1].prompt
            used += len(items[-1].slots) + len(prompt.after) + len(prompt.answer)
        return items

    def silent(self, positions: int) -> list[Item]:
        """Sentences without any audio: plain language modeling."""
        used, items, texts = 0, [], self._texts
        while used < positions:
            sentences = in_a_row([texts.rng.choice(texts.rows)])
            prompt = texts.prompt_sampler.sample(sentences)
            items.append(Item(self._embed([BLANK]), [], prompt))
            used += len(prompt.after) + len(prompt.answer) + 4
        return items

    def _item(self) -> Item:
        level, rng = self.level, self._texts.rng
        if level < NOISY:
            return self._random_words(rng.randint(2, 3 + int(10 * level)), 0.0)
        if level < SPOKEN or rng.random() < 0.15:
            hardness = min(1.0, (level - NOISY) / (SPOKEN - NOISY))
            return self._random_words(rng.randint(2, 8), hardness)
        count = rng.randint(1, 4) if level > SEVERAL and rng.random() < 0.35 else 1
        if level > LONG and rng.random() < LONGEST_SHARE:
            count = rng.randint(6, 20)
        return self._sentences(count, min(1.0, level - 0.6))

    def _random_words(self, count: int, hardness: float) -> Item:
        texts = self._texts
        token_ids = texts.token_ids(
            raw_form(" ".join(texts.rng.choices(texts.pool, k=count)))
        )
        prompt = TrainingPrompt(
            self._before, self._bare, [*token_ids, EOS], [1.0] * (len(token_ids) + 1)
        )
        return Item(self._slots(token_ids, hardness), token_ids, prompt)

    def _sentences(self, count: int, hardness: float) -> Item:
        texts = self._texts
        sentences = in_a_row([texts.rng.choice(texts.rows) for _ in range(count)])
        if texts.rng.random() < 0.03:
            sentences = Sentences("", "", True)
        token_ids = texts.token_ids(self._misheard(sentences.raw))
        return Item(
            self._slots(token_ids, hardness),
            token_ids,
            texts.prompt_sampler.sample(sentences),
        )

    def _misheard(self, raw: str) -> str:
        rng = self._texts.rng
        return " ".join(
            respelled(word, rng) if rng.random() < MISSPELLED_SHARE else word
            for word in raw.split()
        )

    def _slots(self, token_ids: list[int], hardness: float) -> Tensor:
        """Embeddings like a good projector's output: with repeats, blanks, errors."""
        rng = self._texts.rng
        ids = [BLANK] * round(rng.randint(0, 5) * hardness)
        sparse = rng.uniform(0.6, 2.5) * hardness + 1e-6
        for token in token_ids:
            if rng.random() < 0.02 * hardness:
                token = rng.randrange(4, VOCABULARY - 1)
            ids += [token] * (rng.choice([1, 1, 1, 2]) if hardness > 0.3 else 1)
            ids += [BLANK] * int(rng.expovariate(1 / sparse) + 0.5)
            if rng.random() < 0.02 * hardness:
                ids += [BLANK] * rng.randint(2, 12)
        ids += [BLANK] * round(rng.randint(0, 6) * hardness)
        ids += [BLANK] * (-len(ids) % 3 or 3 * (not ids))
        clean = self._embed(ids)
        noise = rng.uniform(0, 0.5) * hardness / EMBEDDING_MULTIPLIER
        return clean + torch.randn_like(clean) * noise
