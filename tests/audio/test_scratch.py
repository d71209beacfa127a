"""Scratch folders: removed when a process ends, even by a later one after a crash."""

import subprocess
import sys

import pytest

from mica import paths
from mica.audio.scratch import scratch_folder, sweep

HOLD = """
from mica.audio.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "a.wav").write_bytes(b"voice")
    print(folder, flush=True)
    input()
"""


@pytest.fixture
def other():
    """Another process whose scratch folder contains a recording."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.readline()
        yield process
        process.kill()


def test_scratch_folder_is_in_the_mica_home_and_removed_at_the_end():
    with scratch_folder() as folder:
        (folder / "a.wav").write_bytes(b"voice")
        assert folder.parent == paths.scratch_folder()
        assert folder.parent.parent == paths.home()
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


def test_scratch_folder_is_removed_after_an_error_too():
    with pytest.raises(KeyboardInterrupt), scratch_folder() as folder:
        raise KeyboardInterrupt
    assert not folder.exists()


def test_folders_of_living_processes_stay(other):
    with scratch_folder():
        sweep()
        assert len(list(paths.scratch_folder().rglob("a.wav"))) == 1


def test_folders_of_killed_processes_are_removed(other):
    other.kill()
    other.wait()
    assert len(list(paths.scratch_folder().rglob("a.wav"))) == 1
    with scratch_folder() as ours:
        assert list(paths.scratch_folder().iterdir()) == [ours]
