"""The position of samples: gaps are kept, absurd timestamps are ignored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.audio.timeline import JUMP_S, MOST_SILENCE_S, Timeline

FRAME_S = 0.02


def append(line: Timeline, start_s: float, seconds: float) -> float:
    """Append frames from a time on; return the silence inserted before them."""
    silence_s = 0.0
    for number in range(round(seconds / FRAME_S)):
        silence_s += line.silence_s(start_s + number * FRAME_S)
        line.advance(FRAME_S)
    return silence_s


def test_late_start_of_a_track_is_filled_with_silence():
    line = Timeline()
    assert append(line, 4.0, 1.0) == pytest.approx(4.0)
    assert line.at_s == pytest.approx(5.0)


def test_gap_in_the_timestamps_is_filled_with_silence():
    line = Timeline()
    assert append(line, 0.0, 2.8) == 0
    assert append(line, 8.8, 1.0) == pytest.approx(6.0)
    assert line.at_s == pytest.approx(9.8)
    assert line.notes("a.mkv") == []


@given(st.lists(st.floats(-0.02, 0.02), min_size=1, max_size=200))
def test_rounded_timestamps_change_nothing(errors_s):
    line = Timeline()
    for number, error_s in enumerate(errors_s):
        assert line.silence_s(number * FRAME_S + error_s) == 0
        line.advance(FRAME_S)


def test_timestamp_drift_is_corrected():
    line = Timeline()
    for number in range(10_000):  # the clock of the timestamps runs 0.1 % faster
        line.silence_s(number * FRAME_S * 1.001)
        line.advance(FRAME_S)
    assert line.at_s == pytest.approx(10_000 * FRAME_S * 1.001, abs=2 * JUMP_S)


def test_overlapping_sound_is_kept_whole_and_a_later_gap_absorbs_it():
    line = Timeline()
    append(line, 0.0, 3.0)
    assert append(line, 2.0, 3.0) == 0  # now at 6.0, 5.0 according to its times
    assert append(line, 10.0, 1.0) == pytest.approx(4.0)
    assert line.at_s == pytest.approx(11.0)


def test_restarted_timestamps_begin_another_recording():
    line = Timeline()
    append(line, 0.0, 20.0)
    assert append(line, 0.0, 3.0) == 0
    assert append(line, 9.0, 1.0) == pytest.approx(6.0)
    assert line.at_s == pytest.approx(30.0)


def test_a_joined_recording_follows_at_once():
    line = Timeline()
    append(line, 0.0, 2.0)
    line.restart()
    assert append(line, 500.0, 2.0) == 0
    assert line.at_s == pytest.approx(4.0)


@pytest.mark.parametrize("years", [0.001, 1, 1000])
def test_jump_of_years_is_skipped_and_reported(years):
    line = Timeline()
    append(line, 0.0, 5.0)
    away_s = years * 31_557_600
    assert append(line, away_s, 1.0) == 0
    assert append(line, away_s + 3.0, 1.0) == pytest.approx(2.0)
    [note] = line.notes("a.mkv")
    assert "a.mkv jump too far (0:05)" in note


def test_single_absurd_timestamp_is_ignored():
    line = Timeline()
    append(line, 0.0, 5.0)
    line.silence_s(1e12)
    line.advance(FRAME_S)
    assert append(line, 5.0 + FRAME_S, 1.0) == 0
    assert line.at_s == pytest.approx(6.0 + FRAME_S)


@given(st.lists(st.floats(-1e15, 1e15), max_size=300))
def test_silence_is_bounded_whatever_the_times(starts_s):
    line = Timeline()
    silence_s = 0.0
    for start_s in starts_s:
        silence_s += line.silence_s(start_s)
        line.advance(FRAME_S)
    assert 0 <= silence_s <= MOST_SILENCE_S
    assert line.at_s == pytest.approx(silence_s + len(starts_s) * FRAME_S)


def test_a_lost_packet_is_silence_however_short():
    line = Timeline()
    append(line, 0.0, 7.0)
    line.lost()
    assert append(line, 7.0 + FRAME_S, 2.0) == pytest.approx(FRAME_S)
    for _ in range(3):  # consecutive ones count as one
        line.lost()
    assert append(line, 9.0 + 4 * FRAME_S, 1.0) == pytest.approx(3 * FRAME_S)
    assert line.notes("a.mp3") == ["2 places of a.mp3 could not be read (0:07, 0:09)."]


def test_one_gap_is_reported_once():
    line = Timeline()
    append(line, 0.0, 65.0)
    line.lost()
    assert line.notes("a.mp3") == ["1 place of a.mp3 could not be read (1:05)."]


def test_list_of_gaps_is_shortened():
    line = Timeline()
    for number in range(40):
        line.advance(10.0)
        line.lost()
        assert number or line.at_s
    [note] = line.notes("a.mp3")
    assert note.startswith("40 places of a.mp3 could not be read (0:10, 0:20")
    assert note.endswith("1:40 and 30 more).")


def test_samples_without_times_follow_each_other():
    line = Timeline()
    for _ in range(5):
        assert line.silence_s(None) == 0
        line.advance(1.0)
    assert line.at_s == 5.0
