"""Every test has a home of its own and no screen unless it starts one."""

import os
from pathlib import Path

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch) -> Path:
    """MICA_HOME of this test."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("MICA_HOME", str(folder))
    return folder
