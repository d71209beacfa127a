"""A recording that has no text is made into text when the user asks."""

import pytest

from dictation.harness import Bench
from mica.audio.journal import extent
from mica.dictation import final_text
from mica.dictation import retry as said
from mica.dictation.state import State
from mica.engine.client import Committed, Failed, Finished, Hypothesis
from mica.errors import EngineError, MicrophoneError, ModelError
from mica.events import Language, Style, Transcript
from mica.host.hold_key import Input
from mica.library.store import Status
from mica.settings import App, Settings


def begun(bench: Bench, utterance: int) -> int:
    calls = [call[:2] for call in bench.engine.calls]
    return calls.count(("begin", utterance))


def failed(bench: Bench) -> int:
    """One that the engine could not read at all."""
    utterance = bench.spoken()
    bench.fails(utterance)
    bench.messages.clear()
    return utterance


def test_a_failed_one_gets_its_text_and_is_offered_not_inserted(bench: Bench) -> None:
    utterance = failed(bench)
    assert bench.dictation.retry.possible
    bench.dictation.try_again()
    assert bench.states[-1] is State.WORKING and not bench.dictation.retry.possible
    bench.dictation.try_again()  # a second time changes nothing
    assert begun(bench, utterance) == 3
    samples = extent(bench.row(utterance).journal)[1]
    assert bench.engine.ended.queue[-1] == (utterance, samples)
    bench.dictation.on_engine(Committed(utterance, 0.0, 0.5, "Half"))
    bench.answer(utterance, "Hello there.")
    bench.until(lambda: bench.dictation.is_quiet)
    row = bench.row(utterance)
    assert (row.text, row.status) == ("Hello there.", Status.WRITTEN)
    assert bench.texts == ["Hello there."] and bench.messages == [said.READY]
    assert bench.fake.paster.pasted == [] and bench.states[-1] is State.IDLE
    assert not bench.dictation.retry.possible
    bench.dictation.texts.paste_last()
    bench.until(lambda: bench.dictation.is_quiet)
    assert [text for text, _ in bench.fake.paster.pasted] == ["Hello there."]


def test_it_is_written_as_it_was_to_be(bench: Bench) -> None:
    own = App(style=Style.RAW, keywords=("kubectl",))
    bench.chosen = Settings(translate_to=Language.GERMAN, apps={"Editor": own})
    bench.dictation.key(Input.TRANSLATE_TOGGLE, bench.clock.now_s)
    microphone = bench.microphones.opened.get()
    microphone.say(0.5)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    bench.dictation.toggle()
    microphone.say(0.3)
    utterance = bench.engine.ended.get()[0]
    bench.fails(utterance)
    bench.chosen = Settings(apps={"Editor": own})
    bench.dictation.try_again()
    call = next(c for c in reversed(bench.engine.calls) if c[0] == "begin")
    assert call[3:] == (Style.RAW, ["kubectl", "Jon"])
    assert bench.engine.to[utterance] is Language.GERMAN


def test_paste_and_copy_never_give_an_older_one_silently(bench: Bench) -> None:
    bench.answer(bench.spoken(), "An older one.")
    bench.until(lambda: bench.dictation.is_quiet)
    failed(bench)
    bench.dictation.texts.paste_last()
    bench.dictation.texts.copy_last()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.messages == [final_text.FAILED] * 2
    assert bench.dictation.texts.last == "An older one."  # as its entry says
    assert len(bench.fake.paster.pasted) == 1 and bench.fake.clipboard.copied == []


def test_one_that_is_still_worked_on_is_waited_for(bench: Bench) -> None:
    bench.answer(bench.spoken(), "An older one.")
    bench.until(lambda: bench.dictation.is_quiet)
    bench.spoken()
    bench.dictation.texts.paste_last()
    assert bench.messages == [final_text.WORKING] and len(bench.fake.paster.pasted) == 1


def test_where_nothing_was_recorded_the_one_before_is_given_and_that_is_said(
    bench: Bench,
) -> None:
    bench.microphones.refusal = MicrophoneError("No microphone was found.", "Get one.")
    bench.press()
    bench.until(lambda: bench.states[-1] is State.TROUBLE)
    bench.release()
    assert bench.messages == ["No microphone was found. Get one."]  # and no “safe”
    bench.dictation.texts.paste_last()
    bench.dictation.try_again()
    assert bench.messages[1:] == [final_text.NO_TEXT, said.NOTHING]
    bench.microphones.refusal = None
    bench.answer(bench.spoken(), "Before.")
    bench.until(lambda: bench.dictation.is_quiet)
    utterance = failed(bench)
    bench.row(utterance).journal.unlink()
    bench.dictation.texts.paste_last()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.messages == [final_text.OLDER]
    assert [text for text, _ in bench.fake.paster.pasted][1:] == [" Before."]


def test_an_older_one_that_is_transcribed_is_the_last_until_the_next(
    bench: Bench,
) -> None:
    utterance = failed(bench)
    bench.answer(bench.spoken(), "A newer one.")
    bench.until(lambda: bench.dictation.is_quiet)
    bench.dictation.try_again()
    assert bench.engine.ended.get()[0] == utterance
    bench.answer(utterance, "The lost one.")
    bench.dictation.texts.copy_last()
    bench.until(lambda: bench.dictation.is_quiet)
    bench.answer(bench.spoken(), "The newest.")
    bench.until(lambda: bench.dictation.is_quiet)
    bench.dictation.texts.copy_last()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.clipboard.copied == ["The lost one.", "The newest."]


def test_it_may_fail_again_and_be_tried_again(bench: Bench) -> None:
    utterance = failed(bench)
    bench.dictation.try_again()
    bench.dictation.on_engine(Hypothesis(99, "of captions"))
    bench.dictation.on_engine(Failed(utterance, EngineError("It died.", "Again.")))
    assert bench.messages == [f"{said.FAILED} {said.SAFE}"]
    assert bench.states[-1] is State.TROUBLE and bench.dictation.retry.possible
    model = ModelError("The model is broken.", "Install it again.")
    bench.dictation.try_again()
    bench.dictation.on_engine(Failed(utterance, model))
    assert bench.messages[-1] == f"{model.line()} {said.SAFE}"


def test_without_a_model_it_is_not_tried(bench: Bench) -> None:
    utterance = failed(bench)
    bench.dictation.refusal = lambda translated: ModelError("No model.", "Get one.")
    bench.dictation.try_again()
    assert bench.messages == ["No model. Get one."] and begun(bench, utterance) == 2


def test_a_recording_without_speech_is_said(bench: Bench) -> None:
    utterance = failed(bench)
    bench.dictation.try_again()
    bench.answer(utterance, "")
    assert bench.messages == [said.NO_SPEECH] and not bench.dictation.retry.possible


def test_what_is_dictated_meanwhile_comes_first(bench: Bench) -> None:
    utterance = failed(bench)
    bench.dictation.try_again()
    microphone = bench.pressed()
    assert bench.engine.calls[-1] == ("cancel", utterance)
    bench.dictation.on_engine(Finished(utterance, Transcript("Late.", "m", 1.0)))
    assert bench.texts == []  # it was forgotten
    microphone.say(0.5)
    bench.release()
    microphone.say(0.3)
    bench.until(lambda: bench.engine.calls[-1][:2] == ("end", utterance))
    order = [call[1] for call in bench.engine.calls if call[0] == "begin"]
    assert order[-2:] == [utterance + 1, utterance]


def test_a_press_with_nothing_to_try_again_disturbs_nothing(bench: Bench) -> None:
    bench.dictation.retry.make_way()
    bench.dictation.retry.tick()
    assert bench.engine.calls == []


def test_a_history_that_fails_is_said(bench: Bench) -> None:
    utterance = failed(bench)
    bench.dictation.try_again()
    bench.history.close()
    bench.answer(utterance, "Hello.")
    assert bench.texts == [] and "history" in bench.messages[0]


@pytest.mark.parametrize("history", ["fine", "closed"])
def test_captions_can_be_tried_again_too(bench: Bench, history: str) -> None:
    row = bench.row(failed(bench))
    shown = bench.history.add(1.0, Style.RAW, captions=True)
    bench.history.set_journal(shown, row.journal)
    bench.history.mark(shown, Status.FAILED, "It died.")
    if history == "closed":
        bench.history.close()
        assert not bench.dictation.retry.possible
        return
    bench.dictation.try_again()
    bench.answer(shown, "What a meeting.")
    bench.dictation.texts.copy_last()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.clipboard.copied == ["What a meeting."]
