"""A reader whose network does all its work while its answers are written beforehand.

For measuring networks that cannot speak. The CTC "hears" a known text at the pace of
speech, a share of its tokens wrong, and the decoder "chooses" that text; every encoding
and every pass is run, only the numbers that come out are replaced. The loop around
them is the engine's own.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import mlx.core as mx

from mica.bench.oracle import TEXT, spoken_form, with_token_errors
from mica.engine.align import PUNCTUATION
from mica.engine.guards import Decoded, Prompt, Units
from mica.engine.streaming_encoder import DecoderInput
from mica.engine.streaming_reader import StreamingReader
from mica.engine.transcriber import MakeReader
from mica.events import Style
from mica.model.decoder import KvCache
from mica.model.granite import Granite
from mica.units import SAMPLE_RATE_HZ

WORDS: Final = tuple(TEXT.split())
WORDS_PER_S: Final = len(WORDS) / 60  # of one who dictates
_SURE: Final = 1e4  # logits; any of a network's own is far below


class ScriptedDecoder:
    """A decoder whose network runs and whose choices are scripted."""

    def __init__(self, network: Any, eos: int) -> None:
        self._network, self._eos = network, eos
        self._start, self._tokens = 0, list[int]()

    def choose(self, tokens: Sequence[int], prompt_tokens: int) -> None:
        """These, behind a prompt that ends at that offset of the cache."""
        self._tokens, self._start = [*tokens, self._eos], prompt_tokens

    def __call__(self, positions: mx.array, cache: KvCache, last: int = 1) -> mx.array:
        logits: mx.array = self._network(positions, cache, last)
        if last == 0:
            return logits
        position = cache.offset - self._start  # tokens of the answer it has read
        places = range(position - last + 1, position + 1)
        wanted = [self._tokens[min(place, len(self._tokens) - 1)] for place in places]
        chosen = (mx.arange(last), mx.array(wanted))
        return logits.at[chosen].add(mx.array(_SURE, logits.dtype))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


def scripted_reader(model: Granite, wrong_share: float) -> MakeReader:
    """Readers of segments; the model's decoder is scripted from now on."""
    words = model.tokenizer
    decoder = ScriptedDecoder(model.decoder, words.eos)
    holder: Any = model  # its type says Decoder, and ScriptedDecoder only calls one
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
    """The words in a style; a sentence under way gets its stop."""
    text = " ".join(script)
    if style is Style.RAW:
        return spoken_form(text)
    text = text.rstrip(",")
    return text if PUNCTUATION.fullmatch(text[-1]) else f"{text}."
