"""One app for each test file, because starting it takes longer than most tests."""

from collections.abc import Iterator

import pytest

from end_to_end.running_app import RunningApp, homes, running_app
from support import private_files, private_logs, xserver


@pytest.fixture(autouse=True)
def check_privacy() -> Iterator[None]:
    """After each test, no log holds a word that was said, or the title of a window, and
    nobody else can read Mica's files."""
    yield
    for home in homes:
        assert private_logs.content(home, xserver.titles) == {}
        assert private_files.open_to_others(home) == []


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
