"""Metrics of text accuracy, and of the latency and stability of live text.

Word error rate; F1 of punctuation and capitals where both texts have the same word; and
for live text the usual metrics: word delay, UPWR (unstable partial words), normalized
erasure. Words are compared without case and punctuation. Pure functions of strings and
times.

    spoken "the cat sat", shown "the", "the hat", "the cat sat"
    ("hat" is revised: 1 of 3 words, so UPWR = normalized erasure = 1/3)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

from mica.events import Commit, Tentative

PUNCTUATION: Final = ".,?!"


def normalized_words(text: str) -> list[str]:
    """The words, case-folded and without punctuation."""
    characters = (c for c in text.casefold() if c.isalnum() or c in " '\n")
    return "".join(characters).split()


def edit_distance(wanted: Sequence[object], got: Sequence[object]) -> int:
    """The edit (Levenshtein) distance of two sequences."""
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            change = before + (word != other)
            before, row[j] = row[j], min(change, row[j] + 1, row[j - 1] + 1)
    return row[-1]


@dataclass(slots=True)
class Agreement:
    """How often a feature is in both texts, in the reference, and in the text."""

    both: int = 0
    wanted: int = 0
    got: int = 0

    @property
    def f1_percent(self) -> float:
        return 200 * self.both / max(1, self.wanted + self.got)


@dataclass(slots=True)
class Quality:
    """Word errors, and agreement of punctuation and capitals, over all texts added.

    units   words in the references
    """

    errors: int = 0
    units: int = 0
    punctuation: Agreement = field(default_factory=Agreement)
    capitals: Agreement = field(default_factory=Agreement)

    @property
    def wer_percent(self) -> float:
        return 100 * self.errors / max(1, self.units)

    def add(self, wanted: str, got: str) -> None:
        """Compare a text with its reference and add the counts."""
        reference = normalized_words(wanted)
        self.errors += edit_distance(reference, normalized_words(got))
        self.units += len(reference)
        references, right = wanted.split(), got.split()
        for side, name in ((references, "wanted"), (right, "got")):
            for word in side:
                _count(self.punctuation, name, word[-1] in PUNCTUATION)
                _count(self.capitals, name, word[0].isupper())
        for one, other in _same(references, right):
            has_same_mark = one[-1] in PUNCTUATION and one[-1] == other[-1]
            _count(self.punctuation, "both", has_same_mark)
            _count(self.capitals, "both", one[0].isupper() and other[0].isupper())


def quality(texts: Iterable[tuple[str, str]]) -> Quality:
    """The quality of texts, given as (reference, text) pairs."""
    found = Quality()
    for wanted, got in texts:
        found.add(wanted, got)
    return found


def _same(references: list[str], right: list[str]) -> Iterable[tuple[str, str]]:
    """Pairs of equal words in both texts, in order."""
    bare = [
        [word.casefold().strip(PUNCTUATION) for word in side]
        for side in (references, right)
    ]
    matcher = SequenceMatcher(a=bare[0], b=bare[1], autojunk=False)
    for a, b, size in matcher.get_matching_blocks():
        yield from zip(references[a : a + size], right[b : b + size], strict=True)


def _count(agreement: Agreement, name: str, matches: bool) -> None:
    setattr(agreement, name, getattr(agreement, name) + matches)


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A spoken word; `end_s` is None if its time is unknown."""

    word: str
    end_s: float | None


@dataclass(frozen=True, slots=True)
class ScreenText:
    """The normalized words on the screen from `at_s`."""

    at_s: float
    words: tuple[str, ...]


def caption_words(text: str) -> list[str]:
    """Normalized words, split at hyphens."""
    return normalized_words(text.replace("-", " "))


def screen_texts(
    updates: Iterable[tuple[float, Sequence[Commit | Tentative]]],
) -> list[ScreenText]:
    """The screen after each update: committed text, then tentative text.

    updates   the texts that came together, and when; a commit clears the tentative text
    """
    shown: list[ScreenText] = []
    committed, tentative = "", ""
    for at_s, update in updates:
        for what in update:
            if isinstance(what, Commit):
                committed, tentative = f"{committed} {what.segment.text}", ""
            else:
                tentative = what.text
        text = tuple(caption_words(f"{committed} {tentative}"))
        if update and (not shown or shown[-1].words != text):
            shown.append(ScreenText(at_s, text))
    return shown


def delays_s(
    spoken: Sequence[SpokenWord], shown: Sequence[ScreenText]
) -> list[float | None]:
    """Delay from each word's end to the first screen with it; None if it never appears.

    A word counts as shown if the screen, aligned with the words begun by then, has it
    in its place. Negative: it was guessed before it ended.
    """
    found: list[float | None] = [None] * len(spoken)
    wanted = [word.word for word in spoken]
    for screen in shown:
        spoken_count = _words_begun(spoken, screen.at_s)
        for place, _ in matching_words(wanted[:spoken_count], screen.words):
            end_s = spoken[place].end_s
            if end_s is not None and found[place] is None:
                found[place] = screen.at_s - end_s
    return found


def upwr(shown: Sequence[ScreenText]) -> float:
    """Words that the next screen no longer has, per word of the last screen."""
    changed = sum(
        len(before.words) - len(matching_words(before.words, after.words))
        for before, after in pairwise(shown)
    )
    return changed / _final_words(shown)


def normalized_erasure(shown: Sequence[ScreenText]) -> float:
    """Words erased, per word of the last screen: in each update, all words from the
    first difference on."""
    erased = sum(
        len(before.words) - common_prefix(before.words, after.words)
        for before, after in pairwise(shown)
    )
    return erased / _final_words(shown)


def committed_changed(committed: Sequence[str], final: str) -> int:
    """How many committed words differ from the final text at the same position."""
    final_words, text = final.split(), ""
    changed = 0
    for part in committed:
        text = f"{text} {part}"
        given = text.split()
        changed = max(changed, len(given) - common_prefix(given, final_words))
    return changed


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


def common_prefix(one: Sequence[str], other: Sequence[str]) -> int:
    """The number of equal words at the beginning of two texts."""
    alike = 0
    for one_word, right in zip(one, other, strict=False):
        if one_word != right:
            break
        alike += 1
    return alike


def matching_words(wanted: Sequence[str], got: Sequence[str]) -> list[tuple[int, int]]:
    """Positions of equal words in a minimal edit alignment; of several, the one that
    matches the earliest words."""
    start = common_prefix(wanted, got)
    costs = _costs(wanted[start:], got[start:])
    pairs: list[tuple[int, int]] = []
    i, j = len(wanted) - start, len(got) - start
    while i and j:
        if costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
        elif costs[i][j] == costs[i][j - 1] + 1:
            j -= 1
        else:
            i, j = i - 1, j - 1
            if wanted[start + i] == got[start + j]:
                pairs.append((start + i, start + j))
    return [(n, n) for n in range(start)] + pairs[::-1]


def _costs(wanted: Sequence[str], got: Sequence[str]) -> list[list[int]]:
    """Edit distances between all pairs of prefixes."""
    rows = [list(range(len(got) + 1))]
    for i, word in enumerate(wanted, 1):
        before, row = rows[-1], [i]
        for j, other in enumerate(got, 1):
            change = before[j - 1] + (word != other)
            row.append(min(change, before[j] + 1, row[j - 1] + 1))
        rows.append(row)
    return rows


def _words_begun(spoken: Sequence[SpokenWord], at_s: float) -> int:
    """How many words were begun by `at_s`: up to the first that ends later."""
    for number, word in enumerate(spoken):
        if word.end_s is not None and word.end_s > at_s:
            return number + 1
    return len(spoken)


def _final_words(shown: Sequence[ScreenText]) -> int:
    return max(1, len(shown[-1].words)) if shown else 1
