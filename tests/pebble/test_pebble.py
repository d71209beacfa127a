"""The bundled model: its format, and its results on speech, silence and keywords.

The clips next to this file are held-out sentences (packaging/pebble/clips.py); the
complete evaluation is packaging/pebble/evaluate.py.
"""

import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest
from numpy.typing import NDArray

from mica import paths
from mica.bench.metrics import edit_distance, normalized_words
from mica.bench.rival import Rival, fp32_copy
from mica.engine.offline import OfflineReader, finish
from mica.engine.transcriber import Transcriber
from mica.events import Style, TranscribeOptions, Transcript, Word
from mica.model.checkpoint import BPE_HEAD_FILE
from mica.model.granite import Granite
from mica.model.load import load_model

CLIPS = Path(__file__).parent / "clips"
RATE_HZ = 16_000
MOST_BYTES = 20_000_000
MOST_HEARING_PARAMETERS = 6_000_000
WER_PERCENT = 8.0


@dataclass(frozen=True, slots=True)
class Clip:
    samples: NDArray[np.float32]
    text: str


@pytest.fixture(scope="module", autouse=True)
def cpu() -> Iterator[None]:
    before = mx.default_device()
    mx.set_default_device(mx.cpu)
    yield
    mx.set_default_device(before)


@pytest.fixture(scope="module")
def model(cpu: None) -> Granite:
    return load_model(paths.embedded_model())


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    found = []
    for file in sorted(CLIPS.glob("*.wav")):
        with wave.open(str(file)) as opened:
            data = opened.readframes(opened.getnframes())
        samples = np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)
        found.append(Clip(samples, file.with_suffix(".txt").read_text().strip()))
    return found


def word_errors(model: Granite, clips: list[Clip], style: Style) -> float:
    wrong = total = 0
    for clip in clips:
        text = finish(model, clip.samples, TranscribeOptions(style)).text
        wrong += edit_distance(normalized_words(clip.text), normalized_words(text))
        total += len(normalized_words(clip.text))
    return 100 * wrong / total


@pytest.mark.parametrize("style", list(Style))
def test_held_out_sentences_are_understood(
    model: Granite, clips: list[Clip], style: Style
) -> None:
    assert len(clips) == 20
    assert word_errors(model, clips, style) <= WER_PERCENT


def test_punctuated_text_has_a_capital_and_a_stop(
    model: Granite, clips: list[Clip]
) -> None:
    for clip in clips[:6]:
        text = finish(model, clip.samples, TranscribeOptions()).text
        assert text[0].isupper()
        assert text[-1] in ".?!"


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize(
    ("wanted", "rival"), [("John", "Jon"), ("Eric", "Erik"), ("Graham", "Graeme")]
)
def test_a_name_is_spelled_as_the_keyword_list_has_it(
    model: Granite, clips: list[Clip], wanted: str, rival: str, style: Style
) -> None:
    clip = next(clip for clip in clips if wanted in re.findall(r"\w+", clip.text))
    for listed in (wanted, rival):
        text = finish(
            model, clip.samples, TranscribeOptions(style, ("budget", listed, "Toronto"))
        ).text
        assert listed in re.findall(r"\w+", text)


@pytest.mark.parametrize("style", list(Style))
def test_streaming_reader_gives_the_text_of_the_offline_reader(
    model: Granite, clips: list[Clip], style: Style
) -> None:
    rng = np.random.default_rng(3)
    for first in (0, 5, 10, 15):
        samples = np.concatenate([clip.samples for clip in clips[first : first + 3]])
        streaming = Transcriber(model, "pebble")
        streaming.begin(RATE_HZ, TranscribeOptions(style, ("Jon",), live=False))
        at = 0
        while at < len(samples):
            size = int(rng.integers(1, 8000))
            streaming.push(samples[at : at + size])
            at += size
        offline_model = Transcriber(model, "pebble", reader=OfflineReader)
        offline_model.begin(RATE_HZ, TranscribeOptions(style, ("Jon",), live=False))
        offline_model.push(samples)
        both = [streaming.finish()[1], offline_model.finish()[1]]
        assert both[0].text == both[1].text
        for one, other in zip(*map(timed_words, both), strict=True):
            assert one.text == other.text
            assert one.start_s == pytest.approx(other.start_s, abs=0.04)
            assert one.end_s == pytest.approx(other.end_s, abs=0.04)


def timed_words(transcript: Transcript) -> list[Word]:
    return [word for segment in transcript.segments for word in segment.words]


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_words_end_where_the_synthesizer_reports(
    model: Granite, clips: list[Clip], noise: float
) -> None:
    rng, apart = np.random.default_rng(9), []
    for number, clip in enumerate(clips):
        sound = clip.samples + rng.standard_normal(len(clip.samples)) * noise
        result = finish(model, sound.astype(np.float32), TranscribeOptions())
        if result.text != clip.text:
            continue
        times = (CLIPS / f"{number:02}.times").read_text().split()
        ends_s = [word.end_s for word in result.words]
        apart += [abs(a - float(b)) for a, b in zip(ends_s, times, strict=True)]
    assert len(apart) > 100
    assert np.median(apart) <= 0.04
    assert np.percentile(apart, 95) <= 0.12


@pytest.mark.parametrize("loudness", [0.0, 0.001, 0.02, 0.2])
@pytest.mark.parametrize("kind", ["noise", "chord"])
def test_sound_without_speech_gives_no_text(
    model: Granite, kind: str, loudness: float
) -> None:
    seconds = np.arange(3 * RATE_HZ, dtype=np.float32) / RATE_HZ
    sound = np.random.default_rng(5).standard_normal(len(seconds)) / 3
    if kind == "chord":
        fade = np.exp(-(seconds % 0.5))
        tones = [np.sin(2 * np.pi * hz * seconds) for hz in (165, 206, 247)]
        sound = np.sum(tones, axis=0) * fade / 3
    samples = (sound * loudness).astype(np.float32)
    assert finish(model, samples, TranscribeOptions()).text == ""


def test_mlx_audio_reads_the_same_folder_to_the_same_text(
    model: Granite, clips: list[Clip], tmp_path: Path
) -> None:
    rival = Rival(fp32_copy(paths.embedded_model(), tmp_path), model.tokenizer)
    assert rival.speculates
    for clip in clips:
        theirs, _ = rival.write(clip.samples, Style.RAW, 2 * clip.text, False)
        assert theirs == finish(model, clip.samples, TranscribeOptions(Style.RAW)).text


def test_bundled_model_keeps_its_size_limits() -> None:
    folder = paths.embedded_model()
    assert sum(f.stat().st_size for f in folder.iterdir()) <= MOST_BYTES
    tensors = mx.load(str(folder / "model.safetensors"))
    assert isinstance(tensors, dict)
    hearing = {
        name: array
        for name, array in tensors.items()
        if name.startswith(("encoder.", "projector."))
    }
    assert sum(array.size for array in hearing.values()) <= MOST_HEARING_PARAMETERS
    assert (folder / BPE_HEAD_FILE).exists()
    for name, array in tensors.items():
        grouped = name.startswith("language_model.") and name.endswith(".weight")
        if grouped and array.ndim == 2:
            assert f"{name.removesuffix('weight')}scales" in tensors
            assert array.shape[1] * 4 % 64 == 0  # four 8-bit weights per word
