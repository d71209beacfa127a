import sys
from pathlib import Path

import pytest

from mica.engine import process
from mica.errors import EngineError


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICA_HOME", str(tmp_path))


def test_openblas_is_a_library_that_is_there_or_none() -> None:
    library = process.openblas()
    assert library is None or (library.is_file() and "openblas" in library.name)


def test_the_child_gets_openblas_before_what_was_preloaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LD_PRELOAD", "/lib/other.so")
    library = process.openblas()
    preloaded = process.environment()["LD_PRELOAD"].split()
    assert preloaded == [*([str(library)] if library else []), "/lib/other.so"]


def test_the_childs_threads_are_limited() -> None:
    variables = process.environment()
    assert 1 <= int(variables["OPENBLAS_NUM_THREADS"]) <= 4


def test_a_command_that_is_not_there_is_an_engine_error() -> None:
    with pytest.raises(EngineError, match="could not be started"):
        process.spawn(["/no/such/program"])


def test_a_child_that_ignores_its_inputs_end_is_killed() -> None:
    code = "import time\nwhile True: time.sleep(1)"
    child = process.spawn([sys.executable, "-c", code])
    process.end(child, wait_s=0.05)
    assert child.returncode == -9


def test_engine_log_is_truncated_when_it_has_grown(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "engine.log"
    log.parent.mkdir()
    log.write_bytes(bytes(process.MAX_LOG_BYTES + 1))
    child = process.spawn([sys.executable, "-c", "import sys; sys.stderr.write('hi')"])
    assert child.wait(20) == 0
    process.end(child)
    assert log.read_text() == "hi"
