import os
import sys
from pathlib import Path

import numpy as np
import pytest

from mica.bench import app, desktop_session
from mica.bench.app import cpu_s, memory_mb, process_tree, recordings, write_wav
from mica.bench.desktop_session import wait_until
from mica.bench.speech import Clip, read_clip
from mica.errors import EngineError

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="Linux counts processes in /proc"
)


@needs_proc
def test_a_process_uses_time_and_memory() -> None:
    before_s = cpu_s(os.getpid())
    spent = sum(number * number for number in range(3_000_000))
    assert spent and cpu_s(os.getpid()) > before_s
    assert 10 < memory_mb(os.getpid()) < 10_000


@needs_proc
def test_usage_includes_child_processes() -> None:
    with desktop_session._program(["sleep", "30"], dict(os.environ)) as child:
        assert {os.getpid(), child.pid} <= set(process_tree(os.getpid()))
    assert child.pid not in process_tree(os.getpid())


def test_a_journal_without_samples_is_no_recording(tmp_path: Path) -> None:
    write_wav(tmp_path / "0.wav", Clip(np.zeros(0, np.float32), None))
    assert recordings(tmp_path) == 0
    write_wav(tmp_path / "1.wav", Clip(np.full(800, 0.5, np.float32), None))
    assert recordings(tmp_path) == 1
    assert read_clip(tmp_path / "1.wav").samples == pytest.approx(0.5, abs=1e-4)


def test_missing_event_is_an_error() -> None:
    with pytest.raises(EngineError, match="did not do"):
        wait_until(lambda: False, 0)


def test_missing_programs_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desktop_session, "PROGRAMS", ("sh", "no-such-program"))
    with pytest.raises(EngineError, match="it lacks no-such-program"):
        app.run(1, 1, 0)


@pytest.mark.skipif(sys.platform == "darwin", reason="needs X11")
@pytest.mark.timeout(240)
def test_the_app_is_measured_in_a_session_of_its_own() -> None:
    rows = {
        (row["case"], row["metric"]): row["ours"] for row in app.run(1, 1, 0.2)["rows"]
    }
    assert list(rows) == [
        ("1 times", "tray_ms"),
        ("1 times", "tray_p95_ms"),
        ("cold microphone", "first_journalled_sample_ms"),
        ("cold microphone", "first_journalled_sample_p95_ms"),
        ("1 times", "paste_ms"),
        ("1 times", "paste_p95_ms"),
        ("0.2s", "idle_cpu_percent"),
        ("app", "memory_mb"),
        ("warm microphone", "first_journalled_sample_ms"),
        ("warm microphone", "first_journalled_sample_p95_ms"),
    ]
    assert all(value > 0 for (_, name), value in rows.items() if name[:4] != "idle")
