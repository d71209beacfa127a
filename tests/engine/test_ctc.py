"""Forced alignment compared with an exhaustive search over all paths."""

from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mica.engine.ctc import BLANK, STAR, STAR_COST, Letter, forced_align, log_posteriors


def scores(frames: int, labels: int, seed: int) -> NDArray[np.float32]:
    logits = np.random.default_rng(seed).normal(0, 3, (frames, labels))
    return log_posteriors(logits.astype(np.float32))


def worth(path: tuple[int, ...], rows: NDArray[np.float32]) -> float:
    return float(sum(row[label] for row, label in zip(rows, path, strict=True)))


def best_by_trying(labels: list[int], rows: NDArray[np.float32]) -> float | None:
    """The best score of all paths that collapse to the labels."""
    paths = product(range(rows.shape[1]), repeat=len(rows))
    fitting = (
        worth(path, rows)
        for path in paths
        if [label for label, _ in groupby(path) if label != BLANK] == labels
    )
    return max(fitting, default=None)


def path_of(letters: list[Letter], frames: int) -> tuple[int, ...]:
    path = [BLANK] * frames
    for label, first, stop in letters:
        path[first:stop] = [label] * (stop - first)
    return tuple(path)


@given(
    st.integers(1, 6),
    st.lists(st.integers(1, 3), min_size=1, max_size=4),
    st.integers(0, 10**6),
)
def test_alignment_is_the_most_probable_path_of_the_labels(
    frames: int, labels: list[int], seed: int
) -> None:
    rows = scores(frames, 4, seed)
    letters, best = forced_align(labels, rows), best_by_trying(labels, rows)
    if best is None:
        assert letters is None
    else:
        assert letters is not None
        assert [letter.label for letter in letters] == labels
        assert worth(path_of(letters, frames), rows) == pytest.approx(best, abs=1e-4)


def test_star_label_absorbs_speech_between_its_neighbors() -> None:
    rows = np.full((12, 6), -9.0, np.float32)
    path = [0, 1, 0, 4, 5, 0, 4, 4, 0, 0, 2, 0]
    rows[range(12), path] = -0.01
    letters = forced_align([1, STAR, 2], rows)
    assert letters == [Letter(1, 1, 2), Letter(STAR, 3, 8), Letter(2, 10, 11)]
    assert STAR_COST < 1  # omitting what was spoken costs more
