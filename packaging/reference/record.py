"""Records results of the reference implementation for the tests in tests/model.

Loads the tests' tiny random weights into transformers' Granite Speech and its feature
extractor (torchaudio), in fp32 on the CPU, and writes small files of results to
tests/model/recorded/. Run it only when the reference or the tiny model changes, in a
separate environment (Mica never needs it) with torch, torchaudio, transformers,
safetensors, soxr, soundfile and espeak-ng:

    MICA_REFERENCE_AUDIO=multilingual_sample.wav python packaging/reference/record.py

That recording comes with the model granite-4.0-1b-speech. Without it, its frames are
not recorded, and the test that needs them has nothing to compare.
"""

import os
import subprocess
import sys
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "app"), str(ROOT / "tests")]

import soundfile  # noqa: E402
import soxr  # noqa: E402
import torch  # noqa: E402
from safetensors import safe_open  # noqa: E402
from transformers import GraniteSpeechFeatureExtractor  # noqa: E402
from transformers.models.granite_speech import (  # noqa: E402
    GraniteSpeechForConditionalGeneration,
)

from mica.model.config import parse_config  # noqa: E402
from mica.model.tensor_names import canonical, layout  # noqa: E402
from support import tiny_model  # noqa: E402

FOLDER = ROOT / "tests" / "model" / "recorded"
LARGEST_BYTES = 200_000
# Numbers of frames: multiples of 200 and 15, others, and less than a projector window.
CASES = {
    "untied": ({}, (7, 15, 37, 200, 400, 437, 615)),
    "tied": ({"tied": True}, (37, 437)),
    "deep": ({"layers": 9}, (230,)),
}
PROMPT = ([10, 20, 30], [40, 50, 60, 70, 80])  # ids around the audio
KEPT_LOGITS = 24  # the last positions
NOISE_SAMPLES = (257, 300, 399, 400, 479, 63_999, 64_000, 64_001)
KEPT_FRAMES = 50  # the last ones of a noise clip
EVERY = 25  # every 25th frame of the long recording is kept
SENTENCE = "Please send the second draft to Katherine before noon."


def main() -> None:
    torch.set_grad_enabled(False)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in FOLDER.glob("*.npz"):
        file.unlink()
    for case, (options, lengths) in CASES.items():
        record_model(case, options, lengths)
    record_features()
    for file in FOLDER.iterdir():
        assert file.stat().st_size <= LARGEST_BYTES, file


def record_model(case: str, options: dict[str, int], lengths: tuple[int, ...]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "tiny"
        tiny_model.write_tiny_model(folder, bits=None, dtype="F32", **options)
        (folder / "out_llm.safetensors").unlink()  # transformers would load it as well
        model, report = GraniteSpeechForConditionalGeneration.from_pretrained(
            folder, dtype=torch.float32, output_loading_info=True
        )
        report["missing_keys"] = list(filter(canonical, report["missing_keys"]))
        assert not any(report.values()), report
        model.eval()
        config = tiny_model.tiny_config(**options)
        check_names(model, config, Path(scratch) / "saved")
    for frames in lengths:
        save(f"{case}-{frames}", run(model, config, frames))


def check_names(model: Any, config: dict[str, Any], folder: Path) -> None:
    """Assert that transformers writes exactly the tensors of our table."""
    model.save_pretrained(folder)
    with safe_open(folder / "model.safetensors", "pt") as saved:
        shapes = {
            name: tuple(saved.get_slice(key).get_shape())
            for key in saved.keys()  # noqa: SIM118 (not a dict)
            if (name := canonical(key))
        }
    entries = layout(parse_config(config))
    assert shapes == {entry.name: entry.shape for entry in entries}


def run(model: Any, config: dict[str, Any], frames: int) -> dict[str, np.ndarray]:
    random = np.random.RandomState(frames)
    features = random.standard_normal((1, frames, 160)).astype(np.float32)
    parts = model.model
    middle: list[torch.Tensor] = []
    layer = parts.encoder.layers[len(parts.encoder.layers) // 2 - 1]
    hook = layer.register_forward_hook(lambda *args: middle.append(args[2].clone()))
    hidden = parts.encoder(torch.from_numpy(features)).last_hidden_state
    hook.remove()
    audio = parts.projector(hidden)
    token = model.config.audio_token_id
    ids = torch.tensor([[*PROMPT[0], *[token] * audio.shape[1], *PROMPT[1]]])
    merged = parts.get_merged_audio_embeddings(ids, audio)
    last = parts.language_model(inputs_embeds=merged, use_cache=False)
    # This class does not divide by logits_scaling, as Granite itself does.
    scaling = model.config.text_config.logits_scaling
    logits = model.lm_head(last.last_hidden_state)[0] / scaling
    mid_logits = parts.encoder.out(middle[0])
    posteriors = torch.softmax(mid_logits.float(), dim=-1)
    return {
        "hidden": hidden[0].numpy(),
        "blank": posteriors[0, :, 0].numpy(),
        "audio": audio[0].numpy(),
        "logits": logits[-KEPT_LOGITS:].numpy(),
        "argmax": logits.argmax(-1).numpy(),
        "draft": np.array(bpe_draft(hidden, posteriors, config)),
    }


def bpe_draft(
    hidden: torch.Tensor, posteriors: torch.Tensor, config: dict[str, Any]
) -> list[int]:
    """The draft as in IBM's notebook speculative_decoding_bpe.ipynb: pool frames by
    their non-blank probability, take the argmax, collapse repeats and blanks."""
    head = tiny_model.tiny_bpe_head(config)
    missing = -hidden.shape[1] % 4
    importance = torch.nn.functional.pad(1 - posteriors[:, :, 0], (0, missing))
    hidden = torch.nn.functional.pad(hidden, (0, 0, 0, missing))
    windows = hidden.view(1, -1, 4, hidden.shape[-1])
    weights = importance.view(1, -1, 4)
    weights = weights / (weights.sum(-1, keepdim=True) + 1e-8)
    pooled = (windows * weights[..., None]).sum(2)
    weight, bias = (torch.from_numpy(head[name]) for name in ("weight", "bias"))
    labels = torch.nn.functional.linear(pooled, weight, bias).argmax(-1)[0]
    labels = torch.unique_consecutive(labels)
    return [int(label) - 1 for label in labels if label != 0]


def record_features() -> None:
    extractor = GraniteSpeechFeatureExtractor()

    def reference(samples: np.ndarray) -> np.ndarray:
        return np.asarray(extractor(samples)["input_features"][0])

    for count in NOISE_SAMPLES:
        samples = np.random.RandomState(count).standard_normal(count) * 0.1
        frames = reference(samples.astype(np.float32))
        rows = {"count": np.array(len(frames)), "frames": frames[-KEPT_FRAMES:]}
        save(f"noise-{count}", rows)
    if recording := os.environ.get("MICA_REFERENCE_AUDIO"):  # IBM's multilingual_sample
        samples, rate = soundfile.read(recording, dtype="float32")
        assert rate == 16_000 and samples.ndim == 1
        frames = reference(samples)
        rows = {"count": np.array(len(frames)), "frames": frames[::EVERY]}
        save("multilingual", rows)
    speech = spoken(SENTENCE)[:32_000]
    frames = reference(speech.astype(np.float32) / 32_768)
    save("speech", {"samples": speech, "frames": frames})


def spoken(sentence: str) -> np.ndarray:
    """The sentence as int16 samples at 16 kHz, after 0.2 s of zeros."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "speech.wav"
        subprocess.run(["espeak-ng", "-w", str(file), sentence], check=True)
        with wave.open(str(file)) as opened:
            rate = opened.getframerate()
            samples = np.frombuffer(opened.readframes(opened.getnframes()), np.int16)
    return np.concatenate(
        [np.zeros(3200, np.int16), soxr.resample(samples, rate, 16_000)]
    )


def save(name: str, arrays: dict[str, np.ndarray]) -> None:
    np.savez_compressed(FOLDER / f"{name}.npz", **arrays)
    print(name, (FOLDER / f"{name}.npz").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
