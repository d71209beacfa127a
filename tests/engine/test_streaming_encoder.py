"""The output of an open segment depends only on its samples, not on their timing."""

from collections.abc import Iterator
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.scheme import (
    FRAME,
    REAL,
    SMALL,
    check,
    decoder_positions,
    encodings,
    expected,
    listened,
    peak,
    plainly,
    samples_of,
    tiny,
    worked,
)
from mica.audio.features import log_mel
from mica.bench.cost import RowCounter
from mica.engine import offline
from mica.engine.guards import run_to_end
from mica.engine.streaming_encoder import StreamingEncoder
from mica.model.granite import Granite
from support.sounds import voice


@pytest.fixture(autouse=True, scope="module")
def cpu() -> Iterator[None]:
    before = mx.default_device()
    mx.set_default_device(mx.cpu)
    yield
    mx.set_default_device(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    return tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Granite:
    """A model without attention: its 4 layers reach 28 frames, less than a block."""
    local = tiny(tmp_path_factory.mktemp("local"))
    for layer in local.encoder.blocks:
        layer.attention.out.weight = mx.zeros_like(layer.attention.out.weight)
    return local


LEVELS = [0.0, 1e-6, 1e-4, 0.02, 0.02, 0.9]
SECTIONS = st.lists(
    st.tuples(st.sampled_from(LEVELS), st.integers(1, 25_000)), min_size=1, max_size=4
)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("push"), st.integers(0, 40_000)),
        st.tuples(st.just("work"), st.integers(1, 5)),
        st.tuples(st.just("listen"), st.integers(0, 100)),
    ),
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(sections=SECTIONS, deeds=DEEDS, percent=st.sampled_from([100, 100, 97, 60]))
def test_snapshot_depends_on_neither_cuts_nor_timing(
    model: Granite,
    sections: list[tuple[float, int]],
    deeds: list[tuple[str, int]],
    percent: int,
) -> None:
    samples = np.concatenate([voice(n / 16_000, level, n) for level, n in sections])
    segment, pushed = StreamingEncoder(model), 0

    def listen_and_check(stop: int) -> None:
        sound = listened(segment, stop)
        if len(log_mel(samples[:stop])) == 0:
            assert sound is None
        else:
            check(model, sound, plainly(model, samples[:stop]))

    for deed, amount in deeds:
        if deed == "push":
            segment.push(samples[pushed : pushed + amount])
            pushed = min(pushed + amount, len(samples))
        elif deed == "work":
            for _ in range(amount):
                segment.advance()
        else:
            listen_and_check(pushed * amount // 100)
    segment.push(samples[pushed:])
    listen_and_check(len(samples) * percent // 100)


@pytest.mark.parametrize("frames", [SMALL, 2 * SMALL, 3 * SMALL])
@pytest.mark.parametrize("more", [-1, 0, 1, FRAME])
def test_snapshot_around_whole_blocks(model: Granite, frames: int, more: int) -> None:
    samples = voice(5)[: samples_of(frames) + more]
    for works in (False, True):
        segment = StreamingEncoder(model)
        segment.push(samples)
        if works:
            assert (
                worked(segment) == (0, 0, 2, 3)[(len(samples) - 96) // FRAME // SMALL]
            )
        check(model, listened(segment), plainly(model, samples))


def test_decoder_prefills_nothing_if_the_ctc_text_is_empty(
    model: Granite, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = StreamingEncoder(model)
    segment.push(voice(5))
    with monkeypatch.context() as patch, RowCounter(model) as counting:
        patch.setattr("mica.engine.ctc.characters", lambda found: "")
        worked(segment)
    assert counting.encodings > 0 and counting.passes == 0
    assert segment.advance()  # it has read letters after all
    check(model, listened(segment), plainly(model, voice(5)))


@pytest.mark.parametrize("count", [0, 1, 256])
def test_too_few_samples_for_a_frame_give_no_snapshot(
    model: Granite, count: int
) -> None:
    segment = StreamingEncoder(model)
    segment.push(voice(1)[:count])
    assert not segment.advance()
    assert listened(segment) is None


def test_the_first_frame_is_enough(model: Granite) -> None:
    segment = StreamingEncoder(model)
    segment.push(voice(1)[:257])
    check(model, listened(segment), plainly(model, voice(1)[:257]))


@pytest.mark.parametrize("works", [False, True])
def test_streaming_equals_the_offline_reader_where_frames_mix_locally(
    local: Granite, works: bool
) -> None:
    samples = voice(6.5)
    segment = StreamingEncoder(local)
    for start in range(0, len(samples), 1600):
        segment.push(samples[start : start + 1600])
        if works:
            worked(segment)
    sound, whole = listened(segment), offline.encode_segment(local, samples)
    assert whole is not None and sound is not None
    encoded = local.encode(log_mel(samples))
    check(local, sound, expected(local, encoded, whole.embeddings))
    assert (sound.ctc_text, sound.draft) == (whole.ctc_text, whole.draft)


def test_streaming_equals_the_offline_reader_up_to_two_blocks(model: Granite) -> None:
    samples = voice(5)[: samples_of(2 * SMALL)]
    segment = StreamingEncoder(model)
    segment.push(samples)
    assert worked(segment) == 2
    check(model, listened(segment), expected(model, model.encode(log_mel(samples))))


def test_a_unit_is_one_encoding_or_one_pass(model: Granite) -> None:
    segment = StreamingEncoder(model)
    segment.push(voice(6)[: samples_of(5 * SMALL)])
    assert worked(segment) == 4 + 1  # all final audio is prefilled in one pass
    segment.push(voice(1)[: FRAME * SMALL])
    assert worked(segment) == 1 + 1
    assert worked(segment) == 0
    assert encodings(segment) == 1


def test_final_audio_is_read_into_the_cache(model: Granite) -> None:
    segment = StreamingEncoder(model)
    segment.push(voice(6)[: samples_of(5 * SMALL)])
    beginning, _ = model.render_prompt("", 0)
    offsets = []
    for _ in range(2):
        worked(segment)
        sound = listened(segment)
        assert sound is not None
        offsets.append(sound.cache.offset)
        decoder_positions(model, sound)  # appends to the cache, which is then rewound
    assert offsets == [len(beginning) + 4 * SMALL // 15 * 3] * 2


def test_early_encoding_leaves_only_prefill(model: Granite) -> None:
    segment = StreamingEncoder(model)
    segment.push(voice(6)[: samples_of(5 * SMALL)])
    assert encodings(segment) == 4 + 1
    assert encodings(segment) == 1
    assert worked(segment) == 1


def test_louder_cell_changes_nothing_if_no_cell_gets_clipped(model: Granite) -> None:
    samples = np.concatenate([voice(5), voice(0.5, 0.3)])
    segment = StreamingEncoder(model)
    segment.push(samples[:80_000])
    worked(segment)
    segment.push(samples[80_000:])
    assert worked(segment) <= 2
    check(model, listened(segment), plainly(model, samples))


@pytest.mark.parametrize(
    ("quiet_at_s", "encoded_again"), [(0.3, 5), (2.9, 3), (3.6, 2)]
)
def test_louder_cell_re_encodes_blocks_with_newly_clipped_cells(
    model: Granite, quiet_at_s: float, encoded_again: int
) -> None:
    """Encoded again are the block (0.8 s) with the quiet cell, the one before, and all
    later ones."""
    samples = np.concatenate([voice(4.9), voice(0.3, 0.3)])
    quiet = slice(round(quiet_at_s * 16_000), round((quiet_at_s + 0.1) * 16_000))
    samples[quiet] = voice(0.1, 1e-5)[: quiet.stop - quiet.start]
    segment = StreamingEncoder(model)
    segment.push(samples[:78_000])
    assert worked(segment) == 5 + 1
    segment.push(samples[78_000:])
    assert encodings(segment) == encoded_again + 1
    check(model, listened(segment), plainly(model, samples))


def test_peak_of_the_mirrored_end_is_discarded(model: Granite) -> None:
    samples = voice(4, 1e-5)
    click = slice(48_000 - 50, 48_000)
    samples[click] = 0.9
    segment = StreamingEncoder(model)
    segment.push(samples[: click.stop])
    worked(segment)
    check(model, listened(segment), plainly(model, samples[: click.stop]))
    segment.push(samples[click.stop :])
    check(model, listened(segment), plainly(model, samples))
    assert peak(samples[: click.stop]) > peak(samples)


def test_a_block_that_only_a_mirrored_end_completes_is_not_final(
    model: Granite,
) -> None:
    samples = voice(5)
    early = samples[: samples_of(2 * SMALL) - 1]
    assert len(log_mel(early)) == 2 * SMALL
    segment = StreamingEncoder(model)
    segment.push(early)
    listened(segment)
    assert segment.blocks == 0
    segment.push(samples[len(early) :])
    check(model, listened(segment), plainly(model, samples))


def test_forced_cut_ignores_later_audio(model: Granite) -> None:
    samples = voice(6)
    segment = StreamingEncoder(model)
    segment.push(samples)
    worked(segment)
    for stop in (50_001, 93_000, 13_000, 300, 96_000):
        check(model, listened(segment, stop), plainly(model, samples[:stop]))


def test_more_may_come_between_two_encodings(model: Granite) -> None:
    samples = voice(6)
    segment = StreamingEncoder(model)
    segment.push(samples[:60_000])
    units = segment.snapshot()
    next(units)
    segment.push(samples[60_000:])
    check(model, run_to_end(units), plainly(model, samples[:60_000]))
    check(model, listened(segment), plainly(model, samples))


def test_outdated_snapshot_is_not_resumed(model: Granite) -> None:
    segment = StreamingEncoder(model)
    segment.push(voice(6))
    units = segment.snapshot()
    next(units)
    segment.advance()
    with pytest.raises(AssertionError):
        run_to_end(units)
    check(model, listened(segment), plainly(model, voice(6)))


@pytest.mark.parametrize("refresh_frames", [0, 100, 400])
def test_refresh_frames_are_as_many_as_requested(
    model: Granite, refresh_frames: int
) -> None:
    samples = voice(5)
    segment = StreamingEncoder(model, refresh_frames)
    for start in range(0, len(samples), 16_000):
        segment.push(samples[start : start + 16_000])
        worked(segment)
    check(model, listened(segment), plainly(model, samples, refresh_frames))


@pytest.mark.parametrize("bpe_head", [False, True])
def test_snapshot_of_real_blocks(tmp_path: Path, bpe_head: bool) -> None:
    model = tiny(tmp_path, REAL, bpe_head=bpe_head)
    samples = voice(13)
    segment = StreamingEncoder(model)
    for start in range(0, len(samples), 16_000):
        segment.push(samples[start : start + 16_000])
        worked(segment)
    assert encodings(segment) == 1
    check(model, listened(segment), plainly(model, samples))
