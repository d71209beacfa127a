"""The encoder benchmark runs and its rows compare both encoders."""

import pytest

from mica.bench.encoder import run
from mica.bench.report import Row
from mica.errors import EngineError


def test_rows_compare_both_encoders_and_ours_takes_less_work() -> None:
    rows = run(pairs=1, layers=2, hidden_size=256)
    named = [(row.case, row.metric, row.style, row.rival) for row in rows]
    assert named == [
        ("4s", "encode_ms", None, "mlx-audio"),
        ("30s", "extra_memory_mb", None, "mlx-audio"),
    ]
    assert all(row.ours > 0 and row.theirs for row in rows)
    memory = rows[1].ratio
    assert memory is not None and memory >= 4


def test_without_a_rival_there_is_no_ratio() -> None:
    for row in run(None, pairs=1, layers=2, hidden_size=128):
        assert (row.rival, row.theirs, row.ratio) == (None, None, None)


def test_unknown_rival_is_reported() -> None:
    with pytest.raises(EngineError, match="no rival is called whisper"):
        run("whisper", pairs=1, layers=2, hidden_size=128)


def test_a_ratio_above_one_means_ours_is_faster() -> None:
    row = Row("4s", "encode_ms", None, "mlx-audio", ours=10.0, theirs=25.0)
    assert row.as_dict() == {
        "case": "4s",
        "metric": "encode_ms",
        "style": None,
        "rival": "mlx-audio",
        "ours": 10.0,
        "theirs": 25.0,
        "ratio": 2.5,
    }
