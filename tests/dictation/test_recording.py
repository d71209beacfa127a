"""A recording by itself: the events it posts, its end, and failures below it."""

import errno
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from mica.audio.journal import HEADER_BYTES, Journal
from mica.audio.microphone_source import CAPACITY_SAMPLES
from mica.dictation.microphone_reporter import GATED_S, PAUSED_S
from mica.dictation.recording import (
    DISK_FULL,
    NOT_SAVED,
    ActiveRecordings,
    Recording,
    Stall,
)
from mica.dictation.recording_events import (
    DeviceChanged,
    DiskProblem,
    Ended,
    Flowing,
    Level,
    Lost,
    Opened,
    Paused,
    Reconnecting,
    RecordingEvent,
    Silent,
    Stopped,
)
from mica.errors import EngineError, MicaError, MicrophoneError
from mica.events import TranscribeOptions
from support.fakes import (
    LIMIT_S,
    RATE_HZ,
    Clock,
    FakeEngine,
    FakeMicrophone,
    FakeMicrophones,
)

pytestmark = pytest.mark.usefixtures("noise_is_speech")

Event = TypeVar("Event")


class BrokenEngine(FakeEngine):
    """Accepts the first chunk and then raises an unexpected error."""

    def push(self, utterance: int, first: int, pcm: bytes) -> None:
        if first:
            raise RuntimeError("no such pipe")
        super().push(utterance, first, pcm)


class Pushes(FakeEngine):
    """Records the start and the number of samples of each push."""

    def __init__(self) -> None:
        super().__init__()
        self.pushed: list[tuple[int, int]] = []

    def push(self, utterance: int, first: int, pcm: bytes) -> None:
        self.pushed.append((first, len(pcm) // 4))


class Early(FakeMicrophone):
    """Overfills the queue by a second before anything is read from it."""

    def open(self) -> None:
        for samples in (CAPACITY_SAMPLES, RATE_HZ):
            self.give(np.full(samples, 0.1, "<f4"))
        super().open()


class EarlyMicrophones(FakeMicrophones):
    kind = Early


class Harness:
    """A recording on fakes, and the events it posted."""

    def __init__(
        self,
        folder: Path,
        engine: FakeEngine | None = None,
        microphones: FakeMicrophones | None = None,
        active: ActiveRecordings | None = None,
        number: int = 1,
    ) -> None:
        self.folder, self.clock = folder, Clock()
        self.engine = engine or FakeEngine()
        self.microphones = microphones or FakeMicrophones()
        self.events: list[RecordingEvent] = []
        self.recording = Recording(
            number,
            self.engine,
            active or ActiveRecordings(),
            self.events.append,
            self.clock,
        )

    def start(self) -> None:
        self.recording.start(None, self.microphones, lambda: self.folder)
        self.recording.transcribe(TranscribeOptions())

    def opened(self) -> FakeMicrophone:
        return self.microphones.opened.get(timeout=LIMIT_S)

    def started(self) -> FakeMicrophone:
        """Start recording; return the microphone once the first event is posted."""
        self.start()
        microphone = self.opened()
        until(lambda: self.events != [])
        return microphone

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def ended(self) -> MicaError | None:
        """Wait for the end; return the recording's error, if any."""
        assert self.recording.over.wait(LIMIT_S)
        [ended] = self.of(Ended)
        assert self.events[-1] is ended
        return ended.error

    def recorded(self, samples: int) -> None:
        until(lambda: self.recording.recorded >= samples)


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path)


def until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(round(LIMIT_S / 0.002)):
        if condition():
            return
        pause.wait(0.002)
    raise AssertionError("it never happened")


def samples_in(journal: Path | None) -> int:
    assert journal is not None
    return (journal.stat().st_size - HEADER_BYTES) // 4


def kinds(events: list[RecordingEvent]) -> list[type]:
    return [type(event) for event in events if not isinstance(event, Level)]


def test_a_recording_reports_its_microphones_in_order(harness: Harness) -> None:
    first = harness.started()
    assert harness.events[0] == Opened(1, harness.recording.journal)
    first.speak(0.5)
    harness.recorded(RATE_HZ // 2)
    harness.microphones.refusal = MicrophoneError("It is gone.", "Connect one.")
    first.lose()
    until(lambda: bool(harness.of(Reconnecting)))
    harness.microphones.refusal = None
    harness.clock.now_s += 0.5
    second = harness.opened()
    second.speak(0.5)
    until(lambda: len(harness.of(Flowing)) == 2)
    harness.recording.release()
    second.speak(0.4)
    assert harness.ended() is None
    assert kinds(harness.events) == [
        *(Opened, Flowing, Reconnecting, DeviceChanged, Flowing, Stopped, Ended)
    ]
    [change] = harness.of(DeviceChanged)
    assert "“Desk” was away" in change.line and not change.user_requested


def test_levels_are_reported_thirty_times_a_second(harness: Harness) -> None:
    microphone = harness.started()
    microphone.speak(1.0)
    microphone.speak(1.0, level=1e-5)
    harness.recorded(2 * RATE_HZ)
    harness.recording.cancel()
    assert harness.ended() is None
    levels = harness.of(Level)
    assert 59 <= len(levels) <= 61
    assert max(level.level for level in levels) > 0.5
    assert levels[25].quiet_s == 0 and levels[-1].quiet_s == pytest.approx(1, abs=0.1)
    lengths = [level.recorded_s for level in levels]
    assert lengths == sorted(lengths) and lengths[-1] == pytest.approx(2, abs=0.04)


def test_zeros_are_reported_and_the_microphone_is_opened_again(
    harness: Harness,
) -> None:
    first = harness.started()
    first.speak(1.5, level=0.0)
    second = harness.opened()
    assert first.discarded and harness.of(Silent) == [Silent(1, "Desk")]
    second.speak(0.5)
    until(lambda: bool(harness.of(Flowing)))
    harness.recording.release()
    second.speak(0.4)
    assert harness.ended() is None
    assert kinds(harness.events) == [
        *(Opened, Silent, DeviceChanged, Flowing, Stopped, Ended)
    ]
    [change] = harness.of(DeviceChanged)
    assert change.was_silent and not change.user_requested


def test_a_microphone_that_has_worked_may_gate_the_noise_before_the_first_word(
    harness: Harness,
) -> None:
    """A noise gate gives zeros until the user speaks; reopening the microphone at that
    moment would lose the first words."""
    microphone = harness.started()
    microphone.has_worked = True
    microphone.speak(GATED_S - 0.1, level=0.0)
    microphone.speak(0.5)
    until(lambda: bool(harness.of(Flowing)))
    assert not microphone.closed and harness.of(DeviceChanged) == []
    harness.recording.cancel()
    assert harness.ended() is None


def test_microphone_that_has_worked_and_stays_silent_is_reopened(
    harness: Harness,
) -> None:
    microphone = harness.started()
    microphone.has_worked = True
    microphone.speak(GATED_S + 0.1, level=0.0)
    assert harness.opened() is not microphone and microphone.discarded
    harness.recording.cancel()
    assert harness.ended() is None


def test_samples_from_before_a_silent_microphone_are_kept(
    harness: Harness,
) -> None:
    first = harness.started()
    first.speak(0.5)
    harness.recorded(RATE_HZ // 2)
    first.lose()
    second = harness.opened()
    second.speak(1.2, level=0.0)
    third = harness.opened()
    third.speak(0.5)
    until(lambda: len(harness.of(Flowing)) == 2)
    harness.recording.release()
    third.speak(0.4)
    assert harness.ended() is None
    journal = harness.recording.journal
    assert journal is not None
    count = harness.recording.recorded  # a note about the changes follows
    journaled = np.frombuffer(journal.read_bytes(), "<f4", count, HEADER_BYTES)
    assert journaled[: RATE_HZ // 2].all() and journaled[-RATE_HZ // 4 :].all()


def test_zeros_of_every_microphone_are_reported_and_end_nothing(
    harness: Harness,
) -> None:
    """Nor are microphones reopened forever: the user may have muted one."""
    microphone = harness.started()
    for opened in range(2, 4):
        microphone.speak(1.1, level=0.0)
        microphone = harness.opened()
        until(lambda opened=opened: len(harness.of(DeviceChanged)) == opened - 1)
    before = harness.recording.recorded
    microphone.speak(3.0, level=0.0)
    harness.recorded(before + RATE_HZ)
    assert harness.microphones.opened.empty() and not microphone.closed
    harness.recording.cancel()
    assert harness.ended() is None


def test_zeros_without_permission_replace_no_microphone(
    harness: Harness,
) -> None:
    source, folder = harness.microphones, harness.folder
    harness.recording.start(None, source, lambda: folder, replaces_silent=False)
    harness.recording.transcribe(TranscribeOptions())
    microphone = harness.opened()
    microphone.speak(3.0, level=0.0)
    harness.recorded(3 * RATE_HZ)
    assert harness.of(Silent) == [Silent(1, "Desk")] and harness.of(Flowing) == []
    assert not microphone.closed
    harness.recording.cancel()
    assert harness.ended() is None


def test_zeros_after_sound_are_reported_once_and_so_is_their_end(
    harness: Harness,
) -> None:
    microphone = harness.started()
    microphone.speak(0.2)
    microphone.speak(PAUSED_S - 0.1, level=0.0)
    harness.recorded(round((PAUSED_S + 0.1) * RATE_HZ))
    assert harness.of(Paused) == []
    microphone.speak(1.0, level=0.0)
    harness.recorded(round((PAUSED_S + 1.1) * RATE_HZ))
    assert harness.of(Paused) == [Paused(1, "Desk")]
    microphone.speak(0.2)
    until(lambda: len(harness.of(Flowing)) == 2)
    assert not microphone.closed
    harness.recording.cancel()
    assert harness.ended() is None


@pytest.mark.parametrize("is_over", [False, True])
def test_a_discarded_recording_is_deleted_whenever_it_ends(
    harness: Harness, is_over: bool
) -> None:
    microphone = harness.started()
    microphone.speak(0.2)
    harness.recorded(RATE_HZ // 5)
    journal = harness.recording.journal
    assert journal is not None and journal.exists()
    if is_over:
        harness.recording.cancel()
        assert harness.ended() is None
    harness.recording.discard()
    assert harness.ended() is None
    until(lambda: not journal.exists())


def test_microphone_lost_for_good_ends_the_recording_and_keeps_the_words(
    harness: Harness,
) -> None:
    microphone = harness.started()
    microphone.speak(0.5)
    harness.recorded(RATE_HZ // 2)
    harness.microphones.refusal = MicrophoneError("It is gone.", "Connect one.")
    microphone.lose()
    until(lambda: bool(harness.of(Reconnecting)))
    while not harness.recording.over.wait(0.002):
        harness.clock.now_s += 0.1
    assert harness.ended() is None
    assert kinds(harness.events)[-4:] == [Reconnecting, Lost, Stopped, Ended]
    assert harness.engine.ended.get(timeout=LIMIT_S) == (1, RATE_HZ // 2)


def test_a_broken_engine_client_ends_no_recording_and_the_next_one_works(
    tmp_path: Path,
) -> None:
    active = ActiveRecordings()
    harness = Harness(tmp_path, BrokenEngine(), active=active)
    microphone = harness.started()
    microphone.speak(1.0)
    harness.recorded(RATE_HZ)
    assert not microphone.closed and harness.of(Ended) == []
    harness.recording.release()
    microphone.speak(0.4)
    error = harness.ended()
    assert isinstance(error, EngineError)
    what = "The recording didn’t reach the engine (RuntimeError)."
    assert error.line() == f"{what} Try again."
    assert harness.engine.calls[-1] == ("cancel", 1)
    assert microphone.closed and harness.of(Stopped) and active.none
    assert samples_in(harness.recording.journal) >= RATE_HZ
    assert harness.recording.is_whole
    second = Harness(tmp_path, active=active)
    microphone = second.started()
    microphone.speak(0.5)
    second.recording.release()
    microphone.speak(0.4)
    assert second.ended() is None


def test_failure_before_the_engine_has_the_utterance_sends_it_nothing(
    harness: Harness,
) -> None:
    harness.microphones.refusal = RuntimeError("no such card")  # an unexpected error
    harness.start()
    error = harness.ended()
    assert error is not None
    assert error.line() == "The recording failed (RuntimeError). Try again."
    assert harness.engine.calls == [] and kinds(harness.events) == [Stopped, Ended]


def test_a_second_release_does_not_move_the_end(harness: Harness) -> None:
    microphone = harness.started()
    microphone.speak(0.5)
    harness.recorded(RATE_HZ // 2)
    harness.recording.release()
    microphone.speak(0.06)
    harness.recording.release()
    microphone.speak(0.4)
    assert harness.engine.ended.get(timeout=LIMIT_S) == (1, RATE_HZ // 2)


def test_samples_dropped_by_a_slow_disk_become_silence_and_are_reported(
    tmp_path: Path,
) -> None:
    harness = Harness(tmp_path, microphones=EarlyMicrophones())
    microphone = harness.started()
    harness.recorded(CAPACITY_SAMPLES)
    microphone.give(np.full(RATE_HZ, 0.1, "<f4"))
    harness.recording.release()
    microphone.speak(0.4)
    assert harness.ended() is None
    [problem] = harness.of(DiskProblem)
    assert problem.error.line() == (
        "The disk is too slow; a part of the recording is missing. "
        "Close other programs."
    )
    written = np.fromfile(harness.recording.journal, "<f4", offset=HEADER_BYTES)
    lost = written[CAPACITY_SAMPLES : CAPACITY_SAMPLES + RATE_HZ]
    assert written[:CAPACITY_SAMPLES].all() and not lost.any()
    assert written[CAPACITY_SAMPLES + RATE_HZ : CAPACITY_SAMPLES + 2 * RATE_HZ].all()
    assert harness.engine.samples[1] == len(written)


def test_disk_without_room_for_a_journal_loses_no_words_and_the_microphone_closes(
    tmp_path: Path,
) -> None:
    harness = Harness(tmp_path / "full")  # a folder in which no file can be created
    microphone = harness.started()
    microphone.speak(0.5)
    harness.recorded(RATE_HZ // 2)
    harness.recording.release()
    microphone.speak(0.4)
    assert harness.engine.ended.get(timeout=LIMIT_S) == (1, RATE_HZ // 2)
    assert harness.ended() is None
    recording = harness.recording
    assert microphone.closed and recording.journal is None and not recording.is_saved
    assert harness.of(Opened) == [Opened(1, None)]
    [problem] = harness.of(DiskProblem)
    assert problem.error is NOT_SAVED
    assert harness.engine.in_no_journal == [1] and not recording.is_whole


def test_failover_works_without_a_journal(
    tmp_path: Path,
) -> None:
    harness = Harness(tmp_path / "full")
    first = harness.started()
    first.speak(0.5)
    harness.recorded(RATE_HZ // 2)
    first.lose()
    second = harness.opened()
    second.speak(0.5)
    until(lambda: len(harness.of(DeviceChanged)) == 1)
    harness.recording.release()
    second.speak(0.4)
    assert harness.engine.ended.get(timeout=LIMIT_S)[1] >= RATE_HZ
    assert harness.ended() is None


def test_samples_reach_the_engine_without_a_journal(tmp_path: Path) -> None:
    engine = Pushes()
    harness = Harness(tmp_path / "full", engine)
    microphone = harness.started()
    microphone.speak(0.5)
    harness.recorded(RATE_HZ // 2)
    harness.recording.release()
    microphone.speak(0.4)
    assert harness.ended() is None
    sent = 0
    for first, samples in engine.pushed:
        assert first == sent
        sent += samples
    assert sent == harness.recording.recorded


def test_two_recordings_are_open_at_the_engine(tmp_path: Path) -> None:
    engine, active = FakeEngine(), ActiveRecordings()
    both = [Harness(tmp_path, engine, active=active, number=n) for n in (1, 2)]
    microphones = [harness.started() for harness in both]
    for _ in range(2):
        for harness, microphone in zip(both, microphones, strict=True):
            before = harness.recording.recorded
            microphone.speak(0.5)
            harness.recorded(before + RATE_HZ // 2)
    assert [call[:2] for call in engine.calls] == [("begin", 1), ("begin", 2)]
    assert engine.samples[1] == engine.samples[2] == RATE_HZ
    assert not active.none
    for harness, microphone in zip(both, microphones, strict=True):
        harness.recording.release()
        microphone.speak(0.4)
        assert harness.ended() is None
    assert active.none
    assert both[0].recording.journal != both[1].recording.journal


PARTS = {
    "the journal": "Journal",
    "its number": "free_number",
    "the end of the last word": "Endpointer",
    "the samples": "np.frombuffer",
    "the level": "MicrophoneReporter.push",
}


@pytest.mark.parametrize("part", PARTS)
def test_no_failure_behind_an_open_microphone_ends_it_before_the_key_up(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(f"mica.dictation.recording.{PARTS[part]}", fails)
    harness.start()
    microphone = harness.opened()
    microphone.speak(1.0)
    harness.recorded(RATE_HZ)
    assert not microphone.closed and harness.of(Ended) == []
    harness.recording.release()
    microphone.speak(0.4)
    assert harness.ended() is None and microphone.closed
    assert harness.engine.samples[1] == harness.recording.recorded >= RATE_HZ
    is_saved = PARTS[part] not in ("Journal", "free_number")
    assert harness.recording.is_whole is is_saved
    assert [one.error for one in harness.of(DiskProblem)] == [NOT_SAVED] * (
        not is_saved
    )


class Held:
    """Something that does not return until the test lets it go."""

    def __init__(self) -> None:
        self.reached, self.free = threading.Event(), threading.Event()

    def __call__(self, *_: object, **__: object) -> None:
        self.reached.set()
        assert self.free.wait(LIMIT_S)

    def before(self, call: Callable[..., object]) -> Callable[..., object]:
        def held(*given: object, **more: object) -> object:
            self()
            return call(*given, **more)

        return held


def test_a_disk_that_hangs_for_ten_seconds_costs_no_sample(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.dictation.recording.STALLED_S", 0.1)
    hold = Held()
    append = Journal.append
    monkeypatch.setattr(Journal, "append", hold.before(append))
    harness.start()
    microphone = harness.opened()
    microphone.speak(10.0)
    assert hold.reached.wait(LIMIT_S)
    until(lambda: harness.recording.stall() is Stall.DISK)
    harness.recording.release()
    microphone.speak(0.4)
    hold.free.set()
    assert harness.ended() is None and harness.of(DiskProblem) == []
    assert harness.recording.stall() is None
    assert harness.recording.recorded >= 10 * RATE_HZ and harness.recording.is_whole
    assert harness.engine.ended.get(timeout=LIMIT_S) == (1, 10 * RATE_HZ)
    [*_, ended] = harness.events
    assert ended == Ended(1, None)


def test_a_recording_that_is_described_late_is_transcribed_from_its_first_sample(
    tmp_path: Path,
) -> None:
    engine = Pushes()
    harness = Harness(tmp_path, engine)
    harness.recording.start(None, harness.microphones, lambda: tmp_path)
    microphone = harness.opened()
    microphone.speak(10.0)
    harness.recorded(10 * RATE_HZ)
    assert engine.calls == [] and engine.pushed == []
    harness.recording.release()
    microphone.speak(0.4)
    until(lambda: microphone.closed)
    wanted = TranscribeOptions(keywords=("Jon",))
    harness.recording.transcribe(wanted)
    harness.recording.transcribe(TranscribeOptions())  # only the first counts
    assert harness.ended() is None and harness.recording.options is wanted
    assert engine.options[1] is wanted and engine.pushed[0] == (0, RATE_HZ // 50)
    sent = 0
    for first, samples in engine.pushed:
        assert first == sent
        sent += samples
    assert sent == harness.recording.recorded


def test_a_cancelled_recording_needs_no_description(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.recording.start(None, harness.microphones, lambda: tmp_path)
    harness.opened().speak(0.4)
    harness.recorded(RATE_HZ // 4)
    harness.recording.cancel()
    assert harness.ended() is None and harness.engine.calls == []


def test_a_sound_system_that_hangs_is_noticed_and_one_given_up_records_nothing(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.dictation.recording.STALLED_S", 0.1)
    hold = Held()
    monkeypatch.setattr(FakeMicrophone, "open", hold.before(FakeMicrophone.open))
    harness.start()
    assert hold.reached.wait(LIMIT_S)
    until(lambda: harness.recording.stall() is Stall.MICROPHONE)
    harness.recording.cancel()
    hold.free.set()
    assert harness.ended() is None and harness.opened().closed
    assert kinds(harness.events) == [Stopped, Ended]
    assert list(harness.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "told"), [(errno.ENOSPC, DISK_FULL), (errno.EROFS, NOT_SAVED)]
)
def test_the_user_is_told_of_a_full_disk_only_if_it_is_full(
    harness: Harness, number: int, told: MicaError
) -> None:
    def no_folder() -> Path:
        raise OSError(number, "no")

    harness.recording.start(None, harness.microphones, no_folder)
    harness.recording.transcribe(TranscribeOptions())
    harness.opened()
    until(lambda: bool(harness.of(DiskProblem)))
    assert [problem.error for problem in harness.of(DiskProblem)] == [told]
    harness.recording.cancel()
    harness.ended()
