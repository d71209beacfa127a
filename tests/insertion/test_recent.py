"""The context of a text in a window, with and without earlier texts of Mica's."""

from pathlib import Path

import pytest

from insertion.harness import EDITOR, OTHER
from mica.host.values import LETTER, EditKey, Keystroke, SurroundingText, Target
from mica.insertion.caret_text import UNKNOWN
from mica.insertion.recent import (
    MAX_WINDOWS,
    DictatedWindows,
    InsertedText,
    RecentInsertions,
)
from mica.insertion.spacing import fit_to_context
from support.fakes import FakeHost

MET = InsertedText(1, "We met.", EDITOR, presses=0)


class Keys:
    """The key presses reported for EDITOR."""

    def __init__(self) -> None:
        self.strokes: list[Keystroke] = [EditKey.UNKNOWN]
        self.queried: list[int | None] = []

    def since(self, count: int | None, target: Target) -> list[Keystroke]:
        self.queried.append(count)
        return self.strokes if target.same_place(EDITOR) else [EditKey.UNKNOWN]


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def recent(keys: Keys) -> RecentInsertions:
    return RecentInsertions(FakeHost().hotkeys, keys.since, DictatedWindows())


def test_unknown_window_gets_no_guessed_context(
    recent: RecentInsertions,
) -> None:
    assert recent.guess(EDITOR) is None


def test_a_first_text_fits_what_was_typed_before_it(
    recent: RecentInsertions, keys: Keys
) -> None:
    keys.strokes = [EditKey.UNKNOWN, LETTER, LETTER]
    around = recent.guess(EDITOR)
    assert around is not None and keys.queried == [None]
    assert fit_to_context(around, "Tell him.", punctuated=True) == " tell him."
    assert recent.guess(OTHER) is None


def test_click_leaves_some_text_before_the_caret_if_we_inserted_there(
    recent: RecentInsertions,
) -> None:
    recent.add(MET)
    assert recent.guess(EDITOR) == UNKNOWN
    assert recent.guess(OTHER) is None


@pytest.mark.parametrize("submits", [False, True])
def test_window_is_forgotten_when_all_its_texts_were_undone(
    keys: Keys, tmp_path: Path, submits: bool
) -> None:
    file = tmp_path / "windows"
    recent = RecentInsertions(FakeHost().hotkeys, keys.since, DictatedWindows(file))
    recent.add(MET)
    if submits:
        recent.submit(MET)
    recent.add(InsertedText(2, " Bye.", EDITOR, presses=0))
    for guessed, saved in ((UNKNOWN, True), (None, False)):
        last = recent.last_in(EDITOR)
        assert last is not None
        recent.remove(last)
        assert recent.guess(EDITOR) == guessed
        assert DictatedWindows(file).has(EDITOR) is saved


def test_window_with_texts_of_an_earlier_run_stays_dictated_into(keys: Keys) -> None:
    windows = DictatedWindows()
    windows.add(EDITOR)
    recent = RecentInsertions(FakeHost().hotkeys, keys.since, windows)
    recent.add(MET)
    recent.remove(MET)
    assert recent.guess(EDITOR) == UNKNOWN


def test_a_text_elsewhere_leaves_what_is_known_here(
    recent: RecentInsertions, keys: Keys
) -> None:
    recent.add(MET)
    recent.add(InsertedText(2, "Bye.", OTHER, presses=0))
    keys.strokes = [LETTER]
    around = recent.guess(EDITOR)
    assert around == SurroundingText(f"{UNKNOWN.before}{LETTER}")
    assert recent.last_in(EDITOR) == MET


def test_select_all_in_a_terminal_goes_to_the_beginning_of_the_line(
    recent: RecentInsertions, keys: Keys
) -> None:
    terminal = Target(EDITOR.window, EDITOR.pid, "XTerm")
    keys.strokes = [LETTER, EditKey.SELECT_ALL]
    around = recent.guess(terminal)
    assert around is not None and around.after == LETTER


def test_a_restarted_mica_knows_the_windows_dictated_into(
    keys: Keys, tmp_path: Path
) -> None:
    file = tmp_path / "windows"
    hotkeys = FakeHost().hotkeys
    before = RecentInsertions(hotkeys, keys.since, DictatedWindows(file))
    before.add(MET)
    restarted = RecentInsertions(hotkeys, keys.since, DictatedWindows(file))
    assert restarted.guess(EDITOR) == UNKNOWN
    assert restarted.guess(OTHER) is None


WINDOW = Target(1, 100, "Editor")


def test_windows_outlive_the_process(tmp_path: Path) -> None:
    file = tmp_path / "windows"
    DictatedWindows(file).add(WINDOW)
    reloaded = DictatedWindows(file)
    assert reloaded.has(WINDOW)
    assert not reloaded.has(Target(1, 101, "Editor"))  # the window id was reused
    assert not reloaded.has(Target(2, 100, "Editor"))


def test_windows_without_a_process_are_forgotten_when_mica_ends(tmp_path: Path) -> None:
    windows, remote = DictatedWindows(tmp_path / "windows"), Target(3, None, "Editor")
    windows.add(remote)
    windows.add(WINDOW)
    assert windows.has(remote)
    reloaded = DictatedWindows(tmp_path / "windows")
    assert reloaded.has(WINDOW) and not reloaded.has(remote)


def test_only_known_windows_are_forgotten(tmp_path: Path) -> None:
    windows = DictatedWindows(tmp_path / "windows")
    windows.add(WINDOW)
    windows.remove(Target(2, 100, "Editor"))
    assert windows.has(WINDOW)
    windows.remove(WINDOW)
    assert not windows.has(WINDOW)


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
    reloaded = DictatedWindows(file)
    assert not reloaded.has(WINDOW) and reloaded.has(Target(2, 100, "Editor"))


@pytest.mark.parametrize("content", [b"", b"{", b'["x"]', b"\xff"])
def test_a_broken_file_holds_no_windows(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "windows"
    file.write_bytes(content)
    windows = DictatedWindows(file)
    assert not windows.has(WINDOW)
    windows.add(WINDOW)
    assert DictatedWindows(file).has(WINDOW)


def test_unwritable_folder_only_loses_the_list_of_windows(tmp_path: Path) -> None:
    windows = DictatedWindows(tmp_path / "missing" / "windows")
    windows.add(WINDOW)
    assert windows.has(WINDOW)
