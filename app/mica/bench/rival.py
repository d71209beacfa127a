"""mlx-audio's Granite Speech on the same weights, for the benchmarks only.

If our loader computes in fp32, mlx-audio gets a dequantized fp32 copy of the folder, so
both do the same arithmetic. Greedy, with at most twice the reference's tokens, so that
looping output does not count as slowness. `RandomRival` uses the same arrays as our
random network: its output is noise, so its length is set.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mica.engine.prompt import Forms, instruction
from mica.events import Style
from mica.model.checkpoint import BPE_HEAD_FILE
from mica.model.config import Quantization, read_config
from mica.model.layers import quantize
from mica.model.quantize import dequantized, on_metal
from mica.model.tokenizer import Tokenizer

AUDIO: Final = "<|audio|>"  # mlx-audio's placeholder for an audio token in prompts
ENDLESS: Final = -1  # an end mark that no network can choose


class Rival:
    """The model in a folder, run by mlx-audio."""

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        from mlx_audio.stt import load  # slow to import; only when compared

        self._model: Any = load(str(folder))
        if not on_metal():
            self._model.set_dtype(mx.float32)
        self._tokenizer = tokenizer

    @property
    def speculates(self) -> bool:
        """Whether the folder has the head that its speculative mode needs."""
        return bool(self._model.supports_speculative)

    def write(
        self,
        samples: NDArray[np.float32],
        style: Style,
        reference: str,
        speculative: bool,
    ) -> tuple[str, int]:
        """Its text of the whole recording, and the number of decoder passes."""
        output = self._model.generate(
            samples,
            prompt=instruction(style, (), Forms.of(has_bpe_head=self.speculates)),
            max_tokens=2 * len(self._tokenizer.encode(reference)) + 2,
            speculative=speculative,
        )
        if not speculative:
            return output.text.strip(), output.generation_tokens + 1
        stats = output.speculative_stats
        passes = 1 + stats["verification_steps"] + stats["autoregressive_steps"]
        return output.text.strip(), passes


def fp32_copy(folder: Path, scratch: Path) -> Path:
    """A dequantized copy inside `scratch`; the folder itself on Metal."""
    if on_metal():
        return folder
    copy = scratch / folder.name
    copy.mkdir()
    config = json.loads((folder / "config.json").read_text("utf-8"))
    recipe = read_config(folder).quantization
    for key in ("quantization", "quantization_config"):
        config.pop(key, None)
    for file in folder.iterdir():
        if file.suffix == ".safetensors" and file.name != BPE_HEAD_FILE:
            tensors = _dequantized_tensors(file, recipe)
            mx.save_safetensors(str(copy / file.name), tensors)
        elif file.is_file() and file.name != "model.safetensors.index.json":
            shutil.copy(file, copy)
    (copy / "config.json").write_text(json.dumps(config), "utf-8")
    return copy


def _dequantized_tensors(
    file: Path, recipe: Quantization | None
) -> dict[str, mx.array]:
    """A file's tensors, dequantized, all in fp32."""
    loaded = mx.load(str(file))
    assert isinstance(loaded, dict)
    dense: dict[str, mx.array] = {}
    for name, array in loaded.items():
        stem, _, kind = name.rpartition(".")
        scales = loaded.get(f"{stem}.scales")
        if scales is None or recipe is None:
            is_float = mx.issubdtype(array.dtype, mx.floating)
            dense[name] = array.astype(mx.float32) if is_float else array
        elif kind == "weight":
            dense[name] = dequantized(array, scales, loaded[f"{stem}.biases"], recipe)
    return dense


class RandomRival(Rival):
    """A network from a config.json and weights by checkpoint name.

    Writes as many tokens as our script has, with its standard decoding loop. Its
    speculative mode is left out, since its cost depends on the draft. Reads no file and
    keeps no second copy of the weights.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        weights: Mapping[str, mx.array],
        words: Tokenizer,
    ) -> None:
        from mlx_audio.stt.models.granite_speech import Model, ModelConfig  # slow

        model: Any = Model(ModelConfig.from_dict(config))
        arrays = Model.sanitize(dict(weights))
        quantize(
            model,
            **config.get("quantization", {}),
            class_predicate=lambda path, _: f"{path}.scales" in arrays,
        )
        model.load_weights(list(arrays.items()), strict=True)
        model.eval()
        model._tokenizer = _Prompts(words, config["audio_token_index"])
        self._model, self._tokenizer = model, words

    def write(
        self,
        samples: NDArray[np.float32],
        style: Style,
        reference: str,
        speculative: bool,
    ) -> tuple[str, int]:
        """Decode as many tokens as the reference has, plus one pass for an end mark."""
        passes = len(self._tokenizer.encode(reference)) + 1
        prompt = instruction(style, ())
        output = self._model.generate(samples, prompt=prompt, max_tokens=passes)
        return "", int(output.generation_tokens)


class _Prompts:
    """The part of a tokenizer that mlx-audio uses."""

    eos_token_id = ENDLESS
    chat_template = None

    def __init__(self, words: Tokenizer, audio: int) -> None:
        self._words, self._audio = words, audio

    def encode(self, text: str) -> list[int]:
        before, _, rest = text.partition(AUDIO)
        after = rest.rpartition(AUDIO)[2]
        audio = [self._audio] * text.count(AUDIO)
        return [*self._words.encode(before), *audio, *self._words.encode(after)]

    def decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        return ""
