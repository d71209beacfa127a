from dataclasses import replace

import pytest

from mica.engine.client_events import Deadlines
from mica.engine.job import Job
from mica.engine.messages import Begin, Committed
from mica.engine.watchdog import LOOK_S, SLOWER, Pace, Watchdog
from mica.errors import EngineError
from mica.events import Priority, TranscribeOptions

LIMITS = Deadlines(
    start_s=60,
    load_s=300,
    load_per_gb_s=10,
    silence_s=4,
    rest_s=10,
    unit_s=60,
    finish_s=5,
    finish_per_s=2,
)


def job(seconds: int, *, ended: bool, priority: Priority = Priority.DICTATION) -> Job:
    options = TranscribeOptions(priority=priority)
    made = Job(Begin(1, 100, options), None, pushed=seconds * 100, is_begun=True)
    made.last = made.pushed if ended else None
    return made


def loaded_watch(age_s: float = 0.1, pace: Pace | None = None) -> Watchdog:
    watch = Watchdog(LIMITS, 0.0, pace)
    watch.loaded(0.0)
    watch.on_message(100.0, age_s)
    return watch


def test_the_first_message_may_take_longer_than_the_next() -> None:
    watch = Watchdog(LIMITS, 0.0)
    watch.check(60.0, {})
    with pytest.raises(EngineError, match="responding"):
        watch.check(60.1, {})
    watch = Watchdog(LIMITS, 0.0)
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


def test_a_larger_model_may_take_longer_to_load() -> None:
    watch = Watchdog(LIMITS, 0.0, None, 5.0)
    watch.on_message(350.0, 340.0)
    watch.check(350.0, {})
    watch.on_message(351.0, 341.0)
    with pytest.raises(EngineError, match="took too long to load"):
        watch.check(351.0, {})


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
    watch.loaded(295.0)
    assert watch.due({}) == 295 + 10
    jobs = {1: job(0, ended=True)}
    watch.check(296.0, jobs)
    assert watch.due(jobs) == 296 + LOOK_S, "pushes wake nobody"
    watch.check(300.9, jobs | {1: job(0, ended=False)})
    assert watch.due(jobs) == 296 + 5


def test_idle_engine_may_exit_after_its_time() -> None:
    watch = Watchdog(replace(LIMITS, idle_s=7), 0.0)
    watch.on_message(50.0, 0.0)
    assert not watch.is_idle(50.0, {})  # it loads
    watch.loaded(50.0)
    assert watch.due({}) == 50 + 7
    assert not watch.is_idle(56.9, {})
    assert not watch.is_idle(58.0, {1: job(1, ended=False)})
    assert not watch.is_idle(64.9, {})
    assert watch.is_idle(65.0, {})


@pytest.mark.parametrize("idle_s", [-180.0, 0.0, 1e-9, float("nan"), float("-inf")])
def test_engine_in_use_stays_regardless_of_its_idle_time(idle_s: float) -> None:
    watch = Watchdog(replace(LIMITS, idle_s=idle_s), 0.0)
    assert not watch.is_idle(1.0, {})  # it loads
    watch.loaded(1.0)
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
    watch.on_message(102.0, 0.1)
    watch.check(102.0, {1: file})
    watch.on_message(332.0, 0.1)
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


def test_silence_is_a_hang_sooner_while_the_engine_has_work() -> None:
    watch, spoken = loaded_watch(), job(1, ended=False)
    watch.check(100.0, {1: spoken})
    watch.check(104.1, {1: spoken})  # nothing has come since, so nothing is due
    spoken.pushed += 1
    with pytest.raises(EngineError, match="isn’t responding"):
        watch.check(104.2, {1: spoken})


@pytest.mark.parametrize("ended", [True, False])
def test_the_user_hears_once_and_within_three_seconds_of_an_engine_that_is_silent(
    ended: bool,
) -> None:
    watch, one = loaded_watch(), job(1, ended=ended)
    one.is_ended = ended
    watch.check(100.0, {1: one})
    one.pushed += 1
    assert not watch.is_unresponsive(102.0, {1: one})
    assert watch.is_unresponsive(102.6, {1: one})
    assert not watch.is_unresponsive(103.0, {1: one})
    watch.on_message(103.1, 0.1)
    watch.check(103.1, {1: one})
    assert not watch.is_unresponsive(103.1, {1: one})
    one.pushed += 1
    assert watch.is_unresponsive(106.0, {1: one}), "each time"


def test_the_user_hears_of_a_unit_that_does_not_end() -> None:
    watch, one = loaded_watch(), job(1, ended=True)
    for now, told in ((101.0, False), (102.6, True), (103.0, False)):
        watch.on_message(now, now - 100.0)
        assert watch.is_unresponsive(now, {1: one}) is told


def test_an_idle_engine_may_be_silent() -> None:
    watch = loaded_watch()
    watch.check(109.0, {})
    assert not watch.is_unresponsive(109.0, {})


def test_an_engine_that_rests_though_it_owes_an_answer_hangs() -> None:
    """Its heartbeats come, and nothing else."""
    watch, owed = loaded_watch(), job(100, ended=True)
    for now in (100.5, 101.0):
        watch.on_message(now, 0.0)
        watch.check(now, {1: owed})  # it may not have got the end yet
    owed.is_ended = True
    for now in (101.5, 102.0, 104.5):
        watch.on_message(now, 0.0)
        watch.check(now, {1: owed})
    assert watch.due({1: owed}) == 104.5
    watch.on_message(104.6, 0.0)
    with pytest.raises(EngineError, match="forgot"):
        watch.check(104.6, {1: owed})


def test_an_engine_that_works_owes_nothing_yet() -> None:
    watch, owed = loaded_watch(), job(100, ended=True)
    owed.is_ended = True
    for now in range(101, 110):
        watch.on_message(now, 0.0 if now % 3 else 0.2)
        watch.check(now, {1: owed})


def test_each_commit_gives_the_rest_its_own_time() -> None:
    watch, one = loaded_watch(), job(10, ended=True)
    jobs = {1: one}
    watch.check(100.0, jobs)
    assert one.deadline == 100 + 5 + 20
    watch.on_message(120.0, None)
    one.commit(Committed(1, 0.0, 6.0, "Half.", until_s=6.0))
    watch.progressed(one, 120.0)
    watch.check(121.0, jobs)
    assert one.deadline == 120 + 60, "three times what the first took"


def test_a_slow_machine_gets_more_time_at_each_attempt() -> None:
    pace = Pace()
    for limit_s in (60, 120, 240):
        watch = loaded_watch(limit_s, pace)
        watch.check(100.0, {})
        watch.on_message(100.0, limit_s + 0.1)
        with pytest.raises(EngineError):
            watch.check(100.0, {})


def test_what_a_slow_machine_needed_is_its_measure_from_then_on() -> None:
    pace = Pace(patience=4.0)
    watch = loaded_watch(200.0, pace)
    watch.check(100.0, {})
    watch.on_message(101.0, 0.1)  # that unit has ended
    pace.answered()
    assert pace.patience == 1.0
    watch.on_message(101.0, SLOWER * pace.unit_s)
    watch.check(101.0, {})
    assert 100 < pace.unit_s < 200, "earlier ones fade"


@pytest.mark.parametrize("failures", range(8))
def test_an_engine_that_dies_again_is_started_again_ever_later(failures: int) -> None:
    waits = [0, 0, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0]
    assert Deadlines().backoff(failures) == pytest.approx(waits[failures])
