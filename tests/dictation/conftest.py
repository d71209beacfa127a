from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dictation.harness import Bench


@pytest.fixture
def bench(home: Path) -> Iterator[Bench]:
    with closing(Bench(home)) as bench:
        yield bench
