"""Which segment texts are final: each waits until it is known how its sentence goes on.

Where the pause behind a segment is short, the sentence goes on: the text loses its stop
and the next one its capital. A pure rule over spans and texts; it reads no audio.
"""

from collections.abc import Sequence
from typing import Final

from mica.engine.endpointing import Span
from mica.engine.word_times import later, with_spelling
from mica.events import Commit, ResumePoint, SegmentText, Style, Word
from mica.text.capitals import lower_first
from mica.text.joining import SENTENCE_PAUSE_S, one_spaced, without_stop
from mica.units import SAMPLE_RATE_HZ

SENTENCE_PAUSE: Final = round(SENTENCE_PAUSE_S * SAMPLE_RATE_HZ)


class SentenceJoiner:
    """Texts in order, at most one of them held back. Places are in samples at 16 kHz.

    texts             those committed so far; put together with spaces they are the
                      whole text
    last_speech_end   where the last text's speech ends, committed or not; None before
                      the first
    """

    def __init__(
        self, style: Style, keywords: Sequence[str], resume_from: ResumePoint | None
    ) -> None:
        self._style, self._keywords = style, keywords
        self.texts: list[SegmentText] = []
        self._held: tuple[Span, str, tuple[Word, ...]] | None = None
        self.last_speech_end: int | None = None
        if resume_from is not None and resume_from.segments:
            self.texts = list(resume_from.segments)
            self.last_speech_end = round(resume_from.until_s * SAMPLE_RATE_HZ)

    @property
    def held(self) -> str:
        """The text that waits, "" without one."""
        return "" if self._held is None else self._held[1]

    def add(self, span: Span, text: str, words: tuple[Word, ...] = ()) -> list[Commit]:
        """A segment's text; unless it has no words the one before it is committed.

        words   the text's, in seconds from the segment's start, where they are known
        """
        text, continues = one_spaced(text), False
        if not text.strip(" ."):
            return []
        if self.last_speech_end is not None and self._style is Style.PUNCTUATED:
            continues = span.first_speech - self.last_speech_end < SENTENCE_PAUSE
            text = lower_first(text, self._keywords) if continues else text
        committed = self._commit(continues=continues)
        self._held, self.last_speech_end = (span, text, words), span.last_speech
        return committed

    def silent_to(self, sample: int) -> list[Commit]:
        """Nothing more was said up to here: a long pause ends the sentence."""
        if (
            self.last_speech_end is None
            or sample - self.last_speech_end < SENTENCE_PAUSE
        ):
            return []
        return self.finish()

    def finish(self) -> list[Commit]:
        """The text that waits; nothing comes behind it."""
        return self._commit(continues=False)

    def _commit(self, *, continues: bool) -> list[Commit]:
        if self._held is None:
            return []
        span, text, words = self._held
        self._held = None
        text = without_stop(text) if continues else text
        second = SAMPLE_RATE_HZ
        start_s, end_s = span.start / second, span.stop / second
        words = with_spelling(later(words, start_s), text)
        segment = SegmentText(start_s, end_s, text, words=words)
        self.texts.append(segment)
        return [Commit(segment, span.last_speech / second)]
