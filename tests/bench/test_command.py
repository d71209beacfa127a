"""The command `mica bench`: options are checked before measuring; and the tables."""

import pytest
from click.testing import CliRunner

from mica.bench.report import Row, report
from mica.cli.bench import bench
from mica.cli.bench_table import show


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lengths", "3,x"], "such as 3,10,60"),
        (["--lengths", "0"], "such as 3,10,60"),
        (["--shape", "granite-9"], "granite-speech-4.1-2b"),
        (["--shape", "granite-speech-4.1-2b", "--model", "pebble"], "--shape can’t"),
        (["--clips", "/no/such/folder"], "does not exist"),
    ],
)
def test_unmeasurable_options_are_refused(options: list[str], message: str) -> None:
    done = CliRunner().invoke(bench, ["latency", *options])
    assert done.exit_code == 2
    assert message in done.output


def test_row_is_printed_with_its_target(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        Row("all", "tokens_equal_percent", "raw", None, 99.0, None),
        Row("60s", "upwr", None, None, 0.014, None),
        Row("60s", "encode_ms", None, None, 3.0, None),
    ]
    show(report("some", "pebble", rows), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    found = {line.split()[3]: line.split("│") for line in lines if line[:1] == "│"}
    assert [cell.strip() for cell in found["tokens_equal_percent"][-3:-1]] == [
        "≥ 99.5",
        "NOT MET",
    ]
    assert [cell.strip() for cell in found["upwr"][5:-1]] == [
        "0.014",
        "-",
        "-",
        "≤ 0.1",
        "met",
    ]
    assert [cell.strip() for cell in found["encode_ms"][-3:-1]] == ["-", "-"]
