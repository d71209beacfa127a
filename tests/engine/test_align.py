"""Edit distances; the alignment of drafts is tested in test_draft.py."""

from hypothesis import given
from hypothesis import strategies as st

from mica.engine.align import edits


@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
def test_edits_are_those_of_the_plain_recursion(one: str, other: str) -> None:
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, row = row, [i]
        for j, wanted in enumerate(other, 1):
            best = min(before[j - 1] + (letter != wanted), before[j] + 1)
            row.append(min(best, row[-1] + 1))
    assert edits(one, other) == row
