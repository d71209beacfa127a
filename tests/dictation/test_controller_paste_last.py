"""Inserting the last dictation again, and undoing it."""

from pathlib import Path

from dictation.harness import Harness
from mica import paths
from mica.dictation.state import State
from mica.dictation.strings import NO_TEXT
from mica.host.values import Target
from mica.insertion import strings
from mica.insertion.borrowed_clipboard import BorrowedClipboard
from mica.insertion.request import InsertReport
from mica.library.store import EntryStatus
from mica.settings import Settings
from support.fake_paste import USERS, text_snapshot


def test_last_text_is_pasted_into_the_window_with_the_keyboard_focus(
    harness: Harness,
) -> None:
    harness.dictation.texts.paste_last()
    assert harness.messages == [NO_TEXT]
    first = harness.spoken()
    harness.deliver_text(first, "Hello.")
    harness.until(lambda: harness.dictation.is_quiet)
    elsewhere = Target(2, 200, "Other")
    harness.fake.focus.target = elsewhere
    harness.dictation.texts.paste_last()
    assert harness.states[-1] is State.WORKING
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted[1:] == [("Hello.", elsewhere)]
    assert harness.status(first) is EntryStatus.INSERTED
    assert harness.states[-1] is State.IDLE


def test_paste_last_during_an_insertion_pastes_once(
    harness: Harness,
) -> None:
    first = harness.spoken()
    harness.deliver_text(first, "Hello.")
    harness.dictation.texts.paste_last()
    harness.until(lambda: harness.dictation.is_quiet)
    assert len(harness.fake.paster.pasted) == 1


def test_failed_undo_is_reported_and_the_text_stays(
    harness: Harness,
) -> None:
    first = harness.spoken()
    harness.deliver_text(first, "Hello.")
    harness.until(lambda: harness.dictation.is_quiet)
    insertion = harness.dictation.insertion
    for undo in (insertion.undo, insertion.remove_punctuation):
        undo()
        assert harness.states[-1] is State.WORKING
        harness.until(lambda: harness.dictation.is_quiet)
        assert "Nothing was changed." in harness.messages[-1]
        assert harness.states[-1] is State.IDLE
    assert harness.status(first) is EntryStatus.INSERTED


def test_a_text_without_its_punctuation_is_copied_and_pasted_as_it_is_now(
    harness: Harness,
) -> None:
    first = harness.spoken()
    harness.deliver_text(first, "Hello, Bob.")
    harness.until(lambda: harness.dictation.is_quiet)
    texts = harness.dictation.texts
    texts.on_report(InsertReport(first, EntryStatus.INSERTED, words="hello Bob"))
    assert texts.last == harness.texts[-1] == "hello Bob"
    texts.paste_last()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.paster.pasted[-1][0].strip() == "hello Bob"
    texts.copy_last()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.clipboard.held == text_snapshot("hello Bob")
    assert harness.row(first).text == "Hello, Bob."  # the library keeps it
    texts.on_transcribed(first)  # it was transcribed again
    texts.copy_last()
    harness.until(lambda: harness.dictation.is_quiet)
    assert harness.fake.clipboard.held == text_snapshot("Hello, Bob.")


def test_an_older_text_without_its_punctuation_is_not_the_last(
    harness: Harness,
) -> None:
    first, second = (harness.spoken(), harness.spoken())
    for utterance, text in ((first, "Hello, Bob."), (second, "Bye.")):
        harness.deliver_text(utterance, text)
    harness.until(lambda: harness.dictation.is_quiet)
    texts = harness.dictation.texts
    texts.on_report(InsertReport(first, EntryStatus.INSERTED, words="hello Bob"))
    assert texts.last == harness.texts[-1] == "Bye."


def test_the_last_text_is_pasted_again_without_return(harness: Harness) -> None:
    harness.chosen = Settings(auto_submit=True)
    harness.deliver_text(harness.spoken(), "Hello.")
    harness.until(lambda: harness.dictation.is_quiet)
    harness.dictation.texts.paste_last()
    harness.until(lambda: harness.dictation.is_quiet)
    assert len(harness.fake.paster.pasted) == 2
    assert len(harness.fake.paster.submitted) == 1


def test_a_window_that_does_not_paste_is_reported_within_two_seconds(
    harness: Harness,
) -> None:
    harness.fake.paster.is_read = False
    utterance = harness.spoken()
    harness.deliver_text(utterance, "Hello.")
    began_s = harness.clock.now_s
    harness.until(lambda: harness.states[-1] is State.IDLE)
    assert harness.clock.now_s - began_s < 2.0
    assert harness.messages == [strings.NOT_INSERTED]
    assert harness.status(utterance) is EntryStatus.WRITTEN
    harness.fake.clipboard.reads += 1  # the window was only slow
    harness.until(lambda: harness.status(utterance) is EntryStatus.INSERTED)
    assert harness.messages == [strings.NOT_INSERTED, strings.INSERTED_LATE]
    harness.until(lambda: harness.dictation.is_quiet)
    assert len(harness.fake.paster.pasted) == 1


def test_the_clipboard_of_before_a_kill_is_restored(
    tmp_path: Path,
) -> None:
    BorrowedClipboard(paths.borrowed_file()).save(
        "before", USERS
    )  # FakeHost's clipboard
    harness = Harness(tmp_path)
    assert harness.fake.clipboard.held == USERS
    assert not paths.borrowed_file().exists()
    harness.close()
