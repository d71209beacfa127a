"""Sounds without words, and the counts of what they cause."""

from itertools import islice

import numpy as np
import pytest

from mica import paths
from mica.bench.noise import (
    NoiseCase,
    NoiseCount,
    ReadingMode,
    cases,
    measurements,
    reading_modes,
    run_case,
)
from mica.bench.speech import Clip, clips
from mica.bench.synthetic_noise import KINDS, LONGEST_S, random_noise
from mica.engine.offline import OfflineReader
from mica.model.granite import Granite
from mica.model.load import load_model
from support.sounds import RATE_HZ, voice
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech")

MODES = reading_modes()


@pytest.fixture(scope="module")
def pebble() -> Granite:
    return load_model(paths.embedded_model())


def test_each_kind_of_sound_is_generated_reproducibly() -> None:
    found = [random_noise(seed) for seed in range(20 * len(KINDS))]
    assert {kind for kind, _ in found} == set(KINDS)
    for seed, (_, samples) in enumerate(found):
        assert samples.dtype == np.float32
        assert len(samples) <= LONGEST_S * RATE_HZ
        assert np.abs(samples).max(initial=0) <= 1
        assert np.array_equal(samples, random_noise(seed)[1])


@pytest.mark.parametrize("mode", MODES, ids=[mode.name for mode in MODES])
def test_nonspeech_sounds_raise_no_exception_on_an_oversensitive_model(
    tmp_path: pytest.TempPathFactory, mode: ReadingMode
) -> None:
    model, count = load_model(write_tiny_model(tmp_path)), NoiseCount()
    for number, case in enumerate(islice(cases(52, clips()), 26, 52)):
        run_case(model, case, mode, count, number)
    assert count.raised == []
    assert any(result.text for result in count.results)


@pytest.mark.parametrize("mode", MODES[::2], ids=[mode.name for mode in MODES[::2]])
def test_nonspeech_sounds_give_no_words_and_lose_none(
    pebble: Granite, mode: ReadingMode
) -> None:
    alone, around = NoiseCount(), NoiseCount()
    found = clips()
    for number, case in enumerate(cases(26, found)):
        run_case(pebble, case, mode, around, number)
        for clip in case.spoken:
            run_case(pebble, NoiseCase(clip.samples, (clip,)), mode, alone, number)
    assert around.raised == []
    assert around.texts_of_nothing == around.live_texts_of_nothing == 0
    assert around.words == alone.words > 50
    assert around.wrong <= alone.wrong + 0.02 * alone.words


class Failing(OfflineReader):
    def finish(self, *_: object) -> None:  # type: ignore[override]
        raise ValueError("zip()")


def test_exceptions_are_counted(pebble: Granite) -> None:
    count, mode = NoiseCount(), ReadingMode("failing", Failing, 0.0, live=False)
    run_case(pebble, NoiseCase(voice(1.0), (Clip(voice(1.0), "no"),)), mode, count, 0)
    assert count.raised == ["ValueError('zip()')"]
    assert ("failing", "raised", 1) in measurements("failing", count)
