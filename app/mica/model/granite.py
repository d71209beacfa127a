"""A loaded Granite Speech model: encoding, CTC drafts, prompts and decoder passes.

Combines the parts and adds the BPE CTC head with its pooling, the prompt, and the
SpeechModel interface. It contains no decoding loop and no search. All calls are on the
thread that loaded it.
"""

import time
from collections.abc import Set as AbstractSet
from itertools import groupby
from operator import itemgetter
from typing import Final

import mlx.core as mx
import numpy as np
from numpy.typing import NDArray

from mica.audio.features import log_mel
from mica.errors import ModelError
from mica.events import Language
from mica.model.config import GraniteConfig
from mica.model.decoder import Decoder, KvCache
from mica.model.encoder import Encoded, Encoder
from mica.model.layers import Linear, Module
from mica.model.projector import Projector
from mica.model.regular_file import REMEDY
from mica.model.speech_model import Ability
from mica.model.tokenizer import Tokenizer
from mica.units import BLOCK_FRAMES, FRAME_SAMPLES

WINDOW_FRAMES: Final = 15  # of the projector
POOLED_FRAMES: Final = 4  # the BPE CTC sees one pooled frame every 80 ms
_HEAD_ROWS: Final = 64  # pooled frames at a time: their logits are 100 353 wide
# The rendered chat template of both granite-speech-4.1-2b and granite-4.0-1b-speech.
_BEFORE_AUDIO: Final = "USER: "
_AFTER_INSTRUCTION: Final = "\n ASSISTANT:"

_LANGUAGES: Final = {
    Language.ENGLISH,
    Language.FRENCH,
    Language.GERMAN,
    Language.SPANISH,
    Language.PORTUGUESE,
    Language.JAPANESE,
}

Likely = tuple[int, float]  # a label or token of the BPE head, and its probability


class Granite(Module):
    """Encoder, projector, decoder, tokenizer; the BPE head if the folder has one."""

    def __init__(
        self, config: GraniteConfig, tokenizer: Tokenizer, labels: int | None = None
    ) -> None:
        """`labels`: number of outputs of the BPE head; None without one."""
        super().__init__()
        self.config = config
        self.tokenizer = tokenizer
        self.encoder = Encoder(config.encoder)
        self.projector = Projector(config.projector, config.decoder.hidden_size)
        self.decoder = Decoder(config.decoder)
        self.bpe_head = Linear(config.encoder.hidden_size, labels) if labels else None

    @property
    def languages(self) -> AbstractSet[Language]:
        """Those on the model cards; smaller models were trained on English only."""
        return _LANGUAGES if self.config.translates else {Language.ENGLISH}

    @property
    def abilities(self) -> AbstractSet[Ability]:
        able = {Ability.PUNCTUATION, Ability.KEYWORDS}
        return able | {Ability.TRANSLATION} if self.config.translates else able

    def ctc_labels(self, samples: NDArray[np.float32]) -> list[int]:
        """The best character label of each frame, blanks included; one encoding."""
        frames = log_mel(samples)
        if len(frames) == 0:
            return []
        logits = self.char_logits(self.encode(frames).hidden)
        labels: list[int] = np.array(mx.argmax(logits, axis=-1)).tolist()
        return labels

    def warm_up(self) -> float:
        """Run a whole inference; returns the seconds it takes for 4 s of audio.

        Raises ModelError if its results aren't numbers: such a model writes nothing.
        """
        block_s = 0.0
        for _ in range(2):  # the first one compiles
            start = time.perf_counter()
            self._infer(BLOCK_FRAMES)
            block_s = time.perf_counter() - start
        return block_s

    def prefetch_weights(self) -> None:
        """Read every weight once, with little arithmetic."""
        self._infer(WINDOW_FRAMES)

    def _infer(self, frames: int) -> None:
        """Run all that a segment of this many frames needs, with one decoder pass."""
        encoded = self.encode(log_mel(np.zeros(frames * FRAME_SAMPLES, np.float32)))
        characters = self.char_logits(encoded.hidden)
        labels = self.bpe_labels(encoded.hidden, encoded.mid_posteriors) or []
        likely = mx.array([likely for _, likely in labels])
        tokens = self.decoder(self.project(encoded.hidden)[:1], self.new_cache())
        if not all(
            mx.isfinite(one).all().item() for one in (characters, likely, tokens)
        ):
            raise ModelError("The model’s results aren’t finite numbers.", REMEDY)

    def encode(self, features: NDArray[np.float32]) -> Encoded:
        """Encode feature frames (T, 160), any T >= 1."""
        return self.encoder(self._frames(features))

    def encode_step(
        self,
        features: NDArray[np.float32],
        left_context: mx.array | None,
        context_end: int,
    ) -> tuple[Encoded, mx.array]:
        """Encode a piece that begins at a block boundary; see Encoder.step."""
        return self.encoder.step(self._frames(features), left_context, context_end)

    def char_logits(self, hidden: mx.array) -> mx.array:
        """The final character CTC: (T, hidden) -> (T, characters), 0 = blank."""
        return self.encoder.characters(hidden)

    def bpe_draft(self, hidden: mx.array, mid_posteriors: mx.array) -> list[int] | None:
        """The token ids from the BPE CTC for (T, hidden); None without that head."""
        labels = self.bpe_labels(hidden, mid_posteriors)
        return None if labels is None else [token for token, _ in bpe_tokens(labels)]

    def bpe_labels(
        self, hidden: mx.array, mid_posteriors: mx.array
    ) -> list[Likely] | None:
        """The best label of each pooled frame (ceil(T / 4),); None without that head.

        Labels of pieces made of whole groups of 4 frames can be concatenated.
        """
        if self.bpe_head is None:
            return None
        pooled = pool(hidden, mid_posteriors)  # (ceil(T / 4), hidden)
        labels: list[Likely] = []
        for start in range(0, pooled.shape[0], _HEAD_ROWS):
            logits = self.bpe_head(pooled[start : start + _HEAD_ROWS])
            best = mx.argmax(logits, axis=-1)
            likely = mx.softmax(logits.astype(mx.float32), axis=-1).max(axis=-1)
            mx.eval(best, likely)
            labels += zip(
                np.array(best).tolist(), np.array(likely).tolist(), strict=True
            )
        return labels

    def project(self, hidden: mx.array) -> mx.array:
        """Audio embeddings (3 * ceil(T / 15), decoder hidden) of (T, hidden)."""
        return self.projector(hidden)

    def embed(self, ids: list[int]) -> mx.array:
        """Embeddings (n, decoder hidden) of token ids."""
        return self.decoder.embed(mx.array(ids, mx.uint32))

    def new_cache(self) -> KvCache:
        return KvCache(self.config.decoder.layers)

    def render_prompt(
        self, instruction: str, n_audio: int
    ) -> tuple[list[int], list[int]]:
        """Token ids before and after `n_audio` audio embeddings.

        Raises ModelError if the prompt does not fit in the model's context.
        """
        prefix = self.tokenizer.encode(_BEFORE_AUDIO)
        suffix = self.tokenizer.encode(instruction + _AFTER_INSTRUCTION)
        if len(prefix) + n_audio + len(suffix) >= self.config.decoder.context_tokens:
            raise ModelError(
                "The audio and the keywords are too long for the model.",
                "Use fewer keywords or a shorter recording.",
            )
        return prefix, suffix

    def _frames(self, features: NDArray[np.float32]) -> mx.array:
        dtype = self.encoder.blocks[0].norm.weight.dtype  # norms are never quantized
        return mx.array(features).astype(dtype)


def bpe_tokens(labels: list[Likely]) -> list[Likely]:
    """The token ids of the BPE CTC's labels, without blanks (0); of repeats, only the
    most probable."""
    runs = groupby(labels, key=itemgetter(0))
    best = ((label, max(likely for _, likely in run)) for label, run in runs)
    return [(label - 1, likely) for label, likely in best if label != 0]


def pool(hidden: mx.array, mid_posteriors: mx.array) -> mx.array:
    """Means of 4 frames each, weighted by the middle layer's non-blank probability.

    hidden          (T, hidden)
    mid_posteriors  (T, characters)
    returns         (ceil(T / 4), hidden); an incomplete last group is padded with zeros
    """
    missing = -hidden.shape[0] % POOLED_FRAMES
    hidden = mx.pad(hidden, [(0, missing), (0, 0)])
    weights = mx.pad(1 - mid_posteriors[:, 0].astype(mx.float32), (0, missing))
    weights = weights.reshape(-1, POOLED_FRAMES, 1)
    weights = weights / (weights.sum(axis=1, keepdims=True) + 1e-8)
    grouped = hidden.reshape(-1, POOLED_FRAMES, hidden.shape[-1])
    return (grouped * weights).sum(axis=1).astype(hidden.dtype)
