"""What taps, chords, Esc and time do to a dictation."""

from itertools import pairwise

import pytest

from dictation.harness import Bench
from fakes import LIMIT_S, RATE_HZ
from mica.dictation import controller as said
from mica.dictation.controller import LATE
from mica.dictation.state import Latch, State
from mica.errors import EngineError, MicrophoneError
from mica.host.hold_key import LOCK_S, UNDO_S, Input
from mica.library.store import Status
from mica.settings import Settings


def test_escape_is_final_after_five_seconds_and_keeps_the_recording(
    bench: Bench,
) -> None:
    microphone = bench.pressed()
    microphone.say(0.3)
    bench.until(lambda: State.LISTENING in bench.states)
    bench.escape()
    assert bench.states[-1] is State.CANCELLED
    assert bench.status(1) is Status.CANCELLED
    bench.release()
    microphone.say(0.3)
    bench.answer(bench.engine.ended.get(timeout=LIMIT_S)[0], "Not this.")
    assert bench.texts == [] and bench.row(1).text == ""
    bench.clock.now_s += UNDO_S
    bench.until(lambda: bench.dictation.is_quiet)
    bench.dictation.undo()
    assert bench.states[-1] is State.IDLE
    assert ("cancel", 1) in bench.engine.calls
    assert bench.status(1) is Status.CANCELLED
    assert bench.fake.paster.pasted == []
    assert bench.row(1).journal.exists()


@pytest.mark.parametrize("answered_first", [True, False])
def test_an_escape_taken_back_is_as_if_released(
    bench: Bench, answered_first: bool
) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.escape()
    microphone.say(0.3)
    utterance, last = bench.engine.ended.get(timeout=LIMIT_S)
    assert last == RATE_HZ // 2
    bench.release()
    if answered_first:
        bench.answer(utterance, "Said after all.")
    bench.dictation.undo()
    assert bench.states[-1] is State.WORKING
    if not answered_first:
        bench.answer(utterance, "Said after all.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert [text for text, _ in bench.fake.paster.pasted] == ["Said after all."]
    assert bench.status(utterance) is Status.INSERTED


def test_a_new_dictation_makes_an_escape_final(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.escape()
    microphone.say(0.3)
    bench.engine.ended.get(timeout=LIMIT_S)
    bench.release()
    second = bench.spoken()
    bench.dictation.undo()
    bench.answer(second, "Two.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert [text for text, _ in bench.fake.paster.pasted] == ["Two."]
    assert ("cancel", 1) in bench.engine.calls


def test_a_cancelled_one_that_fails_for_good_cannot_be_taken_back(bench: Bench) -> None:
    utterance = 1
    microphone = bench.pressed()
    microphone.say(0.9)
    bench.escape()
    bench.release()
    microphone.say(0.3)
    bench.engine.ended.get(timeout=LIMIT_S)
    bench.fails(utterance)
    bench.dictation.undo()
    assert bench.status(utterance) is Status.FAILED
    assert bench.states[-1] is State.TROUBLE


@pytest.mark.parametrize("tap", [Input.PRESS, Input.TOGGLE])
def test_the_tap_that_was_to_end_a_failed_dictation_begins_none(
    bench: Bench, tap: Input
) -> None:
    bench.tapped().say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.dictation._utterances.speaking.recording.error = EngineError("It broke.")
    bench.until(lambda: bench.states[-1] is State.TROUBLE)
    bench.clock.now_s += 4.0
    bench.dictation.key(tap, bench.clock.now_s)
    if tap is Input.PRESS:
        bench.release(held_s=0.1)
    assert bench.states[-1] is State.TROUBLE
    assert bench.messages[-1] == LATE
    bench.until(lambda: all(one.closed for one in bench.microphones.made[1:]))
    made = len(bench.microphones.made)
    bench.press()
    bench.until(lambda: len(bench.microphones.made) == made + 1)


def test_a_hold_soon_after_a_failure_loses_no_word(bench: Bench) -> None:
    bench.microphones.refusal = MicrophoneError("No microphone was found.", "Get one.")
    bench.dictation.toggle()
    bench.until(lambda: bench.states[-1] is State.TROUBLE)
    bench.microphones.refusal = None
    utterance = bench.spoken(0.9)
    bench.answer(utterance, "Every word.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted[0][0] == "Every word."
    assert LATE not in bench.messages


@pytest.mark.parametrize("by", ["cancel", "dismiss"])
def test_who_is_through_with_a_failure_starts_by_a_tap(bench: Bench, by: str) -> None:
    bench.microphones.refusal = MicrophoneError("No microphone was found.", "Get one.")
    bench.dictation.toggle()
    bench.until(lambda: bench.states[-1] is State.TROUBLE)
    bench.microphones.refusal = None
    getattr(bench.dictation, by)()
    bench.tapped()
    assert bench.states[-1] is State.ARMING and LATE not in bench.messages


def test_who_chooses_to_start_after_a_failure_starts(bench: Bench) -> None:
    bench.microphones.refusal = MicrophoneError("No microphone was found.", "Get one.")
    bench.press()
    bench.release(held_s=0.1)
    bench.until(lambda: bench.states[-1] is State.TROUBLE)
    bench.microphones.refusal = None
    bench.dictation.start_or_stop()
    assert bench.states[-1] is State.ARMING and LATE not in bench.messages


def test_a_chord_is_forgotten_at_once(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.3)
    bench.dictation.key(Input.OTHER, bench.clock.now_s + 0.3)
    assert bench.states == [State.ARMING, State.IDLE]
    bench.until(lambda: microphone.closed)
    bench.release()
    bench.dictation.undo()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.engine.ended.empty() and bench.messages == []
    assert bench.status(1) is Status.CANCELLED


def test_a_tap_listens_until_the_next_tap(bench: Bench) -> None:
    microphone = bench.tapped()
    assert bench.latches[-1] is Latch.LATCHED
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    asked = bench.fake.hotkeys.asked
    began_s = bench.clock.now_s
    bench.until(lambda: bench.clock.now_s > began_s + 2.0)
    assert bench.fake.hotkeys.asked == asked  # no key is held: nothing to ask
    assert bench.fake.hotkeys.escape_wanted
    bench.press()
    bench.release(held_s=0.1)
    microphone.say(0.3)
    bench.answer(bench.engine.ended.get(timeout=LIMIT_S)[0], "Hands free.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted[0][0] == "Hands free."
    assert bench.latches[-1] is Latch.OFF
    assert not bench.fake.hotkeys.escape_wanted


def test_two_taps_lock_and_a_tap_ends_it(bench: Bench) -> None:
    bench.chosen = Settings(max_dictation_s=100.0)
    microphone = bench.tapped()
    bench.clock.now_s += LOCK_S / 2
    bench.press()
    bench.release(held_s=0.1)
    assert bench.latches[-1] is Latch.LOCKED
    bench.clock.now_s += 1000.0
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    assert bench.messages == []
    bench.press()
    bench.release(held_s=0.1)
    microphone.say(0.3)
    assert bench.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_a_lost_key_up_ends_it_within_a_second(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    began_s = bench.clock.now_s
    bench.until(lambda: bench.clock.now_s > began_s + 2.0)
    assert bench.states[-1] is State.LISTENING
    bench.fake.hotkeys.down = False
    lost_s = bench.clock.now_s
    bench.until(lambda: bench.states[-1] is State.WORKING)
    assert bench.clock.now_s - lost_s < 1.0
    microphone.say(0.3)
    assert bench.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_toggle_begins_and_ends(bench: Bench) -> None:
    bench.dictation.toggle()
    microphone = bench.microphones.opened.get(timeout=LIMIT_S)
    microphone.say(0.5)
    bench.dictation.toggle()
    microphone.say(0.3)
    assert bench.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_locked_without_a_key_it_goes_on_until_toggled(bench: Bench) -> None:
    bench.chosen = Settings(max_dictation_s=100.0)
    bench.dictation.lock()
    microphone = bench.microphones.opened.get(timeout=LIMIT_S)
    assert bench.latches[-1] is Latch.LOCKED
    bench.dictation.lock()  # as it is already
    bench.clock.now_s += 1000.0
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.dictation.toggle()
    microphone.say(0.3)
    assert bench.engine.ended.get(timeout=LIMIT_S)[0] == 1


def test_a_tapped_dictation_ends_when_nobody_speaks(bench: Bench) -> None:
    bench.chosen = Settings(quiet_stop_s=2.0)
    microphone = bench.tapped()
    microphone.say(1.0)
    microphone.say(1.8, level=1e-5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    microphone.say(0.5, level=1e-5)
    bench.until(lambda: bench.states[-1] is State.WORKING)
    assert bench.engine.ended.get(timeout=LIMIT_S)


@pytest.mark.parametrize("quiet_stop_s", [0.0, 2.0])
def test_a_hold_or_a_user_who_wants_none_has_no_such_end(
    bench: Bench, quiet_stop_s: float
) -> None:
    bench.chosen = Settings(quiet_stop_s=quiet_stop_s)
    microphone = bench.tapped() if quiet_stop_s == 0 else bench.pressed()
    microphone.say(0.2)
    microphone.say(4.0, level=1e-5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    before = bench.clock.now_s
    bench.until(lambda: bench.clock.now_s > before + 1)
    assert bench.states[-1] is State.LISTENING


def test_a_chord_in_between_lets_nobody_overtake_the_one_before(bench: Bench) -> None:
    first = bench.pressed()
    first.say(0.5)
    bench.release()  # its tail is still to come
    bench.pressed()
    bench.dictation.key(Input.OTHER, bench.clock.now_s)
    bench.release(held_s=0.1)
    third = bench.pressed()
    third.say(0.5)
    recording = bench.dictation._utterances.speaking.recording
    bench.until(lambda: recording.heard >= RATE_HZ // 2)
    bench.until(lambda: bench.engine.calls != [])  # the first one's thread may be late
    assert [call[:2] for call in bench.engine.calls] == [("begin", 1)]
    first.say(0.3)
    bench.release()
    third.say(0.3)
    bench.until(recording.over.is_set)
    told = [call[:2] for call in bench.engine.calls]
    assert told == [("begin", 1), ("end", 1), ("begin", 3), ("end", 3)]


def test_the_longest_dictation_is_announced_and_ends_by_itself(bench: Bench) -> None:
    bench.chosen = Settings(max_dictation_s=100.0)
    microphone = bench.tapped()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.clock.now_s += 50.0
    bench.until(lambda: said.NEARLY in bench.messages)
    assert bench.states[-1] is State.LISTENING
    bench.clock.now_s += 59.0
    bench.until(lambda: said.LONG in bench.messages)
    microphone.say(0.4)
    assert bench.engine.ended.get(timeout=LIMIT_S)[0] == 1
    assert bench.messages == [said.NEARLY, said.LONG]
    assert bench.troubles == bench.messages  # seen also where the overlay is off
    bench.answer(1, "")
    bench.until(lambda: bench.dictation.is_quiet)
    assert State.TROUBLE not in bench.states  # yet nothing failed


def test_a_text_may_arrive_as_a_cancel_becomes_final(bench: Bench) -> None:
    """In the very tick; which one, hangs on how long the paste takes."""
    for ticks in range(15, 30):
        first = bench.spoken()
        microphone = bench.pressed()
        microphone.say(0.3)
        bench.until(lambda: bench.states[-1] is State.LISTENING)
        bench.escape()
        answered_s = bench.clock.now_s + UNDO_S - 0.01 * ticks
        microphone.say(0.3)
        bench.release(held_s=0.0)
        bench.engine.ended.get(timeout=LIMIT_S)  # the cancelled one's
        while bench.clock.now_s < answered_s:
            bench.dictation.tick()
            bench.clock.now_s += 0.01
        bench.answer(first, "Hello.")
        bench.until(lambda: bench.states[-1] is State.IDLE)
        assert bench.status(first) is Status.INSERTED
    assert (State.CANCELLED, State.DONE) in pairwise(bench.states)
