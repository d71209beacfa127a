from dataclasses import replace

import pytest

from mica.engine.client_events import Deadlines
from mica.engine.messages import Begin
from mica.engine.outbox import Job
from mica.engine.watchdog import Watchdog
from mica.errors import EngineError
from mica.events import Priority, TranscribeOptions

LIMITS = Deadlines(
    start_s=60, load_s=300, silence_s=10, unit_s=60, finish_s=5, finish_per_s=2
)


def job(seconds: int, *, ended: bool, priority: Priority = Priority.DICTATION) -> Job:
    options = TranscribeOptions(priority=priority)
    made = Job(Begin(1, 100, options), None, pushed=seconds * 100)
    made.last = made.pushed if ended else None
    return made


def loaded_watch(age_s: float = 0.0) -> Watchdog:
    watch = Watchdog(LIMITS, 0.0)
    watch.loaded()
    watch.on_message(100.0, age_s)
    return watch


def test_the_first_message_may_take_longer_than_the_next() -> None:
    watch = Watchdog(LIMITS, 0.0)
    watch.check(60.0, {})
    with pytest.raises(EngineError, match="responding"):
        watch.check(60.1, {})
    watch.on_message(61.0, 0.0)
    watch.check(71.0, {})
    with pytest.raises(EngineError, match="responding"):
        watch.check(71.1, {})


def test_loading_has_a_deadline_of_its_own() -> None:
    watch = Watchdog(LIMITS, 0.0)
    watch.on_message(300.0, 290.0)  # a long load is not a hang
    watch.check(300.0, {})
    watch.on_message(301.0, 291.0)
    with pytest.raises(EngineError, match="took too long to load"):
        watch.check(301.0, {})


def test_inference_that_gets_nothing_done_hangs() -> None:
    loaded_watch(60.0).check(100.0, {})
    with pytest.raises(EngineError, match="stopped responding"):
        loaded_watch(60.1).check(100.0, {})


def test_deadline_of_an_answer_grows_with_the_audio() -> None:
    watch, jobs = loaded_watch(), {1: job(10, ended=True)}
    watch.check(100.0, jobs)
    watch.on_message(124.0, 0.0)
    watch.check(125.0, jobs)
    with pytest.raises(EngineError, match="didn’t answer"):
        watch.check(125.1, jobs)


def test_while_the_user_speaks_no_answer_is_due() -> None:
    watch, jobs = loaded_watch(), {1: job(10, ended=False)}
    watch.check(100.0, jobs)
    watch.on_message(5000.0, 0.0)
    watch.check(5000.0, jobs)


def test_next_check_is_due_at_the_next_deadline() -> None:
    watch = Watchdog(LIMITS, 0.0)
    assert watch.due({}) == 60
    watch.on_message(295.0, 0.0)
    assert watch.due({}) == 300  # loading
    watch.loaded()
    assert watch.due({}) == 295 + 10
    jobs = {1: job(0, ended=True)}
    watch.check(296.0, jobs)
    assert watch.due(jobs) == 296 + 5
    watch.on_message(300.0, 0.0)
    assert watch.due({2: job(1, ended=False)}) == 310


def test_idle_engine_may_exit_after_its_time() -> None:
    watch = Watchdog(replace(LIMITS, idle_s=7), 0.0)
    watch.on_message(50.0, 0.0)
    assert not watch.is_idle(50.0, {})  # it loads
    watch.loaded()
    assert watch.due({}) == 50 + 7
    assert not watch.is_idle(56.9, {})
    assert not watch.is_idle(58.0, {1: job(1, ended=False)})
    assert not watch.is_idle(64.9, {})
    assert watch.is_idle(65.0, {})


@pytest.mark.parametrize("idle_s", [-180.0, 0.0, 1e-9, float("nan"), float("-inf")])
def test_engine_in_use_stays_regardless_of_its_idle_time(idle_s: float) -> None:
    watch = Watchdog(replace(LIMITS, idle_s=idle_s), 0.0)
    assert not watch.is_idle(1.0, {})  # it loads
    watch.loaded()
    assert not watch.is_idle(50.0, {1: job(1, ended=False)})
    assert not watch.is_idle(51.0, {1: job(1, ended=True)})


def test_deadline_allows_for_earlier_utterances() -> None:
    watch = loaded_watch()
    dictation = job(1000, ended=True)
    captions = job(10, ended=False, priority=Priority.LIVE)
    file = job(1, ended=True, priority=Priority.FILE)
    jobs = {1: file, 2: captions, 3: dictation}
    watch.check(100.0, jobs)
    assert dictation.deadline == 100 + 5 + 2000
    assert captions.deadline is None
    assert file.deadline == 100 + (5 + 2000) + (5 + 20) + (5 + 2)


def test_a_deadline_is_put_off_by_more_audio_and_kept_when_that_is_done() -> None:
    watch, captions = loaded_watch(), job(10, ended=False, priority=Priority.LIVE)
    file = job(1, ended=True, priority=Priority.FILE)
    watch.check(100.0, {1: file, 2: captions})
    captions.pushed += 100 * 100
    watch.on_message(101.0, 0.0)
    watch.check(101.0, {1: file, 2: captions})
    assert file.deadline == 100 + (5 + 220) + (5 + 2)
    watch.on_message(102.0, 0.0)
    watch.check(102.0, {1: file})
    assert watch.due({1: file}) == 102 + 10
    watch.on_message(332.0, 0.0)
    watch.check(332.0, {1: file})
    with pytest.raises(EngineError, match="didn’t answer"):
        watch.check(332.1, {1: file})


def test_a_file_that_is_never_answered_ends_an_engine_that_serves_others() -> None:
    watch, file = loaded_watch(), job(1, ended=True, priority=Priority.FILE)
    for now in (100.0, 105.0):
        watch.on_message(now, 0.0)
        watch.check(now, {1: file, 2: job(1, ended=False, priority=Priority.LIVE)})
    watch.on_message(120.0, 0.0)
    with pytest.raises(EngineError, match="didn’t answer"):
        watch.check(120.0, {1: file})
