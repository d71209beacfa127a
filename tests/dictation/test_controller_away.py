"""A dictation whose user leaves: sleep, a locked screen, another's turn."""

from dictation.harness import Bench
from fakes import LIMIT_S
from mica.dictation.final_text import KEPT
from mica.dictation.state import State
from mica.host.hold_key import Input
from mica.library.store import Status


def test_leaving_ends_a_recording_and_its_words_are_kept(bench: Bench) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.dictation.leave()
    assert bench.states[-1] is State.WORKING
    microphone.say(0.3)
    utterance, _ = bench.engine.ended.get(timeout=LIMIT_S)
    bench.answer(utterance, "Not for the lock screen.")
    bench.fake.hotkeys.down = False
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted == [] and bench.fake.clipboard.copied == []
    assert bench.status(utterance) is Status.WRITTEN
    assert bench.texts == ["Not for the lock screen."]
    assert bench.messages == []
    bench.dictation.come_back()
    assert bench.messages == [KEPT]


def test_words_that_come_after_the_return_are_kept_as_well(bench: Bench) -> None:
    utterance = bench.spoken()
    bench.dictation.leave()
    bench.dictation.come_back()
    bench.answer(utterance, "Late.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted == []
    assert bench.status(utterance) is Status.WRITTEN


def test_words_on_their_way_in_are_not_pasted_into_a_lock_screen(bench: Bench) -> None:
    utterance = bench.spoken()
    bench.fake.paster.is_ready = False
    bench.answer(utterance, "Waiting.")
    bench.dictation.tick()
    bench.dictation.leave()
    bench.fake.paster.is_ready = True
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted == []
    bench.dictation.come_back()
    assert bench.messages == [KEPT]


def test_nothing_begins_while_the_user_is_away(bench: Bench) -> None:
    bench.dictation.leave()
    bench.press()
    bench.release(held_s=0.1)
    bench.dictation.key(Input.TRANSLATE_PRESS, bench.clock.now_s)
    bench.dictation.key(Input.TRANSLATE_RELEASE, bench.clock.now_s)
    bench.dictation.toggle()
    bench.dictation.translate()
    bench.dictation.texts.paste_last()
    assert (
        bench.states == [] and bench.messages == [] and bench.microphones.opened.empty()
    )
    bench.dictation.come_back()
    assert bench.messages == []
    bench.pressed()
    assert bench.states == [State.ARMING]
