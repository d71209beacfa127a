"""Live captions on fakes, with a real journal, a real library and a real dictation."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from dictation.captions_harness import Harness
from mica.audio.device_selection import Device
from mica.dictation import captions
from mica.dictation.captions import SAVE_S, Phase
from mica.dictation.recorded_utterance import LONGEST_S, ROLL_S
from mica.dictation.recording_events import Flowing
from mica.dictation.strings import (
    ANSWER_DIALOG,
    CAPTIONS_CUT,
    CAPTIONS_ENDED_AWAY,
    MICROPHONE_DENIED,
    MICROPHONE_LOST,
    MICROPHONE_NEEDED,
    TRANSCRIPTION_FAILED,
)
from mica.engine.client import (
    Committed,
    Failed,
    Hypothesis,
    Ready,
    Restarted,
)
from mica.errors import EngineError, MicrophoneError, ModelError
from mica.events import Priority, Style, Transcript
from mica.host.hold_key import Input
from mica.host.values import Grant, Permission
from mica.library.recovery import prune
from mica.library.store import EntryStatus
from mica.settings import KeepOpen
from support import rows
from support.fakes import LIMIT_S, RATE_HZ

NONE = MicrophoneError("No microphone was found.", "Connect one.")
LAMP = Device(4, "Lamp", RATE_HZ, False)
DEAD = EngineError("The engine died.", "Try again.")


@pytest.fixture
def harness(home: Path, request: pytest.FixtureRequest) -> Iterator[Harness]:
    """A harness; if a KeepOpen is given, both share a microphone pool as in the app."""
    with closing(Harness(home, getattr(request, "param", None))) as harness:
        yield harness


def test_captions_are_shown_and_saved_and_inserted_nowhere(harness: Harness) -> None:
    microphone = harness.recording()
    assert harness.phases == [Phase.ARMING, Phase.LISTENING]
    harness.on(Hypothesis(1, "hello"))
    harness.on(Committed(1, 0.0, 1.0, "Hello there."))
    harness.captions.toggle()
    assert harness.phases[-1] is Phase.OFF
    microphone.speak(0.3)
    entry = harness.written(harness.ended(), "Hello there.")
    assert harness.words == [("", "hello"), ("Hello there.", "")]
    assert (entry.status, entry.text) == (EntryStatus.WRITTEN, "Hello there.")
    assert entry.journal is not None and entry.journal.exists()
    assert harness.captions.is_quiet and harness.dictation.is_quiet
    assert harness.fake.paster.pasted == [] and harness.messages == []
    assert harness.history.last() is None  # Paste Last finds no dictation
    begin_call = ("begin", 1, RATE_HZ, Style.RAW, ["Jon"])
    assert harness.engine.calls[0] == begin_call


def test_silence_does_not_end_captions(harness: Harness) -> None:
    microphone = harness.recording()
    microphone.speak(2.0, level=1e-5)
    harness.lasts(700.0, quiet_s=2.0)  # none of its words is final
    harness.tick()
    assert harness.captions.is_on and harness.order() == [("begin", 1)]


def test_captions_pause_for_a_dictation_and_resume_after_it(harness: Harness) -> None:
    microphone = harness.recording()
    dictated = harness.press()
    assert harness.phases[-1] is Phase.PAUSED
    dictated.speak(0.5)
    harness.until(lambda: ("begin", 2) in harness.order())
    microphone.speak(0.3)  # the tail of the captions
    assert harness.ended() == 1
    dictated.speak(0.1)
    assert harness.written(1, "A meeting").status is EntryStatus.WRITTEN
    harness.release()
    assert harness.opened.empty() and harness.captions.is_on
    dictated.speak(0.3)
    assert harness.ended() == 2
    harness.until(lambda: not harness.opened.empty())
    assert harness.phases[-1] is Phase.ARMING
    harness.opened.get().speak(0.5)
    harness.until(lambda: ("begin", 3) in harness.order())
    assert harness.written(2, "A letter.").text == "A letter."
    harness.until(lambda: harness.dictation.is_quiet)
    assert [text for text, _ in harness.fake.paster.pasted] == ["A letter."]
    assert harness.order() == [
        ("begin", 1), ("begin", 2), ("end", 1), ("end", 2), ("begin", 3)
    ]  # fmt: skip
    priorities = [harness.engine.options[n].priority for n in (1, 2, 3)]
    assert priorities == [Priority.LIVE, Priority.DICTATION, Priority.LIVE]
    harness.until(lambda: harness.phases[-1] is Phase.LISTENING)


def test_shortcut_with_the_hold_key_loses_no_caption_words(harness: Harness) -> None:
    microphone = harness.recording()
    harness.press()
    harness.dictation.key(Input.OTHER, harness.clock.now_s)
    harness.release()
    pause = threading.Event()
    for _ in range(20):  # the first is still recording its tail and must come first
        harness.tick()
        pause.wait(0.002)
    assert harness.opened.empty() and harness.order() == [("begin", 1)]
    microphone.speak(0.3)
    harness.until(lambda: not harness.opened.empty())
    harness.opened.get().speak(0.1)
    harness.until(lambda: ("begin", 3) in harness.order())
    assert harness.order() == [("begin", 1), ("end", 1), ("begin", 3)]


@pytest.mark.parametrize("harness", [KeepOpen.OFF, KeepOpen.SHORT], indirect=True)
def test_dictation_shares_the_microphone_that_captions_opened(
    harness: Harness,
) -> None:
    microphone = harness.recording()
    recording = harness.dictating()
    microphone.speak(0.5)  # its beginning is also the tail of the captions
    assert harness.ended() == 1
    harness.until(lambda: recording.recorded == RATE_HZ // 2)
    assert harness.opened.empty() and not microphone.closed
    harness.release()
    microphone.speak(0.3)
    assert harness.ended() == 2


@pytest.mark.parametrize("harness", [KeepOpen.OFF, KeepOpen.SHORT], indirect=True)
def test_captions_that_end_leave_a_dictation_its_microphone(harness: Harness) -> None:
    microphone = harness.recording()
    recording = harness.dictating()
    harness.captions.toggle()
    microphone.speak(0.5)
    assert harness.ended() == 1
    harness.until(lambda: harness.captions._pending[1].recording.over.is_set())
    microphone.speak(0.5)
    harness.until(lambda: recording.recorded == RATE_HZ)


def test_captions_begun_during_a_dictation_wait_for_its_end(harness: Harness) -> None:
    dictated = harness.press()
    harness.captions.toggle()
    assert harness.phases == [Phase.PAUSED] and harness.opened.empty()
    harness.release()
    dictated.speak(0.3)
    harness.until(lambda: not harness.opened.empty())
    assert harness.phases == [Phase.PAUSED, Phase.ARMING]


def test_long_utterance_is_split_at_a_pause(harness: Harness) -> None:
    microphone = harness.recording()
    harness.on(Committed(1, 0.0, 600.0, "Very long."))
    harness.lasts(ROLL_S)
    harness.tick()
    assert harness.captions._speaking.number == 1
    harness.lasts(ROLL_S, quiet_s=1.2)
    microphone.speak(0.3)
    harness.until(lambda: not harness.opened.empty())
    assert harness.ended() == 1
    harness.opened.get().speak(0.1)
    harness.until(lambda: ("begin", 2) in harness.order())
    assert harness.phases == [Phase.ARMING, Phase.LISTENING]  # no visible change
    harness.written(1, "Very long.")
    harness.on(Committed(2, 0.0, 1.0, "And on."))
    assert harness.words[-1] == ("And on.", "")


def test_an_utterance_without_a_pause_ends_after_an_hour(harness: Harness) -> None:
    microphone = harness.recording()
    harness.lasts(LONGEST_S)
    microphone.speak(0.3)
    assert harness.ended() == 1
    harness.until(lambda: not harness.opened.empty())


def test_lost_microphone_ends_captions_and_keeps_their_words(
    harness: Harness,
) -> None:
    microphone = harness.recording()
    harness.microphones.refusal = NONE
    microphone.lose()
    harness.until(lambda: harness.phases[-1] is Phase.OFF)
    assert harness.messages == [MICROPHONE_LOST]
    assert harness.written(harness.ended(), "Kept.").text == "Kept."


def test_captions_continue_on_a_microphone_that_is_chosen(harness: Harness) -> None:
    harness.captions.change_microphone("Lamp")  # while captions are off
    assert harness.microphones.made == []
    first = harness.recording()
    harness.microphones.device = LAMP
    harness.captions.change_microphone("Lamp")
    second = harness.opened.get(timeout=LIMIT_S)
    assert first.closed and second.wanted == "Lamp"
    second.speak(0.5)
    harness.captions.toggle()
    second.speak(0.3)
    number = harness.ended()
    harness.written(number, "Both halves.")
    [note] = rows.transcript(harness.history, number).notes
    assert "the microphone changed from “Desk” to “Lamp”" in note


def test_device_change_without_later_sound_is_reported_at_the_end(
    harness: Harness,
) -> None:
    first = harness.recording()
    harness.microphones.refusal = NONE
    first.lose()
    harness.until(lambda: harness.phases[-1] is Phase.ARMING)
    harness.microphones.refusal = None
    harness.until(lambda: not harness.opened.empty())
    second = harness.opened.get()
    pending = harness.captions._speaking
    harness.until(lambda: len(pending.device_changes) == 1)
    harness.captions.toggle()
    second.speak(0.3, level=0.0)
    harness.written(harness.ended(), "One half.")
    assert harness.messages == pending.device_changes


def test_no_microphone_is_reported(harness: Harness) -> None:
    harness.microphones.refusal = NONE
    harness.captions.toggle()
    harness.until(lambda: harness.phases[-1] is Phase.OFF)
    assert harness.messages == [NONE.line()]
    assert harness.row(1).status is EntryStatus.FAILED and harness.captions.is_quiet


def test_captions_without_the_permission_end_and_say_so(harness: Harness) -> None:
    harness.fake.permissions.grants[Permission.MICROPHONE] = Grant.DENIED
    harness.started().speak(1.2, level=0.0)
    harness.until(lambda: harness.phases[-1] is Phase.OFF)
    assert harness.messages == [MICROPHONE_DENIED.format("Mica")]


def test_captions_request_the_microphone_permission(harness: Harness) -> None:
    grants = harness.fake.permissions.grants
    grants[Permission.MICROPHONE] = Grant.UNDETERMINED
    harness.captions.toggle()
    assert harness.fake.permissions.requested == [Permission.MICROPHONE]
    assert harness.messages == [f"{MICROPHONE_NEEDED} {ANSWER_DIALOG.format('Mica')}"]
    assert harness.captions.is_quiet, "no microphone is open while the dialog is"
    grants[Permission.MICROPHONE] = Grant.GRANTED
    harness.started()


def test_muted_microphone_is_named_and_captions_continue(harness: Harness) -> None:
    harness.started().speak(1.2, level=0.0)
    harness.until(lambda: bool(harness.messages))
    assert "gives only silence" in harness.messages[0] and harness.captions.is_on
    harness.captions.on_recording(Flowing(harness.captions._speaking.number))
    assert harness.messages == []


def test_captions_continue_with_a_restarted_engine(harness: Harness) -> None:
    harness.recording()
    harness.on(Restarted(1))
    harness.on(Ready("m", 1.0))
    harness.on(Committed(1, 0.0, 1.0, "Still here."))
    assert harness.captions.is_on and harness.words == [("Still here.", "")]


def fail_after_words(harness: Harness) -> None:
    """Record; the engine fails after words that are final and one that is not."""
    harness.recording()
    harness.on(Committed(1, 0.0, 1.0, "So far."))
    harness.on(Hypothesis(1, "and"))
    harness.on(Failed(1, DEAD))


def replayed(harness: Harness) -> None:
    """Turn captions off; wait until the recording is replayed."""
    harness.captions.toggle()
    harness.microphones.made[-1].speak(0.3)
    assert harness.ended() == 1  # live
    harness.until(lambda: not harness.engine.ended.empty())
    assert harness.ended() == 1  # the replay


def test_an_engine_failure_ends_no_captions_and_the_words_come_at_the_end(
    harness: Harness,
) -> None:
    fail_after_words(harness)
    assert harness.captions.is_on and harness.messages == [DEAD.line()]
    harness.microphones.made[-1].speak(1.0)
    recording = harness.captions._speaking.recording
    harness.until(lambda: recording.recorded >= 1.5 * RATE_HZ)
    assert not harness.microphones.made[-1].closed
    shown = list(harness.words)
    replayed(harness)
    harness.on(Committed(1, 0.0, 1.0, "So far."))
    assert harness.words == shown, "its words are shown once"
    harness.written(1, "So far. And on.")


def test_an_engine_that_fails_at_the_replay_too_costs_no_words_that_were_shown(
    harness: Harness,
) -> None:
    fail_after_words(harness)
    replayed(harness)
    harness.on(Committed(1, 0.0, 0.5, "So"))
    assert harness.row(1).text == "So far. and"
    harness.on(Failed(1, DEAD))
    entry = harness.row(1)
    assert entry.status is EntryStatus.FAILED and entry.text == "So far. and"
    assert harness.messages[-1].startswith(TRANSCRIPTION_FAILED)
    assert entry.error == DEAD.line()


def test_shown_words_are_in_the_library_at_once(harness: Harness) -> None:
    harness.recording()
    for text in ("So far.", "And on."):
        harness.on(Committed(1, 0.0, 1.0, text))
    assert harness.row(1).text == "So far. And on."
    assert (
        harness.row(1).status is EntryStatus.SPEAKING and harness.history.last() is None
    )


def test_captions_without_a_model_do_not_begin(harness: Harness) -> None:
    harness.captions.refusal = lambda: ModelError("No model.", "Get one.")
    harness.captions.toggle()
    assert not harness.captions.is_on and harness.opened.empty()
    assert harness.messages == ["No model. Get one."]


def test_an_older_utterance_that_fails_ends_nothing(harness: Harness) -> None:
    microphone = harness.recording()
    dictated = harness.press()
    microphone.speak(0.3)
    assert harness.ended() == 1
    harness.on(Failed(1, DEAD))
    harness.until(lambda: not harness.engine.ended.empty())
    assert harness.ended() == 1  # the replay
    harness.on(Failed(1, DEAD))
    harness.release()
    dictated.speak(0.3)
    harness.until(lambda: not harness.opened.empty())
    assert harness.captions.is_on and harness.row(1).status is EntryStatus.FAILED


def test_user_going_away_ends_captions_and_keeps_their_words(harness: Harness) -> None:
    microphone = harness.recording()
    harness.captions.suspend()
    assert harness.phases[-1] is Phase.OFF
    microphone.speak(0.3)
    harness.written(harness.ended(), "Before you left.")
    harness.captions.toggle()  # while the screen is locked
    assert not harness.captions.is_on
    harness.captions.resume()
    assert harness.messages == [CAPTIONS_ENDED_AWAY]
    harness.captions.suspend()  # while captions are off
    harness.captions.resume()
    assert harness.messages == [CAPTIONS_ENDED_AWAY]
    harness.started()


def test_late_words_of_earlier_captions_are_not_shown(harness: Harness) -> None:
    microphone = harness.recording()
    harness.captions.toggle()
    harness.captions.toggle()
    microphone.speak(0.3)
    harness.until(lambda: not harness.opened.empty())
    harness.on(Committed(1, 0.0, 1.0, "Old."))
    harness.written(1, "Old.")
    harness.on(Hypothesis(2, "new"))
    assert harness.words == [("", "new")]


def test_the_text_of_captions_has_a_line_for_each_utterance(harness: Harness) -> None:
    microphone = harness.recording()
    harness.on(Hypothesis(1, "before"))
    assert harness.captions.text == "before"
    dictated = harness.press()
    microphone.speak(0.3)
    harness.written(harness.ended(), "Before it.")
    harness.release()
    dictated.speak(0.3)
    harness.written(harness.ended(), "No caption.")
    harness.until(lambda: not harness.opened.empty())
    harness.on(Committed(3, 0.0, 1.0, "Behind it,"))
    harness.on(Hypothesis(3, "so far"))
    assert harness.captions.text == "Before it.\nBehind it, so far"
    harness.on(Failed(3, DEAD))
    assert harness.captions.text == "Before it.\nBehind it, so far"
    harness.captions.toggle()
    harness.captions.toggle()
    assert harness.captions.text == ""


def test_captions_delete_old_recordings_as_they_go(
    harness: Harness, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captions, "prune", partial(prune, count=1))
    old = harness.history.add(1.0, Style.RAW)
    journal = home / "journal" / f"{old:08d}.wav"
    journal.parent.mkdir()
    journal.touch()
    os.utime(journal, (1.0, 1.0))
    harness.history.set_journal(old, journal)
    harness.history.set_text(old, Transcript("Old.", "m", 1.0))
    harness.recording()
    harness.captions.toggle()
    assert journal.exists()
    harness.written(2, "New.")
    assert not journal.exists() and harness.row(old).text == "Old."
    assert harness.row(2).journal.exists()


def test_tentative_words_are_saved_once_a_second(harness: Harness) -> None:
    """A kill then costs no more than what was shown in the last second."""
    harness.recording()
    harness.clock.now_s += SAVE_S
    harness.on(Hypothesis(1, "what was"))
    assert harness.row(1).text == "what was"
    harness.on(Hypothesis(1, "what was shown"))
    assert harness.row(1).text == "what was"
    harness.clock.now_s += SAVE_S
    harness.on(Hypothesis(1, "what was shown stays"))
    assert harness.row(1).text == "what was shown stays"
    harness.on(Committed(1, 0.0, 1.0, "What was shown stays."))
    assert harness.row(1).text == "What was shown stays."


def test_an_empty_final_text_does_not_replace_words_shown_as_final(
    harness: Harness,
) -> None:
    harness.recording()
    harness.on(Committed(1, 0.0, 1.0, "Shown."))
    assert harness.written(1, "").text == "Shown."
    assert harness.captions.text == "Shown."


def test_quitting_keeps_the_words_and_the_recording(harness: Harness) -> None:
    harness.recording()
    harness.on(Committed(1, 0.0, 1.0, "So far."))
    harness.on(Hypothesis(1, "and so on"))
    harness.captions.close()
    entry, transcript = harness.row(1), rows.transcript(harness.history, 1)
    assert (entry.status, entry.text) == (EntryStatus.WRITTEN, "So far. and so on")
    assert transcript.notes == (CAPTIONS_CUT,)
    assert harness.order()[-1] == ("cancel", 1)


def test_captions_leave_the_events_of_a_dictation_alone(harness: Harness) -> None:
    dictated = harness.press()
    dictated.speak(0.5)
    for event in (Hypothesis(1, "a"), Committed(1, 0.0, 1.0, "A."), Failed(None, DEAD)):
        assert not harness.captions.on_engine(event)
    assert harness.words == []
