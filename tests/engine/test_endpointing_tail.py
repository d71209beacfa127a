import numpy as np
import pytest

from mica.engine.endpointing import Endpointer
from support.sounds import RATE_HZ, Floats, cut, silence, voice

pytestmark = pytest.mark.usefixtures("noise_is_speech")


def ends(samples: Floats, released_s: float, size: int = 160) -> float | None:
    endpointer = Endpointer(RATE_HZ)
    released = round(released_s * RATE_HZ)
    at = 0
    for piece in cut(samples, [size]):
        if at <= released < at + len(piece):
            endpointer.release(released)
        endpointer.push(piece)
        at += len(piece)
        if endpointer.end is not None:
            return endpointer.end / RATE_HZ
    return None


def test_silence_before_the_key_up_ends_the_utterance_at_once() -> None:
    samples = np.concatenate([voice(1), silence(0.5), silence(1)])
    assert ends(samples, 1.2) == 1.2


def test_speech_at_the_key_up_is_waited_for() -> None:
    samples = np.concatenate([voice(1.05), silence(1)])
    assert ends(samples, 1.0) == pytest.approx(1.15)


def test_continuing_speech_is_cut_after_250_ms() -> None:
    assert ends(voice(3), 1.0) == 1.25


def test_endpoint_is_unknown_while_too_little_was_pushed() -> None:
    assert ends(voice(1.2), 1.0) is None


def test_endpointer_has_no_end_before_the_key_up() -> None:
    endpointer = Endpointer(RATE_HZ)
    endpointer.push(silence(2))
    assert endpointer.end is None


@pytest.mark.parametrize("size", [1, 79, 160, 441, 4000])
def test_output_does_not_depend_on_how_audio_is_cut(size: int) -> None:
    samples = np.concatenate([voice(1.08), silence(1)])
    assert ends(samples, 1.0, size) == pytest.approx(1.18)
