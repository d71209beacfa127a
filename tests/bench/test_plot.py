from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mica.bench.plot import COLOURS, HEIGHT, WIDTH, Axis, Curve, curves, draw, ticks

TIMES_MS = {"3s": (300.0, 900.0), "10s": (320.0, 2500.0), "60s": (350.0, None)}


def row(case: str, rival: str, style: str, ours: float, theirs: float | None) -> Any:
    return {
        "case": case,
        "metric": "release_to_text_ms",
        "style": style,
        "rival": rival,
        "ours": ours,
        "theirs": theirs,
        "ratio": None,
    }


@pytest.fixture
def rows() -> list[Any]:
    timed = [
        row(case, "mlx-audio", style, ours, theirs)
        for style in ("raw", "punctuated")
        for case, (ours, theirs) in reversed(TIMES_MS.items())
    ]
    return [*timed, {**timed[0], "metric": "llm_passes"}]


def test_curves_show_seconds_by_length_without_void_cases(
    rows: list[Any],
) -> None:
    assert curves(rows, "raw") == [
        Curve("mica", ((3.0, 0.3), (10.0, 0.32), (60.0, 0.35))),
        Curve("mlx-audio", ((3.0, 0.9), (10.0, 2.5))),
    ]


def test_logarithmic_axis_gives_each_factor_the_same_space() -> None:
    axis = Axis(1, 100, 0, 50)
    assert [axis.pixel(value) for value in (1, 10, 100)] == pytest.approx([0, 25, 50])


def test_axis_ticks_are_round_and_within_the_range() -> None:
    assert ticks(0.2, 40) == pytest.approx([0.3, 1, 3, 10, 30])


def test_plot_has_a_panel_per_style_and_a_line_per_side(
    rows: list[Any], tmp_path: Path
) -> None:
    file = tmp_path / "latency.png"
    report = {"bench": "latency", "machine": "x", "model": "tiny", "rows": rows}
    draw(report, file)
    with Image.open(file) as image:
        assert (image.format, image.size) == ("PNG", (2 * WIDTH, HEIGHT))
        first_panel = image.crop((0, 0, WIDTH, HEIGHT)).getcolors(1 << 20)
    colors = {"#{:02x}{:02x}{:02x}".format(*color) for _, color in first_panel}
    assert set(COLOURS[:2]) <= colors
    assert COLOURS[2] not in colors
