import numpy as np
import pytest

from mica.engine.endpointing import Endpointer
from support.sounds import RATE_HZ, Floats, cut, silence, voice


def ends(samples: Floats, released_s: float, size: int = 160) -> float | None:
    tail = Endpointer(RATE_HZ)
    released = round(released_s * RATE_HZ)
    at = 0
    for piece in cut(samples, [size]):
        if at <= released < at + len(piece):
            tail.release(released)
        tail.push(piece)
        at += len(piece)
        if tail.end is not None:
            return tail.end / RATE_HZ
    return None


def test_silence_before_the_key_up_ends_it_at_once() -> None:
    samples = np.concatenate([voice(1), silence(0.5), silence(1)])
    assert ends(samples, 1.2) == 1.2


def test_speech_at_the_key_up_is_waited_for() -> None:
    samples = np.concatenate([voice(1.05), silence(1)])
    assert ends(samples, 1.0) == pytest.approx(1.15)


def test_speech_that_goes_on_is_cut_after_250_ms() -> None:
    assert ends(voice(3), 1.0) == 1.25


def test_it_goes_on_while_too_little_has_been_heard() -> None:
    assert ends(voice(1.2), 1.0) is None


def test_without_a_key_up_it_has_no_end() -> None:
    tail = Endpointer(RATE_HZ)
    tail.push(silence(2))
    assert tail.end is None


@pytest.mark.parametrize("size", [1, 79, 160, 441, 4000])
def test_how_audio_is_cut_never_shows(size: int) -> None:
    samples = np.concatenate([voice(1.08), silence(1)])
    assert ends(samples, 1.0, size) == pytest.approx(1.18)
