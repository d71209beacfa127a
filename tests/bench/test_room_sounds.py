"""Rooms and noises: seeded, at the level they are asked for."""

import numpy as np
import pytest

from mica.bench import room_sounds as rooms
from support.sounds import RATE_HZ, Floats, voice

OTHERS = [voice(1.3, 0.1, 3), voice(0.7, 0.2, 4)]


@pytest.mark.parametrize("name", rooms.NOISES)
def test_noise_has_the_requested_length_and_is_reproducible(name: str) -> None:
    make = rooms.NOISES[name]
    first, same, other = (
        make(3 * RATE_HZ, np.random.default_rng(seed), OTHERS) for seed in (1, 1, 2)
    )
    assert len(first) == 3 * RATE_HZ and np.isfinite(first).all()
    assert (first == same).all() and (first != other).any()


def test_level_is_the_rms() -> None:
    assert rooms.rms_db(rooms.at_level(voice(1), -33)) == pytest.approx(-33, abs=0.01)
    assert rooms.rms_db(np.zeros(5)) == -120


def test_keystrokes_leave_quiet_gaps() -> None:
    sound = rooms.keys(20 * RATE_HZ, np.random.default_rng(0), ())
    level = np.abs(sound.reshape(-1, RATE_HZ // 100)).max(axis=1)
    assert 0.2 < np.mean(level < 1e-3) < 0.95


def quiet_part(samples: Floats) -> float:
    return float(np.mean(samples == 0))


def test_microphone_effects_change_the_signal_as_intended() -> None:
    speech = np.concatenate([voice(1), voice(1, 1e-3), voice(1)])
    gated = rooms.gate(speech)
    assert quiet_part(speech) == 0 and 0.2 < quiet_part(gated) < 0.4
    assert np.abs(rooms.clipped(speech)).max() == 1
    narrow = np.abs(np.fft.rfft(rooms.telephone(speech)))
    hz = np.fft.rfftfreq(len(speech), 1 / RATE_HZ)
    assert narrow[hz > 3500].max() < 1e-3 * narrow[(hz > 500) & (hz < 3000)].mean()
    soft = slice(RATE_HZ + RATE_HZ // 2, 2 * RATE_HZ)
    assert (
        rooms.rms_db(rooms.automatic_gain(speech)[soft])
        > rooms.rms_db(speech[soft]) + 6
    )
    sharp = np.zeros(RATE_HZ, np.float32)
    sharp[100] = 1
    echoed = rooms.echo(sharp, np.random.default_rng(0), 0.5)
    assert (
        echoed[100] == pytest.approx(1, abs=1e-3) and np.abs(echoed[200:]).max() > 0.01
    )
