"""Writes the training, development and test sentences, and their tokenizer.

    python packaging/pebble/text.py --work build/pebble --open ../text \
        --leave-out gnomehelp --held-out email mimic

Most sentences come from a folder of open text (sentences.py); entire sources in it are
held out. A share comes from grammar.py, whose open slots are filled with dictionary
words (wamerican) of the right kind, common English words more often (wordfreq, Zipf).
Another share is sequences of random words, so that the vocabulary stays open. Words
that sound like another one are left out of the grammar's slots.

Writes files with one {"id", "text", "raw", "cased", "source"} per line: `train.jsonl`,
in random order; `dev` and `test` from the grammar; `espeak-dev`, `other-dev`,
`espeak-test` and `other-test` from the held-out sources, named after the synthesizers
that speak them. Also writes `lexicon.json`, `tokenizer.json` and `sources.json`, the
number of sentences from each source.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from espeak import Voice
from grammar import SEEN_RIVALS, TEMPLATES, UNSEEN_RIVALS, WORDS
from sentences import Source, raw_form, sources
from torch_encoder import VOCABULARY
from wordfreq import top_n_list, zipf_frequency

DICTIONARY = Path("/usr/share/dict/words")
OPEN_SIZES = {"NOUN": 3600, "VERB": 1300, "ADJECTIVE": 1400, "ADV": 500}
GRAMMAR_SHARE, RANDOM_SHARE = 0.14, 0.08  # of the training sentences
HELD_OUT = {"espeak-dev": 150, "other-dev": 100, "espeak-test": 300, "other-test": 150}
HELD_OUT_LENGTHS = range(4, 17)  # words
RIVAL_SHARE = 0.5  # of the first names, so that every name with a rival is frequent
ZIPF_SHIFT = 15  # rank offset: flattens the head, so that rare words still occur
COARSE = ("fuck", "shit", "cunt", "nigg", "fag", "whor", "slut", "rape", "porn", "dick")
SPECIAL_TOKENS = ["<|end_of_text|>", "<|pad|>", "<|unk|>", "<|audio|>"]
FUNCTION_WORDS = 130  # the most common English words, kept out of the open slots

Lexicon = dict[str, list[str]]


def lexicon() -> Lexicon:
    """Words for every slot; those of open slots are classified by the other forms that
    the dictionary has."""
    words = {w.strip() for w in DICTIONARY.read_text("utf-8").splitlines()}
    candidates = sorted(w for w in words if re.fullmatch(r"[a-z]{3,11}", w))
    unfit = set(top_n_list("en", FUNCTION_WORDS))
    candidates = [w for w in candidates if w not in unfit and not w.startswith(COARSE)]
    kinds: Lexicon = {kind: [] for kind in OPEN_SIZES}
    candidates.sort(key=lambda word: -zipf_frequency(word, "en"))
    fixed = " ".join([*TEMPLATES, *(" ".join(group) for group in WORDS.values())])
    sounds = _Sounds(set(re.findall(r"[a-z]+", re.sub(r"{\w+}", "", fixed).lower())))
    for word in candidates:
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
    """The pronunciations already in use, to keep homophones out."""

    def __init__(self, words: Iterable[str]) -> None:
        self._voice = Voice("en-us")
        self._used = {self._voice.phonemes(w) for w in words}
        first = (pair[0] for pair in SEEN_RIVALS + UNSEEN_RIVALS)
        self._used |= {self._voice.phonemes(w) for w in first}

    def new(self, word: str) -> bool:
        sound = self._voice.phonemes(word)
        if sound in self._used:
            return False
        self._used.add(sound)
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
    """Generates sentences with a seeded random generator."""

    def __init__(self, words: Lexicon, rng: random.Random) -> None:
        self._words, self._rng = words, rng
        self._seen = [pair[0] for pair in SEEN_RIVALS]
        self._loose = [w for kind in OPEN_SIZES for w in words[kind]]
        self._loose += words["PLURAL"] + words["ING"] + words["ED"]

    def sentence(self) -> str:
        filled = re.sub(r"\{(\w+)\}", self._fill, self._rng.choice(TEMPLATES))
        return re.sub(r"\ba(?= [aeiou])", "an", filled)

    def random_words(self, seen: list[str]) -> str:
        """Random words, half from the grammar's slots, half from the open text."""
        count = self._rng.randint(2, 9)
        words = [
            self._rng.choice(self._rng.choice([self._loose, seen]))
            for _ in range(count)
        ]
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


def grammar_sets(work: Path, writer: Writer, used: set[str]) -> None:
    """Write the test and development sentences from the grammar."""
    for name, size in (("test", 300), ("dev", 150)):
        texts: list[str] = []
        while len(texts) < size:
            text = writer.sentence()
            if raw_form(text) not in used and len(raw_form(text).split()) in range(
                6, 13
            ):
                used.add(raw_form(text))
                texts.append(text)
        _write(work, name, [(text, True, "grammar") for text in texts])


def held_out_sets(
    work: Path, held: list[Source], used: set[str], rng: random.Random
) -> None:
    """Write sentences from the held-out sources, taking the sources in turn."""
    shuffled = _in_turn([rng.sample(s.sentences, len(s.sentences)) for s in held])
    for name, size in HELD_OUT.items():
        texts: list[str] = []
        while len(texts) < size:
            text = next(shuffled)
            raw = raw_form(text)
            if raw not in used and len(raw.split()) in HELD_OUT_LENGTHS:
                used.add(raw)
                texts.append(text)
        _write(work, name, [(text, True, "held out") for text in texts])


def _in_turn(lists: list[list[str]]) -> Iterator[str]:
    while any(lists):
        for one in filter(None, lists):
            yield one.pop()


def training(
    open_text: list[Source], writer: Writer, used: set[str], rng: random.Random
) -> list[tuple[str, bool, str]]:
    """Every sentence of the open text once, plus the shares of grammar and random
    words."""
    rows = []
    for source in open_text:
        for text in source.sentences:
            if raw_form(text) not in used:
                used.add(raw_form(text))
                rows.append((text, source.cased, source.name))
    total = len(rows) / (1 - GRAMMAR_SHARE - RANDOM_SHARE)
    seen = sorted({word for text, _, _ in rows for word in raw_form(text).split()})
    for name, share in (("grammar", GRAMMAR_SHARE), ("random words", RANDOM_SHARE)):
        wanted = len(rows) + round(share * total)
        while len(rows) < wanted:
            strange = name == "random words"
            text = writer.random_words(seen) if strange else writer.sentence()
            if raw_form(text) not in used:
                used.add(raw_form(text))
                rows.append((text, not strange, name))
    rng.shuffle(rows)
    return rows


def _write(work: Path, name: str, rows: list[tuple[str, bool, str]]) -> None:
    with (work / f"{name}.jsonl").open("w") as opened:
        for number, (text, cased, source) in enumerate(rows):
            raw = raw_form(text)
            row = {"id": f"{name}-{number}", "text": text if cased else raw}
            row |= {"raw": raw, "cased": cased, "source": source}
            opened.write(json.dumps(row) + "\n")
    print(name, len(rows), "sentences", flush=True)


def write(work: Path, given: argparse.Namespace) -> None:
    rng = random.Random(given.seed)
    words = lexicon()
    writer = Writer(words, rng)
    used: set[str] = set()
    grammar_sets(work, writer, used)
    found = sources(given.open, given.leave_out)
    held = [source for source in found if source.name in given.held_out]
    if {source.name for source in held} != set(given.held_out):
        raise ValueError(f"not all there: {given.held_out}")
    held_out_sets(work, held, used, rng)
    used |= {raw_form(text) for source in held for text in source.sentences}
    rows = training([s for s in found if s not in held], writer, used, rng)
    _write(work, "train", rows)
    counts = Counter(source for _, _, source in rows)
    (work / "sources.json").write_text(json.dumps(dict(sorted(counts.items()))))
    (work / "lexicon.json").write_text(json.dumps(words))
    _tokenizer(work)


def _tokenizer(work: Path) -> None:
    """Train byte-level BPE on the training texts in both styles."""
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
        vocab_size=VOCABULARY - 1,  # the draft head needs one output for the blank
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(work / "tokenizer.json"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/pebble"))
    parser.add_argument("--open", type=Path, required=True, help="folder of text")
    parser.add_argument("--leave-out", nargs="*", default=[], metavar="SOURCE")
    parser.add_argument("--held-out", nargs="+", required=True, metavar="SOURCE")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    write(arguments.work, arguments)
