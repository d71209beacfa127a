"""What is known of the utterance under way, and what reads its segments. No behaviour
but looking things up; transcriber.py is what changes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mica.audio.resample import Resampler
from mica.engine.account import account
from mica.engine.answer import SegmentResult
from mica.engine.commits import Commits
from mica.engine.live import Interim, Live
from mica.engine.segment import Segmenter
from mica.events import Account, Language, Style
from mica.model.granite import Granite

Floats = NDArray[np.float32]
OnUnit = Callable[[], None]


class Reader(Protocol):
    """Reads one segment; ahead.Ahead while it is spoken, decode.Plain at its end."""

    @property
    def interim(self) -> Interim | None: ...

    def push(self, samples: Floats) -> None: ...
    def work(self, pause: int | None) -> bool: ...
    def finish(self, samples: Floats, on_unit: OnUnit) -> SegmentResult: ...


MakeReader = Callable[[Granite, Style, Sequence[str], int, Language | None], Reader]


@dataclass(slots=True)
class Reading:
    """The open segment's reader, which has got samples `start` to `pushed`."""

    reader: Reader
    start: int
    pushed: int


@dataclass(slots=True)
class Utterance:
    """Samples are at 16 kHz.

    wants_live   whether tentative text is wanted
    before       the account of an engine that died
    to           the language it is translated into; None: as spoken
    kept         samples from index `kept_from` on
    results      of segments in order
    live_due     tentative text is to be told as soon as nothing waits
    live_later   it comes when it is known whether this is a pause
    notes        of the utterance as a whole
    spent_s      work done so far
    """

    style: Style
    keywords: tuple[str, ...]
    resampler: Resampler
    commits: Commits
    segmenter: Segmenter
    wants_live: bool
    before: Account
    to: Language | None = None
    kept_from: int = 0
    kept: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    results: list[SegmentResult] = field(default_factory=list)
    reading: Reading | None = None
    live: Live = field(default_factory=Live)
    live_due: bool = False
    live_later: bool = False
    notes: dict[str, None] = field(default_factory=dict)  # in order, each once
    spent_s: float = 0.0

    @property
    def heard_to(self) -> int:
        return self.kept_from + len(self.kept)

    @property
    def interim(self) -> Interim | None:
        """The decoder's text of the open segment so far, if it was asked."""
        return None if self.reading is None else self.reading.reader.interim

    def samples(self, start: int, stop: int) -> Floats:
        return self.kept[start - self.kept_from : stop - self.kept_from]

    def account(self) -> Account:
        results, spent_s = self.results, self.spent_s
        return account(self.before, self.keywords, results, spent_s, self.notes)
