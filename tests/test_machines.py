"""The state machines have full branch coverage."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CONFIG = """
[run]
branch = true
data_file = {folder}/coverage
include = {files}
"""
RECORDING = ("level", "device_selection", "failover", "microphone_pool")
MACHINES = {
    "keys": (
        ["host/hold_key", "host/key_names", "dictation/hold_keys", "dictation/state"],
        ["host/test_hold_key", "host/test_key_names", "dictation/test_hold_keys"],
    ),
    "dictation": (
        [
            *(f"dictation/{part}" for part in ("controller", "utterances")),
            *(f"dictation/{part}" for part in ("recording", "retry")),
            *(f"dictation/{part}" for part in ("results", "services")),
            *("dictation/recorded_utterance", "dictation/microphone_reporter"),
            *("dictation/engine_feed", "dictation/state_reporter"),
        ],
        [
            *(f"dictation/test_controller{of}" for of in ("", "_keys", "_microphone")),
            *(f"dictation/test_controller_{of}" for of in ("away", "engine", "first")),
            *("dictation/test_controller_context", "dictation/test_recording"),
            *("dictation/test_controller_paste_last", "dictation/test_private"),
            "dictation/test_engine_feed",
            *("dictation/test_retry", "dictation/test_recorded_utterance"),
            *("dictation/test_permission_notices", "dictation/test_captions"),
        ],
    ),
    "insertion": (
        [
            *(f"insertion/{part}" for part in ("hung_windows", "paste", "undo")),
            *(f"insertion/{part}" for part in ("keystrokes", "queue", "insert_job")),
            *(f"insertion/{part}" for part in ("undo_job", "context", "spacing")),
            *(f"insertion/{part}" for part in ("receipts", "timing", "transactions")),
            *(f"insertion/{part}" for part in ("recent", "request", "user_clipboard")),
            *("insertion/caret_text", "text/capitals"),
        ],
        [
            *(f"insertion/test_{of}" for of in ("hung_windows", "paste", "undo")),
            *(f"insertion/test_undo_{of}" for of in ("job", "copies", "checks")),
            *(f"insertion/test_{of}" for of in ("keystrokes", "recent", "spacing")),
            *(f"insertion/test_queue_{of}" for of in ("clipboards", "composing")),
            *(f"insertion/test_queue_{of}" for of in ("context", "continuation")),
            *("insertion/test_queue", "insertion/test_queue_hung_windows"),
            *("insertion/test_caret_text", "insertion/test_receipts"),
            *("text/test_capitals", "insertion/test_user_clipboard"),
        ],
    ),
    "microphone": (
        [f"audio/{rule}" for rule in RECORDING],
        [f"audio/test_{rule}" for rule in RECORDING],
    ),
}


@pytest.mark.timeout(600)  # a whole run of tests, on a busy machine
@pytest.mark.parametrize("name", MACHINES)
def test_every_branch_of_a_machine_is_taken(name: str, tmp_path: Path) -> None:
    """The random tests are excluded, so that coverage does not depend on chance."""
    files, tests = MACHINES[name]
    config = tmp_path / "coverage.ini"
    include = ",".join(f"*/mica/{file}.py" for file in files)
    config.write_text(CONFIG.format(folder=tmp_path, files=include))
    coverage = ["--cov", f"--cov-config={config}", "--cov-report=term-missing"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-k", "not runTest", *coverage, "--cov-fail-under=100"),
            *(str(TESTS / f"{test}.py") for test in tests),
        ],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert all(f"{file}.py" in done.stdout for file in files)
