"""The pace of a file, on a clock that only sleeping moves."""

import numpy as np
import pytest

from mica.cli.sources import PIECE_S, paced
from mica.units import SAMPLE_RATE_HZ


class Clock:
    """Time that passes only while someone sleeps."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now_s += seconds


SECOND = [np.zeros(SAMPLE_RATE_HZ // 2, np.float32)] * 2


@pytest.mark.parametrize("pace", [1.0, 4.0])
def test_duration_of_a_file_is_its_length_divided_by_the_pace(pace: float) -> None:
    clock = Clock()
    pieces = list(paced(SECOND, pace, clock, clock.sleep))
    assert sum(map(len, pieces)) == SAMPLE_RATE_HZ
    assert clock.now_s - 100.0 == pytest.approx(1.0 / pace)


def test_no_piece_comes_before_its_time() -> None:
    clock = Clock()
    for number, _ in enumerate(paced(SECOND, 1.0, clock, clock.sleep), 1):
        assert clock.now_s - 100.0 == pytest.approx(number * PIECE_S)


def test_a_late_reader_gets_pieces_without_waiting() -> None:
    clock = Clock()
    pieces = paced(SECOND, 1.0, clock, clock.sleep)
    next(pieces)
    clock.now_s += 0.5
    next(pieces)
    assert clock.now_s - 100.0 == pytest.approx(PIECE_S + 0.5)


def test_pace_0_never_waits() -> None:
    clock = Clock()
    assert list(paced(SECOND, 0.0, clock, clock.sleep))
    assert clock.now_s == 100.0
