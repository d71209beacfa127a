"""What the engine may tell a dictation, early, late, twice or of somebody else."""

import pytest

from dictation.harness import Bench
from fakes import LIMIT_S, RATE_HZ
from mica.audio.journal import extent
from mica.dictation.final_text import COPIED, NO_TEXT
from mica.dictation.state import State
from mica.engine.client import Committed, Failed, Finished, Hypothesis, Restarted
from mica.errors import EngineError
from mica.events import Transcript
from mica.host.hold_key import Input
from mica.library.store import Status
from mica.settings import Settings


@pytest.mark.parametrize(
    "event",
    [
        Finished(99, Transcript("Of captions.", "m", 1.0)),
        Failed(99, EngineError("It died.", "Try again.")),
        Restarted(None),
        Hypothesis(99, "of captions"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_is_told_of_others_changes_nothing(bench: Bench, event: object) -> None:
    bench.dictation.on_engine(event)
    assert bench.states == [] and bench.messages == [] and bench.texts == []
    assert bench.dictation.is_quiet


def test_a_second_answer_is_not_inserted_again(bench: Bench) -> None:
    utterance = bench.spoken()
    for _ in range(2):
        bench.answer(utterance, "Once.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.texts == ["Once."] and len(bench.fake.paster.pasted) == 1


def test_a_note_of_the_engine_is_said(bench: Bench) -> None:
    told = Transcript("Hello.", "m", 1.0, notes=("A loop was cut.",))
    bench.dictation.on_engine(Finished(bench.spoken(), told))
    assert bench.messages == ["A loop was cut."]


def test_a_text_that_arrives_while_the_next_is_spoken_shows_no_success(
    bench: Bench,
) -> None:
    first = bench.spoken()
    bench.answer(first, "One.")
    bench.fake.paster.is_ready = False
    bench.pressed()
    bench.fake.paster.is_ready = True
    bench.until(lambda: bench.status(first) is Status.INSERTED)
    assert State.DONE not in bench.states


def test_the_last_text_is_copied_where_there_is_one(bench: Bench) -> None:
    bench.dictation.texts.copy_last()
    assert bench.fake.clipboard.copied == [] and bench.messages == [NO_TEXT]
    bench.answer(bench.spoken(), "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    bench.dictation.texts.copy_last()
    bench.until(lambda: bench.fake.clipboard.copied == ["Hello."])
    assert bench.messages == [NO_TEXT, COPIED]


def test_a_failure_ends_no_recording_and_the_words_come_after_the_key_up(
    bench: Bench,
) -> None:
    microphone = bench.pressed()
    microphone.say(0.5)
    bench.until(lambda: 1 in bench.engine.samples)
    bench.dictation.on_engine(Committed(1, 0.0, 0.4, "Half"))
    bench.dictation.on_engine(Failed(1, EngineError("It died.", "Try again.")))
    microphone.say(1.0)
    bench.until(lambda: bench.states[-1] is State.LISTENING)
    assert not microphone.closed and bench.messages == []
    bench.release()
    microphone.say(0.3)
    assert bench.engine.ended.get(timeout=LIMIT_S)[0] == 1
    bench.until(lambda: not bench.engine.ended.empty())
    again = bench.engine.ended.get()
    assert again == (1, round(1.5 * RATE_HZ)) and bench.engine.live[1] is False
    assert extent(bench.row(1).journal)[1] == bench.engine.samples[1] > 1.5 * RATE_HZ
    bench.answer(1, "The whole of it.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.status(1) is Status.INSERTED and bench.messages == []
    assert [text for text, _ in bench.fake.paster.pasted] == ["The whole of it."]


def test_it_is_played_again_only_when_nobody_records(bench: Bench) -> None:
    first = bench.spoken()
    second = bench.pressed()
    second.say(0.3)
    bench.until(lambda: 2 in bench.engine.samples)
    bench.dictation.on_engine(Failed(first, EngineError("It died.", "Try again.")))
    bench.dictation.tick()
    begun = [call[1] for call in bench.engine.calls if call[0] == "begin"]
    assert begun == [first, 2]
    bench.release()
    second.say(0.3)
    bench.until(lambda: bench.engine.calls[-1][:2] == ("end", first))
    begun = [call[1] for call in bench.engine.calls if call[0] == "begin"]
    assert begun == [first, 2, first]


def test_words_that_were_final_are_kept_where_it_fails_for_good(bench: Bench) -> None:
    utterance = bench.spoken()
    bench.dictation.on_engine(Committed(99, 0.0, 0.4, "of captions"))
    bench.fails(utterance)  # and what is committed the second time is not twice there
    assert bench.row(utterance).text == ""
    other = bench.spoken()
    bench.dictation.on_engine(Committed(other, 0.0, 0.4, "Half a"))
    bench.dictation.on_engine(Committed(other, 0.4, 0.9, "sentence."))
    assert bench.row(other).text == "Half a sentence."
    assert bench.history.last() is None


def test_nothing_is_kept_of_the_words_of_one_that_was_cancelled(bench: Bench) -> None:
    bench.pressed().say(0.5)
    bench.dictation.on_engine(Committed(1, 0.0, 0.4, "Not this."))
    bench.dictation.key(Input.OTHER, bench.clock.now_s)
    assert bench.row(1).text == "" and bench.status(1) is Status.CANCELLED


def test_a_cancel_from_elsewhere_is_as_esc(bench: Bench) -> None:
    bench.dictation.cancel()
    assert bench.states == []
    bench.pressed().say(0.3)
    bench.dictation.cancel()
    assert bench.states[-1] is State.CANCELLED


def test_a_translation_asked_for_is_as_its_key(bench: Bench) -> None:
    bench.dictation.translate()
    assert bench.languages == [Settings().translate_to]
    bench.dictation.translate()
    assert bench.states[-1] is State.WORKING


def test_where_nothing_is_spoken_there_is_nothing_to_end(bench: Bench) -> None:
    utterances = bench.dictation._utterances
    for end in (
        *(utterances.release, utterances.discard),
        *(utterances.cancel, utterances.undo, utterances.forget),
    ):
        end()
    assert list(utterances) == [] and not utterances.shown and not utterances.busy
    assert bench.engine.calls == []


def test_what_a_text_took_the_place_of_on_the_clipboard_is_had_back(
    bench: Bench,
) -> None:
    utterance, before = bench.spoken(), bench.fake.clipboard.held
    bench.fake.focus.target = None
    bench.answer(utterance, "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.clipboard.held != before
    assert bench.dictation.texts.keeps_clipboard
    bench.dictation.texts.restore_clipboard()
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.clipboard.held == before
