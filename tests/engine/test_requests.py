"""What the worker answers, request by request, on a tiny random model."""

from collections import deque

import numpy as np
import pytest

from engine.sounds import RATE_HZ, Floats, cut, silence, voice
from mica.engine import messages as m
from mica.engine.worker import Worker
from mica.engine.worker_pipe import Cancelled, Item
from mica.events import (
    ResumePoint,
    SegmentText,
    Timing,
    TranscribeOptions,
    Transcript,
    UtteranceStats,
)
from tiny_model import write_tiny_model


class Requests:
    """A pipe that has its requests already; `cancelled_at`: after so many units."""

    def __init__(self) -> None:
        self.items: deque[Item] = deque()
        self.said: list[m.Reply] = []
        self.cancelled_at: int | None = None
        self.units = 0
        self.busy = False

    def next(self) -> Item:
        return self.items.popleft() if self.items else (m.Quit(), b"")

    @property
    def waiting(self) -> bool:
        return self.busy and bool(self.items)

    def unit(self) -> None:
        self.units += 1
        if self.units == self.cancelled_at:
            raise Cancelled

    def working_on(self, utterance: int | None) -> None:
        """Every unit is the first utterance's."""

    def say(self, reply: m.Reply) -> None:
        self.said.append(reply)


class Served:
    """A worker with its model; asked() gives what it answers."""

    def __init__(self, folder: str) -> None:
        self.pipe = Requests()
        self.worker = Worker(self.pipe)
        [ready] = self.asked((m.Load(folder), b""))
        assert isinstance(ready, m.Ready)

    def asked(
        self, *items: Item, cancelled_at: int | None = None, busy: bool = False
    ) -> list[m.Reply]:
        self.pipe.__init__()
        self.pipe.items.extend(items)
        self.pipe.cancelled_at, self.pipe.busy = cancelled_at, busy
        self.worker.run()
        return self.pipe.said


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(str(write_tiny_model(tmp_path_factory.mktemp("tiny"))))


@pytest.fixture(scope="module")
def short(served: Served) -> Transcript:
    """Of dictation()."""
    return final(served.asked(*dictation(1)))


def dictation(utterance: int) -> list[Item]:
    return spoken(utterance, np.concatenate([voice(1.0, seed=4), silence(0.3)]))


def spoken(
    utterance: int,
    samples: Floats,
    piece: int = 8000,
    earlier: ResumePoint | None = None,
) -> list[Item]:
    earlier = earlier or ResumePoint()
    begin = m.Begin(utterance, RATE_HZ, TranscribeOptions(keywords=("Jon",)), earlier)
    items: list[Item] = [(begin, b"")]
    at = earlier.start_s * RATE_HZ
    for part in cut(samples[at:], [piece]):
        items.append((m.Samples(utterance, at), part.tobytes()))
        at += len(part)
    return [*items, (m.End(utterance, at), b"")]


def final(said: list[m.Reply]) -> Transcript:
    assert isinstance(said[-1], m.Finished)
    return said[-1].transcript


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.02, 0.05, 0.15, 0.29])
def test_a_very_short_dictation_is_answered_and_so_is_the_next(
    served: Served, short: Transcript, seconds: float
) -> None:
    said = served.asked(*spoken(1, voice(seconds)), *dictation(2))
    finals = [reply for reply in said if isinstance(reply, m.Finished)]
    assert finals[0].transcript.duration_s == pytest.approx(seconds)
    assert [reply.utterance for reply in finals] == [1, 2]
    assert finals[1].transcript.text == short.text


@pytest.mark.parametrize("heard", [0, 1, 2])
def test_a_key_that_bounces_leaves_it_ready(
    served: Served, short: Transcript, heard: int
) -> None:
    within_50_ms = spoken(1, voice(0.04), piece=320)
    bounce = [*within_50_ms[: 1 + heard], (m.Cancel(1), b"")]
    said = served.asked(*bounce, *dictation(2))
    assert final(said).text == short.text
    assert {r.utterance for r in said if isinstance(r, m.Committed | m.Finished)} == {2}


@pytest.mark.parametrize("busy", [False, True])
def test_dictations_that_wait_are_answered_in_their_order(
    served: Served, short: Transcript, busy: bool
) -> None:
    long = np.concatenate([voice(12.2), silence(0.5), voice(1, seed=1), silence(0.3)])
    alone = final(served.asked(*spoken(1, long)))
    said = served.asked(*spoken(1, long), *dictation(2), *dictation(3), busy=busy)
    finals = [reply for reply in said if isinstance(reply, m.Finished)]
    assert [reply.utterance for reply in finals] == [1, 2, 3]
    texts = [reply.transcript.text for reply in finals]
    assert texts == [alone.text, short.text, short.text]


def test_cancelled_between_any_two_units_it_forgets_all_of_it(
    served: Served, short: Transcript
) -> None:
    parts = [voice(0.6), silence(0.3), voice(0.3, seed=1), silence(0.1)]
    samples = np.concatenate(parts)
    served.asked(*spoken(1, samples))
    units = served.pipe.units
    assert units > 10
    for unit in [*range(1, 8), *range(8, units, 10), units]:
        said = served.asked(*spoken(1, samples), *dictation(2), cancelled_at=unit)
        assert [r.utterance for r in said if isinstance(r, m.Finished | m.Failed)] == [
            2
        ]
        assert final(said).text == short.text


def test_a_commit_tells_what_the_utterance_took_so_far(served: Served) -> None:
    parts = [voice(12.2), silence(0.8), voice(1, seed=1), silence(0.3)]
    said = served.asked(*spoken(1, np.concatenate(parts)))
    commits = [reply for reply in said if isinstance(reply, m.Committed)]
    passes = [commit.stats.timing.llm_passes for commit in commits]
    assert 0 < passes[0] < passes[1] == final(said).timing.llm_passes


def test_who_goes_on_counts_on_from_what_another_engine_took(served: Served) -> None:
    samples = np.concatenate([voice(12.2), silence(0.8), voice(1, seed=1)])
    alone = final(served.asked(*spoken(1, samples)))
    before = UtteranceStats(
        ("Jon",), ("Said before.",), Timing(llm_passes=1000, llm_s=9.0)
    )
    told = (SegmentText(0.0, 12.4, "before"),)
    rest = spoken(1, samples, earlier=ResumePoint(told, 12.2, 8, before))
    transcript = final(served.asked(*rest))
    assert transcript.keywords_applied == ("Jon",)
    assert "Said before." in transcript.notes
    assert 1000 < transcript.timing.llm_passes < 1000 + alone.timing.llm_passes
    assert transcript.timing.llm_s > 9.0
    assert transcript.timing.audio_s == pytest.approx(alone.timing.audio_s)
