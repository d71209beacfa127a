"""Decoder passes with a cache: splitting and rewinding do not change the logits."""

import mlx.core as mx
import numpy as np
import pytest

from mica.model.granite import Granite

IDS = np.random.RandomState(0).randint(0, 300, 300).tolist()
BOUND = 1e-6  # passes of different lengths sum in a different order


def whole(model: Granite) -> mx.array:
    return model.decoder(model.embed(IDS), model.new_cache(), last=len(IDS))


@pytest.mark.parametrize("sizes", [[1] * 20 + [280], [255, 2, 43], [100, 100, 100]])
def test_logits_do_not_depend_on_how_a_text_is_cut_into_passes(
    tiny: Granite, sizes: list[int]
) -> None:
    cache, parts, start = tiny.new_cache(), [], 0
    for size in sizes:
        ids = IDS[start : start + size]
        parts.append(tiny.decoder(tiny.embed(ids), cache, last=size))
        start += size
    assert cache.offset == len(IDS)
    close(mx.concatenate(parts), whole(tiny))


def test_rewinding_forgets_exactly(tiny: Granite) -> None:
    cache = tiny.new_cache()
    tiny.decoder(tiny.embed(IDS[:200]), cache)
    tiny.decoder(tiny.embed([7] * 90), cache)  # beyond the first allocation (256)
    cache.rewind(200)
    logits = tiny.decoder(tiny.embed(IDS[200:]), cache, last=100)
    close(logits, whole(tiny)[200:])


def test_rewinding_forward_is_an_error(tiny: Granite) -> None:
    with pytest.raises(ValueError, match="rewind"):
        tiny.new_cache().rewind(1)


def test_logits_are_computed_only_where_requested(tiny: Granite) -> None:
    cache = tiny.new_cache()
    assert tiny.decoder(tiny.embed(IDS[:9]), cache, last=0).shape[0] == 0
    assert tiny.decoder(tiny.embed(IDS[9:12]), cache).shape == (1, 320)
    assert cache.offset == 12
    assert len(cache.state) == 4  # keys and values of two layers


def close(ours: mx.array, theirs: mx.array) -> None:
    assert ours.shape == theirs.shape
    assert float(mx.abs(ours - theirs).max()) <= BOUND
