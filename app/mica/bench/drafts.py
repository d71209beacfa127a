"""How many passes drafts with errors take, by a decoder that always writes one text.

A minute of text; of its draft's tokens three in a hundred are wrong. The oracle stands
for a decoder that is sure of the text, so what is counted is the loop's own: how it
aligns a draft and goes on behind a mismatch. No network is run.
"""

from collections.abc import Sequence
from statistics import mean
from typing import Final

from mica.bench.oracle import (
    TEXT,
    Oracle,
    PieceTokenizer,
    spoken_form,
    with_token_errors,
)
from mica.engine.draft import add_punctuation, splice

WRONG: Final = 0.03
DRAWS: Final = range(20)
LAST_WORDS: Final = 10  # spoken since the interim text, some 4 s
ENOUGH_TOKENS: Final = 10_000


def passes_per_token(draws: Sequence[int] = DRAWS) -> dict[str, float]:
    """Means by kind of draft: "raw", "punctuated" from a plain draft, and "interim"
    text glued to a plain draft of the last seconds.

    The oracle is blind: behind a wrong token it gives no hint of what comes. A real
    decoder mostly does, and takes fewer passes.
    """
    words, spoken = PieceTokenizer(), spoken_form(TEXT)
    interim = " ".join(TEXT.split()[:-LAST_WORDS])
    found: dict[str, list[float]] = {"raw": [], "punctuated": [], "interim": []}
    for draw in draws:
        draft = with_token_errors(words, spoken, draw, WRONG)
        punctuated = add_punctuation(draft, ())
        found["raw"].append(_passes_per_token(words, spoken, draft))
        found["punctuated"].append(_passes_per_token(words, TEXT, punctuated))
        found["interim"].append(
            _passes_per_token(words, TEXT, splice(interim, punctuated))
        )
    return {kind: mean(each) for kind, each in found.items()}


def _passes_per_token(words: PieceTokenizer, target: str, draft: str) -> float:
    from mica.engine.guards import run_to_end
    from mica.engine.speculative import verify_draft

    tokens = words.encode(target)
    oracle = Oracle(words, tokens, blind=True)
    written = run_to_end(
        verify_draft(oracle, words, words.encode(draft), ENOUGH_TOKENS)
    )
    assert written.tokens == tokens, "a draft never changes the text"
    return written.passes / len(tokens)
