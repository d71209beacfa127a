"""Values that the parts of Mica exchange; no behavior.

Times named `_s` are seconds since the utterance's first sample. The ranges of numbers
are checked where values come from another process (engine/messages.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Annotated, Final

from msgspec import Meta

Seconds = Annotated[float, Meta(ge=-1e9, le=1e9)]  # finite, as rounding requires
WholeSeconds = Annotated[int, Meta(ge=0, le=10**9)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Probability = Annotated[float, Meta(ge=0, le=1)]


class Style(Enum):
    """How the text is written."""

    RAW = "raw"
    PUNCTUATED = "punctuated"


class Language(Enum):
    """Languages to translate into, as the models' cards name them."""

    ENGLISH = "English"
    FRENCH = "French"
    GERMAN = "German"
    SPANISH = "Spanish"
    PORTUGUESE = "Portuguese"
    JAPANESE = "Japanese"
    ITALIAN = "Italian"
    MANDARIN = "Mandarin"


LANGUAGE_CODES: Final = {
    Language.ENGLISH: "en",
    Language.FRENCH: "fr",
    Language.GERMAN: "de",
    Language.SPANISH: "es",
    Language.PORTUGUESE: "pt",
    Language.JAPANESE: "ja",
    Language.ITALIAN: "it",
    Language.MANDARIN: "zh",
}


def language_named(name: str) -> Language | None:
    """The language of an English name or ISO code, in any case; None if unknown."""
    key = name.strip().casefold()
    for known, code in LANGUAGE_CODES.items():
        if key in (known.value.casefold(), code):
            return known
    return None


class Priority(IntEnum):
    """Which of several open utterances the engine works on first; lower is sooner.

    DICTATION   somebody is waiting for the text
    LIVE        somebody is speaking and reading along: captions, a meeting's channel
    FILE        nobody is speaking: a sound file, or a recording transcribed again
    """

    DICTATION = 0
    LIVE = 1
    FILE = 2


@dataclass(frozen=True, slots=True)
class TranscribeOptions:
    """How to transcribe one utterance; passed unchanged from the caller to the decoder.

    keywords         names and terms that may occur, in the user's order
    keyword_budget   tokens that the keywords of one prompt may take together
    language         the spoken one, for models that take it; None: unknown
    target_language  the one to translate into; None: no translation
    live             whether hypotheses are wanted; if not, none are computed
    priority         relative to other open utterances
    """

    style: Style = Style.PUNCTUATED
    keywords: tuple[str, ...] = ()
    keyword_budget: Count = 30
    language: Language | None = None
    target_language: Language | None = None
    live: bool = True
    priority: Priority = Priority.DICTATION


@dataclass(frozen=True, slots=True)
class Word:
    """One word; its times and confidence are None if they were not measured."""

    text: str
    start_s: Seconds | None = None
    end_s: Seconds | None = None
    confidence: Probability | None = None


class Certainty(Enum):
    """How far a segment's text can be trusted.

    SURE             the model's two readings agree
    CHECK            they differ; the text is spelled by sound and may have misspellings
    NOT_UNDERSTOOD   they differ, and both are guesses
    """

    SURE = "sure"
    CHECK = "check"
    NOT_UNDERSTOOD = "not understood"


def least_certain(found: Iterable[Certainty]) -> Certainty:
    """The lowest of some certainties; SURE if there are none."""
    order = list(Certainty)
    return max(found, key=order.index, default=Certainty.SURE)


@dataclass(frozen=True, slots=True)
class SegmentText:
    """The text of one segment of an utterance."""

    start_s: Seconds
    end_s: Seconds
    text: str
    speaker: str | None = None
    words: tuple[Word, ...] = ()
    certainty: Certainty = Certainty.SURE


@dataclass(frozen=True, slots=True)
class Commit:
    """A segment whose text is final.

    until_s   all speech up to here is in this segment or an earlier one
    """

    segment: SegmentText
    until_s: Seconds


@dataclass(frozen=True, slots=True)
class Tentative:
    """The best text of what is not committed yet; it may still change."""

    text: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Cost of the work; times in seconds.

    llm_passes       all decoder passes, including those before the release
    release_passes   those begun after the release
    draft_tokens     proposed to the decoder, counted each time
    accepted_tokens  those of them the decoder agreed with
    near_ties        tokens whose runner-up was nearly as probable
    """

    audio_s: Seconds = 0.0
    encode_s: Seconds = 0.0
    llm_s: Seconds = 0.0
    total_s: Seconds = 0.0
    llm_passes: Count = 0
    release_passes: Count = 0
    draft_tokens: Count = 0
    accepted_tokens: Count = 0
    near_ties: Count = 0


@dataclass(frozen=True, slots=True)
class UtteranceStats:
    """Cost, keywords and notes of an utterance so far, besides its text."""

    keywords_applied: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    timing: Timing = Timing()


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """What a failed engine had committed, from which the next one continues.

    segments   their final texts
    until_s    of the last of them
    start_s    where the samples for the next engine begin; whole seconds
    stats      as of the last of them
    """

    segments: tuple[SegmentText, ...] = ()
    until_s: Seconds = 0.0
    start_s: WholeSeconds = 0
    stats: UtteranceStats = UtteranceStats()


@dataclass(frozen=True, slots=True)
class Transcript:
    """The whole text of an utterance; its fields are those of the JSON format.

    language   ISO code of the text's language; None: unknown
    """

    text: str
    model: str
    duration_s: Seconds
    segments: tuple[SegmentText, ...] = ()
    language: str | None = None
    keywords_applied: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    timing: Timing = field(default_factory=Timing)


@dataclass(frozen=True, slots=True)
class Chunk:
    """The samples one capture call gives.

    first     index of its first sample since the utterance began
    pcm       float32 mono samples, little endian bytes
    """

    first: int
    pcm: bytes
