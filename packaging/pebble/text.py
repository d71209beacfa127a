"""Writes the training, development and test sentences, and their tokenizer.

    python packaging/pebble/text.py --work build/pebble

Sentences come from grammar.py; its open slots take dictionary words (wamerican) of the
right kind, the common ones of English more often (wordfreq, Zipf). A share of the
sentences are random words in a row, so that the vocabulary stays open. Words that sound
like another one are left out of the open slots, since no sound could tell them apart.
Writes `train.jsonl`, `dev.jsonl`, `test.jsonl` ({"id", "text", "raw"}), `lexicon.json`
and `tokenizer.json`.
"""

import argparse
import json
import random
import re
from collections.abc import Iterable
from pathlib import Path

from grammar import SEEN_RIVALS, TEMPLATES, UNSEEN_RIVALS, WORDS
from speak import Voice
from wordfreq import top_n_list, zipf_frequency

DICTIONARY = Path("/usr/share/dict/words")
OPEN_SIZES = {"NOUN": 3600, "VERB": 1300, "ADJECTIVE": 1400, "ADV": 500}
RANDOM_SHARE = 0.12
RIVAL_SHARE = 0.5  # of the first names, so that every rival is heard often
ZIPF_SHIFT = 15  # rank offset: flattens the head, rare words still come up
COARSE = ("fuck", "shit", "cunt", "nigg", "fag", "whor", "slut", "rape", "porn", "dick")
SPECIAL_TOKENS = ["<|end_of_text|>", "<|pad|>", "<|unk|>", "<|audio|>"]
FUNCTION_WORDS = 130  # the commonest words of English hold sentences together
VOCABULARY = 2047  # the draft head keeps one output for the blank

Lexicon = dict[str, list[str]]


def raw_form(text: str) -> str:
    """The words alone: lower case, no marks but the apostrophe."""
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split())


def lexicon() -> Lexicon:
    """Words for every slot; open slots by what other forms the dictionary has."""
    words = {w.strip() for w in DICTIONARY.read_text("utf-8").splitlines()}
    plain = sorted(w for w in words if re.fullmatch(r"[a-z]{3,11}", w))
    unfit = set(top_n_list("en", FUNCTION_WORDS))
    plain = [w for w in plain if w not in unfit and not w.startswith(COARSE)]
    kinds: Lexicon = {kind: [] for kind in OPEN_SIZES}
    plain.sort(key=lambda word: -zipf_frequency(word, "en"))
    fixed = " ".join([*TEMPLATES, *(" ".join(group) for group in WORDS.values())])
    sounds = _Sounds(set(re.findall(r"[a-z]+", re.sub(r"{\w+}", "", fixed).lower())))
    for word in plain:
        kind = _kind(word, words)
        if kind and len(kinds[kind]) < OPEN_SIZES[kind] and sounds.new(word):
            kinds[kind].append(word)
    kinds["PLURAL"] = [w + "s" for w in kinds["NOUN"][:900] if w + "s" in words]
    kinds["ING"] = [w.removesuffix("e") + "ing" for w in kinds["VERB"]]
    kinds["ED"] = [w.removesuffix("e") + "ed" for w in kinds["VERB"]]
    for kind in ("PLURAL", "ING", "ED"):
        kinds[kind] = [w for w in kinds[kind] if sounds.new(w)]
    return {**{k: [w.replace("|", " ") for w in v] for k, v in WORDS.items()}, **kinds}


class _Sounds:
    """Which sounds are taken already."""

    def __init__(self, words: Iterable[str]) -> None:
        self._voice = Voice("en-us")
        self._taken = {self._voice.phonemes(w) for w in words}
        first = (pair[0] for pair in SEEN_RIVALS + UNSEEN_RIVALS)
        self._taken |= {self._voice.phonemes(w) for w in first}

    def new(self, word: str) -> bool:
        sound = self._voice.phonemes(word)
        if sound in self._taken:
            return False
        self._taken.add(sound)
        return True


def _kind(word: str, words: set[str]) -> str | None:
    if word.endswith("ly"):
        return "ADV" if word[:-2] in words else None
    if word.endswith(("s", "ing", "ed")):
        return None
    stem = word.removesuffix("e")
    if stem + "ing" in words and stem + "ed" in words:
        return "VERB"
    if word + "ly" in words:
        return "ADJECTIVE"
    return "NOUN" if word + "s" in words else None


class Writer:
    """Sentences, one after the other, from a seeded generator."""

    def __init__(self, words: Lexicon, rng: random.Random) -> None:
        self._words, self._rng = words, rng
        self._seen = [pair[0] for pair in SEEN_RIVALS]
        self._loose = [w for kind in OPEN_SIZES for w in words[kind]]
        self._loose += words["PLURAL"] + words["ING"] + words["ED"]

    def sentence(self) -> str:
        filled = re.sub(r"\{(\w+)\}", self._fill, self._rng.choice(TEMPLATES))
        return re.sub(r"\ba(?= [aeiou])", "an", filled)

    def random_words(self) -> str:
        count = self._rng.randint(2, 9)
        words = [self._rng.choice(self._loose) for _ in range(count)]
        return " ".join(words).capitalize() + "."

    def _fill(self, slot: re.Match[str]) -> str:
        kind = slot[1]
        if kind == "name" and self._rng.random() < RIVAL_SHARE:
            return self._rng.choice(self._seen)
        choices = self._words[kind]
        if kind.islower():
            return self._rng.choice(choices)
        return choices[self._zipf(len(choices))]

    def _zipf(self, size: int) -> int:
        """A rank, drawn in proportion to 1 / (rank + shift)."""
        spread = (size + ZIPF_SHIFT) / ZIPF_SHIFT
        rank = int(ZIPF_SHIFT * (spread ** self._rng.random() - 1))
        return min(rank, size - 1)


def write(work: Path, count: int, seed: int) -> None:
    rng = random.Random(seed)
    words = lexicon()
    writer = Writer(words, rng)
    taken: set[str] = set()
    for name, size, lengths in (
        ("test", 300, range(6, 13)),
        ("dev", 150, range(6, 13)),
        ("train", count, range(1, 15)),
    ):
        rows = []
        while len(rows) < size:
            strange = name == "train" and rng.random() < RANDOM_SHARE
            text = writer.random_words() if strange else writer.sentence()
            raw = raw_form(text)
            if raw in taken or len(raw.split()) not in lengths:
                continue
            taken.add(raw)
            rows.append({"id": f"{name}-{len(rows)}", "text": text, "raw": raw})
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (work / f"{name}.jsonl").write_text(lines)
        print(
            name, len(rows), "words", len({w for r in rows for w in r["raw"].split()})
        )
    (work / "lexicon.json").write_text(json.dumps(words))
    _tokenizer(work)


def _tokenizer(work: Path) -> None:
    """Byte-level BPE over the training texts in both styles."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    rows = [json.loads(line) for line in (work / "train.jsonl").open()]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    prompts = [
        "USER: can you transcribe the speech into a written format?\n ASSISTANT:",
        "USER: transcribe the speech with proper punctuation and capitalization.",
        "transcribe the speech to text. Keywords: a, b\n ASSISTANT:",
    ] * 500
    names = [f"{a}, {b}" for a, b in SEEN_RIVALS + UNSEEN_RIVALS] * 20
    texts = [r["text"] for r in rows] + [r["raw"] for r in rows] + prompts + names
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(work / "tokenizer.json"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    write(given.work, given.count, given.seed)
