"""Prompts the decoder for a segment, checks its output and retries if needed.

Chooses the keywords, decodes, and checks: looping output is decoded again with another
prompt, a keyword that was not spoken is removed by a retry without keywords, and the
CTC's text is the last resort. A translation is not compared with the CTC's text, which
is in the spoken language. Runs no network: the caller supplies the decoding function
(greedy or speculative).
"""

import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from mica.engine.notes import KEYWORD_REMOVED, REPEATED, UNTRANSLATED
from mica.engine.prompt import Forms, fitting, instruction, unsupported
from mica.events import Certainty, Style, TranscribeOptions, Word
from mica.model.granite import Granite

LOOP_TOKENS: Final = 24  # tokens of one repeated phrase that make a loop
LOOP_REPEATS: Final = 4
LOOP_LONGEST: Final = 12  # tokens of the phrase
LOOP_SEEN: Final = 4  # fewer repeated tokens are as likely intended
SPARE_TOKENS: Final = 16  # allowed above twice the CTC draft
STRETCH: Final = 2  # a translation may be this many times as long
#: All decodings of a segment together; people speak about 5 tokens a second.
PASSES_PER_S: Final = 8
TRUNCATED_RATIO: Final = 0.7  # of the CTC's letters; below it, words are missing

T = TypeVar("T")
Units = Generator[None, None, T]  # yields after each unit of work


@dataclass(frozen=True, slots=True)
class Decoded:
    """The decoder's output, without its end mark, and its cost.

    ended            False for a loop or the length bound
    draft_tokens     proposed to the decoder, counted each time
    accepted_tokens  those that the decoder agreed with
    near_ties        tokens whose runner-up was almost as probable
    """

    tokens: list[int]
    passes: int
    ended: bool
    draft_tokens: int = 0
    accepted_tokens: int = 0
    near_ties: int = 0


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """A segment's text and what it cost.

    tokens           ids the decoder wrote, without the end mark; empty after a veto
    ctc_text         the CTC's text; empty for a translation
    words            the text's words, timed in seconds from the segment's start; none
                     for a translation
    keywords         those in the instruction
    llm_passes       all decoder passes, including interim text and retries
    release_passes   those begun after the segment had ended
    certainty        how far the text can be trusted
    truncated        whether the decoder left out words that the CTC heard
    failure          why speech gave no text; empty if nothing went wrong
    """

    text: str
    tokens: tuple[int, ...] = ()
    ctc_text: str = ""
    words: tuple[Word, ...] = ()
    keywords: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    encode_s: float = 0.0
    llm_s: float = 0.0
    llm_passes: int = 0
    release_passes: int = 0
    draft_tokens: int = 0
    accepted_tokens: int = 0
    near_ties: int = 0
    certainty: Certainty = Certainty.SURE
    truncated: bool = False
    failure: str = ""


_COSTS: Final = (
    "encode_s",
    "llm_s",
    "llm_passes",
    "release_passes",
    "draft_tokens",
    "accepted_tokens",
    "near_ties",
)


def cost(results: Iterable[SegmentResult]) -> dict[str, Any]:
    """The summed cost of several segments, by field name."""
    found = list(results)
    return {name: sum(getattr(one, name) for one in found) for name in _COSTS}


@dataclass(frozen=True, slots=True)
class Prompt:
    """An instruction, and the style and keywords that its draft is to have.

    previous_text   the output of an earlier prompt, if this one's will resemble it
    spoken          whether the output is in the spoken language, like the CTC's text
    pass_limit      passes after which decoding ends, as after a loop
    """

    instruction: str
    style: Style
    keywords: tuple[str, ...]
    pass_limit: int
    previous_text: str = ""
    spoken: bool = True

    @property
    def stretch(self) -> int:
        """How many times as long as the CTC's text the output may be."""
        return 1 if self.spoken else STRETCH


DecodePrompt = Callable[[Prompt], Units[Decoded]]


def guarded_decode(
    model: Granite,
    ctc_text: str,
    options: TranscribeOptions,
    decode: DecodePrompt,
    seconds: float,
) -> Units[SegmentResult]:
    """The text of a segment in which the CTC heard something.

    ctc_text   the CTC's text, not empty
    seconds    the segment's length, which bounds the number of passes
    """
    tokenizer, to = model.tokenizer, options.target_language
    style, spoken = options.style, to is None
    passes = round(seconds * PASSES_PER_S) * (1 if spoken else STRETCH) + SPARE_TOKENS
    forms = Forms.of(has_bpe_head=model.bpe_head is not None)

    def prompt_for(style: Style, words: tuple[str, ...]) -> Prompt:
        text = instruction(style, words, forms, to)
        return Prompt(text, forms.style(style), words, passes, spoken=spoken)

    keywords, budget = options.keywords, options.keyword_budget
    used = tuple(
        fitting(keywords, ctc_text, budget, lambda t: len(tokenizer.encode(t)))
    )
    first = yield from decode(prompt_for(style, used))
    text = tokenizer.decode(first.tokens).strip()
    reference = ctc_text if spoken else ""
    if first.ended and not (spoken and unsupported(text, used, ctc_text)):
        return _result(text, first, reference, used)
    if first.ended:
        retry, note = (
            replace(prompt_for(style, ()), previous_text=text),
            KEYWORD_REMOVED,
        )
    else:
        other = Style.RAW if style is Style.PUNCTUATED else Style.PUNCTUATED
        retry, note = prompt_for(other, ()), REPEATED
    remaining = max(0, passes - first.passes)
    second = yield from decode(replace(retry, pass_limit=remaining))
    cost = _better_of(first, second)
    if second.ended:
        text = tokenizer.decode(second.tokens).strip()
        return _result(text, cost, reference, used, (note,))
    notes = () if spoken else (UNTRANSLATED,)
    rough = _result(ctc_text, replace(cost, tokens=[]), reference, used, notes)
    return replace(rough, certainty=Certainty.CHECK)


def _better_of(first: Decoded, second: Decoded) -> Decoded:
    """The second result, with the cost of both."""
    return replace(
        second,
        passes=first.passes + second.passes,
        draft_tokens=first.draft_tokens + second.draft_tokens,
        accepted_tokens=first.accepted_tokens + second.accepted_tokens,
    )


def _result(
    text: str,
    written: Decoded,
    ctc_text: str,
    used: tuple[str, ...],
    notes: tuple[str, ...] = (),
) -> SegmentResult:
    return SegmentResult(
        text=text,
        tokens=tuple(written.tokens),
        ctc_text=ctc_text,
        keywords=used,
        notes=notes,
        llm_passes=written.passes,
        draft_tokens=written.draft_tokens,
        accepted_tokens=written.accepted_tokens,
        near_ties=written.near_ties,
        truncated=is_truncated(text, ctc_text),
    )


class Stopwatch:
    """Time spent inside units, not between them."""

    def __init__(self) -> None:
        self.spent_s = 0.0

    def measure(self, units: Units[T]) -> Units[T]:
        """Run the units and add up the time spent inside them."""
        while True:
            start = time.perf_counter()
            try:
                next(units)
            except StopIteration as end:
                value: T = end.value
                return value
            finally:
                self.spent_s += time.perf_counter() - start
            yield


def run_to_end(units: Units[T], on_unit: Callable[[], None] = lambda: None) -> T:
    """Run all units without pause; an exception from `on_unit` ends the work."""
    while True:
        try:
            next(units)
        except StopIteration as end:
            value: T = end.value
            return value
        on_unit()


def is_truncated(text: str, ctc_text: str) -> bool:
    """Whether the text leaves out words that the CTC heard."""
    letters, sounds = (sum(map(str.isalnum, t)) for t in (text, ctc_text))
    return letters < TRUNCATED_RATIO * sounds


def loop_continuation(tokens: Sequence[int]) -> list[int]:
    """The continuation if the tokens end in the same phrase twice, long enough for
    is_looping to confirm a loop; empty otherwise."""
    for period in range(LOOP_LONGEST, 0, -1):
        length = max(LOOP_SEEN, 2 * period)
        last = list(tokens[-length:])
        if len(last) == length and last[period:] == last[:-period]:
            return (last[-period:] * LOOP_TOKENS)[
                : max(LOOP_TOKENS, LOOP_REPEATS * period)
            ]
    return []


def is_looping(tokens: Sequence[int]) -> bool:
    """Whether the tokens end in a short phrase repeated over and over."""
    for period in range(1, LOOP_LONGEST + 1):
        length = max(LOOP_TOKENS, LOOP_REPEATS * period)
        last = tokens[-length:]
        if len(last) == length and list(last[period:]) == list(last[:-period]):
            return True
    return False
