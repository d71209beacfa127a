"""Log-mel frames equal those of the reference; streaming equals one whole push."""

import os
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mica.audio.features import FeatureStream, clipped, log_mel

RECORDED = Path(__file__).parent / "recorded"
BOUND = 5e-5  # torchaudio sums in fp32, Mica in fp64
NOISE_SAMPLES = (257, 300, 399, 400, 479, 63_999, 64_000, 64_001)


def noise(count: int) -> np.ndarray:
    random = np.random.RandomState(count)
    return (random.standard_normal(count) * 0.1).astype(np.float32)


@pytest.mark.parametrize("count", NOISE_SAMPLES)
def test_noise_equals_the_reference(count: int) -> None:
    reference = np.load(RECORDED / f"noise-{count}.npz")
    frames = log_mel(noise(count))
    assert len(frames) == reference["count"]
    ours = frames[-len(reference["frames"]) :]
    assert np.abs(ours - reference["frames"]).max() <= BOUND


def test_speech_after_digital_silence_equals_the_reference() -> None:
    reference = np.load(RECORDED / "speech.npz")
    frames = log_mel(reference["samples"].astype(np.float32) / 32_768)
    assert frames.shape == reference["frames"].shape
    assert np.abs(frames - reference["frames"]).max() <= BOUND


@pytest.mark.parametrize("count", [0, 1, 160, 256])
def test_too_few_samples_give_no_frames(count: int) -> None:
    assert log_mel(noise(count)).shape == (0, 160)


@pytest.mark.parametrize("count", [257, 479, 480, 4000, 16_000])
@pytest.mark.parametrize("size", [1, 159, 160, 161, 257, 1000])
def test_output_does_not_depend_on_how_audio_is_cut(count: int, size: int) -> None:
    samples = noise(count)
    check_cut(samples, list(range(size, count, size)))


@given(st.integers(0, 3000), st.lists(st.integers(0, 3000), max_size=12))
@settings(deadline=None, max_examples=60)
def test_any_cut_gives_the_same_frames(count: int, cuts: list[int]) -> None:
    check_cut(noise(count), sorted(min(cut, count) for cut in cuts))


def check_cut(samples: np.ndarray, cuts: list[int]) -> None:
    stream = FeatureStream()
    rows = [stream.push(part) for part in np.split(samples, cuts)]
    rows.append(stream.finish())
    frames = clipped(np.concatenate(rows), stream.peak)
    assert np.array_equal(frames, log_mel(samples))


def test_rows_come_as_soon_as_their_window_is_complete() -> None:
    stream = FeatureStream()
    assert len(stream.push(noise(415))) == 0  # row 1 needs samples up to 416
    assert len(stream.push(noise(1))) == 1


def test_the_peak_only_grows() -> None:
    stream, peaks = FeatureStream(), []
    for loudness in (0.5, 0.01, 1.0):
        stream.push(noise(4000) * np.float32(loudness))
        peaks.append(stream.peak)
    assert peaks[0] == peaks[1] < peaks[2]


def multilingual_sample() -> Path | None:
    """IBM's sample recording, if this machine has it."""
    beside = Path(__file__).parents[3] / "shared" / "data" / "multilingual_sample.wav"
    file = Path(os.environ.get("MICA_REFERENCE_AUDIO", beside))
    return file if file.is_file() else None


@pytest.mark.skipif(multilingual_sample() is None, reason="IBM's sample is not here")
def test_a_real_recording_equals_the_reference() -> None:
    file = multilingual_sample()
    assert file is not None
    with av.open(str(file)) as opened:
        assert opened.streams.audio[0].rate == 16_000
        parts = [frame.to_ndarray()[0] for frame in opened.decode(audio=0)]
    samples = np.concatenate(parts)
    assert samples.dtype == np.float32
    reference = np.load(RECORDED / "multilingual.npz")
    frames = log_mel(samples)
    assert len(frames) == reference["count"]
    assert np.abs(frames[::25] - reference["frames"]).max() <= BOUND
