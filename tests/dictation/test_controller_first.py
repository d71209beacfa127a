"""Nothing stands between the key and the microphone; only the key ends it."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from dictation.harness import Harness
from mica.audio.journal import Journal, extent
from mica.dictation import recording
from mica.dictation.state import State
from mica.dictation.strings import (
    DISK_STALLED,
    ENGINE_UNRESPONSIVE,
    PART_SAFE,
    RECORDING_SAFE,
    SOUND_STALLED,
    STILL_TRANSCRIBING,
    TRANSCRIPTION_FAILED,
)
from mica.dictation.utterances import LATE_S
from mica.engine.client import Failed, Finished, Restarted, Unresponsive
from mica.errors import EngineError, MicaError, ModelError
from mica.events import Transcript
from mica.library.background import WriterThread
from mica.library.store import EntryStatus
from support.fakes import LIMIT_S, RATE_HZ, FakeMicrophone

HELD_S = 10.0


def spoken_meanwhile(harness: Harness) -> int:
    """Speak for HELD_S into the microphone that is open by now; the samples on disk.
    Called by what stands in the way, so that the main thread does nothing else."""
    microphone = harness.microphones.opened.get(timeout=LIMIT_S)
    microphone.speak(HELD_S)
    spoken, pause = harness.speaking.recording, threading.Event()
    for _ in range(round(LIMIT_S / 0.002)):
        if spoken.recorded >= HELD_S * RATE_HZ:
            break
        pause.wait(0.002)
    assert spoken.journal is not None and spoken.is_whole
    return spoken.recorded


def on_focus(harness: Harness, slow: Callable[[], object]) -> None:
    target = harness.fake.focus.target
    harness.fake.focus.current = lambda: slow() and target  # type: ignore[method-assign]


def on_keywords(harness: Harness, slow: Callable[[], object]) -> None:
    harness.keywords = lambda: ["Jon"] if slow() else []


def on_model(harness: Harness, slow: Callable[[], object]) -> None:
    harness.dictation.refusal = lambda to: None if slow() else ModelError("no")


def on_escape(harness: Harness, slow: Callable[[], object]) -> None:
    harness.fake.hotkeys.enable_escape = lambda on: slow()  # type: ignore[method-assign]


def on_accessibility(harness: Harness, slow: Callable[[], object]) -> None:
    harness.dictation.insertion.look = lambda target: slow()  # type: ignore[method-assign]


SLOW = {
    "the focus": on_focus,
    "the list of keywords": on_keywords,
    "the model's disk": on_model,
    "the window system": on_escape,
    "accessibility": on_accessibility,
}


@pytest.mark.parametrize("what", SLOW)
def test_what_takes_ten_seconds_at_the_key_press_costs_no_sample(
    harness: Harness, what: str
) -> None:
    recorded: list[int] = []

    def slow() -> bool:
        if not recorded:
            recorded.append(spoken_meanwhile(harness))
        return True

    SLOW[what](harness, slow)
    harness.press()
    assert recorded and recorded[0] >= HELD_S * RATE_HZ
    harness.release(held_s=HELD_S)
    harness.microphones.made[0].speak(0.4)
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == 1
    assert harness.engine.samples[1] >= HELD_S * RATE_HZ
    assert harness.engine.options[1].keywords == ("Jon",)
    harness.deliver_text(1, "All of it.")
    harness.until(lambda: harness.status(1) is EntryStatus.INSERTED)


@contextmanager
def locked(file: Path) -> Iterator[sqlite3.Connection]:
    """Another program is writing to the library."""
    with closing(sqlite3.connect(file)) as other:
        other.execute("begin immediate")
        yield other


@pytest.fixture
def threaded(home: Path) -> Iterator[Harness]:
    """A dictation whose library is written as in the app."""
    thread = WriterThread()
    with closing(Harness(home, thread.submit)) as harness:
        yield harness
        harness.dictation.close()
        assert thread.close(LIMIT_S)


def test_a_locked_library_costs_no_sample_and_delays_no_text(
    threaded: Harness, home: Path
) -> None:
    with locked(home / "history.sqlite") as other:
        threaded.press()
        assert spoken_meanwhile(threaded) >= HELD_S * RATE_HZ
        threaded.release(held_s=HELD_S)
        threaded.microphones.made[0].speak(0.4)
        number = threaded.engine.ended.get(timeout=LIMIT_S)[0]
        threaded.deliver_text(number, "All of it.")
        threaded.until(lambda: bool(threaded.fake.paster.pasted))
        threaded.dictation.texts.copy_last()
        threaded.until(lambda: threaded.fake.clipboard.copied == ["All of it."])
        count = "select count(*) from utterance where status = 'inserted'"
        assert other.execute(count).fetchone() == (0,), "it is still locked"
        other.rollback()
        threaded.until(lambda: other.execute(count).fetchone() == (1,))
    row = threaded.row(number)
    assert row.text == "All of it." and extent(row.journal)[1] >= HELD_S * RATE_HZ


def test_a_text_is_saved_before_it_is_inserted(
    threaded: Harness, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []
    paste = threaded.fake.paster.press_paste_keys

    def pasted(target: Any) -> None:
        saved.append(threaded.row(1).text)
        paste(target)

    monkeypatch.setattr(threaded.fake.paster, "press_paste_keys", pasted)
    threaded.deliver_text(threaded.spoken(), "All of it.")
    threaded.until(lambda: bool(threaded.fake.paster.pasted))
    assert saved == ["All of it."]


def test_a_refused_dictation_leaves_no_recording_and_no_row(
    harness: Harness, home: Path
) -> None:
    harness.dictation.refusal = lambda to: ModelError("No model.", "Get one.")
    harness.press()
    harness.until(lambda: harness.active.none)
    assert harness.troubles == ["No model. Get one."]
    assert harness.history.newest() is None and harness.history.journals() == []
    assert list((home / "journal").glob("*")) == []
    assert harness.states[-1] is State.TROUBLE


def test_a_fault_at_the_key_press_ends_no_recording_and_the_text_comes(
    harness: Harness,
) -> None:
    def broken() -> list[str]:
        raise MemoryError

    harness.keywords = broken
    with pytest.raises(MemoryError):
        harness.press()
    microphone = harness.microphones.opened.get(timeout=LIMIT_S)
    microphone.speak(0.5)
    harness.recorded(0.5)
    harness.release()
    microphone.speak(0.4)
    harness.deliver_text(harness.engine.ended.get(timeout=LIMIT_S)[0], "Hello.")
    harness.until(lambda: harness.status(1) is EntryStatus.INSERTED)


class HungMicrophone(FakeMicrophone):
    """One whose sound system answers when the test says so."""

    def open(self) -> None:
        assert self.answers.wait(LIMIT_S)
        super().open()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs is noticed sooner than in the app, where it is in time, too."""
    assert recording.STALLED_S <= 2.5
    monkeypatch.setattr(recording, "STALLED_S", 0.3)


def hung(harness: Harness) -> Any:
    HungMicrophone.answers = threading.Event()
    harness.microphones.kind = HungMicrophone
    return HungMicrophone.answers


def test_a_sound_system_that_hangs_is_said_in_time_and_records_once_it_answers(
    harness: Harness, quick: None
) -> None:
    answers = hung(harness)
    harness.press()
    harness.until(lambda: bool(harness.messages))
    assert SOUND_STALLED in harness.messages
    answers.set()
    microphone = harness.microphones.opened.get(timeout=LIMIT_S)
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.until(lambda: SOUND_STALLED in harness.retracted)
    harness.release()
    microphone.speak(0.4)
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_a_sound_system_that_hangs_until_the_key_up_fails_the_dictation_at_once(
    harness: Harness, quick: None
) -> None:
    answers = hung(harness)
    harness.press()
    harness.until(lambda: bool(harness.messages))
    harness.release(held_s=5.0)
    harness.until(lambda: harness.states[-1] is State.TROUBLE)
    assert harness.reasons[-1] == SOUND_STALLED
    assert harness.history.entry(1) is None, "nothing was recorded"
    harness.microphones.kind = FakeMicrophone
    other = harness.spoken()
    harness.deliver_text(other, "The next one.")
    harness.until(lambda: harness.status(other) is EntryStatus.INSERTED)
    answers.set()
    harness.until(lambda: harness.active.none)
    assert harness.microphones.made[0].closed


def test_a_disk_that_hangs_is_said_and_so_is_its_return(
    harness: Harness, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, append = threading.Event(), Journal.append

    def slow(journal: Journal, pcm: bytes) -> None:
        assert free.wait(LIMIT_S)
        append(journal, pcm)

    monkeypatch.setattr(Journal, "append", slow)
    harness.pressed().speak(HELD_S)
    harness.until(lambda: bool(harness.messages))
    assert DISK_STALLED in harness.messages
    free.set()
    harness.recorded(HELD_S)
    harness.until(lambda: DISK_STALLED in harness.retracted)


def test_a_text_that_takes_long_is_said_within_three_seconds(harness: Harness) -> None:
    utterance = harness.spoken()
    released_s = harness.clock.now_s
    harness.until(lambda: bool(harness.messages))
    assert harness.messages == [STILL_TRANSCRIBING]
    assert LATE_S <= harness.clock.now_s - released_s <= 3.0
    harness.clock.now_s += 60.0
    harness.tick()
    assert harness.messages == [STILL_TRANSCRIBING], "once"
    harness.deliver_text(utterance, "Hello.")
    harness.until(lambda: harness.dictation.is_quiet)


def test_the_user_hears_of_an_engine_that_hangs_only_while_they_speak(
    harness: Harness,
) -> None:
    harness.on(Unresponsive())
    assert harness.messages == []
    harness.pressed()
    harness.on(Unresponsive())
    assert harness.messages == [ENGINE_UNRESPONSIVE]


@pytest.mark.parametrize("is_gone", [False, True])
def test_nothing_lost_is_said_only_of_what_is_on_disk(
    harness: Harness, is_gone: bool
) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.recorded(0.5)
    journal = harness.speaking.recording.journal
    assert journal is not None
    if is_gone:
        journal.unlink()
    harness.on(Restarted(1))
    assert ("Nothing was lost." in harness.messages[-1]) is not is_gone


@pytest.mark.parametrize("kept", ["all", "a part", "nothing"])
def test_a_recording_is_called_safe_only_as_far_as_it_is(
    harness: Harness, kept: str
) -> None:
    utterance = harness.spoken()
    harness.loop.run()
    [pending] = list(harness.dictation._utterances)
    journal = pending.recording.journal
    assert journal is not None
    harness.until(lambda: pending.recording.over.is_set())
    if kept == "a part":
        content = journal.read_bytes()
        journal.write_bytes(content[: len(content) // 2 // 4 * 4])
    elif kept == "nothing":
        journal.unlink()
    harness.fails(utterance)
    safe = {"all": f" {RECORDING_SAFE}", "a part": f" {PART_SAFE}", "nothing": ""}[kept]
    failed = "It died. Try again." if kept == "nothing" else TRANSCRIPTION_FAILED
    assert harness.troubles == [f"{failed}{safe}"]


def test_no_number_of_failures_ends_what_is_being_recorded(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.recorded(0.5)
    errors: list[MicaError] = [EngineError("It died."), ModelError("It is gone.")]
    for error in errors * 3:
        harness.on(Failed(1, error))
        harness.tick()
    microphone.speak(0.5)
    harness.recorded(1.0)
    assert harness.states[-1] is State.LISTENING and not microphone.closed
    harness.release()
    microphone.speak(0.4)
    for _ in range(2):  # live, and the replay
        assert harness.engine.ended.get(timeout=LIMIT_S)[0] == 1
        harness.until(lambda: bool(harness.engine.ended.qsize()) or True)
        harness.tick()
    harness.on(Finished(1, Transcript("All of it.", "m", 1.0)))
    harness.until(lambda: harness.status(1) is EntryStatus.INSERTED)
