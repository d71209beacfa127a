"""The encoder in pieces: which results equal those of the whole, and which cannot."""

from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest

from mica.model.encoder import Encoder
from mica.model.granite import Granite
from mica.model.load import load_model
from support.tiny_model import write_tiny_model

BLOCK, LAYERS, REACH = 200, 4, 7  # of a tiny model; REACH is half its kernel
EXACT = 1e-5  # fp32 sums in a different order


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """A tiny random encoder, which no test modifies."""
    folder = tmp_path_factory.mktemp("tiny")
    return load_model(write_tiny_model(folder, layers=LAYERS)).encoder


def frames(count: int, seed: int = 0) -> mx.array:
    values = np.random.RandomState(seed).standard_normal((count, 160))
    return mx.array(values.astype(np.float32))


def apart(one: mx.array, other: mx.array) -> float:
    assert one.shape == other.shape
    return float(mx.abs(one - other).max())


@pytest.mark.parametrize("count", [1, 3, 199, 200, 201, 437, 600])
def test_the_whole_in_one_step_is_the_whole(encoder: Encoder, count: int) -> None:
    whole = encoder(frames(count))
    stepped, _ = encoder.step(frames(count), None, count)
    assert mx.array_equal(stepped.hidden, whole.hidden)
    assert mx.array_equal(stepped.mid_logits, whole.mid_logits)


@pytest.mark.parametrize("context_end", [BLOCK, 2 * BLOCK])
@pytest.mark.parametrize("count", [401, 437, 600])
def test_piece_with_the_left_context_equals_the_rest_of_the_whole(
    encoder: Encoder, count: int, context_end: int
) -> None:
    every = frames(count)
    whole, left_context = encoder.step(every, None, context_end)
    rest, _ = encoder.step(every[context_end:], left_context, 0)
    assert apart(rest.hidden, whole.hidden[context_end:]) < EXACT
    assert apart(rest.mid_logits, whole.mid_logits[context_end:]) < EXACT
    without, _ = encoder.step(every[context_end:], None, 0)
    assert apart(without.hidden, whole.hidden[context_end:]) > 100 * EXACT


def test_the_left_state_is_what_the_kernels_reach(encoder: Encoder) -> None:
    channels = encoder.blocks[0].convolution.kernel.shape[0]
    _, left_context = encoder.step(frames(300), None, BLOCK)
    assert left_context.shape == (LAYERS, REACH, channels)


@pytest.mark.parametrize("context_end", [0, 3, REACH])
def test_a_boundary_near_the_start_keeps_what_stood_before(
    encoder: Encoder, context_end: int
) -> None:
    every = frames(450)
    _, before = encoder.step(every, None, BLOCK)
    _, state = encoder.step(every[BLOCK:], before, context_end)
    _, expected = encoder.step(every, None, BLOCK + context_end)
    assert apart(state, expected) < EXACT


def in_blocks(encoder: Encoder, every: mx.array, refresh: int = 1) -> mx.array:
    """Hidden frames, each block taken from the pass with `refresh` blocks after it."""
    left_context, hidden = None, []
    for start in range(0, every.shape[0], BLOCK):
        piece = every[start : start + (1 + refresh) * BLOCK]
        encoded, left_context = encoder.step(
            piece, left_context, min(BLOCK, piece.shape[0])
        )
        hidden.append(encoded.hidden[:BLOCK])
    return mx.concatenate(hidden)


def test_where_only_convolutions_mix_frames_blocks_are_exact(tmp_path: Path) -> None:
    """4 layers reach 28 frames, so nothing depends on frames beyond the next block."""
    encoder = load_model(write_tiny_model(tmp_path, layers=LAYERS)).encoder
    for layer in encoder.blocks:
        layer.attention.out.weight = mx.zeros_like(layer.attention.out.weight)
    every = frames(937)
    whole = encoder(every).hidden
    assert apart(in_blocks(encoder, every), whole) < EXACT
    alone = in_blocks(encoder, every, refresh=0)
    wrong = mx.abs(alone - whole).max(axis=1)
    assert float(wrong[: BLOCK - LAYERS * REACH].max()) < EXACT
    assert float(wrong[BLOCK - LAYERS * REACH : BLOCK].max()) > 100 * EXACT


def test_up_to_two_blocks_are_exact_with_attention_too(encoder: Encoder) -> None:
    every = frames(2 * BLOCK)
    assert apart(in_blocks(encoder, every), encoder(every).hidden) < EXACT


def test_the_next_block_takes_most_of_the_error_away(encoder: Encoder) -> None:
    every = frames(937)
    whole = encoder(every).hidden
    errors = [
        float(mx.linalg.norm(in_blocks(encoder, every, refresh) - whole))
        for refresh in range(3)
    ]
    assert errors[1] < errors[0] / 5
    assert errors[2] < errors[1] / 2


def test_small_states_do_not_hold_the_large_arrays(tiny: Granite) -> None:
    every = frames(4000)
    mx.eval(every, tiny.encoder.parameters())
    before = mx.get_active_memory()
    encoded, left_context = tiny.encoder.step(every, None, BLOCK)
    mx.eval(encoded.hidden, encoded.mid_logits, left_context)
    del encoded
    assert mx.get_active_memory() - before < 2 * left_context.nbytes
