"""The port's results equal those of transformers' Granite Speech with equal weights."""

from pathlib import Path

import mlx.core as mx
import numpy as np
import pytest

from mica.model.granite import Granite
from mica.model.load import load_model
from support.tiny_model import write_tiny_model

RECORDED = Path(__file__).parent / "recorded"
CASES = sorted(
    file.stem
    for file in RECORDED.glob("*.npz")
    if file.stem.split("-")[0] in ("untied", "tied", "deep")
)
OPTIONS = {"untied": {}, "tied": {"tied": True}, "deep": {"layers": 9}}
PROMPT = ([10, 20, 30], [40, 50, 60, 70, 80])  # as packaging/reference/record.py
BOUND = 1e-5  # fp32 sums in a different order; values are of the order of 1


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Granite]:
    folder = tmp_path_factory.mktemp("models")
    return {
        name: load_model(
            write_tiny_model(folder / name, bits=None, dtype="F32", **options)
        )
        for name, options in OPTIONS.items()
    }


@pytest.mark.parametrize("case", CASES)
def test_every_tensor_equals_the_reference(
    case: str, models: dict[str, Granite]
) -> None:
    name, frames = case.split("-")
    model = models[name]
    reference = np.load(RECORDED / f"{case}.npz")
    random = np.random.RandomState(int(frames))
    features = random.standard_normal((int(frames), 160)).astype(np.float32)

    encoded = model.encode(features)
    close(encoded.hidden, reference["hidden"])
    close(encoded.mid_posteriors[:, 0], reference["blank"])
    draft = model.bpe_draft(encoded.hidden, encoded.mid_posteriors)
    assert draft == reference["draft"].tolist()

    audio = model.project(encoded.hidden)
    close(audio, reference["audio"])

    prefix, suffix = (model.embed(ids) for ids in PROMPT)
    embeddings = mx.concatenate([prefix, audio, suffix])
    logits = model.decoder(embeddings, model.new_cache(), last=embeddings.shape[0])
    assert np.array(mx.argmax(logits, axis=-1)).tolist() == reference["argmax"].tolist()
    recorded = reference["logits"]
    close(logits[-len(recorded) :], recorded)


def test_every_recorded_file_is_small() -> None:
    assert len(CASES) == 10
    assert all(file.stat().st_size <= 200_000 for file in RECORDED.iterdir())


def close(ours: mx.array, theirs: np.ndarray) -> None:
    assert ours.shape == theirs.shape
    assert float(np.abs(np.array(ours) - theirs).max()) <= BOUND
