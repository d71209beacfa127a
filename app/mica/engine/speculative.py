"""Speculative greedy decoding: verifies a draft, many tokens in one decoder pass.

Each pass proposes more of the draft and accepts the longest prefix that equals the
decoder's own choices; the choice after it is the correction. The draft is then resumed
after the correction, and edited where the pass preferred something else. Tokens equal
those of offline.decode_greedily except at numeric near-ties, which are counted. This
module makes no draft.

For example, with one token per character, the draft is "Send it to John now." and the
decoder would write "Send it to Jon now.":

    pass  proposed              agrees with    corrects to  text so far
    1     Send it to John now.  Send it to Jo  n            Send it to Jon
    2     " now."               " now."        the end      Send it to Jon now.

Two passes instead of twenty; of 25 proposed tokens 18 were accepted. The second
proposal is the rest of the draft after the word that the correction replaced, as found
by align.resume_index.
"""

import sys
from collections.abc import Sequence
from itertools import takewhile
from typing import Final, Protocol

import mlx.core as mx
import numpy as np

from mica.engine.align import apply_choices, fit_continuation, resume_index
from mica.engine.guards import (
    SPARE_TOKENS,
    Decoded,
    Units,
    is_looping,
    loop_continuation,
)
from mica.model.decoder import KvCache
from mica.model.granite import Granite
from mica.model.speech_model import TokenCodec

# A pass over the whole rest of a bad draft costs more than it saves: after a mismatch,
# LOOKAHEAD times the tokens that the last pass accepted are proposed, at least a few.
LOOKAHEAD: Final = 4
LEAST_LOOKAHEAD: Final = 12

# A choice is a near-tie if the second-best logit is within this fraction of the best:
# passes over many tokens and over a single one round differently.
_NEAR_HALF: Final = 2.0**-6  # two to four steps of bfloat16
_NEAR: Final = 2.0**-14


class DraftVerifier(Protocol):
    def read(self, tokens: list[int], proposed: list[int]) -> list[tuple[int, bool]]:
        """One pass: the decoder's choices after `tokens` and after each proposed token.

        tokens     all verified ones; at least one more than in the last call
        returns    len(proposed) + 1 choices, each with whether it is a near-tie
        """


def decode_speculatively(
    model: Granite,
    cache: KvCache,
    pending: mx.array,
    suffix: list[int],
    draft: Sequence[int],
    ctc_token_count: int,
    pass_limit: int = sys.maxsize,
) -> Units[Decoded]:
    """The greedy tokens that follow the cache's contents, `pending` and `suffix`.

    pending           (n, hidden) audio embeddings not yet in the cache, n >= 0
    suffix            ids of the instruction, one or more
    draft             ids the decoder will probably write, with or without an end mark
    ctc_token_count   tokens in the CTC's text, which bounds the text's length

    Yields after each pass; do not touch the cache until the end. It then holds the
    prompt and the tokens, sometimes without the last one. A caller that knows the
    offset at which the final audio ends can rewind it to there.
    """
    passes = _Passes(model, cache, pending, suffix)
    room = model.config.decoder.context_tokens - passes.prompt_tokens
    limit = min(2 * ctc_token_count + SPARE_TOKENS, room)
    written = yield from verify_draft(passes, model.tokenizer, draft, limit, pass_limit)
    cache.rewind(min(cache.offset, passes.prompt_tokens + len(written.tokens)))
    return written


def verify_draft(
    reader: DraftVerifier,
    words: TokenCodec,
    draft: Sequence[int],
    limit: int,
    pass_limit: int = sys.maxsize,
) -> Units[Decoded]:
    """The reader's own choices in order, at most `limit` including the end mark.

    Every pass adds at least one.
    """
    tokens: list[int] = []
    passes = given = accepted = near = 0
    proposed = list(takewhile(lambda token: token != words.eos, draft))
    remainder = _DraftRemainder(words, proposed)

    def written(ended: bool) -> Decoded:
        return Decoded(tokens, passes, ended, given, accepted, near)

    while len(tokens) < limit and passes < pass_limit:
        proposed = proposed[: limit - len(tokens) - 1]
        choices = reader.read(tokens, proposed)
        passes, given = passes + 1, given + len(proposed)
        yield
        agreed = _agreed(proposed, [token for token, _ in choices])
        for number, (token, tie) in enumerate(choices[: agreed + 1]):
            near += tie
            if token == words.eos:
                return written(ended=True)
            accepted += number < agreed
            tokens.append(token)
            if is_looping(tokens):
                return written(ended=False)
        remainder.learn(proposed, [token for token, _ in choices], agreed)
        rest = remainder.proposals(tokens)[: max(LEAST_LOOKAHEAD, LOOKAHEAD * agreed)]
        proposed = loop_continuation(tokens) or rest
    return written(ended=False)


class _DraftRemainder:
    """The rest of a draft: proposed piece by piece, edited as passes disagree."""

    def __init__(self, words: TokenCodec, draft: list[int]) -> None:
        self._words = words
        self._text = words.decode(draft)
        self._start = 0
        self._inside = True  # the last settled word may be incomplete
        self._due = self._text  # what is proposed: the text from _start on, fitted

    def learn(self, proposed: list[int], choices: list[int], agreed: int) -> None:
        """Edit the rest by the choices of a pass over its beginning."""
        decode = self._words.decode
        settled = min(agreed + 1, len(proposed))
        pieces = [decode([token]) for token in proposed[settled:]]
        wanted = [decode([token]) for token in choices[settled:]]
        if "\ufffd" in "".join(pieces + wanted):  # a token is part of a character
            return
        # Resume after the rejected token, which sounded like the right one.
        self._inside = agreed == len(proposed) or wanted[0][:1].isalnum()
        read = decode(proposed[:settled]) + apply_choices(pieces, wanted)
        unread = self._due[len(decode(proposed)) :]
        # If a space was dropped after a hyphen, keep the draft's words apart.
        gap = " " * (self._text[self._start :][:1] == " " != self._due[:1])
        self._text = self._text[: self._start] + gap + read + unread

    def proposals(self, tokens: list[int]) -> list[int]:
        """The tokens to propose after the verified ones."""
        settled = self._words.decode(tokens)
        self._start, _ = resume_index(self._text, settled, inside=self._inside)
        self._due = fit_continuation(settled, self._text[self._start :])
        return self._words.encode(self._due)


class _Passes:
    """The model as a DraftVerifier: the first pass includes the prompt."""

    def __init__(
        self, model: Granite, cache: KvCache, pending: mx.array, suffix: list[int]
    ) -> None:
        self.prompt_tokens = cache.offset + pending.shape[0] + len(suffix)
        self._model = model
        self._cache = cache
        self._prompt = mx.concatenate([pending, model.embed(suffix)])  # (n, hidden)

    def read(self, tokens: list[int], proposed: list[int]) -> list[tuple[int, bool]]:
        if not tokens:
            positions = self._prompt
            if proposed:
                positions = mx.concatenate([positions, self._model.embed(proposed)])
        else:  # the last token is the correction, which no pass has read yet
            self._cache.rewind(self.prompt_tokens + len(tokens) - 1)
            positions = self._model.embed([tokens[-1], *proposed])
        last = len(proposed) + 1
        logits = self._model.decoder(positions, self._cache, last)  # (last, vocabulary)
        best = mx.argmax(logits, axis=-1)
        found = mx.stack([best, _ties(logits).astype(best.dtype)], axis=-1)
        rows: list[tuple[int, int]] = np.array(found).tolist()  # the pass's only sync
        return [(token, bool(tie)) for token, tie in rows]


def _ties(logits: mx.array) -> mx.array:
    """Whether each row has more than one logit about as high as the best: (n,)."""
    near = _NEAR if logits.dtype == mx.float32 else _NEAR_HALF
    best = logits.max(axis=-1, keepdims=True)
    good = logits >= best - near * mx.maximum(mx.abs(best), 1)
    return good.sum(axis=-1) > 1


def _agreed(proposed: Sequence[int], choices: Sequence[int]) -> int:
    """How many leading proposed tokens equal the decoder's choices."""
    pairs = enumerate(zip(proposed, choices, strict=False))
    differ = (number for number, (own, choice) in pairs if own != choice)
    return next(differ, len(proposed))
