"""mlx-audio's Granite Speech on the very arrays of a random network of ours.

What it writes is noise, so it is told how much: as many tokens as our script has, by
the loop of its standard path. Its speculative path is left out, since what that costs
hangs on the draft. No file is read and nothing is held twice.
"""

from collections.abc import Mapping
from typing import Any, Final

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mica.bench.rival import Rival
from mica.engine.prompt import instruction
from mica.events import Style
from mica.model.layers import quantize
from mica.model.tokenizer import Tokenizer

AUDIO: Final = "<|audio|>"  # what it writes in a prompt for each audio token
ENDLESS: Final = -1  # no network chooses it


class RandomRival(Rival):
    """A network of a config.json and of weights by checkpoint name."""

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
        """As many tokens as the reference has, and a pass more, as for an end mark."""
        passes = len(self._tokenizer.encode(reference)) + 1
        prompt = instruction(style, ())
        output = self._model.generate(samples, prompt=prompt, max_tokens=passes)
        return "", int(output.generation_tokens)


class _Prompts:
    """What mlx-audio asks of a tokenizer."""

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
