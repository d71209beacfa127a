"""Words without case and punctuation, and the fewest changes between two texts."""

from collections.abc import Sequence


def words(text: str) -> list[str]:
    kept = (c for c in text.casefold() if c.isalnum() or c in " '\n")
    return "".join(kept).split()


def edits(wanted: Sequence[object], got: Sequence[object]) -> int:
    """The fewest changes that turn one sequence into the other."""
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            change = before + (word != other)
            before, row[j] = row[j], min(change, row[j] + 1, row[j - 1] + 1)
    return row[-1]
