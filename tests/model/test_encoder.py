"""The encoder's fast implementations equal simple reference ones."""

import mlx.core as mx
import numpy as np
import pytest

from mica.model.encoder import convolved, shifted, skew
from mica.model.granite import Granite, pool


def random(*shape: int) -> mx.array:
    values = np.random.RandomState(0).standard_normal(shape)
    return mx.array(values.astype(np.float32))


@pytest.mark.parametrize("frames", [1, 2, 7, 200])
def test_skewed_rows_equal_a_gather_by_distance(frames: int) -> None:
    rows = random(3, 2, frames, 2 * frames - 1)
    skewed = np.array(skew(rows))
    values = np.array(rows)
    for query in range(frames):
        for key in {0, frames // 2, frames - 1}:
            expected = values[:, :, query, key - query + frames - 1]
            assert np.array_equal(skewed[:, :, query, key], expected)


@pytest.mark.parametrize("frames", [1, 4, 15])
def test_shifting_and_adding_equals_the_convolution(frames: int) -> None:
    padded, kernel = random(50, 6), random(6, frames, 1)
    difference = convolved(padded, kernel) - shifted(padded, kernel)
    assert float(mx.abs(difference).max()) < 1e-5


def test_short_last_block_ignores_the_blocks_before(tiny: Granite) -> None:
    attention = tiny.encoder.blocks[0].attention
    hidden = random(437, 32)
    alone = attention(hidden[400:])
    assert float(mx.abs(attention(hidden)[400:] - alone).max()) < 1e-6


def test_pooling_weighs_frames_by_how_little_is_blank() -> None:
    hidden = mx.array([[1.0], [2.0], [3.0], [4.0], [8.0]])
    blank = mx.array([1.0, 0.5, 1.0, 0.5, 0.2])[:, None]
    assert np.allclose(np.array(pool(hidden, blank)), [[3.0], [8.0]])


def test_all_blank_pools_to_nothing() -> None:
    assert np.array_equal(np.array(pool(mx.ones((4, 2)), mx.ones((4, 1)))), [[0, 0]])


def test_without_a_bpe_head_there_is_no_draft(tiny: Granite) -> None:
    tiny.bpe_head = None
    encoded = tiny.encode(np.zeros((9, 160), np.float32))
    assert tiny.bpe_draft(encoded.hidden, encoded.mid_posteriors) is None
