"""Commits segment texts once it is known whether their sentence continues.

If the pause after a segment is short, the sentence continues: the text loses its final
period and the next text its initial capital. A pure rule over spans and texts; it reads
no audio.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mica.engine.endpointing import Span
from mica.engine.word_times import later, with_spelling
from mica.events import Certainty, Commit, ResumePoint, SegmentText, Style, Word
from mica.text.capitals import lower_first, without_stop
from mica.units import SAMPLE_RATE_HZ

SENTENCE_PAUSE_S: Final = 0.6  # a pause at least this long ends a sentence
SENTENCE_PAUSE: Final = round(SENTENCE_PAUSE_S * SAMPLE_RATE_HZ)


@dataclass(frozen=True, slots=True)
class _Held:
    """A segment that is not committed yet."""

    span: Span
    text: str
    words: tuple[Word, ...]
    certainty: Certainty


class SentenceJoiner:
    """Takes segment texts in order and holds back at most one. Positions are in samples
    at 16 kHz.

    texts             those committed so far; joined with spaces they are the whole text
    last_speech_end   where the last text's speech ends, committed or not; None before
                      the first
    """

    def __init__(
        self, style: Style, keywords: Sequence[str], resume_from: ResumePoint | None
    ) -> None:
        self._style, self._keywords = style, keywords
        self.texts: list[SegmentText] = []
        self._held: _Held | None = None
        self.last_speech_end: int | None = None
        if resume_from is not None and resume_from.segments:
            self.texts = list(resume_from.segments)
            self.last_speech_end = round(resume_from.until_s * SAMPLE_RATE_HZ)

    @property
    def held(self) -> str:
        """The text held back; "" if none."""
        return "" if self._held is None else self._held.text

    def add(
        self,
        span: Span,
        text: str,
        words: tuple[Word, ...] = (),
        certainty: Certainty = Certainty.SURE,
    ) -> list[Commit]:
        """Add a segment's text; unless it has no words, this commits the one before.

        words   the text's words, in seconds from the segment's start, if known
        """
        text, continues = one_spaced(text), False
        if not text.strip(" ."):
            return []
        if self.last_speech_end is not None and self._style is Style.PUNCTUATED:
            continues = span.first_speech - self.last_speech_end < SENTENCE_PAUSE
            text = lower_first(text, self._keywords) if continues else text
        committed = self._commit(continues=continues)
        self._held = _Held(span, text, words, certainty)
        self.last_speech_end = span.last_speech
        return committed

    def silent_to(self, sample: int) -> list[Commit]:
        """Note silence up to `sample`: a long pause ends the sentence."""
        if (
            self.last_speech_end is None
            or sample - self.last_speech_end < SENTENCE_PAUSE
        ):
            return []
        return self.finish()

    def finish(self) -> list[Commit]:
        """Commit the text held back; nothing follows it."""
        return self._commit(continues=False)

    def _commit(self, *, continues: bool) -> list[Commit]:
        if self._held is None:
            return []
        held, span = self._held, self._held.span
        self._held = None
        text = without_stop(held.text) if continues else held.text
        second = SAMPLE_RATE_HZ
        start_s, end_s = span.start / second, span.stop / second
        words = with_spelling(later(held.words, start_s), text)
        segment = SegmentText(
            start_s, end_s, text, words=words, certainty=held.certainty
        )
        self.texts.append(segment)
        return [Commit(segment, span.last_speech / second)]


def one_spaced(text: str) -> str:
    """The text with single spaces between words and none around them."""
    return " ".join(text.split())
