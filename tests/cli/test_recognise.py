"""The engine behind the commands, when the disk is full."""

import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cli.conftest import RATE_HZ
from mica.cli.recognise import Recogniser
from mica.errors import JournalError
from mica.events import Style, TranscribeOptions

SECONDS = 4
NOISE = (np.random.default_rng(1).standard_normal(RATE_HZ) / 10).astype(np.float32)


@pytest.fixture
def recogniser(tiny: Path) -> Iterator[Recogniser]:
    """Its engine is started, and may write what it wants."""
    with Recogniser(str(tiny), lambda event: None) as made:
        yield made


@pytest.fixture
def full_disk(recogniser: Recogniser) -> Iterator[None]:
    """From now on no file of this process may grow over 100 kB: 1.5 s of recording."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_and_what_is_said_is_heard_all_the_same(
    recogniser: Recogniser, full_disk: None, tmp_path: Path
) -> None:
    recogniser.begin(RATE_HZ, TranscribeOptions(Style.RAW), tmp_path)
    for _ in range(SECONDS):
        recogniser.push(NOISE)
    assert recogniser.refused is not None
    assert "cannot be written" in recogniser.refused.line()
    assert recogniser.finish().duration_s == SECONDS
    [kept] = tmp_path.glob("*.wav")
    assert 90_000 < kept.stat().st_size <= 100_000


def test_a_file_that_finds_no_room_is_an_error(
    recogniser: Recogniser, full_disk: None
) -> None:
    with pytest.raises(JournalError, match="cannot be written"):
        recogniser.transcribe([NOISE] * SECONDS, TranscribeOptions())
