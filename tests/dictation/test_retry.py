"""Recordings without text: transcribed on request, and recovered after a crash."""

import threading
from pathlib import Path

import pytest

from dictation.harness import Harness
from mica import paths
from mica.audio.journal import HEADER_BYTES, extent
from mica.dictation import strings
from mica.dictation.retry import recovered
from mica.dictation.state import State
from mica.dictation.strings import RECOVERABLE_MANY, RECOVERABLE_ONE, UNINSERTED
from mica.engine.client import Committed, Failed, Finished, Hypothesis
from mica.errors import EngineError, MicrophoneError, ModelError
from mica.events import Language, Priority, Style, Transcript
from mica.host.hold_key import Input
from mica.library.store import EntryStatus, Kind, Library
from mica.settings import App, Settings
from support.fakes import LIMIT_S
from support.recordings import left_behind


def unread(harness: Harness, utterance: int) -> int:
    calls = [call[:2] for call in harness.engine.calls]
    return calls.count(("begin", utterance))


def failed(harness: Harness) -> int:
    """A recording that the engine could not transcribe."""
    utterance = harness.spoken()
    harness.fails(utterance)
    harness.messages.clear()
    return utterance


def test_a_failed_dictation_gets_its_text_and_is_offered_not_inserted(
    harness: Harness,
) -> None:
    utterance = failed(harness)
    assert harness.dictation.retry.possible
    harness.dictation.retry_failed()
    assert harness.states[-1] is State.WORKING and not harness.dictation.retry.possible
    harness.dictation.retry_failed()  # a second time only says so
    assert unread(harness, utterance) == 3
    samples = extent(harness.row(utterance).journal)[1]
    assert harness.engine.ended.queue[-1] == (utterance, samples)
    harness.dictation.on_engine(Committed(utterance, 0.0, 0.5, "Half"))
    harness.deliver_text(utterance, "Hello there.")
    harness.until(lambda: harness.dictation.is_quiet)
    row = harness.row(utterance)
    assert (row.text, row.status) == ("Hello there.", EntryStatus.WRITTEN)
    assert harness.texts == ["Hello there."]
    assert harness.messages == [strings.RETRY_BUSY, strings.TRANSCRIBED]
    assert harness.fake.paster.pasted == [] and harness.states[-1] is State.IDLE
    assert not harness.dictation.retry.possible
    harness.dictation.texts.paste_last()
    harness.until(lambda: harness.dictation.is_quiet)
    assert [text for text, _ in harness.fake.paster.pasted] == ["Hello there."]


def test_a_retry_keeps_style_and_language_of_the_dictation(harness: Harness) -> None:
    own = App(style=Style.RAW, keywords=("kubectl",))
    harness.chosen = Settings(translate_to=Language.GERMAN, apps={"Editor": own})
    harness.dictation.key(Input.TRANSLATE_TOGGLE, harness.clock.now_s)
    microphone = harness.microphones.opened.get()
    microphone.speak(0.5)
    harness.until(lambda: harness.states[-1] is State.LISTENING)
    harness.dictation.toggle()
    microphone.speak(0.3)
    utterance = harness.engine.ended.get()[0]
    harness.fails(utterance)
    harness.chosen = Settings(apps={"Editor": own})
    harness.dictation.retry_failed()
    call = next(c for c in reversed(harness.engine.calls) if c[0] == "begin")
    assert call[3:] == (Style.RAW, ["kubectl", "Jon"])
    assert harness.engine.options[utterance].target_language is Language.GERMAN


def test_paste_and_copy_never_give_an_older_dictation_silently(
    harness: Harness,
) -> None:
    harness.deliver_text(harness.spoken(), "An older one.")
    harness.until(lambda: harness.dictation.is_quiet)
    failed(harness)
    harness.dictation.texts.paste_last()
    harness.dictation.texts.copy_last()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.messages == [strings.LAST_FAILED] * 2
    assert harness.dictation.texts.last == "An older one."  # as in the menu's entry
    assert len(harness.fake.paster.pasted) == 1 and harness.fake.clipboard.copied == []


def test_a_dictation_still_being_transcribed_is_not_replaced_by_an_older_one(
    harness: Harness,
) -> None:
    harness.deliver_text(harness.spoken(), "An older one.")
    harness.until(lambda: harness.dictation.is_quiet)
    harness.spoken()
    harness.dictation.texts.paste_last()
    assert (
        harness.messages == [strings.LAST_WORKING]
        and len(harness.fake.paster.pasted) == 1
    )


def test_a_dictation_without_a_microphone_is_not_the_last_one_spoken(
    harness: Harness,
) -> None:
    harness.deliver_text(harness.spoken(), "Before.")
    harness.until(lambda: harness.dictation.is_quiet)
    harness.microphones.refusal = MicrophoneError(
        "No microphone was found.", "Get one."
    )
    harness.press()
    harness.until(lambda: harness.states[-1] is State.TROUBLE)
    harness.release()
    assert harness.messages == ["No microphone was found. Get one."]  # not “safe”
    harness.dictation.retry_failed()
    assert harness.messages[1:] == [strings.NOTHING_TO_RETRY]
    harness.dictation.texts.copy_last()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.clipboard.copied == ["Before."]


def test_a_dictation_whose_recording_is_gone_is_not_replaced_by_the_one_before(
    harness: Harness,
) -> None:
    harness.deliver_text(harness.spoken(), "Before.")
    harness.until(lambda: harness.dictation.is_quiet)
    utterance = failed(harness)
    harness.row(utterance).journal.unlink()
    harness.dictation.texts.paste_last()
    harness.dictation.texts.copy_last()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.messages == [strings.LAST_LOST] * 2
    assert len(harness.fake.paster.pasted) == 1 and harness.fake.clipboard.copied == []


def test_an_earlier_dictation_that_is_transcribed_again_is_not_the_last(
    harness: Harness,
) -> None:
    utterance = failed(harness)
    newer = harness.spoken()
    harness.deliver_text(newer, "A newer one.")
    harness.until(lambda: harness.dictation.is_quiet)
    harness.texts.clear()
    harness.dictation.retry_failed()
    assert harness.engine.ended.get()[0] == utterance
    harness.deliver_text(utterance, "The lost one.")
    assert harness.messages[-1] == strings.TRANSCRIBED_EARLIER
    assert harness.texts == []  # the menu’s entry still has the newer one
    texts = harness.dictation.texts
    for copy in (texts.copy_last, lambda: texts.copy(utterance)):
        copy()
        harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.clipboard.copied == ["A newer one.", "The lost one."]
    texts.insert(utterance)
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted[-1][0].strip() == "The lost one."
    assert harness.status(utterance) is EntryStatus.INSERTED


def test_any_recording_is_transcribed_again_by_number(harness: Harness) -> None:
    utterance, good = failed(harness), harness.spoken()
    harness.deliver_text(good, "Good.")
    harness.until(lambda: harness.dictation.is_quiet)
    harness.dictation.retry_failed(good)
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == good
    harness.dictation.retry_failed(utterance)
    assert harness.messages[-1] == strings.RETRY_BUSY
    harness.deliver_text(good, "Better.")
    assert harness.row(good).text == "Better."
    harness.dictation.retry_failed(good + 1)
    assert harness.messages[-1] == strings.NO_RECORDING
    harness.pressed().speak(0.1)
    harness.recorded(0.1)
    harness.dictation.retry_failed(harness.speaking.number)
    assert harness.messages[-1] == strings.NOT_ENDED


def test_retry_without_speech_keeps_the_earlier_words(
    harness: Harness,
) -> None:
    utterance = harness.spoken()
    harness.on(Committed(utterance, 0.0, 0.5, "Half"))
    harness.fails(utterance)
    harness.history.set_committed(utterance, "Half")
    before = harness.row(utterance)
    harness.dictation.retry_failed()
    harness.deliver_text(utterance, "")
    assert harness.row(utterance) == before
    assert harness.messages[-1] == strings.RECORDING_SILENT


def test_inserting_a_partial_text_does_not_mark_it_complete(harness: Harness) -> None:
    utterance = failed(harness)
    harness.dictation.texts.insert(utterance)
    assert harness.messages == [strings.NO_TEXT_YET]
    harness.history.set_committed(utterance, "Half")
    harness.dictation.texts.insert(utterance)
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted[-1][0] == "Half"
    assert harness.status(utterance) is EntryStatus.FAILED
    assert harness.dictation.retry.possible


def test_a_retry_may_fail_and_be_repeated(harness: Harness) -> None:
    utterance = failed(harness)
    harness.dictation.retry_failed()
    harness.dictation.on_engine(Hypothesis(99, "of captions"))
    harness.dictation.on_engine(Failed(utterance, EngineError("It died.", "Again.")))
    assert harness.messages == [
        f"{strings.TRANSCRIPTION_FAILED} {strings.RECORDING_SAFE}"
    ]
    assert harness.states[-1] is State.TROUBLE and harness.dictation.retry.possible
    model = ModelError("The model is broken.", "Install it again.")
    harness.dictation.retry_failed()
    harness.dictation.on_engine(Failed(utterance, model))
    assert harness.messages[-1] == f"{model.line()} {strings.RECORDING_SAFE}"


def test_a_retry_without_a_model_is_refused(harness: Harness) -> None:
    utterance = failed(harness)
    harness.dictation.refusal = lambda translated: ModelError("No model.", "Get one.")
    harness.dictation.retry_failed()
    assert (
        harness.messages == ["No model. Get one."] and unread(harness, utterance) == 2
    )


def test_retry_without_speech_is_reported(harness: Harness) -> None:
    utterance = failed(harness)
    harness.dictation.retry_failed()
    harness.deliver_text(utterance, "")
    assert (
        harness.messages == [strings.RECORDING_SILENT]
        and not harness.dictation.retry.possible
    )


def test_dictation_has_priority_over_a_retry(harness: Harness) -> None:
    utterance = failed(harness)
    harness.dictation.retry_failed()
    assert harness.engine.ended.get(timeout=LIMIT_S)[0] == utterance
    dictated = harness.spoken()
    options = harness.engine.options
    assert options[utterance].priority is Priority.FILE
    assert options[dictated].priority is Priority.DICTATION
    assert ("cancel", utterance) not in harness.engine.calls
    harness.deliver_text(dictated, "Said now.")
    harness.deliver_text(utterance, "The lost one.")
    harness.until(lambda: harness.dictation.is_quiet)
    assert [text for text, _ in harness.fake.paster.pasted] == ["Said now."]
    assert harness.texts == ["Said now."]
    assert harness.messages[-1] == strings.TRANSCRIBED_EARLIER


def test_failed_dictation_is_transcribed_again_while_captions_are_recorded(
    harness: Harness,
) -> None:
    utterance = failed(harness)
    harness.active.add(threading.Event())
    harness.dictation.retry_failed()
    assert harness.engine.calls[-1][:2] == ("end", utterance)


def test_failing_library_is_reported(harness: Harness) -> None:
    utterance = failed(harness)
    harness.dictation.retry_failed()
    harness.history.close()
    harness.deliver_text(utterance, "Hello.")
    harness.tick()
    assert "history" in harness.messages[-1]
    assert harness.texts == []


@pytest.mark.parametrize("history", ["fine", "closed"])
def test_captions_can_be_tried_again_too(harness: Harness, history: str) -> None:
    row = harness.row(failed(harness))
    shown = harness.history.add(1.0, Style.RAW, kind=Kind.CAPTIONS)
    harness.history.set_journal(shown, row.journal)
    harness.history.set_status(shown, EntryStatus.FAILED, "It died.")
    if history == "closed":
        harness.history.close()
        assert not harness.dictation.retry.possible
        return
    harness.dictation.retry_failed()
    harness.deliver_text(shown, "What a meeting.")
    harness.dictation.texts.copy(shown)
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.clipboard.copied == ["What a meeting."]


HELLO = Transcript("Hello.", "m", 1.0)


@pytest.fixture
def history(home: Path) -> Library:
    return Library(home / "history.sqlite")


def unfinished(history: Library, folder: Path, samples: int, **more: Kind) -> int:
    """A recording during which Mica ended; its header is out of date."""
    number = history.add(100.0, Style.RAW, **more)
    path = left_behind(folder, number, b"\0\0\0\1" * samples)
    history.set_journal(number, path)
    return number


def test_start_after_a_clean_quit_reports_nothing(history: Library) -> None:
    assert recovered(history, paths.journal_folder()) == []


def test_interrupted_recording_is_reported_once_and_can_be_transcribed(
    history: Library, tmp_path: Path
) -> None:
    number = unfinished(history, tmp_path, 100)
    assert recovered(history, paths.journal_folder()) == [RECOVERABLE_ONE]
    [entry] = history.failed()
    assert entry.id == number and extent(entry.journal) == (16_000, 100)
    assert recovered(history, paths.journal_folder()) == []


def test_interrupted_recordings_are_counted_captions_too(
    history: Library, tmp_path: Path
) -> None:
    unfinished(history, tmp_path, 100)
    unfinished(history, tmp_path, 100, kind=Kind.CAPTIONS)
    assert recovered(history, paths.journal_folder()) == [RECOVERABLE_MANY.format(2)]


def test_recordings_without_a_row_are_reported_as_such(home: Path) -> None:
    """After an unreadable library was set aside, Mica did not quit too early."""
    folder = paths.journal_folder()
    left_behind(folder, 1)
    for lines in ([strings.FOUND_ONE], []):
        assert recovered(Library(home / "history.sqlite"), folder) == lines
    for number in (12, 13):
        left_behind(folder, number)
    history = Library(home / "history.sqlite")
    unfinished(history, folder, 100)
    assert recovered(history, folder) == [
        RECOVERABLE_ONE,
        strings.FOUND_MANY.format(2),
    ]


@pytest.mark.parametrize("remains", ["no file", "no samples", "no recording"])
def test_a_recording_without_samples_is_not_called_safe(
    history: Library, tmp_path: Path, remains: str
) -> None:
    if remains == "no recording":
        history.add(100.0, Style.RAW)
    else:
        number = unfinished(history, tmp_path, 0)
        if remains == "no file":
            (tmp_path / f"{number:08d}.wav").unlink()
    assert recovered(history, paths.journal_folder()) == []


def test_text_that_was_not_inserted_is_reported(history: Library) -> None:
    number = history.add(100.0, Style.RAW, "Editor")
    history.set_text(number, HELLO)
    assert recovered(history, paths.journal_folder()) == [UNINSERTED]
    assert recovered(history, paths.journal_folder()) == []


def test_only_the_last_dictation_is_reported_as_not_inserted(
    history: Library,
) -> None:
    older = history.add(99.0, Style.RAW, "Editor")
    history.set_text(older, HELLO)
    number = history.add(100.0, Style.RAW, "Editor")
    history.set_text(number, HELLO)
    history.set_status(number, EntryStatus.INSERTED)
    assert recovered(history, paths.journal_folder()) == []


def test_duration_is_empty_without_a_recording(tmp_path: Path) -> None:
    for content in (b"", b"x" * HEADER_BYTES):
        (tmp_path / "1.wav").write_bytes(content)
        assert extent(tmp_path / "1.wav") == (0, 0)
    assert extent(tmp_path / "2.wav") == (0, 0)


def test_a_text_of_a_cut_recording_does_not_replace_the_whole(harness: Harness) -> None:
    utterance = failed(harness)
    whole, part = Transcript("All of it.", "m", 9.0), Transcript("A part.", "m", 1.0)
    harness.dictation.retry_failed()
    harness.dictation.on_engine(Finished(utterance, whole))
    harness.until(lambda: harness.dictation.is_quiet)
    harness.messages.clear()
    harness.dictation.retry_failed(utterance)
    assert harness.dictation.retry.is_transcribing(utterance)
    assert not harness.dictation.retry.is_transcribing(utterance + 1)
    harness.dictation.on_engine(Finished(utterance, part))
    assert harness.messages == [strings.RECORDING_SHORTER]
    assert harness.row(utterance).text == "All of it."


def test_an_unknown_recording_is_neither_copied_nor_inserted(harness: Harness) -> None:
    texts = harness.dictation.texts
    texts.copy(999)
    texts.insert(999)
    texts.forget()
    assert harness.fake.clipboard.copied == [] and harness.fake.paster.pasted == []
    assert harness.messages == [strings.NO_RECORDING] * 2
