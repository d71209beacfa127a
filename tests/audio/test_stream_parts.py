"""The queue and the resampler."""

import queue

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.audio.microphone_source import ChunkQueue
from mica.audio.resample import Resampler
from mica.events import Chunk


def chunk(first: int, samples: int) -> Chunk:
    return Chunk(first, np.zeros(samples, "<f4").tobytes())


def test_a_stalled_reader_loses_no_sample_for_60_s():
    chunks = ChunkQueue(60_000)
    for second in range(60):
        chunks.put(chunk(second * 1_000, 1_000))
    assert chunks.overflow == 0
    chunks.put(chunk(60_000, 1_000))
    assert chunks.overflow == 1_000
    firsts = [chunks.get(0).first for _ in range(60)]
    assert firsts == list(range(0, 60_000, 1_000))
    with pytest.raises(queue.Empty):
        chunks.get(0)


@given(st.lists(st.integers(0, 700), max_size=12), st.sampled_from([44_100, 48_000]))
def test_output_does_not_depend_on_how_audio_is_cut(sizes, rate_hz):
    samples = np.random.default_rng(2).normal(0, 0.1, 6_000).astype(np.float32)
    whole = Resampler(rate_hz)
    expected = np.concatenate([whole.push(samples), whole.finish()])
    pieces = np.split(samples, np.minimum(np.cumsum(sizes, dtype=int), 6_000))
    cut = Resampler(rate_hz)
    got = np.concatenate([*map(cut.push, pieces), cut.finish()])
    assert np.array_equal(got, expected)
