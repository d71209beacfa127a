"""How soon live text shows a word, and how much of what it shows is taken back.

Pure functions of what stood on the screen and when; perf's usual terms: word delay,
UPWR (unstable partial words), normalised erasure. Words are compared without case and
punctuation. It runs nothing and knows no model.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mica.bench.wer import words
from mica.events import Commit, Tentative


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word that was said; `end_s` is None where nobody knows when."""

    word: str
    end_s: float | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the screen from `at_s` on: folded words."""

    at_s: float
    words: tuple[str, ...]


def folded(text: str) -> list[str]:
    """Words without case and punctuation; a hyphen parts them."""
    return words(text.replace("-", " "))


def screens(said: Iterable[tuple[float, Sequence[Commit | Tentative]]]) -> list[Shown]:
    """The screen after each update: what is committed, then the tentative text.

    said   what was told at once, and when; a commit takes the tentative text away
    """
    shown: list[Shown] = []
    committed, tentative = "", ""
    for at_s, update in said:
        for what in update:
            if isinstance(what, Commit):
                committed, tentative = f"{committed} {what.segment.text}", ""
            else:
                tentative = what.text
        text = tuple(folded(f"{committed} {tentative}"))
        if update and (not shown or shown[-1].words != text):
            shown.append(Shown(at_s, text))
    return shown


def delays_s(spoken: Sequence[Spoken], shown: Sequence[Shown]) -> list[float | None]:
    """From each word's end to the first screen with it; None where none ever has it.

    A word counts as shown where the screen, aligned with what was begun until then, has
    it at its place. Below zero it was guessed before it ended.
    """
    found: list[float | None] = [None] * len(spoken)
    wanted = [word.word for word in spoken]
    for screen in shown:
        begun = _begun(spoken, screen.at_s)
        for place, _ in equal_words(wanted[:begun], screen.words):
            end_s = spoken[place].end_s
            if end_s is not None and found[place] is None:
                found[place] = screen.at_s - end_s
    return found


def upwr(shown: Sequence[Shown]) -> float:
    """Words a next screen no longer has, for each word of the last screen."""
    changed = sum(
        len(before.words) - len(equal_words(before.words, after.words))
        for before, after in pairwise(shown)
    )
    return changed / _final_words(shown)


def normalised_erasure(shown: Sequence[Shown]) -> float:
    """Words taken away before the next could be written behind what stays, for each
    word of the last screen: all from the first difference on."""
    erased = sum(
        len(before.words) - same_beginning(before.words, after.words)
        for before, after in pairwise(shown)
    )
    return erased / _final_words(shown)


def committed_changed(committed: Sequence[str], final: str) -> int:
    """How many words of a committed text are not the final text's at their place."""
    kept, text = final.split(), ""
    changed = 0
    for part in committed:
        text = f"{text} {part}"
        given = text.split()
        changed = max(changed, len(given) - same_beginning(given, kept))
    return changed


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


def same_beginning(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two texts begin with alike."""
    alike = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        alike += 1
    return alike


def equal_words(wanted: Sequence[str], got: Sequence[str]) -> list[tuple[int, int]]:
    """Places of equal words where one text is changed into the other by fewest edits;
    of equally few those that match the earliest words."""
    start = same_beginning(wanted, got)
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
    """Edits between every two beginnings."""
    rows = [list(range(len(got) + 1))]
    for i, word in enumerate(wanted, 1):
        before, row = rows[-1], [i]
        for j, other in enumerate(got, 1):
            change = before[j - 1] + (word != other)
            row.append(min(change, before[j] + 1, row[j - 1] + 1))
        rows.append(row)
    return rows


def _begun(spoken: Sequence[Spoken], at_s: float) -> int:
    """How many words were begun: all but those behind one that ends later."""
    for number, word in enumerate(spoken):
        if word.end_s is not None and word.end_s > at_s:
            return number + 1
    return len(spoken)


def _final_words(shown: Sequence[Shown]) -> int:
    return max(1, len(shown[-1].words)) if shown else 1
