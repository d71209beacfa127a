"""Files that several processes change: one at a time, atomically, through links."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mica import atomic

ADD = """
import sys
from pathlib import Path
from mica import atomic
file = Path(sys.argv[1])
for _ in range(20):
    with atomic.locked(file) as real:
        atomic.replace(real, real.read_text() + sys.argv[2] + "\\n")
"""


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.timeout(60)
def test_lines_that_several_processes_add_are_all_there(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("")
    command = [sys.executable, "-c", ADD, str(file)]
    writers = [subprocess.Popen([*command, f"word{n}"]) for n in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    assert len(file.read_text().splitlines()) == 4 * 20
    assert names(tmp_path) == ["list.txt"]


def test_locked_times_out(tmp_path):
    file = tmp_path / "list.txt"
    with atomic.locked(file):
        errors = []

        def wait() -> None:
            try:
                with atomic.locked(file, wait_s=0.05):
                    pass
            except TimeoutError as error:
                errors.append(error.strerror)

        waiter = threading.Thread(target=wait)
        waiter.start()
        waiter.join()
    assert errors == ["another program is changing it"]
    with atomic.locked(file, wait_s=0.05):
        pass


def test_replace_keeps_a_link_and_replaces_its_target(tmp_path):
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "list.txt").write_text("old")
    link = tmp_path / "list.txt"
    link.symlink_to(dotfiles / "list.txt")
    with atomic.locked(link) as real:
        atomic.replace(real, "new")
    assert link.is_symlink() and (dotfiles / "list.txt").read_text() == "new"


def test_a_new_file_is_private_and_an_old_one_keeps_its_permissions(tmp_path):
    file = tmp_path / "list.txt"
    atomic.replace(file, "a")
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    atomic.replace(file, "b")
    assert file.stat().st_mode & 0o777 == 0o644


def test_replace_removes_old_drafts_and_leaves_none(tmp_path):
    (tmp_path / ".list.txt.abc.new").write_text("half")
    atomic.replace(tmp_path / "list.txt", "whole")
    assert names(tmp_path) == ["list.txt"]
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        atomic.replace(tmp_path / "folder", "text")
    assert names(tmp_path) == ["folder", "list.txt"]


def test_set_aside_replaces_no_other_file(tmp_path):
    backups = []
    for text in ("first", "second", "third"):
        file = tmp_path / "s.toml"
        file.write_text(text)
        backups.append(atomic.move_to_backup(file).name)
    assert backups == ["s.toml.broken", "s.toml.broken-2", "s.toml.broken-3"]
    assert (tmp_path / "s.toml.broken").read_text() == "first"


def test_the_error_of_a_read_only_folder_names_the_file(tmp_path):
    file = tmp_path / "gone" / "list.txt"
    with pytest.raises(FileNotFoundError) as caught:
        atomic.replace(file, "a")
    assert caught.value.filename == str(file)
