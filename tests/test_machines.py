"""The machines that decide have no branch that no test takes."""

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
        ["host/hotkey_rules", "host/key_names", "session/keys", "session/state"],
        ["host/test_hotkey_rules", "host/test_key_names", "session/test_keys"],
    ),
    "dictation": (
        [
            *(f"session/{part}" for part in ("dictation", "utterances", "pending")),
            *(f"session/{part}" for part in ("recording", "retry", "signs", "texts")),
        ],
        [
            *(f"session/test_dictation{of}" for of in ("", "_keys", "_microphone")),
            *(f"session/test_dictation_{of}" for of in ("again", "away", "engine")),
            *("session/test_dictation_context", "session/test_recording"),
            "session/test_retry",
        ],
    ),
    "insertion": (
        [
            *(f"host/{machine}" for machine in ("owed", "paste", "takeback", "typing")),
            *(f"session/{part}" for part in ("insertion", "placing", "taking_back")),
            *(f"session/{part}" for part in ("context", "spacing", "trail", "typed")),
        ],
        [
            *(f"host/test_{of}" for of in ("owed", "paste", "takeback", "typing")),
            *(f"session/test_{part}" for part in ("insertion", "taking_back")),
            *("host/test_takeback_copies", "host/test_takeback_looks"),
            *("session/test_insertion_goes_on", "session/test_insertion_owed"),
            *("session/test_typed", "session/test_insertion_composing"),
            "session/test_insertion_clipboards",
            *("session/test_insertion_context", "session/test_spacing"),
        ],
    ),
    "microphone": (
        [f"audio/{rule}" for rule in RECORDING],
        [f"audio/test_{rule}" for rule in RECORDING],
    ),
}


@pytest.mark.parametrize("name", MACHINES)
def test_every_branch_of_a_machine_is_taken(name: str, tmp_path: Path) -> None:
    """Without the random ones, so that it does not hang on chance."""
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
