"""Runs the command line as people do: arguments in, exit code and output back."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from mica.cli.main import run
from support.sounds import words
from support.tiny_model import write_tiny_model
from support.wav_files import write_wav

RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Result:
    """The exit code and output of a command."""

    code: int
    out: str
    err: str

    def line(self) -> str:
        """The only line on stderr; fails if there are others."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("mica: ")
        return lines[0]


Mica = Callable[..., Result]


@pytest.fixture
def mica(capsys: pytest.CaptureFixture[str]) -> Mica:
    def call(*words: object) -> Result:
        capsys.readouterr()
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return call


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model whose output is nonsense."""
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a second of speech between two silences."""
    quiet = np.zeros(RATE_HZ // 2)
    samples = np.concatenate([quiet, words(1.0), quiet])[:, None]
    return write_wav(tmp_path_factory.mktemp("sound") / "words.wav", samples, RATE_HZ)
