"""When a microphone counts as working or silent, and what the level meter shows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.audio.level import BLUETOOTH_SILENT_S, FALL_PER_S, SILENT_S, LevelMonitor
from mica.host.sound import Transport

RATE_HZ = 1_000


def pcm(*samples: float) -> bytes:
    return np.array(samples, "<f4").tobytes()


def zeros(count: int) -> bytes:
    return bytes(4 * count)


def test_first_nonzero_sample_counts_as_sound() -> None:
    health = LevelMonitor(RATE_HZ)
    health.push(zeros(20))
    assert not health.flowing
    health.push(pcm(0, 0, 1e-30))
    assert health.flowing and health.zeros_s == 0


@pytest.mark.parametrize("transport", Transport)
def test_zeros_are_named_after_one_second_on_bluetooth_after_three(
    transport: Transport,
) -> None:
    patience_s = 3 if transport is Transport.BLUETOOTH else 1
    health = LevelMonitor(RATE_HZ, transport)
    health.push(zeros(patience_s * RATE_HZ - 1))
    assert not health.silent
    health.push(zeros(1))
    assert health.silent and not health.flowing
    assert health.zeros_s == patience_s


def test_microphone_that_starts_late_is_no_longer_silent() -> None:
    health = LevelMonitor(RATE_HZ)
    health.push(zeros(2 * RATE_HZ))
    health.push(pcm(0.1))
    assert health.flowing and not health.silent


def test_zeros_between_words_are_not_reported() -> None:
    health = LevelMonitor(RATE_HZ)
    health.push(pcm(0, 1e-6))
    health.push(zeros(5 * RATE_HZ))
    assert health.flowing and not health.silent


def test_zeros_count_as_a_pause_only_after_sound() -> None:
    health = LevelMonitor(RATE_HZ)
    health.push(zeros(3 * RATE_HZ))
    assert health.paused_s == 0
    health.push(pcm(0.1))
    health.push(zeros(2 * RATE_HZ))
    health.push(zeros(RATE_HZ))
    assert health.paused_s == 3
    health.push(pcm(0.1))
    assert health.paused_s == 0


def test_nan_samples_are_no_sound() -> None:
    health = LevelMonitor(RATE_HZ)
    health.push(pcm(*[float("nan")] * RATE_HZ))
    assert health.silent and health.level == 0


def test_infinite_sample_shows_no_level() -> None:
    health = LevelMonitor(RATE_HZ)
    health.push(pcm(float("inf")))
    assert health.level == 0


@pytest.mark.parametrize("offset", [0.05, -0.9])
def test_an_offset_is_no_level(offset: float) -> None:
    health = LevelMonitor(RATE_HZ)
    health.push(pcm(*[offset] * 20))
    assert health.level == 0


def test_an_empty_chunk_changes_nothing() -> None:
    health = LevelMonitor(RATE_HZ)
    health.push(pcm(*[0.3] * 20))
    before = health.level
    health.push(b"")
    assert health.level == before


def test_the_meter_rises_at_once_and_falls_slowly() -> None:
    health = LevelMonitor(RATE_HZ)
    health.push(pcm(*[0.3, -0.3] * 10))
    loud = health.level
    health.push(zeros(100))
    assert 0.9 < loud <= 1
    assert loud - 0.3 < health.level < loud
    health.push(zeros(RATE_HZ))
    assert health.level == 0


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 900)), max_size=20),
    st.sampled_from(Transport),
)
def test_chunk_sizes_do_not_change_the_verdict(
    runs: list[tuple[bool, int]], transport: Transport
) -> None:
    patience_s = (
        SILENT_S if transport is not Transport.BLUETOOTH else BLUETOOTH_SILENT_S
    )
    health, all_samples = LevelMonitor(RATE_HZ, transport), np.zeros(0)
    level = 0.0
    for is_sound, count in runs:
        samples = np.full(count, 0.1 if is_sound else 0.0)
        health.push(samples.astype("<f4").tobytes())
        all_samples = np.concatenate([all_samples, samples])
        assert health.flowing == bool(all_samples.any())
        is_dead = not all_samples.any() and len(all_samples) >= patience_s * RATE_HZ
        assert health.silent == is_dead
        assert 0 <= health.level <= 1
        assert health.level >= level - FALL_PER_S * count / RATE_HZ - 1e-9
        level = health.level
