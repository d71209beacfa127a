"""When the user counts as not speaking."""

import pytest

from mica.engine.quiet_timer import PATIENCE_S, QuietTimer

USER_DB, ROOM_DB = -25.0, -70.0


def after(*parts: tuple[float, bool, float]) -> float:
    """Quiet seconds behind stretches of (seconds, speech, level in dBFS)."""
    timer = QuietTimer()
    for seconds, speech, level_db in parts:
        for _ in range(round(seconds * 100)):
            timer.push(speech, level_db)
    return timer.quiet_s


def user(seconds: float) -> tuple[float, bool, float]:
    return seconds, True, USER_DB


def room(seconds: float) -> tuple[float, bool, float]:
    return seconds, False, ROOM_DB


def test_silence_counts_from_the_last_word_on() -> None:
    assert after(user(1), room(3)) == pytest.approx(3)
    assert after(user(1), room(3), user(0.5), room(2)) == pytest.approx(2)


def test_silence_before_the_first_word_counts_after_minutes() -> None:
    assert after(room(PATIENCE_S)) == 0
    assert after(room(PATIENCE_S + 20)) == pytest.approx(20)
    assert after((600.0, False, -20.0), user(0.5), room(1)) == pytest.approx(1)


@pytest.mark.parametrize("burst_s", [0.05, 0.1, 0.19])
def test_a_short_sound_is_no_word(burst_s: float) -> None:
    parts = [(burst_s, True, USER_DB), room(1)] * 4
    assert after(user(1), room(1), *parts) == pytest.approx(5 + 4 * burst_s)


def test_gaps_within_a_word_do_not_break_it() -> None:
    parts = [(0.08, True, USER_DB), room(0.05)] * 4
    assert after(user(1), room(5), *parts) < 0.3


@pytest.mark.parametrize(("below_db", "counts"), [(10, True), (14, True), (18, False)])
def test_much_softer_voice_is_not_the_user(below_db: float, counts: bool) -> None:
    other = (2.0, True, USER_DB - below_db)
    quiet_s = after(user(3), room(1), other, room(1))
    assert quiet_s == pytest.approx(1 if counts else 4)


def test_a_user_who_becomes_louder_is_still_the_user() -> None:
    assert after((3.0, True, -50.0), room(1), user(0.5)) == 0


def test_unrecorded_time_ends_nothing() -> None:
    timer = QuietTimer()
    for _ in range(100):
        timer.push(True, USER_DB)
    for _ in range(1000):
        timer.push(False, ROOM_DB)
    timer.restart()
    timer.push(False, ROOM_DB)
    assert timer.quiet_s == pytest.approx(0.01)
