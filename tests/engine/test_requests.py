"""The worker's replies to each request, with a tiny random model."""

from collections import deque
from pathlib import Path

import numpy as np
import pytest

from mica.engine import messages as m
from mica.engine.worker import Worker
from mica.engine.worker_pipe import Item
from mica.events import (
    Priority,
    ResumePoint,
    SegmentText,
    Timing,
    TranscribeOptions,
    Transcript,
    UtteranceStats,
)
from support.sounds import RATE_HZ, Floats, cut, silence, voice
from support.tiny_model import write_tiny_model

pytestmark = pytest.mark.usefixtures("noise_is_speech")


class Requests:
    """A pipe that delivers requests when the worker is idle or, if `busy`, at once.

    cancelled_at   number of units after which utterance 1 is canceled
    """

    def __init__(self) -> None:
        self.items: deque[Item] = deque()
        self.replies: list[m.Reply] = []
        self.cancelled_at: int | None = None
        self.units = 0
        self.busy = False

    def next(self, *, wait: bool) -> Item | None:
        if self.cancelled_at is not None and self.units >= self.cancelled_at:
            self.cancelled_at = None
            return m.Cancel(1), b""
        if wait:
            return self.items.popleft() if self.items else (m.Quit(), b"")
        return self.items.popleft() if self.busy and self.items else None

    def unit(self) -> None:
        self.units += 1

    def send(self, reply: m.Reply) -> None:
        self.replies.append(reply)


class Served:
    """A worker with a loaded model; replies_to() returns its replies."""

    def __init__(self, folder: str) -> None:
        self.pipe = Requests()
        self.worker = Worker(self.pipe)
        [ready] = self.replies_to((m.Load(Path(folder)), b""))
        assert isinstance(ready, m.Ready)

    def replies_to(
        self, *items: Item, cancelled_at: int | None = None, busy: bool = False
    ) -> list[m.Reply]:
        self.pipe.__init__()
        self.pipe.items.extend(items)
        self.pipe.cancelled_at, self.pipe.busy = cancelled_at, busy
        self.worker.run()
        return self.pipe.replies


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(str(write_tiny_model(tmp_path_factory.mktemp("tiny"))))


@pytest.fixture(scope="module")
def short(served: Served) -> Transcript:
    """The transcript of dictation()."""
    return final(served.replies_to(*dictation(1)))


def dictation(utterance: int) -> list[Item]:
    return spoken(utterance, np.concatenate([voice(1.0, seed=4), silence(0.3)]))


def spoken(
    utterance: int,
    samples: Floats,
    piece: int = 8000,
    resume_from: ResumePoint | None = None,
) -> list[Item]:
    resume_from = resume_from or ResumePoint()
    begin = m.Begin(
        utterance, RATE_HZ, TranscribeOptions(keywords=("Jon",)), resume_from
    )
    items: list[Item] = [(begin, b"")]
    at = resume_from.start_s * RATE_HZ
    for part in cut(samples[at:], [piece]):
        items.append((m.Samples(utterance, at), part.tobytes()))
        at += len(part)
    return [*items, (m.End(utterance, at), b"")]


def final(replies: list[m.Reply]) -> Transcript:
    assert isinstance(replies[-1], m.Finished)
    return replies[-1].transcript


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.02, 0.05, 0.15, 0.29])
def test_a_very_short_dictation_is_answered_and_so_is_the_next(
    served: Served, short: Transcript, seconds: float
) -> None:
    replies = served.replies_to(*spoken(1, voice(seconds)), *dictation(2))
    finals = [reply for reply in replies if isinstance(reply, m.Finished)]
    assert finals[0].transcript.duration_s == pytest.approx(seconds)
    assert [reply.utterance for reply in finals] == [1, 2]
    assert finals[1].transcript.text == short.text


@pytest.mark.parametrize("pieces", [0, 1, 2])
def test_bouncing_key_leaves_the_worker_ready(
    served: Served, short: Transcript, pieces: int
) -> None:
    within_50_ms = spoken(1, voice(0.04), piece=320)
    bounce = [*within_50_ms[: 1 + pieces], (m.Cancel(1), b"")]
    replies = served.replies_to(*bounce, *dictation(2))
    assert final(replies).text == short.text
    assert {
        r.utterance for r in replies if isinstance(r, m.Committed | m.Finished)
    } == {2}


@pytest.mark.parametrize("busy", [False, True])
def test_dictations_that_wait_are_answered_in_their_order(
    served: Served, short: Transcript, busy: bool
) -> None:
    long = np.concatenate([voice(12.2), silence(0.5), voice(1, seed=1), silence(0.3)])
    alone = final(served.replies_to(*spoken(1, long)))
    replies = served.replies_to(
        *spoken(1, long), *dictation(2), *dictation(3), busy=busy
    )
    finals = [reply for reply in replies if isinstance(reply, m.Finished)]
    assert [reply.utterance for reply in finals] == [1, 2, 3]
    texts = [reply.transcript.text for reply in finals]
    assert texts == [alone.text, short.text, short.text]


def test_cancelled_utterance_is_forgotten_between_any_two_units(
    served: Served, short: Transcript
) -> None:
    parts = [voice(0.6), silence(0.3), voice(0.3, seed=1), silence(0.1)]
    samples = np.concatenate(parts)
    served.replies_to(*spoken(1, samples))
    units = served.pipe.units
    assert units > 10
    for unit in [*range(1, 8), *range(8, units, 10), units - 1]:
        replies = served.replies_to(
            *spoken(1, samples), *dictation(2), cancelled_at=unit
        )
        assert [
            r.utterance for r in replies if isinstance(r, m.Finished | m.Failed)
        ] == [2]
        assert final(replies).text == short.text


def test_commit_has_the_statistics_so_far(served: Served) -> None:
    parts = [voice(12.2), silence(0.8), voice(1, seed=1), silence(0.3)]
    replies = served.replies_to(*spoken(1, np.concatenate(parts)))
    commits = [reply for reply in replies if isinstance(reply, m.Committed)]
    passes = [commit.stats.timing.llm_passes for commit in commits]
    assert 0 < passes[0] < passes[1] == final(replies).timing.llm_passes


def test_stats_continue_from_those_of_the_engine_before(served: Served) -> None:
    samples = np.concatenate([voice(12.2), silence(0.8), voice(1, seed=1)])
    alone = final(served.replies_to(*spoken(1, samples)))
    before = UtteranceStats(
        ("Jon",), ("Said before.",), Timing(llm_passes=1000, llm_s=9.0)
    )
    segments = (SegmentText(0.0, 12.4, "before"),)
    rest = spoken(1, samples, resume_from=ResumePoint(segments, 12.2, 8, before))
    transcript = final(served.replies_to(*rest))
    assert transcript.keywords_applied == ("Jon",)
    assert "Said before." in transcript.notes
    assert 1000 < transcript.timing.llm_passes < 1000 + alone.timing.llm_passes
    assert transcript.timing.llm_s > 9.0
    assert transcript.timing.audio_s == pytest.approx(alone.timing.audio_s)


def opened(utterance: int, priority: Priority) -> Item:
    options = TranscribeOptions(priority=priority, live=False)
    return m.Begin(utterance, RATE_HZ, options), b""


def samples(utterance: int, first_s: float, audio: Floats) -> Item:
    return m.Samples(utterance, round(first_s * RATE_HZ)), audio.tobytes()


def ended(utterance: int, last_s: float) -> Item:
    return m.End(utterance, round(last_s * RATE_HZ)), b""


class Timed(Requests):
    """A pipe that delivers each request after a given number of units.

    worked   the utterance of each unit
    """

    def __init__(self) -> None:
        super().__init__()
        self.later: dict[int, list[Item]] = {}
        self.worked: list[int] = []

    def next(self, *, wait: bool) -> Item | None:
        due = [at for at in self.later if wait or at <= len(self.worked)]
        if due and not self.items:
            self.items.extend(self.later.pop(min(due)))
        if self.items:
            return self.items.popleft()
        return (m.Quit(), b"") if wait else None

    def unit(self) -> None:
        working = [one for one in self.replies if isinstance(one, m.Working)]
        self.worked.append(working[-1].utterance)


def served_in_time(served: Served, later: dict[int, list[Item]]) -> Timed:
    served.worker._pipe = pipe = Timed()
    pipe.later = later
    served.worker.run()
    served.worker._pipe = served.pipe
    return pipe


TALK = np.concatenate([voice(12.2, seed=7), silence(0.5), voice(1, seed=1)])


def finals(pipe: Requests) -> dict[int, str]:
    """Texts by utterance, in the order of their answers."""
    replies = [reply for reply in pipe.replies if isinstance(reply, m.Finished)]
    return {reply.utterance: reply.transcript.text for reply in replies}


def test_release_waits_for_at_most_one_unit_of_a_file(
    served: Served, short: Transcript
) -> None:
    file = [opened(1, Priority.FILE), samples(1, 0, TALK), ended(1, 13.7)]
    words = np.concatenate([voice(1.0, seed=4), silence(0.3)])
    press = [opened(2, Priority.DICTATION), samples(2, 0, words), ended(2, 1.3)]
    alone = served_in_time(served, {0: file})
    middle = len(alone.worked) // 2
    pipe = served_in_time(served, {0: file, middle: press})
    assert pipe.worked[:middle] == [1] * middle
    until = pipe.worked.index(2)
    assert until <= middle + 1
    length = pipe.worked.count(2)
    assert pipe.worked[until : until + length] == [2] * length
    texts = finals(pipe)
    assert list(texts) == [2, 1]
    assert texts[1] == finals(alone)[1]


def test_two_channels_and_a_dictation_give_the_texts_each_gives_alone(
    served: Served,
) -> None:
    sounds = {1: TALK, 2: np.roll(TALK, 3 * RATE_HZ), 3: voice(2.0, seed=9)}
    kinds = {1: Priority.LIVE, 2: Priority.LIVE, 3: Priority.DICTATION}
    pieces: dict[int, list[Item]] = {}
    for number, sound in sounds.items():
        parts = [opened(number, kinds[number])]
        for at in range(0, len(sound), RATE_HZ // 2):
            parts.append(samples(number, at / RATE_HZ, sound[at : at + RATE_HZ // 2]))
        pieces[number] = [*parts, ended(number, len(sound) / RATE_HZ)]
    alone = {n: finals(served_in_time(served, {0: p}))[n] for n, p in pieces.items()}
    rows = [[p[n] for p in pieces.values() if n < len(p)] for n in range(40)]
    pipe = served_in_time(served, {25 * n: row for n, row in enumerate(rows) if row})
    assert finals(pipe) == alone
    switches = sum(a != b for a, b in zip(pipe.worked, pipe.worked[1:], strict=False))
    assert switches > 20


def test_two_channels_with_a_backlog_take_turns_unit_by_unit(served: Served) -> None:
    one = [opened(1, Priority.LIVE), samples(1, 0, TALK)]
    other = [opened(2, Priority.LIVE), samples(2, 0, TALK)]
    pipe = served_in_time(served, {0: [*one, *other]})
    both = pipe.worked[: 2 * min(map(pipe.worked.count, (1, 2)))]
    assert len(both) > 20
    assert both == [1, 2] * (len(both) // 2)
    assert not finals(pipe)
    served_in_time(served, {0: [(m.Cancel(1), b""), (m.Cancel(2), b"")]})


def test_failed_utterance_affects_no_other(served: Served) -> None:
    lost = samples(1, 7200.0, TALK[:RATE_HZ])
    files = [opened(1, Priority.LIVE), opened(2, Priority.LIVE)]
    rest = [samples(2, 0, TALK), lost, ended(2, 13.7)]
    pipe = served_in_time(served, {0: [*files, *rest]})
    failed = [one.utterance for one in pipe.replies if isinstance(one, m.Failed)]
    assert failed == [1]
    assert list(finals(pipe)) == [2]


def test_samples_are_freed_as_they_are_processed(served: Served) -> None:
    pieces = [samples(1, n / 2, TALK[: RATE_HZ // 2]) for n in range(6)]
    pipe = served_in_time(served, {0: [opened(1, Priority.LIVE), *pieces, ended(1, 3)]})
    until = [one.until for one in pipe.replies if isinstance(one, m.Consumed)]
    assert until == [3 * RATE_HZ // 2, 3 * RATE_HZ]


def test_utterance_number_begun_again_during_its_work_starts_over(
    served: Served,
) -> None:
    words = np.concatenate([voice(1.0, seed=4), silence(0.3)])
    reopened = [opened(1, Priority.FILE), samples(1, 0, words), ended(1, 1.3)]
    alone = finals(served_in_time(served, {0: reopened}))
    file = [opened(1, Priority.FILE), samples(1, 0, TALK), ended(1, 13.7)]
    for unit in (1, 5, 40):
        pipe = served_in_time(served, {0: file, unit: [(m.Cancel(1), b""), *reopened]})
        assert finals(pipe) == alone
        assert not [reply for reply in pipe.replies if isinstance(reply, m.Failed)]


@pytest.mark.parametrize("missing_s", [0.5, 70.0])
def test_missing_samples_are_noted_and_the_words_around_them_remain(
    served: Served, short: Transcript, missing_s: float
) -> None:
    begin, first, *_ = dictation(1)
    at = round(missing_s * RATE_HZ) + 8000
    after = [
        (m.Samples(1, one.first + at), pcm)
        if isinstance(one, m.Samples)
        else (one, pcm)
        for one, pcm in dictation(1)[1:-1]
    ]
    end = at + round(1.3 * RATE_HZ)
    found = final(served.replies_to(begin, first, *after, (m.End(1, end), b"")))
    assert f"At 0:00, {missing_s:.1f} s of the recording were lost." in found.notes
    assert found.duration_s == pytest.approx(end / RATE_HZ)
    assert found.segments[-1].end_s > missing_s + 1.0
