"""What a dictation does when its microphone is missing, mute, lost or replaced."""

import pytest

import rows
from dictation.harness import Bench
from fakes import LIMIT_S, RATE_HZ
from mica.audio.device_selection import Device
from mica.audio.tones import Tone
from mica.dictation import utterances
from mica.dictation.state import State
from mica.errors import MicrophoneError
from mica.host.hold_key import Input
from mica.host.ports import Grant, Permission
from mica.host.sound import Transport
from mica.library.store import Status
from mica.settings import Settings


def test_no_microphone_is_said_and_the_next_press_may_work(bench: Bench) -> None:
    bench.microphones.refusal = MicrophoneError(
        "There is no microphone.", "Connect one."
    )
    bench.press()
    bench.until(lambda: bench.states[-1] is State.TROUBLE)
    assert bench.messages == ["There is no microphone. Connect one."]
    assert bench.status(1) is Status.FAILED
    bench.microphones.refusal = None
    bench.release()
    assert bench.spoken() == 2


def test_a_microphone_that_gives_only_zeros_is_said_and_never_shown_as_listening(
    bench: Bench,
) -> None:
    microphone = bench.pressed()
    microphone.say(1.2, level=0.0)
    bench.until(lambda: bool(bench.messages))
    assert bench.messages == [utterances.SILENT.format("The microphone “Desk”")]
    assert State.LISTENING not in bench.states


@pytest.mark.parametrize(
    ("transport", "silent_s"),
    [(Transport.BLUETOOTH, 3.0), (Transport.BUILT_IN, 1.0), (Transport.UNKNOWN, 1.0)],
)
def test_zeros_are_arming_until_the_time_of_that_kind_of_microphone_is_over(
    bench: Bench, transport: Transport, silent_s: float
) -> None:
    bench.microphones.device = Device(3, "Buds", RATE_HZ, True, transport)
    microphone = bench.pressed()
    recording = bench.dictation._utterances.speaking.recording
    microphone.say(silent_s - 0.02, level=0.0)
    bench.until(lambda: recording.heard == round((silent_s - 0.02) * RATE_HZ))
    bench.dictation.tick()
    assert bench.messages == [] and bench.states == [State.ARMING]
    microphone.say(0.02, level=0.0)
    bench.until(lambda: bool(bench.messages))
    assert bench.messages == [utterances.SILENT.format("The microphone “Buds”")]


def test_zeros_of_a_microphone_that_is_not_allowed_are_said_as_that(
    bench: Bench,
) -> None:
    bench.fake.permissions.grants[Permission.MICROPHONE] = Grant.DENIED
    bench.pressed().say(1.2, level=0.0)
    bench.until(lambda: bool(bench.messages))
    assert bench.messages == [utterances.DENIED]
    assert bench.fake.permissions.requested == []


def test_the_microphone_is_asked_for_where_nobody_has_decided(bench: Bench) -> None:
    bench.fake.permissions.grants[Permission.MICROPHONE] = Grant.UNDETERMINED
    bench.pressed()
    assert bench.fake.permissions.requested == [Permission.MICROPHONE]


def test_a_microphone_lost_while_listening_ends_it_and_is_said(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: State.LISTENING in bench.states)
    utterance, last = bench.lose(microphone)
    assert last == RATE_HZ // 2
    bench.until(lambda: utterances.LOST in bench.messages)
    bench.answer(utterance, "What was said.")
    bench.release()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted[0][0] == "What was said."


def deafened(bench: Bench) -> None:
    """Half a second was said; then the microphone vanished and there is no other."""
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.microphones.refusal = MicrophoneError(
        "No microphone was found.", "Connect one."
    )
    microphone.lose()
    bench.until(lambda: bench.states[-1] is State.ARMING)


def test_another_microphone_goes_on_and_the_place_is_marked(bench: Bench) -> None:
    deafened(bench)
    bench.microphones.refusal = None
    bench.until(lambda: not bench.microphones.opened.empty())
    second = bench.microphones.opened.get()
    second.say(0.5)
    bench.until(lambda: bool(bench.messages))
    bench.release()
    second.say(0.3)
    utterance, last = bench.engine.ended.get(timeout=LIMIT_S)
    assert last > RATE_HZ  # both halves and the silence between them
    [line] = bench.messages
    assert "At 0:00 the microphone “Desk” was away" in line
    assert bench.states_when_told == [State.LISTENING]  # nothing replaces it
    bench.answer(utterance, "Both halves.")
    transcript = rows.transcript(bench.history, utterance)
    assert transcript.notes == (line,)
    journal = bench.row(utterance).journal
    assert b"Desk" in journal.read_bytes()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.messages == [line]


def test_another_that_is_chosen_meanwhile_goes_on(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.microphones.device = Device(4, "Lamp", RATE_HZ, False)
    bench.dictation.change_microphone("Lamp")
    second = bench.microphones.opened.get(timeout=LIMIT_S)
    assert microphone.closed and second.wanted == "Lamp"
    second.say(0.5)
    bench.until(lambda: bool(bench.messages))
    [line] = bench.messages
    assert "the microphone changed from “Desk” to “Lamp”" in line
    assert bench.troubles == []  # the user wanted it
    bench.release()
    second.say(0.3)
    utterance, last = bench.engine.ended.get(timeout=LIMIT_S)
    assert last >= RATE_HZ
    bench.answer(utterance, "Both halves.")
    assert rows.transcript(bench.history, utterance).notes == (line,)


def test_zeros_of_one_that_was_chosen_meanwhile_are_named(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.microphones.device = Device(4, "Lamp", RATE_HZ, False)
    bench.dictation.change_microphone("Lamp")
    second = bench.microphones.opened.get(timeout=LIMIT_S)
    second.say(0.9, level=0.0)
    bench.until(lambda: bench.states[-1] is State.ARMING)
    assert bench.messages == []
    second.say(0.2, level=0.0)
    bench.until(lambda: bool(bench.messages))
    assert bench.messages == [utterances.SILENT.format("The microphone “Lamp”")]
    assert bench.states[-1] is State.ARMING


def test_a_long_seam_is_no_silence_of_the_microphone_behind_it(bench: Bench) -> None:
    deafened(bench)
    bench.clock.now_s += 2.0
    bench.microphones.refusal = None
    bench.until(lambda: not bench.microphones.opened.empty())
    second = bench.microphones.opened.get()
    recording = bench.dictation._utterances.speaking.recording
    second.say(0.1, level=0.0)
    bench.until(lambda: recording.heard > 2.5 * RATE_HZ)
    bench.dictation.tick()
    assert bench.messages == []
    second.say(0.3)
    bench.until(lambda: bench.states[-1] is State.LISTENING)


def test_a_seam_is_nobodys_silence(bench: Bench) -> None:
    """What was said meanwhile nobody knows: it ends no dictation."""
    bench.chosen = Settings(quiet_stop_s=2.0)
    microphone = bench.tapped()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.microphones.refusal = MicrophoneError("It is gone.", "Connect one.")
    microphone.lose()
    bench.until(lambda: bench.states[-1] is State.ARMING)
    bench.clock.now_s += 2.2
    bench.microphones.refusal = None
    bench.until(lambda: not bench.microphones.opened.empty())
    second = bench.microphones.opened.get()
    recording = bench.dictation._utterances.speaking.recording
    second.say(1.8, level=1e-5)
    bench.until(lambda: recording.quiet_s > 1.7)
    assert bench.states[-1] is State.LISTENING
    second.say(0.3, level=1e-5)
    bench.until(lambda: bench.states[-1] is State.WORKING)


def test_a_seam_behind_which_nothing_was_heard_is_said_at_the_end(bench: Bench) -> None:
    deafened(bench)
    bench.microphones.refusal = None
    bench.until(lambda: not bench.microphones.opened.empty())
    second = bench.microphones.opened.get()
    recording = bench.dictation._utterances.speaking.recording
    bench.until(lambda: len(recording.seams) == 1)
    bench.release()
    second.say(0.3, level=0.0)
    utterance, _ = bench.engine.ended.get(timeout=LIMIT_S)
    assert bench.messages == []
    bench.answer(utterance, "One half.")
    assert bench.messages == recording.seams
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.messages == recording.seams


def test_one_that_is_chosen_while_nobody_speaks_is_opened_by_nobody(
    bench: Bench,
) -> None:
    bench.dictation.change_microphone("Lamp")
    assert bench.microphones.made == []


def test_a_key_up_while_none_listens_ends_it_with_what_was_said(bench: Bench) -> None:
    deafened(bench)
    bench.release()
    assert bench.engine.ended.get(timeout=LIMIT_S) == (1, RATE_HZ // 2)


def test_it_sounds_when_it_listens_and_when_it_has_heard_all(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.1, level=0.0)
    for _ in range(20):
        bench.dictation.tick()
    assert bench.tones == []
    microphone.say(0.3)
    bench.until(lambda: bench.tones == [Tone.START])
    bench.release()
    bench.until(lambda: bench.engine.ended.empty())
    assert bench.tones == [Tone.START]  # its own sound must not be in the recording
    microphone.say(0.3)
    bench.until(lambda: bench.tones == [Tone.START, Tone.STOP])


def test_a_chord_makes_no_second_sound_and_a_choice_makes_none(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.3)
    bench.until(lambda: bench.tones == [Tone.START])
    bench.dictation.key(Input.OTHER, bench.clock.now_s)
    bench.release()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.tones == [Tone.START]
    bench.chosen = Settings(sounds=False)
    bench.states.clear()
    microphone = bench.pressed()
    microphone.say(0.3)
    bench.until(lambda: State.LISTENING in bench.states)
    bench.release()
    microphone.say(0.3)
    bench.answer(bench.engine.ended.get(timeout=LIMIT_S)[0], "")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.tones == [Tone.START]


def test_the_level_is_told_thirty_times_a_second(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.levels.clear()
    began_s = bench.clock.now_s
    bench.until(lambda: bench.clock.now_s > began_s + 3.0)
    assert 89 <= len(bench.levels) <= 91
    bench.release()
    microphone.say(0.3)
    bench.answer(bench.engine.ended.get(timeout=LIMIT_S)[0], "")
    bench.until(lambda: bench.dictation.is_quiet)
    bench.levels.clear()
    bench.dictation.tick()
    assert bench.levels == []


def test_an_answer_before_the_next_tick_does_not_hide_the_loss(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: State.LISTENING in bench.states)
    utterance, _ = bench.lose(microphone)
    bench.answer(utterance, "What was said.")
    assert utterances.LOST in bench.messages
    assert bench.states[-1] is State.WORKING
    bench.release()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.status(utterance) is Status.INSERTED


def test_words_of_a_lost_microphone_wait_until_the_key_is_up(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: State.LISTENING in bench.states)
    bench.fake.paster.is_ready = False  # the hold key is a modifier
    utterance, _ = bench.lose(microphone)
    bench.answer(utterance, "What was said.")
    began_s = bench.clock.now_s
    bench.until(lambda: bench.clock.now_s > began_s + 5.0)
    assert not bench.fake.clipboard.copied and not bench.fake.paster.pasted
    bench.release()
    bench.fake.paster.is_ready = True
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.status(utterance) is Status.INSERTED
