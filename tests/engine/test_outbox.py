"""The messages written to the engine's pipe and their order, without an engine."""

import struct
import threading
from pathlib import Path

import numpy as np

from mica.audio.journal import Journal
from mica.engine import messages as m
from mica.engine.job import MAX_KEPT_BYTES, MAX_QUEUED_BYTES, Job
from mica.engine.outbox import SUSPECT, Outbox
from mica.events import Priority, TranscribeOptions

RATE_HZ = 16_000
WINDOW = m.WINDOW_BYTES // m.MAX_PCM_BYTES  # messages


class Client:
    """Utterances in an outbox, and a pipe that closes after some messages."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.jobs: dict[int, Job] = {}
        self.outbox = Outbox(self.changed, self.jobs, m.Load(Path("model")))
        self.writable, self.samples = 0, dict[int, bytes]()
        self.requests: list[m.Request] = []
        assert self.sent(1) == ["Load"]

    def begin(
        self, utterance: int, priority: Priority, journal: Path | None = None
    ) -> Job:
        options = TranscribeOptions(priority=priority)
        job = Job(m.Begin(utterance, RATE_HZ, options), journal)
        with self.changed:
            self.jobs[utterance] = job
            self.outbox.open(utterance, job)
        return job

    def end(self, utterance: int) -> None:
        with self.changed:
            self.jobs[utterance].last = self.jobs[utterance].pushed
            self.outbox.release(utterance)

    def cancel(self, utterance: int) -> None:
        with self.changed:
            self.outbox.forget(utterance, self.jobs.pop(utterance))

    def restart(self) -> None:
        """Start another child."""
        self.samples.clear()
        with self.changed:
            self.outbox = Outbox(self.changed, self.jobs, m.Load(Path("model")))

    def write(self, data: memoryview) -> int:
        for header, pcm in m.Unpacker().push(bytes(data)):
            self.requests.append(request := m.request(header))
            if isinstance(request, m.Samples):
                before = self.samples.get(request.utterance, b"")
                assert request.first == len(before) // 4
                self.samples[request.utterance] = before + pcm
        self.writable -= 1
        if self.writable == 0:
            self.outbox.close()
        return len(data)

    def sent(self, messages: int) -> list[str]:
        """Send the next messages; return their kinds and utterances."""
        self.requests, self.writable = [], messages
        self.outbox._is_closed = False
        self.outbox.drain(self)
        return [
            f"{type(one).__name__} {getattr(one, 'utterance', '')}".strip()
            for one in self.requests
        ]

    @property
    def has_more(self) -> bool:
        return any(job.can_send for job in self.jobs.values())


def recorded(folder: Path, samples: int) -> tuple[Path, bytes]:
    pcm = np.arange(samples, dtype="<f4").tobytes()
    journal = Journal.open(folder, 1, RATE_HZ)
    journal.append(pcm)
    journal.close()
    return journal.path, pcm


def test_dictation_overtakes_a_recording_being_sent(tmp_path: Path) -> None:
    client, (path, _) = Client(), recorded(tmp_path, RATE_HZ * 60)
    client.begin(1, Priority.FILE, path).push(RATE_HZ * 60, b"")
    client.end(1)
    assert client.sent(4) == ["Begin 1", "Release 1", "Samples 1", "Samples 1"]
    client.begin(2, Priority.DICTATION).push(0, bytes(4000))
    assert client.sent(3) == ["Begin 2", "Samples 2", "Samples 1"]
    client.jobs[2].push(1000, bytes(4000))
    client.end(2)
    assert client.sent(4) == ["Release 2", "Samples 2", "End 2", "Samples 1"]


def test_outbox_sends_no_more_than_the_engine_has_room_for(tmp_path: Path) -> None:
    client, (path, pcm) = Client(), recorded(tmp_path, RATE_HZ * 60)
    job = client.begin(1, Priority.FILE, path)
    job.push(RATE_HZ * 60, b"")
    client.end(1)
    assert client.sent(2 + WINDOW)[2:] == ["Samples 1"] * WINDOW
    assert not client.has_more
    job.consumed = 3 * m.MAX_PCM_BYTES // 4
    assert client.sent(3) == ["Samples 1"] * 3
    assert not client.has_more
    while client.samples[1] != pcm:
        job.consumed = job.sent
        client.sent(1)
    assert client.sent(1) == ["End 1"]
    assert not client.has_more


def test_channels_take_turns() -> None:
    client, second = Client(), bytes(4 * RATE_HZ)
    for utterance in (1, 2):
        client.begin(utterance, Priority.LIVE).push(0, second * 2)
    assert client.sent(2) == ["Begin 1", "Begin 2"]
    assert client.sent(4) == ["Samples 1", "Samples 2"] * 2


def test_samples_dropped_from_memory_are_read_from_the_journal(
    tmp_path: Path,
) -> None:
    client = Client()
    size = MAX_QUEUED_BYTES // 4
    path, pcm = recorded(tmp_path, size + 9000)
    job = client.begin(1, Priority.LIVE, path)
    assert job.push(0, pcm[: 4 * size])
    assert not job.push(size, pcm[4 * size : 4 * size + 20_000])  # no room
    client.sent(3)
    assert job.push(size + 5000, pcm[4 * size + 20_000 :])
    while client.has_more:
        job.consumed = job.sent
        client.sent(1)
    assert client.samples[1] == pcm


def test_samples_in_no_journal_are_sent_again_to_the_next_child(
    tmp_path: Path,
) -> None:
    """The disk got full in the midst of it."""
    client, (path, pcm) = Client(), recorded(tmp_path, 5000)
    more = np.arange(5000, 9000, dtype="<f4").tobytes()
    job = client.begin(1, Priority.DICTATION, path)
    job.push(0, pcm)
    job.is_saved = False
    job.push(5000, more[:8000])
    while client.has_more:
        client.sent(1)
    client.restart()
    job.push(7000, more[8000:])
    client.end(1)
    while client.has_more:
        client.sent(1)
    assert client.samples[1] == pcm + more and client.requests[-1] == m.End(1, 9000)


def test_samples_in_no_journal_are_kept_until_they_are_committed_or_too_many() -> None:
    client, second = Client(), bytes(4 * RATE_HZ)
    job = client.begin(1, Priority.DICTATION)
    job.is_saved = False
    for at in range(60):
        job.push(at * RATE_HZ, second)
    job.commit(m.Committed(1, 0.0, 30.0, "Half.", until_s=30.0))
    resumed = job.begin.resume_from.start_s
    assert 0 < resumed <= 30 and job.kept[0][0] == resumed * RATE_HZ
    assert job.kept_bytes == (60 - resumed) * len(second)
    room = MAX_KEPT_BYTES // len(second)
    for at in range(60, 61 + room):
        job.push(at * RATE_HZ, second)
    assert job.kept_bytes <= MAX_KEPT_BYTES and len(job.kept) == room
    assert job.queued[0][0] >= job.kept[0][0], "no more is in memory for the first"


def test_an_utterance_the_engine_fails_at_waits_for_others_of_its_kind(
    tmp_path: Path,
) -> None:
    client, (path, pcm) = Client(), recorded(tmp_path, 100)
    for utterance, priority in (
        (1, Priority.DICTATION),
        (2, Priority.DICTATION),
        (3, Priority.LIVE),
    ):
        client.begin(utterance, priority, path).push(0, pcm)
    client.jobs[1].failures = SUSPECT
    client.end(1)
    assert client.sent(4) == ["Begin 2", "Samples 2", "Begin 3", "Samples 3"]
    assert client.outbox._ready() == []
    client.cancel(2)
    assert client.sent(5) == ["Cancel 2", "Begin 1", "Release 1", "Samples 1", "End 1"]


def test_dropped_utterance_is_cancelled_first() -> None:
    client = Client()
    job = client.begin(1, Priority.FILE)
    job.push(0, bytes(400))
    client.begin(2, Priority.DICTATION)
    assert client.sent(2) == ["Begin 2", "Begin 1"]
    client.cancel(1)
    client.jobs[2].push(0, struct.pack("<f", 1.0))
    assert client.sent(2) == ["Cancel 1", "Samples 2"]


def test_the_next_child_gets_all_utterances_in_the_order_of_their_priority(
    tmp_path: Path,
) -> None:
    client, (path, pcm) = Client(), recorded(tmp_path, 100)
    for utterance, priority in enumerate(
        (Priority.FILE, Priority.LIVE, Priority.DICTATION, Priority.DICTATION), 1
    ):
        client.begin(utterance, priority, path).push(0, pcm)
    client.end(4)
    client.sent(10)
    client.restart()
    assert client.sent(10) == [
        "Load",
        *("Begin 4", "Release 4", "Samples 4", "End 4"),
        *("Begin 3", "Samples 3"),
        *("Begin 2", "Samples 2"),
        "Begin 1",
    ]
    client.sent(1)
    assert set(client.samples.values()) == {pcm}
