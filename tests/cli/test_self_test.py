"""The self-test, on the real model and on engines that fail."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mica.cli import self_test
from mica.cli.self_test import SAID, SelfTest
from mica.errors import EngineError, ModelError

UNDERSTOOD = SelfTest(SAID, "pebble", "0.32.4 (any)", 100.0)


def test_the_bundled_recording_is_understood() -> None:
    result = self_test.dictate_recording(pace=0)
    assert result.is_understood and result.model == "pebble"
    assert result.mlx and result.latency_ms > 0


@pytest.mark.parametrize(
    ("text", "is_understood"),
    [
        (SAID.upper().replace(",", ""), True),
        (SAID.replace("Frances", "Francis").replace("bananas", "banana"), True),
        ("", False),
        ("the " * 30, False),
        (" ".join(reversed(SAID.split())), False),
        (SAID[:30], False),
    ],
)
def test_self_test_fails_on_a_wrong_text(text: str, is_understood: bool) -> None:
    assert replace(UNDERSTOOD, text=text).is_understood == is_understood


def test_self_test_prints_its_findings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(self_test, "dictate_recording", lambda: UNDERSTOOD)
    assert self_test.main() == 0
    assert capsys.readouterr().out.splitlines() == [
        f"text: {SAID}",
        "model: pebble",
        "MLX: 0.32.4 (any)",
        "latency: 100 ms",
    ]


@pytest.mark.parametrize(
    "error",
    [
        EngineError("The engine quit unexpectedly.", "Try again."),
        ModelError("There is no model.", "Choose one."),
        OSError(28, "No space left on device", "/scratch"),
        ValueError("seven"),
    ],
)
def test_a_failure_is_one_line_and_status_1(
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> SelfTest:
        raise error

    monkeypatch.setattr(self_test, "dictate_recording", fail)
    assert self_test.main() == 1
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("mica: ") and err.count("\n") == 1


def test_self_test_fails_on_another_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = replace(UNDERSTOOD, text="Good morning.")
    monkeypatch.setattr(self_test, "dictate_recording", lambda: other)
    assert self_test.main() == 1
    out, err = capsys.readouterr()
    assert "text: Good morning." in out and "Install Mica again." in err


def test_self_test_fails_if_the_engine_cannot_start(home: Path) -> None:
    """The complete command fails, because MICA_HOME is a file."""
    (home / "file").touch()
    done = subprocess.run(
        [sys.executable, "-m", "mica", "--self-test"],
        env={"PATH": "/usr/bin", "MICA_HOME": str(home / "file" / "below")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1 and done.stderr.startswith("mica: MICA_HOME is ")
