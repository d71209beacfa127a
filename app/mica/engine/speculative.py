"""Greedy decoding with a draft: what the decoder agrees with costs one pass together.

Each pass reads on in the draft and accepts the longest beginning that equals the
decoder's own choice; the choice behind it is the correction. The draft is then picked
up behind the correction, and changed where the pass preferred something else. Tokens
equal those of offline.decode_greedily but at numeric near-ties, which are counted. It
makes no draft.

For example, with one token a character, the draft reads "Send it to John now." and the
decoder would write "Send it to Jon now.":

    pass  proposed              agrees with    corrects to  text so far
    1     Send it to John now.  Send it to Jo  n            Send it to Jon
    2     " now."               " now."        the end      Send it to Jon now.

Two passes in place of twenty: of 25 proposed tokens 18 were accepted. The second
proposal is the rest of the draft behind the word that the correction replaced, which
align.resume_index finds.
"""

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
from mica.model.cache import KvCache
from mica.model.granite import Granite
from mica.model.speech_model import TokenCodec

# A pass over the whole rest of a bad draft costs more than it saves: behind a mismatch
# so many times the tokens the last pass agreed with are proposed, at least a few.
LOOKAHEAD: Final = 4
LEAST_LOOKAHEAD: Final = 12

# A choice is a near-tie when the second best logit is within this part of the best:
# a pass over many tokens and one over a single token round differently.
_NEAR_HALF: Final = 2.0**-6  # two to four steps of bfloat16
_NEAR: Final = 2.0**-14


class DraftVerifier(Protocol):
    def read(self, tokens: list[int], proposed: list[int]) -> list[tuple[int, bool]]:
        """One pass: the decoder's choice behind `tokens` and each proposed token.

        tokens     all verified ones; since the last call at least one more
        returns    len(proposed) + 1 choices, each with whether it is a near-tie
        """


def decode_speculatively(
    model: Granite,
    cache: KvCache,
    pending: mx.array,
    suffix: list[int],
    draft: Sequence[int],
    ctc_token_count: int,
) -> Units[Decoded]:
    """The most probable tokens behind what the cache holds, `pending` and `suffix`.

    pending           (n, hidden) audio embeddings the cache does not hold, n >= 0
    suffix            ids of the instruction, one or more
    draft             ids the decoder will probably write, with or without an end mark
    ctc_token_count   how many the CTC heard, which bounds the text's length

    Yields after each pass; until the end the cache is not to be touched. It then holds
    the prompt and the tokens, the last one not always: who knows at which offset the
    final audio ended can rewind it to there.
    """
    passes = _Passes(model, cache, pending, suffix)
    room = model.config.decoder.context_tokens - passes.prompt_tokens
    limit = min(2 * ctc_token_count + SPARE_TOKENS, room)
    written = yield from verify_draft(passes, model.tokenizer, draft, limit)
    cache.rewind(min(cache.offset, passes.prompt_tokens + len(written.tokens)))
    return written


def verify_draft(
    reader: DraftVerifier, words: TokenCodec, draft: Sequence[int], limit: int
) -> Units[Decoded]:
    """The reader's own choices one after the other, at most `limit` with the end mark.

    Every pass adds one or more.
    """
    tokens: list[int] = []
    passes = given = accepted = near = 0
    proposed = list(takewhile(lambda token: token != words.eos, draft))
    remainder = _DraftRemainder(words, proposed)

    def written(ended: bool) -> Decoded:
        return Decoded(tokens, passes, ended, given, accepted, near)

    while len(tokens) < limit:
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
    """A draft whose rest is proposed, and changed where a pass preferred another."""

    def __init__(self, words: TokenCodec, draft: list[int]) -> None:
        self._words = words
        self._text = words.decode(draft)
        self._start = 0
        self._inside = True  # a word may be half settled
        self._due = self._text  # what is proposed: the text from `start` on, fitted

    def learn(self, proposed: list[int], choices: list[int], agreed: int) -> None:
        """A pass over the beginning of the rest made these choices."""
        decode = self._words.decode
        settled = min(agreed + 1, len(proposed))
        pieces = [decode([token]) for token in proposed[settled:]]
        wanted = [decode([token]) for token in choices[settled:]]
        if "\ufffd" in "".join(pieces + wanted):  # a part of a character
            return
        # Behind the rejected token, which sounded like the right one.
        self._inside = agreed == len(proposed) or wanted[0][:1].isalnum()
        read = decode(proposed[:settled]) + apply_choices(pieces, wanted)
        unread = self._due[len(decode(proposed)) :]
        # Where a space was left out behind a hyphen, the draft's words stay apart.
        gap = " " * (self._text[self._start :][:1] == " " != self._due[:1])
        self._text = self._text[: self._start] + gap + read + unread

    def proposals(self, tokens: list[int]) -> list[int]:
        """The tokens to propose behind verified ones."""
        settled = self._words.decode(tokens)
        self._start, _ = resume_index(self._text, settled, inside=self._inside)
        self._due = fit_continuation(settled, self._text[self._start :])
        return self._words.encode(self._due)


class _Passes:
    """The model as a reader: its prompt goes along with the first draft."""

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
        else:  # the last one is the correction, which no pass has read
            self._cache.rewind(self.prompt_tokens + len(tokens) - 1)
            positions = self._model.embed([tokens[-1], *proposed])
        last = len(proposed) + 1
        logits = self._model.decoder(positions, self._cache, last)  # (last, vocabulary)
        best = mx.argmax(logits, axis=-1)
        found = mx.stack([best, _ties(logits).astype(best.dtype)], axis=-1)
        rows: list[tuple[int, int]] = np.array(found).tolist()  # the pass's one wait
        return [(token, bool(tie)) for token, tie in rows]


def _ties(logits: mx.array) -> mx.array:
    """Whether more than one logit of each row is as good as the best: (n,)."""
    near = _NEAR if logits.dtype == mx.float32 else _NEAR_HALF
    best = logits.max(axis=-1, keepdims=True)
    good = logits >= best - near * mx.maximum(mx.abs(best), 1)
    return good.sum(axis=-1) > 1


def _agreed(proposed: Sequence[int], choices: Sequence[int]) -> int:
    """How many leading proposed tokens the decoder chose too."""
    pairs = enumerate(zip(proposed, choices, strict=False))
    differ = (number for number, (own, choice) in pairs if own != choice)
    return next(differ, len(proposed))
