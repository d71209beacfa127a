"""What an utterance took and what is to be said of it, beside its text.

Adds up segments' results; an engine that goes on where another one died goes on with
that one's account. Pure functions of values.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace

from mica.engine.answer import SegmentResult, cost
from mica.engine.segment import Span
from mica.events import Account, SegmentText, Timing, Transcript
from mica.text.format import clock
from mica.units import SAMPLE_RATE_HZ

REPLACED = "Samples that were not numbers were taken as silence."


def left_out(span: Span) -> str:
    """What is said of a segment that could not be read."""
    start = clock(span.first_speech / SAMPLE_RATE_HZ)
    return f"What you said at {start} could not be transcribed."


def account(
    before: Account,
    listed: Sequence[str],
    results: Iterable[SegmentResult],
    spent_s: float,
    notes: Iterable[str],
) -> Account:
    """The account so far.

    before   of the utterance's beginning, by an engine that died
    listed   the keywords, in whose order those that were used are named
    notes    besides those of the results
    """
    found = list(results)
    used = {word for one in found for word in one.keywords} | set(
        before.keywords_applied
    )
    said = [*before.notes, *(note for one in found for note in one.notes), *notes]
    return Account(
        tuple(word for word in listed if word in used),
        tuple(dict.fromkeys(said)),
        _together(before.timing, Timing(total_s=spent_s, **cost(found))),
    )


def transcript(
    name: str,
    texts: Sequence[SegmentText],
    audio_s: float,
    release_passes: int,
    account: Account,
    language: str | None = None,
) -> Transcript:
    """The result of a whole utterance; `name`: the model's."""
    return Transcript(
        text=" ".join(segment.text for segment in texts),
        model=name,
        duration_s=audio_s,
        segments=tuple(texts),
        language=language,
        keywords_applied=account.keywords_applied,
        notes=account.notes,
        timing=replace(account.timing, audio_s=audio_s, release_passes=release_passes),
    )


def _together(one: Timing, other: Timing) -> Timing:
    names = [field.name for field in fields(Timing)]
    return Timing(**{name: getattr(one, name) + getattr(other, name) for name in names})
