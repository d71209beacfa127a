"""Detecting sound that FFmpeg skipped silently, from times and positions alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.audio.missing import DecodedTime, note_counted, note_holes, note_skipped


def frames(*rows: tuple[float, int, int]) -> list[DecodedTime]:
    """Frames of one second, from rows (at_s, place, skipped)."""
    return [
        DecodedTime(at_s, 1.0, place, None, skipped) for at_s, place, skipped in rows
    ]


def times(items: object) -> list[float | None]:
    return [item and item.at_s for item in items]  # type: ignore[attr-defined]


class TestSkipped:
    def test_gap_over_unread_bytes_is_reported(self) -> None:
        items = frames((0, 10, 0), (1, 20, 0), (5, 9_000, 8_000))
        assert times(note_skipped(iter(items))) == [0, 1, None, 5]

    def test_pause_of_the_recording_is_no_gap(self) -> None:
        items = frames((0, 10, 0), (1, 20, 0), (5, 60, 30))
        assert times(note_skipped(iter(items))) == [0, 1, 5]

    def test_gap_in_a_format_without_pauses_is_reported(self) -> None:
        items = frames((0, 10, 0), (5, 60, 30))
        skipped = times(note_skipped(iter(items), may_pause=False))
        assert skipped == [0, None, 5]

    def test_bytes_of_other_streams_are_no_gap(self) -> None:
        items = frames((0, 10, 0), (1, 9_000, 8_000))
        assert times(note_skipped(iter(items))) == [0, 1]

    def test_usual_number_of_bytes_is_no_gap(self) -> None:
        """ASF, for example, pads its packets."""
        items = frames((0, 0, 0), (1, 3_200, 2_400), (5, 6_400, 2_400))
        assert times(note_skipped(iter(items))) == [0, 1, 5]

    def test_missing_bytes_just_after_a_gap_are_reported_before_it(self) -> None:
        items = frames((0, 10, 0), (5, 20, 0), (6, 30, 0), (7, 9_000, 8_000))
        assert times(note_skipped(iter(items))) == [0, None, 5, 6, 7]

    @given(
        st.lists(
            st.one_of(
                st.none(), st.tuples(st.integers(0, 9), st.sampled_from([0, 9_000]))
            )
        )
    )
    def test_no_frame_is_ever_lost(self, rows: list[tuple[int, int] | None]) -> None:
        items = [
            row and DecodedTime(float(row[0]), 1.0, number, number, row[1])
            for number, row in enumerate(rows)
        ]
        for timed in (
            note_skipped(iter(items)),
            note_counted(iter(items), alone=True),
        ):
            remaining = [item.frame for item in timed if item]
            assert remaining == [item.frame for item in items if item]


class TestCounted:
    """FFmpeg continues its timestamps over a gap; here, a second has 100 bytes."""

    def test_unread_bytes_last_as_long_as_those_before_them(self) -> None:
        items = frames((0, 0, 0), (1, 100, 0), (2, 200, 0), (3, 700, 400), (4, 800, 0))
        timed = times(note_counted(iter(items), alone=False))
        assert timed == [0, 1, 2, None, 7, 8]

    def test_oversized_packet_contains_unread_bytes(self) -> None:
        rows = [(at, 1_000 * at, 0) for at in range(4)]
        items = frames(*rows, (4, 13_000, 0), (5, 14_000, 0))
        timed = times(note_counted(iter(items), alone=True))
        assert timed == [0, 1, 2, 3, None, 13, 14]

    def test_large_step_beside_a_video_stream_is_no_gap(self) -> None:
        rows = [(at, 1_000 * at, 0) for at in range(4)]
        items = frames(*rows, (4, 13_000, 0), (5, 14_000, 0))
        assert times(note_counted(iter(items), alone=False)) == [0, 1, 2, 3, 4, 5]

    def test_usual_number_of_bytes_is_no_gap(self) -> None:
        items = frames((0, 0, 0), (1, 180, 80), (2, 360, 80), (3, 540, 80))
        assert times(note_counted(iter(items), alone=False)) == [0, 1, 2, 3]


class TestHoles:
    @pytest.mark.parametrize("wrong", [1, 2, 3])
    def test_frames_after_a_gap_end_where_the_times_are_known(self, wrong: int) -> None:
        """FFmpeg continues its timestamps for some frames; the hole lasts 4 s."""
        page = [(2 + at + (4 if at >= wrong else 0), 50) for at in range(3)]
        rows = [(0, 10), (1, 10), *page, (9, 80)]
        items = frames(*((at_s, place, 0) for at_s, place in rows))
        noted = times(note_holes(iter(items), [50]))
        assert noted == [0, 1, None, 6, 7, 8, 9]

    def test_no_frame_is_moved_without_a_jump(self) -> None:
        rows = [(0, 10), (1, 10), (2, 50), (3, 80), (4, 90), (5, 95)]
        items = frames(*((at_s, place, 0) for at_s, place in rows))
        noted = times(note_holes(iter(items), [50]))
        assert noted == [0, 1, None, 2, 3, 4, 5]

    @given(
        st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 9), st.integers(0, 9)))),
        st.lists(st.integers(0, 9)),
    )
    def test_no_frame_is_ever_lost(
        self, rows: list[tuple[int, int] | None], holes: list[int]
    ) -> None:
        items = [
            row and DecodedTime(float(row[0]), 1.0, row[1], number)
            for number, row in enumerate(rows)
        ]
        frames = [item.frame for item in note_holes(iter(items), sorted(holes)) if item]
        assert frames == [item.frame for item in items if item]
