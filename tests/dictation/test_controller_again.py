"""The last dictation inserted again, or taken back."""

from pathlib import Path

from dictation.harness import Bench
from fake_board import USERS
from mica import paths
from mica.dictation.final_text import NO_TEXT
from mica.dictation.state import State
from mica.host.ports import Target
from mica.insertion.borrowed_clipboard import Borrowed
from mica.insertion.method import LATE, NOT_TAKEN
from mica.library.store import Status
from mica.settings import Settings


def test_the_last_text_is_pasted_again_where_the_keyboard_is_now(
    bench: Bench,
) -> None:
    bench.dictation.texts.paste_last()
    assert bench.messages == [NO_TEXT]
    first = bench.spoken()
    bench.answer(first, "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    elsewhere = Target(2, 200, "Other")
    bench.fake.focus.target = elsewhere
    bench.dictation.texts.paste_last()
    assert bench.states[-1] is State.WORKING
    bench.until(lambda: bench.dictation.is_quiet)
    assert bench.fake.paster.pasted[1:] == [("Hello.", elsewhere)]
    assert bench.status(first) is Status.INSERTED
    assert bench.states[-1] is State.IDLE


def test_pasting_again_a_text_that_is_on_its_way_pastes_it_once(
    bench: Bench,
) -> None:
    first = bench.spoken()
    bench.answer(first, "Hello.")
    bench.dictation.texts.paste_last()
    bench.until(lambda: bench.dictation.is_quiet)
    assert len(bench.fake.paster.pasted) == 1


def test_what_could_not_be_taken_back_is_said_and_stays_inserted(
    bench: Bench,
) -> None:
    first = bench.spoken()
    bench.answer(first, "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    for undo in (bench.dictation.texts.take_back, bench.dictation.texts.make_raw):
        undo()
        assert bench.states[-1] is State.WORKING
        bench.until(lambda: bench.dictation.is_quiet)
        assert "Nothing was changed." in bench.messages[-1]
        assert bench.states[-1] is State.IDLE
    assert bench.status(first) is Status.INSERTED


def test_the_last_text_is_pasted_again_without_return(bench: Bench) -> None:
    bench.chosen = Settings(auto_submit=True)
    bench.answer(bench.spoken(), "Hello.")
    bench.until(lambda: bench.dictation.is_quiet)
    bench.dictation.texts.paste_last()
    bench.until(lambda: bench.dictation.is_quiet)
    assert len(bench.fake.paster.pasted) == 2
    assert len(bench.fake.paster.submitted) == 1


def test_a_window_that_takes_nothing_is_told_of_within_two_seconds(
    bench: Bench,
) -> None:
    bench.fake.paster.is_read = False
    utterance = bench.spoken()
    bench.answer(utterance, "Hello.")
    began_s = bench.clock.now_s
    bench.until(lambda: bench.states[-1] is State.IDLE)
    assert bench.clock.now_s - began_s < 2.0
    assert bench.messages == [NOT_TAKEN]
    assert bench.status(utterance) is Status.WRITTEN
    bench.fake.clipboard.reads += 1  # it was only slow
    bench.until(lambda: bench.status(utterance) is Status.INSERTED)
    assert bench.messages == [NOT_TAKEN, LATE]
    bench.until(lambda: bench.dictation.is_quiet)
    assert len(bench.fake.paster.pasted) == 1


def test_what_the_clipboard_held_when_mica_was_killed_comes_back(
    tmp_path: Path,
) -> None:
    Borrowed(paths.borrowed_file()).keep("before", USERS)  # FakeHost's clipboard
    bench = Bench(tmp_path)
    assert bench.fake.clipboard.held == USERS
    assert not paths.borrowed_file().exists()
    bench.close()
