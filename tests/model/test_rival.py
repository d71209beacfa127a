"""The same folder in mlx-audio and in Mica gives the same hidden states and tokens."""

from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest

from mica.audio.features import log_mel
from mica.model.granite import Granite
from mica.model.load import load_model
from support.tiny_model import write_tiny_model

BOUND = 1e-5
TOKENS = 24
FRAMES = [7, 200, 437]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("rival") / "tiny")


@pytest.fixture(scope="module")
def ours(folder: Path) -> Granite:
    return load_model(folder)


@pytest.fixture(scope="module")
def theirs(folder: Path) -> Any:
    from mlx_audio.stt import load

    model = load(str(folder))
    model.set_dtype(mx.float32)  # otherwise, it computes these parts in bf16
    return model


@pytest.mark.parametrize("frames", FRAMES)
def test_encoder_and_projector_agree(ours: Granite, theirs: Any, frames: int) -> None:
    random = np.random.RandomState(frames)
    features = random.standard_normal((frames, 160)).astype(np.float32)
    hidden = ours.encode(features).hidden
    rival = theirs.encoder(mx.array(features)[None])
    assert float(mx.abs(hidden - rival[0]).max()) <= BOUND
    audio = ours.project(hidden)
    assert float(mx.abs(audio - theirs.projector(rival)[0]).max()) <= BOUND


@pytest.mark.parametrize("seconds", [0.2, 3.0, 9.5])
def test_greedy_tokens_agree(ours: Granite, theirs: Any, seconds: float) -> None:
    count = int(seconds * 16_000)
    samples = np.random.RandomState(count).standard_normal(count).astype(np.float32) / 8
    instruction = "transcribe the speech to text. Keywords: Ada, Grace"
    rival = theirs.generate(samples, prompt=instruction, max_tokens=TOKENS)
    spaced = "".join(" " if ord(one) < 32 else one for one in rival.text)
    assert greedy(ours, samples, instruction) == spaced


def greedy(model: Granite, samples: np.ndarray, instruction: str) -> str:
    audio = model.project(model.encode(log_mel(samples)).hidden)
    prefix, suffix = model.render_prompt(instruction, audio.shape[0])
    cache = model.new_cache()
    embeddings = mx.concatenate([model.embed(prefix), audio, model.embed(suffix)])
    ids: list[int] = []
    while len(ids) < TOKENS:
        logits = model.decoder(embeddings, cache)
        ids.append(int(mx.argmax(logits[-1])))
        embeddings = model.embed(ids[-1:])
    assert model.tokenizer.eos not in ids
    return model.tokenizer.decode(ids)
