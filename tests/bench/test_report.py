import pytest

from mica.bench.report import BARS, MET, NOT_MET, VOID, Row, bar_of, rows_with_bars


def row(metric: str, ours: float, **more: object) -> dict[str, object]:
    fields: dict[str, object] = {"case": "all", "style": None, "rival": None}
    fields |= {"theirs": None, **more}
    return Row(metric=metric, ours=ours, **fields).as_dict()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ours", "verdict"), [(99.4, NOT_MET), (99.5, MET), (100.0, MET)]
)
def test_lower_bound_of_a_figure_is_checked(ours: float, verdict: str) -> None:
    found = row("tokens_equal_percent", ours)
    bar = bar_of(found)
    assert bar is not None
    assert (bar.text(), bar.verdict(found)) == ("≥ 99.5", verdict)


@pytest.mark.parametrize(("ours", "verdict"), [(1.05, MET), (1.06, NOT_MET)])
def test_upper_bound_of_a_figure_is_checked(ours: float, verdict: str) -> None:
    found = row("memory_growth", ours, case="60min")
    bar = bar_of(found)
    assert bar is not None
    assert (bar.text(), bar.verdict(found)) == ("≤ 1.05", verdict)


@pytest.mark.parametrize(
    ("theirs", "verdict"), [(30.0, MET), (29.0, NOT_MET), (None, VOID)]
)
def test_ratio_to_a_void_rival_is_void(theirs: float | None, verdict: str) -> None:
    found = row(
        "release_to_text_ms", 10.0, case="10s", rival="mlx-audio", theirs=theirs
    )
    bar = bar_of(found)
    assert bar is not None
    assert (bar.text(), bar.verdict(found)) == ("≥ 3 times", verdict)


def test_a_bar_concerns_its_case_style_and_rival_only() -> None:
    assert bar_of(row("release_to_text_ms", 1, case="30s", rival="mlx-audio")) is None
    assert bar_of(row("release_passes", 1, case="no pause", style=None)) is None
    raw = bar_of(row("release_passes", 1, case="no pause", style="raw"))
    punctuated = bar_of(row("release_passes", 1, case="no pause", style="punctuated"))
    assert raw is not None and punctuated is not None
    assert (raw.limit, punctuated.limit) == (2, 3)


def test_rows_with_a_bar_come_in_the_order_of_the_bars() -> None:
    growth, equal = row("memory_growth", 1.0), row("tokens_equal_percent", 100.0)
    found = rows_with_bars(
        [{"rows": [growth, row("wer_percent", 5.0)]}, {"rows": [equal]}]
    )
    assert found == [equal, growth]


def test_no_two_bars_concern_the_same_row() -> None:
    keys = [(bar.metric, bar.case, bar.style, bar.rival) for bar in BARS]
    assert len(set(keys)) == len(keys)
