"""The counts of operations and rows, and the decoder passes that drafts need."""

from pathlib import Path

import pytest

from mica.bench.cost import RowCounter, frame_flops, passes_per_token, position_flops
from mica.engine.offline import encode_segment
from mica.model.config import parse_config
from mica.model.granite import Granite
from mica.model.load import load_model
from support.sounds import voice
from support.tiny_model import tiny_config, write_tiny_model

LAYERS, SIZE, INNER, TAPS, CONTEXT = 4, 32, 32, 15, 200
KV_SIZE, DECODER_SIZE, FEED = 32, 64, 128


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    folder: Path = tmp_path_factory.mktemp("cost") / "tiny"
    return load_model(write_tiny_model(folder))


def test_cost_of_a_frame_counts_matrices_and_attention() -> None:
    config = parse_config({**tiny_config(), "quantization": None})
    feeds = 2 * 2 * SIZE * 4 * SIZE
    attention = 4 * SIZE * INNER
    convolution = SIZE * 4 * SIZE + 2 * SIZE * TAPS + 2 * SIZE * SIZE
    ends = 160 * SIZE + 2 * SIZE * 348
    matrices = LAYERS * (feeds + attention + convolution) + ends
    keys = LAYERS * (4 * CONTEXT - 1) * INNER
    assert frame_flops(config) == 2 * (matrices + keys)


def test_cost_of_a_position_counts_the_decoder_layers() -> None:
    config = parse_config({**tiny_config(), "quantization": None})
    attention = 2 * DECODER_SIZE**2 + 2 * DECODER_SIZE * KV_SIZE
    assert position_flops(config) == 2 * 2 * (attention + 3 * DECODER_SIZE * FEED)


def test_frames_and_positions_are_counted_while_it_is_entered(model: Granite) -> None:
    encoder, decoder = model.encoder, model.decoder
    with RowCounter(model) as counting:
        sound = encode_segment(model, voice(1))
        assert sound is not None
        model.decoder(sound.embeddings, model.new_cache())
    assert (model.encoder, model.decoder) == (encoder, decoder)
    frames, positions = 50, sound.embeddings.shape[0]
    assert (counting.encodings, counting.passes) == (1, 1)
    wanted = frames * frame_flops(model.config)
    wanted += positions * position_flops(model.config)
    assert counting.gflop == pytest.approx(wanted / 1e9)
    encode_segment(model, voice(1))
    assert counting.gflop == pytest.approx(wanted / 1e9)


def test_every_kind_of_draft_is_counted_and_costs_less_than_decoding() -> None:
    found = passes_per_token(range(2))
    assert list(found) == ["raw", "punctuated", "interim"]
    assert all(0 < passes < 0.5 for passes in found.values())
    assert found["interim"] < found["punctuated"]
