"""The effect of taps, chords, Esc and time on a dictation."""

from itertools import pairwise

import pytest

from dictation.harness import Harness
from mica import paths
from mica.dictation.controller import LATE, LONG, NEARLY
from mica.dictation.recording_events import Ended
from mica.dictation.state import Latch, State
from mica.errors import EngineError, MicrophoneError
from mica.host.hold_key import LOCK_S, UNDO_S, Input
from mica.library.store import EntryStatus
from mica.settings import Settings
from support.fakes import LIMIT_S, RATE_HZ


def test_escape_is_final_after_five_seconds_and_keeps_the_recording(
    harness: Harness,
) -> None:
    microphone = harness.pressed()
    microphone.speak(0.3)
    harness.until(lambda: State.LISTENING in harness.states)
    harness.escape()
    assert harness.states[-1] is State.CANCELLED
    assert harness.status(1) is EntryStatus.CANCELLED
    harness.release()
    microphone.speak(0.3)
    harness.deliver_text(harness.engine.ended.get(timeout=LIMIT_S)[0], "Not this.")
    assert harness.texts == [] and harness.row(1).text == ""
    harness.clock.now_s += UNDO_S
    harness.until(lambda: harness.dictation.is_quiet)
    harness.dictation.undo()
    assert harness.states[-1] is State.IDLE
    assert ("cancel", 1) in harness.engine.calls
    assert harness.status(1) is EntryStatus.CANCELLED
    assert harness.fake.paster.pasted == []
    assert harness.row(1).journal.exists()


@pytest.mark.parametrize("final_first", [True, False])
def test_undone_escape_acts_like_a_release(harness: Harness, final_first: bool) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.escape()
    microphone.speak(0.3)
    utterance, last = harness.engine.ended.get(timeout=LIMIT_S)
    assert last == RATE_HZ // 2
    harness.release()
    if final_first:
        harness.deliver_text(utterance, "Said after all.")
    harness.dictation.undo()
    assert harness.states[-1] is State.WORKING
    if not final_first:
        harness.deliver_text(utterance, "Said after all.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert [text for text, _ in harness.fake.paster.pasted] == ["Said after all."]
    assert harness.status(utterance) is EntryStatus.INSERTED


def test_a_new_dictation_makes_an_escape_final(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.escape()
    microphone.speak(0.3)
    harness.engine.ended.get(timeout=LIMIT_S)
    harness.release()
    second = harness.spoken()
    harness.dictation.undo()
    harness.deliver_text(second, "Two.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert [text for text, _ in harness.fake.paster.pasted] == ["Two."]
    assert ("cancel", 1) in harness.engine.calls


def test_a_cancelled_dictation_that_failed_cannot_be_undone(
    harness: Harness,
) -> None:
    utterance = 1
    microphone = harness.pressed()
    microphone.speak(0.9)
    harness.escape()
    harness.release()
    microphone.speak(0.3)
    harness.engine.ended.get(timeout=LIMIT_S)
    harness.fails(utterance)
    harness.dictation.undo()
    assert harness.status(utterance) is EntryStatus.FAILED
    assert harness.states[-1] is State.TROUBLE


@pytest.mark.parametrize("tap", [Input.PRESS, Input.TOGGLE])
def test_tap_meant_to_end_a_failed_dictation_starts_none(
    harness: Harness, tap: Input
) -> None:
    harness.tapped().speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.dictation.on_recording(Ended(1, EngineError("It broke.")))
    harness.until(lambda: harness.states[-1] is State.TROUBLE)
    harness.clock.now_s += 4.0
    harness.dictation.key(tap, harness.clock.now_s)
    if tap is Input.PRESS:
        harness.release(held_s=0.1)
    assert harness.states[-1] is State.TROUBLE
    assert harness.messages[-1] == LATE
    harness.until(lambda: all(one.closed for one in harness.microphones.made[1:]))
    made = len(harness.microphones.made)
    harness.press()
    harness.until(lambda: len(harness.microphones.made) == made + 1)


def test_hold_soon_after_a_failure_loses_no_words(harness: Harness) -> None:
    harness.microphones.refusal = MicrophoneError(
        "No microphone was found.", "Get one."
    )
    harness.dictation.toggle()
    harness.until(lambda: harness.states[-1] is State.TROUBLE)
    harness.microphones.refusal = None
    utterance = harness.spoken(0.9)
    harness.deliver_text(utterance, "Every word.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted[0][0] == "Every word."
    assert LATE not in harness.messages


@pytest.mark.parametrize("by", ["cancel", "dismiss"])
def test_a_tap_starts_after_the_failure_was_dismissed(
    harness: Harness, by: str
) -> None:
    harness.microphones.refusal = MicrophoneError(
        "No microphone was found.", "Get one."
    )
    harness.dictation.toggle()
    harness.until(lambda: harness.states[-1] is State.TROUBLE)
    harness.microphones.refusal = None
    getattr(harness.dictation, by)()
    harness.tapped()
    assert harness.states[-1] is State.ARMING and LATE not in harness.messages


def test_start_in_the_menu_starts_after_a_failure(harness: Harness) -> None:
    harness.microphones.refusal = MicrophoneError(
        "No microphone was found.", "Get one."
    )
    harness.press()
    harness.release(held_s=0.1)
    harness.until(lambda: harness.states[-1] is State.TROUBLE)
    harness.microphones.refusal = None
    harness.dictation.start_or_stop()
    assert harness.states[-1] is State.ARMING and LATE not in harness.messages


def test_a_shortcut_discards_the_recording_at_once(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.3)
    harness.until(lambda: harness.row(1).journal is not None)
    journal = harness.row(1).journal
    assert journal is not None and journal.exists()
    harness.dictation.key(Input.OTHER, harness.clock.now_s + 0.3)
    assert harness.states[-1] is State.IDLE
    harness.until(lambda: microphone.closed)
    harness.release()
    harness.dictation.undo()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.engine.ended.empty() and harness.messages == []
    harness.until(lambda: not journal.exists())
    assert harness.history.entry(1) is None


def test_a_shortcut_before_the_microphone_is_open_leaves_no_recording(
    harness: Harness,
) -> None:
    harness.press()
    speaking = harness.speaking
    harness.dictation.key(Input.OTHER, harness.clock.now_s)
    harness.until(speaking.recording.over.is_set)
    harness.until(lambda: list(paths.journal_folder().iterdir()) == [])
    assert harness.history.entry(1) is None


def test_a_tap_listens_until_the_next_tap(harness: Harness) -> None:
    microphone = harness.tapped()
    assert harness.latches[-1] is Latch.LATCHED
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    checks = harness.fake.hotkeys.is_down_calls
    began_s = harness.clock.now_s
    harness.until(lambda: harness.clock.now_s > began_s + 2.0)
    assert (
        harness.fake.hotkeys.is_down_calls == checks
    )  # no key is held, so there is nothing to poll
    assert harness.fake.hotkeys.escape_wanted
    harness.press()
    harness.release(held_s=0.1)
    microphone.speak(0.3)
    harness.deliver_text(harness.engine.ended.get(timeout=LIMIT_S)[0], "Hands free.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted[0][0] == "Hands free."
    assert harness.latches[-1] is Latch.OFF
    assert not harness.fake.hotkeys.escape_wanted


def test_two_taps_lock_a_dictation_and_a_tap_ends_it(harness: Harness) -> None:
    harness.chosen = Settings(max_dictation_s=100.0)
    microphone = harness.tapped()
    harness.clock.now_s += LOCK_S / 2
    harness.press()
    harness.release(held_s=0.1)
    assert harness.latches[-1] is Latch.LOCKED
    harness.clock.now_s += 1000.0
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    assert harness.messages == []
    harness.press()
    harness.release(held_s=0.1)
    microphone.speak(0.3)
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_a_lost_key_up_ends_a_dictation_within_a_second(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    began_s = harness.clock.now_s
    harness.until(lambda: harness.clock.now_s > began_s + 2.0)
    assert harness.states[-1] is State.LISTENING
    harness.fake.hotkeys.down = False
    lost_s = harness.clock.now_s
    harness.until(lambda: harness.states[-1] is State.WORKING)
    assert harness.clock.now_s - lost_s < 1.0
    microphone.speak(0.3)
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_toggle_begins_and_ends(harness: Harness) -> None:
    harness.dictation.toggle()
    microphone = harness.microphones.opened.get(timeout=LIMIT_S)
    microphone.speak(0.5)
    harness.dictation.toggle()
    microphone.speak(0.3)
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_a_dictation_locked_by_command_lasts_until_toggled(harness: Harness) -> None:
    harness.chosen = Settings(max_dictation_s=100.0)
    harness.dictation.lock()
    microphone = harness.microphones.opened.get(timeout=LIMIT_S)
    assert harness.latches[-1] is Latch.LOCKED
    harness.dictation.lock()  # locked already
    harness.clock.now_s += 1000.0
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.dictation.toggle()
    microphone.speak(0.3)
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_tapped_dictation_ends_after_silence(harness: Harness) -> None:
    harness.chosen = Settings(quiet_stop_s=2.0)
    microphone = harness.tapped()
    microphone.speak(1.0)
    microphone.speak(1.8, level=1e-5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    microphone.speak(0.5, level=1e-5)
    harness.until(lambda: harness.states[-1] is State.WORKING)
    assert harness.engine.ended.get(timeout=LIMIT_S)


@pytest.mark.parametrize("quiet_stop_s", [0.0, 2.0])
def test_silence_ends_no_hold_and_nothing_if_stop_after_silence_is_off(
    harness: Harness, quiet_stop_s: float
) -> None:
    harness.chosen = Settings(quiet_stop_s=quiet_stop_s)
    microphone = harness.tapped() if quiet_stop_s == 0 else harness.pressed()
    microphone.speak(0.2)
    microphone.speak(4.0, level=1e-5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    before = harness.clock.now_s
    harness.until(lambda: harness.clock.now_s > before + 1)
    assert harness.states[-1] is State.LISTENING


def test_shortcut_sends_no_utterance_to_the_engine(
    harness: Harness,
) -> None:
    first = harness.pressed()
    first.speak(0.5)
    harness.release()  # its tail is still being recorded
    harness.pressed()
    harness.dictation.key(Input.OTHER, harness.clock.now_s)
    harness.release(held_s=0.1)
    third = harness.pressed()
    third.speak(0.5)
    recording = harness.speaking.recording
    harness.until(lambda: recording.recorded >= RATE_HZ // 2)
    first.speak(0.3)
    harness.until(lambda: ("end", 1) in [call[:2] for call in harness.engine.calls])
    harness.release()
    third.speak(0.3)
    harness.until(recording.over.is_set)
    calls = [call[:2] for call in harness.engine.calls]
    assert sorted(calls) == [("begin", 1), ("begin", 3), ("end", 1), ("end", 3)]


def test_time_limit_is_announced_and_ends_the_dictation(
    harness: Harness,
) -> None:
    harness.chosen = Settings(max_dictation_s=100.0)
    microphone = harness.tapped()
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.clock.now_s += 50.0
    harness.until(lambda: NEARLY in harness.messages)
    assert harness.states[-1] is State.LISTENING
    harness.clock.now_s += 59.0
    harness.until(lambda: LONG in harness.messages)
    microphone.speak(0.4)
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == 1
    assert harness.messages == [NEARLY, LONG]
    assert harness.troubles == harness.messages  # visible even if the overlay is off
    harness.deliver_text(1, "")
    harness.until(lambda: harness.dictation.is_quiet)
    assert State.TROUBLE not in harness.states  # but nothing failed


def test_a_text_may_arrive_as_a_cancel_becomes_final(harness: Harness) -> None:
    """Both happen in the same tick; several are tried, since pasting takes a while."""
    for ticks in range(15, 30):
        first = harness.spoken()
        microphone = harness.pressed()
        microphone.speak(0.3)
        harness.until(lambda: harness.states[-1] is State.LISTENING)
        harness.escape()
        answered_s = harness.clock.now_s + UNDO_S - 0.01 * ticks
        microphone.speak(0.3)
        harness.release(held_s=0.0)
        harness.engine.ended.get(timeout=LIMIT_S)  # the cancelled one's
        while harness.clock.now_s < answered_s:
            harness.tick()
            harness.clock.now_s += 0.01
        harness.deliver_text(first, "Hello.")
        harness.until(lambda: harness.states[-1] is State.IDLE)
        assert harness.status(first) is EntryStatus.INSERTED
    assert (State.CANCELLED, State.DONE) in pairwise(harness.states)
