"""What the engine may tell a dictation, early, late, twice or of somebody else."""

import pytest

from mica.engine.client import Failed, Finished, Hypothesis, Restarted
from mica.errors import EngineError
from mica.events import Transcript
from mica.history.store import Status
from mica.session.state import State
from mica.session.texts import COPIED
from mica.settings import Settings
from session.bench import Bench


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
    assert bench.fake.clipboard.copied == [] and bench.messages == []
    bench.answer(bench.spoken(), "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    bench.dictation.texts.copy_last()
    assert bench.fake.clipboard.copied == ["Hello."]
    assert bench.messages == [COPIED]


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
