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

from mica.bench.oracle import TEXT, misheard, plain
from mica.engine.align import MARKS
from mica.engine.guards import Decoded, Prompt, Units
from mica.engine.streaming_encoder import DecoderInput
from mica.engine.streaming_reader import StreamingReader
from mica.engine.transcriber import MakeReader
from mica.events import Style
from mica.model.cache import KvCache
from mica.model.granite import Granite
from mica.units import SAMPLE_RATE_HZ

WORDS: Final = tuple(TEXT.split())
WORDS_PER_S: Final = len(WORDS) / 60  # of one who dictates
_SURE: Final = 1e4  # logits; any of a network's own is far below


class Told:
    """A decoder that runs and is told what to choose; all else is the network's."""

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
        behind = cache.offset - self._start  # tokens of the answer it has read
        places = range(behind - last + 1, behind + 1)
        wanted = [self._tokens[min(place, len(self._tokens) - 1)] for place in places]
        chosen = (mx.arange(last), mx.array(wanted))
        return logits.at[chosen].add(mx.array(_SURE, logits.dtype))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


def scripted(model: Granite, wrong_share: float) -> MakeReader:
    """Readers of segments; the model's decoder is told from now on."""
    words = model.tokenizer
    told = Told(model.decoder, words.eos)
    holder: Any = model  # its type says Decoder, and Told only calls one
    holder.decoder = told

    class Scripted(StreamingReader):
        _said: tuple[str, ...] = ()

        def _heard(self, stop: int) -> Units[DecoderInput | None]:
            sound = yield from super()._heard(stop)
            if sound is None:
                return None
            count = round(stop / SAMPLE_RATE_HZ * WORDS_PER_S)
            self._said = WORDS[: max(1, count)]
            heard = misheard(words, plain(" ".join(self._said)), count, wrong_share)
            draft = words.encode(heard)
            return replace(sound, heard=heard, draft=draft, drafted=heard)

        def _asked(
            self, sound: DecoderInput, mark: int, question: Prompt
        ) -> Units[Decoded]:
            _, suffix = model.render_prompt(question.asked, sound.audio_tokens)
            prompt = mark + sound.embeddings.shape[0] + len(suffix)
            told.choose(words.encode(written(self._said, question.style)), prompt)
            return (yield from super()._asked(sound, mark, question))

    return Scripted


def written(said: Sequence[str], style: Style) -> str:
    """The words in a style; a sentence under way gets its stop."""
    text = " ".join(said)
    if style is Style.RAW:
        return plain(text)
    text = text.rstrip(",")
    return text if MARKS.fullmatch(text[-1]) else f"{text}."
