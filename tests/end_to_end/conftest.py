"""One app for each test file, because starting it takes longer than most tests."""

from collections.abc import Iterator

import pytest

from end_to_end.running_app import RunningApp, running_app
from support import xserver


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("mica")) as running:
        yield running


@pytest.fixture
def users_clipboard(app: RunningApp) -> Iterator[None]:
    """Another program that has copied text, HTML, an image and a private type."""
    del app  # requested only because its display must exist
    owner = xserver.start(xserver.qt_program("owner"))
    assert owner.stdin is not None and owner.stdout is not None
    owner.stdin.write(b"\n")
    owner.stdin.flush()
    assert owner.stdout.readline() == b"owned\n"
    yield
    xserver.end(owner)
