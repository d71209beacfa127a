from pathlib import Path

import pytest

from mica.host.values import Target
from mica.insertion.dictated_windows import MAX_WINDOWS, DictatedWindows

WINDOW = Target(1, 100, "Editor")


def test_windows_outlive_the_process(tmp_path: Path) -> None:
    file = tmp_path / "windows"
    DictatedWindows(file).add(WINDOW)
    again = DictatedWindows(file)
    assert again.has(WINDOW)
    assert not again.has(Target(1, 101, "Editor"))  # the number was given anew
    assert not again.has(Target(2, 100, "Editor"))


def test_a_window_without_a_number_is_no_window(tmp_path: Path) -> None:
    windows = DictatedWindows(tmp_path / "windows")
    windows.add(Target(0, 100, "Editor"))
    assert not windows.has(Target(0, 100, "Editor"))


def test_the_oldest_windows_are_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "windows"
    windows = DictatedWindows(file)
    for number in range(1, MAX_WINDOWS + 2):
        windows.add(Target(number, 100, "Editor"))
        windows.add(Target(number, 100, "Editor"))
    again = DictatedWindows(file)
    assert not again.has(WINDOW) and again.has(Target(2, 100, "Editor"))


@pytest.mark.parametrize("content", [b"", b"{", b'["x"]', b"\xff"])
def test_a_broken_file_holds_no_windows(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "windows"
    file.write_bytes(content)
    windows = DictatedWindows(file)
    assert not windows.has(WINDOW)
    windows.add(WINDOW)
    assert DictatedWindows(file).has(WINDOW)


def test_a_folder_that_takes_no_file_costs_only_the_memory(tmp_path: Path) -> None:
    windows = DictatedWindows(tmp_path / "missing" / "windows")
    windows.add(WINDOW)
    assert windows.has(WINDOW)
