"""The expected output of an open segment, computed block by block without a cache.

Most models here have blocks of 40 frames instead of 200, so that a few seconds contain
many blocks.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import mlx.core as mx
import numpy as np

from mica.audio.features import FeatureStream, log_mel
from mica.engine import ctc
from mica.engine.guards import run_to_end
from mica.engine.streaming_encoder import DecoderInput, StreamingEncoder
from mica.model.encoder import Encoded
from mica.model.granite import Granite
from mica.model.load import load_model
from support.sounds import Floats
from support.tiny_model import write_tiny_model

SMALL, REAL = 40, 200  # frames per block
FRAME = 320
EXACT = 1e-5  # fp32 sums in a different order
NO_SCORES = np.zeros((0, 348), np.float32)
LOGITS_EXACT = 1e-4  # the same, after the decoder


def tiny(folder: Path, block: int = SMALL, *, bpe_head: bool = True) -> Granite:
    write_tiny_model(folder, bpe_head=bpe_head)
    config = json.loads((folder / "config.json").read_text())
    config["encoder_config"]["context_size"] = block
    (folder / "config.json").write_text(json.dumps(config))
    return load_model(folder)


@dataclass(frozen=True, slots=True)
class Expected:
    embeddings: mx.array  # of the start of the prompt and all audio
    audio_tokens: int
    ctc_text: str
    draft: list[int]


def expected(
    model: Granite, encoded: Encoded, audio: mx.array | None = None
) -> Expected:
    """The decoder's expected input for a whole segment's hidden frames."""
    audio = model.project(encoded.hidden) if audio is None else audio
    beginning, _ = model.render_prompt("", 0)
    logits = model.char_logits(encoded.hidden)
    ctc_text = ctc.characters(ctc.labels(np.array(logits)))
    draft = model.bpe_draft(encoded.hidden, encoded.mid_posteriors)
    return Expected(
        mx.concatenate([model.embed(beginning), audio]),
        audio.shape[0],
        ctc_text,
        model.tokenizer.encode(ctc_text) if draft is None else draft,
    )


def plainly(
    model: Granite, samples: Floats, refresh_frames: int | None = None
) -> Expected:
    """The expected input, from encoding each block with the frames after it."""
    frames = mx.array(log_mel(samples))
    settled = len(FeatureStream().push(samples))
    block = model.config.encoder.context_frames
    span = block + (block if refresh_frames is None else refresh_frames)
    parts, left_context, first = [], None, 0
    while first + span <= settled:
        encoded, left_context = model.encoder.step(
            frames[first : first + span], left_context, block
        )
        parts.append(Encoded(encoded.hidden[:block], encoded.mid_logits[:block]))
        first += block
    parts.append(model.encoder.step(frames[first:], left_context, 0)[0])
    hidden = mx.concatenate([part.hidden for part in parts])
    mid_logits = mx.concatenate([part.mid_logits for part in parts])
    return expected(model, Encoded(hidden, mid_logits))


def apart(one: mx.array, other: mx.array) -> float:
    assert one.shape == other.shape
    return float(mx.abs(one - other).max())


def decoder_positions(model: Granite, sound: DecoderInput) -> mx.array:
    """The decoder's logits for an instruction, which is appended to the cache."""
    suffix = model.embed(model.tokenizer.encode("transcribe the speech to text."))
    positions = mx.concatenate([sound.embeddings, suffix])
    return model.decoder(positions, sound.cache, last=suffix.shape[0])


def check(model: Granite, sound: DecoderInput | None, right: Expected) -> None:
    """Assert that the decoder's input and what it has already read are as expected."""
    assert sound is not None
    assert (sound.ctc_text, sound.draft) == (right.ctc_text, right.draft)
    assert sound.audio_tokens == right.audio_tokens
    unread = right.embeddings[sound.cache.offset :]
    assert apart(sound.embeddings, unread) < EXACT
    whole = DecoderInput(model.new_cache(), right.embeddings, 0, "", [], "", NO_SCORES)
    assert (
        apart(decoder_positions(model, sound), decoder_positions(model, whole))
        < LOGITS_EXACT
    )


def listened(segment: StreamingEncoder, stop: int | None = None) -> DecoderInput | None:
    return run_to_end(segment.snapshot(stop))


def encodings(segment: StreamingEncoder) -> int:
    """The number of encodings that a snapshot takes now."""
    return sum(1 for _ in segment.snapshot())


def worked(segment: StreamingEncoder) -> int:
    """Do all pending work; return the number of units."""
    units = 0
    while segment.advance():
        units += 1
    return units


def samples_of(frames: int) -> int:
    """The fewest samples that make the first `frames` frames final."""
    return FRAME * frames + 96


def peak(samples: Floats) -> float:
    stream = FeatureStream()
    stream.push(samples)
    stream.finish()
    return stream.peak
