import sys
from pathlib import Path

import pytest

from mica.bench.child import PREFIX, measure_in_child
from mica.errors import EngineError


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a module that runs in place of a benchmark of ours."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(
        "mica.bench.child.own_command", lambda _, *rest: [sys.executable, "-m", *rest]
    )
    return tmp_path / "measures.py"


def test_the_last_line_is_the_answer_and_progress_is_passed_on(
    child: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child.write_text(
        "import sys\n"
        "print('noise of a library', file=sys.stderr)\n"
        f"print('{PREFIX}half of it', file=sys.stderr)\n"
        "print('more noise')\n"
        "print(sys.argv[1])\n"
    )
    assert measure_in_child("measures", {"a": 1}) == {"a": 1}
    assert capsys.readouterr().err == f"{PREFIX}half of it\n"


def test_failing_child_is_reported_with_its_last_line(child: Path) -> None:
    child.write_text("import sys\nsys.exit('no such model')\n")
    with pytest.raises(EngineError, match="no such model"):
        measure_in_child("measures", {})


def test_a_child_without_progress_is_ended(
    child: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.bench.child.DEADLINE_S", 2.0)
    child.write_text("import time\ntime.sleep(60)\n")
    with pytest.raises(EngineError, match="no progress"):
        measure_in_child("measures", {})


def test_a_slow_child_with_progress_is_not_ended(
    child: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.bench.child.DEADLINE_S", 2.0)
    child.write_text(
        "import sys, time\n"
        "for done in range(6):\n"
        f"    print(f'{PREFIX}{{done}} of 6', file=sys.stderr, flush=True)\n"
        "    time.sleep(0.5)\n"
        "print(1)\n"
    )
    assert measure_in_child("measures", {}) == 1


@pytest.mark.skipif(sys.platform == "darwin", reason="Metal takes no threads")
def test_number_of_threads_can_be_reduced(child: Path) -> None:
    child.write_text("import os\nprint(os.environ['OPENBLAS_NUM_THREADS'])\n")
    assert measure_in_child("measures", {}, threads=1) == 1
