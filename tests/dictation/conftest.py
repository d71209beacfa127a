from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dictation.harness import Harness


@pytest.fixture
def harness(home: Path) -> Iterator[Harness]:
    with closing(Harness(home)) as harness:
        yield harness


@pytest.fixture(scope="module", autouse=True)
def loud_microphones(noise_is_speech: None) -> None:
    """What a fake microphone says is noise."""
