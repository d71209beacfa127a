from collections.abc import Iterator
from pathlib import Path

import pytest

from session.bench import Bench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("MICA_HOME", str(tmp_path))
    bench = Bench(tmp_path)
    yield bench
    bench.dictation.close()
    bench.history.close()
