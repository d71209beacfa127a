"""Engine events that arrive early, late, twice or for another utterance."""

import pytest

from dictation.harness import Harness
from mica.audio.journal import extent
from mica.dictation.state import State
from mica.dictation.strings import COPIED, NO_TEXT
from mica.engine.client import Committed, Failed, Finished, Hypothesis, Restarted
from mica.errors import EngineError
from mica.events import Priority, Transcript
from mica.library.store import EntryStatus
from mica.settings import Settings
from support.fakes import LIMIT_S, RATE_HZ


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
def test_events_of_other_utterances_change_nothing(
    harness: Harness, event: object
) -> None:
    harness.on(event)
    assert harness.states == [] and harness.messages == [] and harness.texts == []
    assert harness.dictation.is_quiet


def test_a_second_answer_is_not_inserted_again(harness: Harness) -> None:
    utterance = harness.spoken()
    for _ in range(2):
        harness.deliver_text(utterance, "Once.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.texts == ["Once."] and len(harness.fake.paster.pasted) == 1


def test_note_from_the_engine_is_shown(harness: Harness) -> None:
    transcript = Transcript("Hello.", "m", 1.0, notes=("A loop was cut.",))
    harness.on(Finished(harness.spoken(), transcript))
    assert harness.messages == ["A loop was cut."]


def test_text_that_arrives_during_the_next_dictation_shows_no_success(
    harness: Harness,
) -> None:
    first = harness.spoken()
    harness.deliver_text(first, "One.")
    harness.fake.paster.is_ready = False
    harness.pressed()
    harness.fake.paster.is_ready = True
    harness.until(lambda: harness.status(first) is EntryStatus.INSERTED)
    assert State.DONE not in harness.states


def test_the_last_text_is_copied_where_there_is_one(harness: Harness) -> None:
    harness.dictation.texts.copy_last()
    assert harness.fake.clipboard.copied == [] and harness.messages == [NO_TEXT]
    harness.deliver_text(harness.spoken(), "Hello.")
    harness.until(lambda: harness.dictation.is_quiet)
    harness.dictation.texts.copy_last()
    harness.until(lambda: harness.fake.clipboard.copied == ["Hello."])
    assert harness.messages == [NO_TEXT, COPIED]


def test_engine_failure_ends_no_recording_and_the_words_follow_after_the_key_up(
    harness: Harness,
) -> None:
    microphone = harness.pressed()
    microphone.speak(0.5)
    harness.until(lambda: 1 in harness.engine.samples)
    harness.on(Committed(1, 0.0, 0.4, "Half"))
    harness.on(Failed(1, EngineError("It died.", "Try again.")))
    microphone.speak(1.0)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    assert not microphone.closed and harness.messages == []
    harness.release()
    microphone.speak(0.3)
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == 1
    harness.until(lambda: not harness.engine.ended.empty())
    replay = harness.engine.ended.get()
    assert replay == (1, round(1.5 * RATE_HZ)) and not harness.engine.options[1].live
    assert (
        extent(harness.row(1).journal)[1] == harness.engine.samples[1] > 1.5 * RATE_HZ
    )
    harness.deliver_text(1, "The whole of it.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.status(1) is EntryStatus.INSERTED and harness.messages == []
    assert [text for text, _ in harness.fake.paster.pasted] == ["The whole of it."]


def test_a_replay_has_less_priority_than_the_dictation_that_is_recorded(
    harness: Harness,
) -> None:
    first = harness.spoken()
    second = harness.pressed()
    second.speak(0.3)
    harness.until(lambda: 2 in harness.engine.samples)
    harness.on(Failed(first, EngineError("It died.", "Try again.")))
    harness.tick()
    numbers = [call[1] for call in harness.engine.calls if call[0] == "begin"]
    assert numbers == [first, 2, first]
    assert harness.engine.options[first].priority is Priority.FILE
    assert harness.engine.options[2].priority is Priority.DICTATION
    harness.release()
    second.speak(0.3)
    harness.until(lambda: harness.engine.calls[-1][:2] == ("end", 2))


def test_committed_words_are_saved_where_the_engine_fails_for_good(
    harness: Harness,
) -> None:
    utterance = harness.spoken()
    harness.on(Committed(99, 0.0, 0.4, "of captions"))
    harness.fails(utterance)  # live and in the replay
    assert harness.row(utterance).text == ""
    other = harness.spoken()
    harness.on(Committed(other, 0.0, 0.4, "Half a"))
    harness.on(Committed(other, 0.4, 0.9, "sentence."))
    assert harness.row(other).text == "Half a sentence."
    assert harness.history.last() is None


def test_a_cancelled_dictation_leaves_no_words_in_the_library(
    harness: Harness,
) -> None:
    harness.pressed().speak(0.5)
    harness.on(Committed(1, 0.0, 0.4, "Not this."))
    harness.dictation.cancel()
    harness.until(lambda: harness.row(1).text == "")
    assert harness.status(1) is EntryStatus.CANCELLED


def test_cancel_command_acts_like_esc(harness: Harness) -> None:
    harness.dictation.cancel()
    assert harness.states == []
    harness.pressed().speak(0.3)
    harness.dictation.cancel()
    assert harness.states[-1] is State.CANCELLED


def test_translate_command_acts_like_its_key(harness: Harness) -> None:
    harness.dictation.translate()
    assert harness.languages == [Settings().translate_to]
    harness.dictation.translate()
    assert harness.states[-1] is State.WORKING


def test_ending_without_an_utterance_does_nothing(harness: Harness) -> None:
    utterances = harness.dictation._utterances
    for end in (
        *(utterances.release, utterances.discard),
        *(utterances.cancel, utterances.undo, utterances.forget),
    ):
        end()
    assert list(utterances) == [] and not utterances.shown and not utterances.busy
    assert harness.engine.calls == []


def test_the_clipboard_a_text_replaced_can_be_restored(
    harness: Harness,
) -> None:
    utterance, before = harness.spoken(), harness.fake.clipboard.held
    harness.fake.focus.target = None
    harness.deliver_text(utterance, "Hello.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.clipboard.held != before
    assert harness.dictation.insertion.clipboard.saved_copies
    harness.dictation.insertion.restore_clipboard()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.clipboard.held == before
