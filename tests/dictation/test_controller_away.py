"""A dictation whose user goes away: sleep, a locked screen, another user."""

from dictation.harness import Harness
from mica.dictation.state import State
from mica.dictation.strings import MISSED
from mica.host.hold_key import Input
from mica.library.store import EntryStatus
from support.fakes import LIMIT_S


def test_user_going_away_ends_a_recording_and_keeps_its_words(harness: Harness) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.dictation.suspend()
    assert harness.states[-1] is State.WORKING
    microphone.speak(0.3)
    utterance, _ = harness.engine.ended.get(timeout=LIMIT_S)
    harness.deliver_text(utterance, "Not for the lock screen.")
    harness.fake.hotkeys.down = False
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted == [] and harness.fake.clipboard.copied == []
    assert harness.status(utterance) is EntryStatus.WRITTEN
    assert harness.texts == ["Not for the lock screen."]
    assert harness.messages == []
    harness.dictation.resume()
    assert harness.messages == [MISSED]


def test_text_that_arrives_after_the_return_is_only_saved(harness: Harness) -> None:
    utterance = harness.spoken()
    harness.dictation.suspend()
    harness.dictation.resume()
    harness.deliver_text(utterance, "Late.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted == []
    assert harness.status(utterance) is EntryStatus.WRITTEN


def test_a_queued_text_is_not_pasted_into_a_lock_screen(
    harness: Harness,
) -> None:
    utterance = harness.spoken()
    harness.fake.paster.is_ready = False
    harness.deliver_text(utterance, "Waiting.")
    harness.tick()
    harness.dictation.suspend()
    harness.fake.paster.is_ready = True
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted == []
    harness.dictation.resume()
    assert harness.messages == [MISSED]


def test_no_dictation_begins_while_the_user_is_away(harness: Harness) -> None:
    harness.dictation.suspend()
    harness.press()
    harness.release(held_s=0.1)
    harness.dictation.key(Input.TRANSLATE_PRESS, harness.clock.now_s)
    harness.dictation.key(Input.TRANSLATE_RELEASE, harness.clock.now_s)
    harness.dictation.toggle()
    harness.dictation.translate()
    harness.dictation.texts.paste_last()
    assert (
        harness.states == []
        and harness.messages == []
        and harness.microphones.opened.empty()
    )
    harness.dictation.resume()
    assert harness.messages == []
    harness.pressed()
    assert harness.states == [State.ARMING]
