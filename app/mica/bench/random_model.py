"""A network with a published model's size and random weights, to measure its speed.

Nothing is downloaded: the sizes are listed here. As in that model's folder, a Mac keeps
the decoder in 8-bit groups; elsewhere everything is fp32, four times as large. Create
and use it on one thread.

Random weights give no meaningful text, so its outputs are scripted: the CTC "hears" a
known text at the pace of speech, with a share of its tokens wrong, and the decoder
"chooses" that text. Every encoding and every pass is really run; only the resulting
values are replaced. mlx-audio, on the same arrays, writes as many tokens.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import mlx.core as mx

from mica.bench.oracle import TEXT, PieceTokenizer, spoken_form, with_token_errors
from mica.bench.rival import RandomRival
from mica.engine.align import PUNCTUATION
from mica.engine.guards import Decoded, Prompt, Units
from mica.engine.streaming_encoder import DecoderInput
from mica.engine.streaming_reader import StreamingReader
from mica.engine.transcriber import MakeReader
from mica.events import Style
from mica.model.config import Quantization, parse_config
from mica.model.decoder import KvCache
from mica.model.granite import Granite
from mica.model.load import Arrays, build_model
from mica.model.quantize import default_rule, groups
from mica.model.tensor_names import Entry, layout
from mica.model.tokenizer import Tokenizer
from mica.units import SAMPLE_RATE_HZ

WORDS: Final = tuple(TEXT.split())
WORDS_PER_S: Final = len(WORDS) / 60  # the pace of dictation
_SURE: Final = 1e4  # a logit far above any of a network's own
#: config.json of each model; absent keys have their defaults in model/config.py.
SHAPES: Final[dict[str, dict[str, Any]]] = {
    "granite-speech-4.1-2b": {
        "model_type": "granite_speech",
        "audio_token_index": 100352,
        "downsample_rate": 5,
        "window_size": 15,
        "has_lora_adapter": False,
        "tie_word_embeddings": False,
        "encoder_config": {
            "input_dim": 160,
            "num_layers": 16,
            "hidden_dim": 1024,
            "feedforward_mult": 4,
            "num_heads": 8,
            "dim_head": 128,
            "output_dim": 348,
            "context_size": 200,
            "max_pos_emb": 512,
            "conv_kernel_size": 15,
            "conv_expansion_factor": 2,
        },
        "projector_config": {
            "model_type": "blip_2_qformer",
            "hidden_size": 1024,
            "encoder_hidden_size": 1024,
            "intermediate_size": 4096,
            "num_hidden_layers": 2,
            "num_attention_heads": 16,
            "cross_attention_frequency": 1,
        },
        "text_config": {
            "model_type": "granite",
            "vocab_size": 100353,
            "hidden_size": 2048,
            "intermediate_size": 4096,
            "num_hidden_layers": 40,
            "num_attention_heads": 16,
            "num_key_value_heads": 4,
            "max_position_embeddings": 4096,
            "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0,
            "attention_multiplier": 0.0078125,
            "embedding_multiplier": 12.0,
            "residual_multiplier": 0.22,
            "logits_scaling": 8.0,
            "tie_word_embeddings": False,
        },
    },
}
IN_GROUPS: Final = {"quantization": {"group_size": 64, "bits": 8}}


class ScriptedDecoder:
    """A decoder whose network runs but whose choices are scripted."""

    def __init__(self, network: Any, eos: int) -> None:
        self._network, self._eos = network, eos
        self._start, self._tokens = 0, list[int]()

    def choose(self, tokens: Sequence[int], prompt_tokens: int) -> None:
        """Choose `tokens` after a prompt that ends at this offset of the cache."""
        self._tokens, self._start = [*tokens, self._eos], prompt_tokens

    def __call__(self, positions: mx.array, cache: KvCache, last: int = 1) -> mx.array:
        logits: mx.array = self._network(positions, cache, last)
        if last == 0:
            return logits
        position = cache.offset - self._start  # tokens of the text it has read
        places = range(position - last + 1, position + 1)
        wanted = [self._tokens[min(place, len(self._tokens) - 1)] for place in places]
        chosen = (mx.arange(last), mx.array(wanted))
        return logits.at[chosen].add(mx.array(_SURE, logits.dtype))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


def scripted_reader(model: Granite, wrong_share: float) -> MakeReader:
    """A factory of scripted readers; replaces the model's decoder by a scripted one."""
    words = model.tokenizer
    decoder = ScriptedDecoder(model.decoder, words.eos)
    holder: Any = model  # typed as a Decoder, which ScriptedDecoder only wraps
    holder.decoder = decoder

    class Scripted(StreamingReader):
        _script: tuple[str, ...] = ()

        def _snapshot(self, stop: int) -> Units[DecoderInput | None]:
            sound = yield from super()._snapshot(stop)
            if sound is None:
                return None
            count = round(stop / SAMPLE_RATE_HZ * WORDS_PER_S)
            self._script = WORDS[: max(1, count)]
            text = with_token_errors(
                words, spoken_form(" ".join(self._script)), count, wrong_share
            )
            draft = words.encode(text)
            return replace(sound, ctc_text=text, draft=draft, drafted=text)

        def _decode(
            self, sound: DecoderInput, audio_end: int, prompt: Prompt
        ) -> Units[Decoded]:
            _, suffix = model.render_prompt(prompt.instruction, sound.audio_tokens)
            prompt_end = audio_end + sound.embeddings.shape[0] + len(suffix)
            decoder.choose(
                words.encode(script_text(self._script, prompt.style)), prompt_end
            )
            return (yield from super()._decode(sound, audio_end, prompt))

    return Scripted


def script_text(script: Sequence[str], style: Style) -> str:
    """The words in a style; an unfinished sentence gets a period."""
    text = " ".join(script)
    if style is Style.RAW:
        return spoken_form(text)
    text = text.rstrip(",")
    return text if PUNCTUATION.fullmatch(text[-1]) else f"{text}."


@dataclass(frozen=True, slots=True)
class RandomNetwork:
    """Our model, and its config.json and weights by checkpoint name."""

    model: Granite
    config: dict[str, Any]
    weights: Arrays

    def readers(self, wrong_share: float) -> MakeReader:
        """A factory of readers that give the network drafts with wrong tokens."""
        return scripted_reader(self.model, wrong_share)

    def rival(self) -> RandomRival:
        return RandomRival(self.config, self.weights, self.model.tokenizer)


def random_network(config: dict[str, Any]) -> RandomNetwork:
    """A network for a config.json, with random weights."""
    mx.random.seed(0)
    rule = default_rule()
    if rule.is_quantized:
        config = config | IN_GROUPS
    sizes = parse_config(config)
    weights = random_weights(layout(sizes), rule.dtype, sizes.quantization)
    bpe = (sizes.decoder.vocabulary, sizes.encoder.hidden_size)
    head = random_weights(
        [Entry("weight", "", bpe), Entry("bias", "", bpe[:1])], rule.dtype
    )
    words = cast(Tokenizer, PieceTokenizer())  # has the methods that are used
    model = build_model(sizes, weights, head, words, rule)
    return RandomNetwork(model, config, weights)


def random_weights(
    entries: Iterable[Entry],
    dtype: mx.Dtype = mx.float32,
    recipe: Quantization | None = None,
) -> Arrays:
    """Random tensors by checkpoint name, scaled to keep activations near 1; with a
    recipe, the decoder's matrices are quantized as in a folder made by mlx-audio."""
    weights: Arrays = {}
    for entry in entries:
        parts = {entry.name: _values(entry).astype(dtype)}
        if recipe and entry.ours.startswith("decoder.") and len(entry.shape) == 2:
            stem = entry.name.removesuffix(".weight")
            names = (entry.name, f"{stem}.scales", f"{stem}.biases")
            packed = groups(parts[entry.name], recipe)
            parts = dict(zip(names, packed, strict=True))
        mx.eval(parts)  # one at a time: together they would take twice the memory
        weights |= parts
    return weights


def _values(entry: Entry) -> mx.array:
    if len(entry.shape) > 1:
        limit = (3 / math.prod(entry.shape[1:])) ** 0.5
        return mx.random.uniform(-limit, limit, entry.shape)  # normal: 5 times as long
    values: mx.array = mx.random.normal(entry.shape)
    if entry.name.endswith("running_var"):
        return 0.5 + mx.abs(values)
    return 1 + 0.1 * values if entry.name.endswith("weight") else 0.1 * values
