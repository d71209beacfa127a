"""Another kind of model: a CTC without a decoder, with its own reader.

Its language consists of tones: each letter, and the space, is a tone of 80 ms with its
own pitch. The network is one matrix whose rows are sines of those pitches, so that its
logits are the amount of each pitch in a frame.
"""

from collections.abc import Callable

import mlx.core as mx
import numpy as np
import pytest

from mica.engine import ctc
from mica.engine.guards import SegmentResult, Units
from mica.engine.live_text import Interim
from mica.engine.offline import OfflineReader
from mica.engine.readers import FallbackReader, make_reader, with_fallback
from mica.engine.transcriber import Transcriber
from mica.errors import ModelError
from mica.events import Commit, Language, Style, Tentative, TranscribeOptions
from mica.model.granite import Granite
from mica.model.load import load_model
from mica.model.speech_model import Ability, SpeechModel
from mica.units import FRAME_SAMPLES
from support.sounds import RATE_HZ, Floats, cut, silence
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech", "decoder_is_trusted")

ALPHABET = "abcdefghijklmnopqrstuvwxyz "
PITCHES_HZ = [400 + 100 * place for place in range(len(ALPHABET))]
LETTER_FRAMES, GAP_FRAMES = 4, 1
PANGRAM = "the quick brown fox jumps over the lazy dog"
QUIET = 20.0  # a logit of the blank; a letter at its full level reaches 80


def tone(letter: str, samples: int) -> Floats:
    cycles = PITCHES_HZ[ALPHABET.index(letter)] * np.arange(samples) / RATE_HZ
    return np.sin(2 * np.pi * cycles).astype(np.float32)


def spoken(text: str) -> Floats:
    """The text as tones, each after a frame of near silence."""
    gap = silence(GAP_FRAMES * FRAME_SAMPLES / RATE_HZ, 0.001)
    parts = [0.5 * tone(letter, LETTER_FRAMES * FRAME_SAMPLES) for letter in text]
    return np.concatenate([part for one in parts for part in (gap, one)])


class ToneCtc:
    """A model with one language and raw text; no decoder, no tokenizer."""

    languages = frozenset({Language.ENGLISH})
    abilities: frozenset[Ability] = frozenset()

    def __init__(self) -> None:
        places = np.arange(FRAME_SAMPLES) / RATE_HZ
        cycles = np.outer(PITCHES_HZ, places)
        sines = np.concatenate([np.sin(2 * np.pi * cycles), np.cos(2 * np.pi * cycles)])
        self._weight = mx.array(sines.astype(np.float32))  # (2 * letters, samples)

    def logits(self, samples: Floats) -> Floats:
        """(T, 1 + letters); column 0 is the blank."""
        frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES]
        frames = mx.array(frames.reshape(-1, FRAME_SAMPLES))
        parts = (frames @ self._weight.T).reshape(len(frames), 2, len(ALPHABET))
        letters = np.array(mx.sqrt(mx.square(parts).sum(axis=1)))
        return np.insert(letters, 0, QUIET, axis=1)

    def ctc_labels(self, samples: Floats) -> list[int]:
        codes = [ctc.BLANK, *map(ord, ALPHABET)]
        return [codes[best] for best in self.logits(samples).argmax(axis=-1)]

    def warm_up(self) -> float:
        self.ctc_labels(np.zeros(FRAME_SAMPLES, np.float32))
        return 0.0

    def prefetch_weights(self) -> None:
        mx.eval(self._weight)


class CtcReader:
    """A reader that makes one pass at the end of a segment."""

    interim: Interim | None = None

    def __init__(self, model: ToneCtc, options: TranscribeOptions) -> None:
        self._model, self._options = model, options

    def push(self, samples: Floats) -> None:
        """Does nothing before the end."""

    def work(self, pause: int | None) -> bool:
        return False

    def finish(self, samples: Floats) -> Units[SegmentResult]:
        assert self._options.style is Style.RAW and not self._options.keywords
        labels = self._model.ctc_labels(samples)
        yield
        text = ctc.characters(ctc.collapsed(labels))
        return SegmentResult(" ".join(text.split()), ctc_text=text)


def transcriber(on_unit: Callable[[], None] = lambda: None) -> Transcriber:
    model: SpeechModel = ToneCtc()  # so that mypy checks it against the protocol
    return Transcriber(
        model, "tones", on_unit=on_unit, reader=with_fallback(CtcReader, CtcReader)
    )


@pytest.mark.parametrize("sizes", [[160], [441, 3000, 17], [1_000_000]])
def test_ctc_only_model_transcribes(sizes: list[int]) -> None:
    units: list[None] = []
    tones = transcriber(lambda: units.append(None))
    wanted = TranscribeOptions(
        Style.PUNCTUATED,
        ("Jon",),
        language=Language.ENGLISH,
        target_language=Language.GERMAN,
    )
    tones.begin(RATE_HZ, wanted)
    long = " ".join([PANGRAM] * 3)  # 13 s, after which a pause ends a segment
    sound = np.concatenate([spoken(long), silence(1.2, 0.001), spoken("and so on")])
    updates = [one for piece in cut(sound, sizes) for one in tones.push(piece)]
    last, transcript = tones.finish()
    assert transcript.text == f"{long} and so on"
    commits = [one.segment.text for one in [*updates, *last] if isinstance(one, Commit)]
    assert commits == [long, "and so on"]
    assert units and transcript.language == "en"
    assert transcript.keywords_applied == ()
    assert transcript.notes == (
        "The model “tones” can’t translate. IBM’s Granite Speech models can."
        " The text is as spoken.",
    )


def test_a_ctc_only_model_shows_live_text() -> None:
    tones = transcriber()
    tones.begin(RATE_HZ, TranscribeOptions())
    sound = spoken(f"{PANGRAM} ")
    updates = [one for piece in cut(sound, [1600]) for one in tones.push(piece)]
    shown = [one.text for one in updates if isinstance(one, Tentative)]
    assert any(text.startswith("the quick") for text in shown)
    assert all(PANGRAM.startswith(text) for text in shown)


def test_unknown_pitch_gives_no_text() -> None:
    tones = transcriber()
    tones.begin(RATE_HZ, TranscribeOptions())
    places = np.arange(RATE_HZ) / RATE_HZ
    tones.push((0.5 * np.sin(2 * np.pi * 7000 * places)).astype(np.float32))
    assert tones.finish()[1].text == ""


def test_granite_is_read_by_its_own_readers(tmp_path) -> None:
    model = load_model(write_tiny_model(tmp_path))
    reader = make_reader(model)(model, TranscribeOptions())
    assert isinstance(model, Granite) and isinstance(reader, FallbackReader)
    assert isinstance(reader._offline_reader, OfflineReader)


def test_a_model_without_a_reader_is_refused() -> None:
    with pytest.raises(ModelError, match="No reader for this kind of model"):
        make_reader(ToneCtc())
