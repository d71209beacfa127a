"""A dictation whose microphone is missing, silent, lost or replaced."""

import pytest

from dictation.harness import Harness
from mica.audio.device_selection import Device
from mica.audio.sounds import Tone
from mica.dictation.recording_events import Flowing
from mica.dictation.state import State
from mica.dictation.strings import (
    ANSWER_DIALOG,
    MICROPHONE_DENIED,
    MICROPHONE_LOST,
    MICROPHONE_NEEDED,
    MICROPHONE_SILENT,
    MICROPHONE_WITHOUT_SOUND,
    NO_SPEECH,
    VOICE_ABSENT,
    VOICE_SOFT,
)
from mica.engine.messages import Finished
from mica.errors import MicrophoneError
from mica.events import Transcript
from mica.host.hold_key import Input
from mica.host.sound import Transport
from mica.host.values import Grant, Permission
from mica.library.store import EntryStatus
from mica.settings import Settings
from support import rows
from support.fakes import LIMIT_S, RATE_HZ


def test_missing_microphone_is_reported_and_the_next_press_works(
    harness: Harness,
) -> None:
    harness.microphones.refusal = MicrophoneError(
        "There is no microphone.", "Connect one."
    )
    harness.press()
    harness.until(lambda: harness.states[-1] is State.TROUBLE)
    assert harness.messages == ["There is no microphone. Connect one."]
    assert harness.history.entry(1) is None  # nothing was said
    harness.microphones.refusal = None
    harness.release()
    assert harness.spoken() == 2


def test_microphone_of_zeros_is_reported_and_never_shown_as_listening(
    harness: Harness,
) -> None:
    microphone = harness.pressed()
    microphone.speak(1.2, level=0.0)
    harness.until(lambda: bool(harness.messages))
    assert harness.messages == [MICROPHONE_SILENT.format("The microphone “Desk”")]
    assert State.LISTENING not in harness.states


@pytest.mark.parametrize(
    ("level", "duration_s", "message"),
    [
        (0.0, 0.8, MICROPHONE_WITHOUT_SOUND),
        (0.0, 0.3, NO_SPEECH),  # some microphones begin with zeros
        (0.1, 0.8, NO_SPEECH),
    ],
)
def test_empty_text_is_explained_by_what_the_microphone_gave(
    harness: Harness, level: float, duration_s: float, message: str
) -> None:
    microphone = harness.pressed()
    microphone.speak(duration_s - 0.1, level)
    harness.release()
    microphone.speak(0.3, level)
    utterance = harness.engine.ended.get(timeout=LIMIT_S)[0]
    harness.on(Finished(utterance, Transcript("", "m", duration_s)))
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.messages == [message]
    is_trouble = message != NO_SPEECH
    assert (harness.states[-1] is State.TROUBLE) == is_trouble


def test_message_about_a_silent_microphone_outlasts_the_empty_text(
    harness: Harness,
) -> None:
    microphone = harness.pressed()
    microphone.speak(1.2, level=0.0)
    harness.until(lambda: bool(harness.messages))
    harness.release()
    microphone.speak(0.3, level=0.0)
    utterance = harness.engine.ended.get(timeout=LIMIT_S)[0]
    harness.on(Finished(utterance, Transcript("", "m", 1.4)))
    harness.until(lambda: harness.dictation.is_quiet)
    assert set(harness.messages) == {MICROPHONE_SILENT.format("The microphone “Desk”")}


def test_other_trouble_stays_when_a_message_is_withdrawn(harness: Harness) -> None:
    harness.dictation.report("The disk is full.")
    harness.dictation.retract("The microphone is muted.")
    assert harness.states[-1] is State.TROUBLE
    harness.dictation.retract("The disk is full.")
    assert harness.states[-1] is State.IDLE


def test_sound_after_zeros_withdraws_the_message_about_silence(
    harness: Harness,
) -> None:
    harness.pressed().speak(1.2, level=0.0)
    harness.until(lambda: bool(harness.messages))
    harness.dictation.on_recording(Flowing(harness.speaking.number))
    assert harness.retracted == harness.messages
    harness.dictation.cancel()
    harness.clock.now_s += 10.0  # Undo Cancel has expired
    harness.until(lambda: harness.states[-1] not in (State.ARMING, State.CANCELLED))
    assert harness.states[-1] is State.IDLE


@pytest.mark.parametrize(
    ("transport", "silent_s"),
    [(Transport.BLUETOOTH, 3.0), (Transport.BUILT_IN, 1.0), (Transport.UNKNOWN, 1.0)],
)
def test_zeros_count_as_arming_for_the_time_of_that_kind_of_microphone(
    harness: Harness, transport: Transport, silent_s: float
) -> None:
    harness.microphones.device = Device(3, "Buds", RATE_HZ, True, transport)
    microphone = harness.pressed()
    microphone.speak(silent_s - 0.02, level=0.0)
    harness.recorded(silent_s - 0.02)
    assert harness.messages == [] and harness.states == [State.ARMING]
    microphone.speak(0.02, level=0.0)
    harness.until(lambda: bool(harness.messages))
    assert harness.messages == [MICROPHONE_SILENT.format("The microphone “Buds”")]


def test_zeros_without_permission_are_reported_as_a_missing_permission(
    harness: Harness,
) -> None:
    permissions = harness.fake.permissions
    permissions.grants[Permission.MICROPHONE] = Grant.DENIED
    permissions.app = "Terminal"
    harness.pressed().speak(3.2, level=0.0)
    harness.recorded(3.2)
    assert harness.messages == [MICROPHONE_DENIED.format("Terminal")]
    assert permissions.requested == []
    assert len(harness.microphones.made) == 1, "another would give zeros as well"


def test_the_microphone_permission_is_requested_where_undecided(
    harness: Harness,
) -> None:
    """No microphone is opened before the answer: even after "Allow", it would give only
    zeros."""
    grants = harness.fake.permissions.grants
    grants[Permission.MICROPHONE] = Grant.UNDETERMINED
    harness.press()
    assert harness.fake.permissions.requested == [Permission.MICROPHONE]
    request = f"{MICROPHONE_NEEDED} {ANSWER_DIALOG.format('Mica')}"
    assert harness.messages == [request]
    harness.release()
    assert harness.microphones.made == [] and harness.dictation.is_quiet
    grants[Permission.MICROPHONE] = Grant.GRANTED
    assert harness.spoken() == 1
    assert harness.messages == [request]


def test_the_microphone_is_tried_at_the_second_press_without_a_dialog(
    harness: Harness,
) -> None:
    harness.fake.permissions.grants[Permission.MICROPHONE] = Grant.UNDETERMINED
    harness.press()
    harness.release()
    assert harness.spoken() == 1


def test_microphone_lost_while_listening_ends_the_dictation_and_is_reported(
    harness: Harness,
) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.until(lambda: State.LISTENING in harness.states)
    utterance, last = harness.lose(microphone)
    assert last == RATE_HZ // 2
    harness.until(lambda: MICROPHONE_LOST in harness.messages)
    harness.deliver_text(utterance, "What was said.")
    harness.release()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted[0][0] == "What was said."


def deafened(harness: Harness) -> None:
    """A dictation of half a second whose only microphone was then unplugged."""
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.microphones.refusal = MicrophoneError(
        "No microphone was found.", "Connect one."
    )
    microphone.lose()
    harness.until(lambda: harness.states[-1] is State.ARMING)


def test_a_dictation_fails_over_and_the_place_is_marked(harness: Harness) -> None:
    deafened(harness)
    harness.microphones.refusal = None
    harness.until(lambda: not harness.microphones.opened.empty())
    second = harness.microphones.opened.get()
    second.speak(0.5)
    harness.until(lambda: bool(harness.messages))
    harness.release()
    second.speak(0.3)
    utterance, last = harness.engine.ended.get(timeout=LIMIT_S)
    assert last > RATE_HZ  # both halves and the silence between them
    [line] = harness.messages
    assert "At 0:00 the microphone “Desk” was away" in line
    assert harness.states_at_message == [State.LISTENING]  # the state stays the same
    harness.deliver_text(utterance, "Both halves.")
    transcript = rows.transcript(harness.history, utterance)
    assert transcript.notes == (line,)
    journal = harness.row(utterance).journal
    assert b"Desk" in journal.read_bytes()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.messages == [line]


def test_a_dictation_continues_on_a_microphone_that_is_chosen(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.microphones.device = Device(4, "Lamp", RATE_HZ, False)
    harness.dictation.change_microphone("Lamp")
    second = harness.microphones.opened.get(timeout=LIMIT_S)
    assert microphone.closed and second.wanted == "Lamp"
    second.speak(0.5)
    harness.until(lambda: bool(harness.messages))
    [line] = harness.messages
    assert "the microphone changed from “Desk” to “Lamp”" in line
    assert harness.troubles == []  # the user requested the change
    harness.release()
    second.speak(0.3)
    utterance, last = harness.engine.ended.get(timeout=LIMIT_S)
    assert last >= RATE_HZ
    harness.deliver_text(utterance, "Both halves.")
    assert rows.transcript(harness.history, utterance).notes == (line,)


def test_zeros_of_a_microphone_chosen_meanwhile_are_named(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.microphones.device = Device(4, "Lamp", RATE_HZ, False)
    harness.dictation.change_microphone("Lamp")
    second = harness.microphones.opened.get(timeout=LIMIT_S)
    second.speak(0.9, level=0.0)
    harness.until(lambda: harness.states[-1] is State.ARMING)
    assert harness.messages == []
    second.speak(0.2, level=0.0)
    harness.until(lambda: bool(harness.messages))
    assert harness.messages == [MICROPHONE_SILENT.format("The microphone “Lamp”")]
    assert harness.states[-1] is State.ARMING


def test_time_without_a_microphone_is_no_silence_of_the_next_one(
    harness: Harness,
) -> None:
    deafened(harness)
    harness.clock.now_s += 2.0
    harness.microphones.refusal = None
    harness.until(lambda: not harness.microphones.opened.empty())
    second = harness.microphones.opened.get()
    second.speak(0.1, level=0.0)
    harness.recorded(2.55)
    assert harness.messages == []
    second.speak(0.3)
    harness.until(lambda: harness.states[-1] is State.LISTENING)


def test_missing_voice_and_then_a_soft_voice_are_reported(harness: Harness) -> None:
    microphone = harness.tapped()
    microphone.speak(5.2, level=1e-5)
    harness.until(lambda: harness.messages == [VOICE_ABSENT])
    microphone.speak(1.2, level=5e-4)
    harness.until(lambda: harness.messages == [VOICE_ABSENT, VOICE_SOFT])
    microphone.speak(0.5)
    harness.until(lambda: harness.retracted == [VOICE_ABSENT, VOICE_SOFT])
    assert harness.troubles == []


def test_time_without_a_microphone_ends_no_dictation(harness: Harness) -> None:
    """The user may have spoken during that time, so it does not count as silence."""
    harness.chosen = Settings(quiet_stop_s=2.0)
    microphone = harness.tapped()
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.microphones.refusal = MicrophoneError("It is gone.", "Connect one.")
    microphone.lose()
    harness.until(lambda: harness.states[-1] is State.ARMING)
    harness.clock.now_s += 2.2
    harness.microphones.refusal = None
    harness.until(lambda: not harness.microphones.opened.empty())
    second = harness.microphones.opened.get()
    second.speak(1.8, level=1e-5)
    harness.recorded(4.5)  # including the silence in between
    assert harness.states[-1] is State.LISTENING
    second.speak(0.3, level=1e-5)
    harness.until(lambda: harness.states[-1] is State.WORKING)


def test_device_change_without_later_sound_is_reported_at_the_end(
    harness: Harness,
) -> None:
    deafened(harness)
    harness.microphones.refusal = None
    harness.until(lambda: not harness.microphones.opened.empty())
    second = harness.microphones.opened.get()
    pending = harness.speaking
    harness.until(lambda: len(pending.device_changes) == 1)
    harness.release()
    second.speak(0.3, level=0.0)
    utterance, _ = harness.engine.ended.get(timeout=LIMIT_S)
    assert harness.messages == []
    harness.deliver_text(utterance, "One half.")
    assert harness.messages == pending.device_changes
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.messages == pending.device_changes


def test_a_microphone_chosen_between_dictations_is_not_opened(
    harness: Harness,
) -> None:
    harness.dictation.change_microphone("Lamp")
    assert harness.microphones.made == []


def test_key_up_while_reconnecting_ends_a_dictation_and_keeps_its_words(
    harness: Harness,
) -> None:
    deafened(harness)
    harness.release()
    assert harness.engine.ended.get(timeout=LIMIT_S) == (1, RATE_HZ // 2)


def test_sounds_are_played_when_recording_starts_and_stops(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.1, level=0.0)
    for _ in range(20):
        harness.tick()
    assert harness.tones == []
    microphone.speak(0.3)
    harness.until(lambda: harness.tones == [Tone.START])
    harness.release()
    harness.until(lambda: harness.engine.ended.empty())
    assert harness.tones == [Tone.START]  # its own sound must not be in the recording
    microphone.speak(0.3)
    harness.until(lambda: harness.tones == [Tone.START, Tone.STOP])


def test_a_shortcut_has_no_stop_sound_and_sounds_can_be_off(
    harness: Harness,
) -> None:
    microphone = harness.pressed()
    microphone.speak(0.3)
    harness.until(lambda: harness.tones == [Tone.START])
    harness.dictation.key(Input.OTHER, harness.clock.now_s)
    harness.release()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.tones == [Tone.START]
    harness.chosen = Settings(sounds=False)
    harness.states.clear()
    microphone = harness.pressed()
    microphone.speak(0.3)
    harness.until(lambda: State.LISTENING in harness.states)
    harness.release()
    microphone.speak(0.3)
    harness.deliver_text(harness.engine.ended.get(timeout=LIMIT_S)[0], "")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.tones == [Tone.START]


def test_the_level_is_shown_thirty_times_a_second(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.recorded(0.5)
    harness.levels.clear()
    microphone.speak(3.0)
    harness.recorded(3.5)
    assert 89 <= len(harness.levels) <= 91
    harness.release()
    harness.levels.clear()
    microphone.speak(0.3)
    harness.deliver_text(harness.engine.ended.get(timeout=LIMIT_S)[0], "")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.levels == []  # none for the tail


def test_engine_answer_before_the_next_tick_does_not_hide_the_lost_microphone(
    harness: Harness,
) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.until(lambda: State.LISTENING in harness.states)
    utterance, _ = harness.lose(microphone)
    harness.deliver_text(utterance, "What was said.")
    assert MICROPHONE_LOST in harness.messages
    assert harness.states[-1] is State.WORKING
    harness.release()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.status(utterance) is EntryStatus.INSERTED


def test_words_of_a_lost_microphone_wait_until_the_key_is_up(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.until(lambda: State.LISTENING in harness.states)
    harness.fake.paster.is_ready = False  # the hold key is a modifier
    utterance, _ = harness.lose(microphone)
    harness.deliver_text(utterance, "What was said.")
    began_s = harness.clock.now_s
    harness.until(lambda: harness.clock.now_s > began_s + 5.0)
    assert not harness.fake.clipboard.copied and not harness.fake.paster.pasted
    harness.release()
    harness.fake.paster.is_ready = True
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.status(utterance) is EntryStatus.INSERTED
