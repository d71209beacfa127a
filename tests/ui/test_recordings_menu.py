"""The menu of recordings, and what its entries do in the whole app."""

from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMessageBox

from mica import paths
from mica.desktop import Desktop
from mica.dictation import strings as dictation_strings
from mica.dictation.library_actions import LISTED
from mica.engine.client import Finished
from mica.errors import MicaError
from mica.events import Certainty, SegmentText, Style, Transcript
from mica.library.entries import EntryStatus, Kind
from mica.ui import strings
from support.fakes import LIMIT_S
from support.recordings import left_behind
from ui.dictated import dictated


def add_recording(
    desktop: Desktop, text: str, status: EntryStatus, **more: Kind
) -> int:
    """A recording of an earlier run."""
    library = desktop._library
    number = library.add(1_000_000.0 + 60, Style.RAW, **more)
    path = left_behind(paths.journal_folder(), number, bytes(4 * 16_000 * 62))
    library.set_journal(number, path)
    if text:
        library.set_text(number, Transcript(text, "m", 62.0))
    library.set_status(number, status)
    from mica.audio.journal import recover

    recover(path)
    return number


def opened(desktop: Desktop) -> list[QAction]:
    """The entries of the menu, once it is open."""
    menu = desktop._tray.recordings
    menu.aboutToShow.emit()
    return menu.actions()


def submenu(action: QAction) -> dict[str, QAction]:
    menu = action.menu()
    assert isinstance(menu, QMenu)
    return {one.text(): one for one in menu.actions()}


def test_menu_says_if_there_are_no_recordings(desktop):
    none, separator, delete = opened(desktop)
    assert none.text() == "No Recordings" and not none.isEnabled()
    assert separator.isSeparator() and delete.text() == "Delete All…"


def test_recordings_without_a_text_are_listed_with_their_length(desktop):
    add_recording(desktop, "Salt & pepper " * 9, EntryStatus.INSERTED)
    add_recording(desktop, "", EntryStatus.FAILED, kind=Kind.CAPTIONS)
    first, second = opened(desktop)[:2]
    assert first.text().endswith("  (not transcribed, 1:02)")
    assert [*submenu(first)] == ["Transcribe Again", "Delete…"]
    assert "Salt && pepper Salt" in second.text() and second.text().endswith("…")
    actions = ["Insert", "Copy", "Transcribe Again", "Delete…"]
    assert [*submenu(second)] == actions


def test_canceled_recordings_and_those_without_speech_are_listed_as_such(desktop):
    add_recording(desktop, "", EntryStatus.WRITTEN)
    add_recording(desktop, "", EntryStatus.CANCELLED)
    first, second = opened(desktop)[:2]
    titles = sorted(one.text().split("  ")[1] for one in (first, second))
    assert titles == ["(canceled, 1:02)", "(no speech, 1:02)"]
    assert [*submenu(first)] == ["Transcribe Again", "Delete…"]


def test_recordings_without_a_text_are_listed_however_many_others_there_are(desktop):
    add_recording(desktop, "", EntryStatus.FAILED)
    for number in range(LISTED + 3):
        desktop._library.add(2_000_000.0 + number, Style.RAW)
        text = Transcript(f"Text {number}", "m", 1.0)
        desktop._library.set_text(number + 2, text)
    titles = [one.text() for one in opened(desktop)[:-2]]
    assert len(titles) == LISTED and "not transcribed" in titles[-1]
    assert f"Text {LISTED + 2}" in titles[0]


def test_a_recording_is_transcribed_then_inserted_from_the_menu(desktop, fake, qtbot):
    number = add_recording(desktop, "", EntryStatus.FAILED)
    submenu(opened(desktop)[0])["Transcribe Again"].trigger()
    assert desktop._client.ended.get(timeout=LIMIT_S)[0] == number
    desktop._client.post(Finished(number, Transcript("Found.", "m", 62.0)))
    qtbot.waitUntil(lambda: "Found." in opened(desktop)[0].text())
    submenu(opened(desktop)[0])["Insert"].trigger()
    qtbot.waitUntil(lambda: [t for t, _ in fake.paster.pasted] == ["Found."])
    submenu(opened(desktop)[0])["Copy"].trigger()
    qtbot.waitUntil(lambda: fake.clipboard.copied == ["Found."])


def question(desktop: Desktop) -> QMessageBox:
    box = desktop._windows._question
    assert box is not None and box.isVisible()
    return box


def press(box: QMessageBox, text: str) -> None:
    next(one for one in box.buttons() if one.text() == text).click()


@pytest.mark.parametrize("answer", ["Delete", "Cancel"])
def test_a_recording_is_deleted_from_the_menu_if_that_is_confirmed(
    desktop, qtbot, answer
):
    dictated(desktop, qtbot, "hello there")
    submenu(opened(desktop)[0])["Delete…"].trigger()
    box = question(desktop)
    assert box.text() == strings.DELETE_ONE and box.defaultButton().text() == "Cancel"
    press(box, answer)
    is_gone = answer == "Delete"
    assert (desktop._library.kept() == []) is is_gone
    assert [*paths.journal_folder().glob("*.wav")] == [] or not is_gone
    assert desktop._tray._paste.isEnabled() is not is_gone
    last = "Copy Last Dictation" if is_gone else "Copy “hello there”"
    assert desktop._tray._last.text() == last


@pytest.mark.parametrize("way", ["menu", "settings"])
def test_everything_is_deleted_if_that_is_confirmed(desktop, home, qtbot, way):
    dictated(desktop, qtbot, "a quixotic word")
    if way == "menu":
        opened(desktop)[-1].trigger()
    else:
        window = desktop._windows.show_settings()
        qtbot.addWidget(window)
        window.deletion_wanted.emit()
    assert question(desktop).text() == strings.DELETE_ALL
    press(question(desktop), "Delete All")
    assert desktop._overlay.notice.text == dictation_strings.ALL_DELETED
    assert words_in(home, b"quixotic") == [] and opened(desktop)[0].text() == (
        strings.NO_RECORDINGS
    )
    desktop._dictation.texts.copy_last()
    assert desktop._overlay.notice.text == dictation_strings.NO_TEXT


def words_in(home: Path, word: bytes) -> list[Path]:
    files = [file for file in home.rglob("*") if file.is_file()]
    return [file for file in files if word in file.read_bytes()]


def test_nothing_is_deleted_during_a_dictation(desktop, qtbot):
    microphone = dictated(desktop, qtbot, "hello there")
    desktop._dictation.toggle()
    microphone.speak(0.5)
    qtbot.waitUntil(lambda: desktop._overlay.text.startswith("Listening"))
    for delete in (
        desktop._actions.delete_all,
        lambda: desktop._actions.delete(2),
    ):
        with pytest.raises(MicaError):
            delete()
    assert [entry.text for entry in desktop._library.kept()][-1] == "hello there"


def test_a_recording_that_is_being_transcribed_is_not_deleted(desktop):
    number = add_recording(desktop, "", EntryStatus.FAILED)
    desktop._actions.transcribe(number)
    with pytest.raises(MicaError, match="being transcribed"):
        desktop._actions.delete(number)
    with pytest.raises(MicaError):
        desktop._actions.delete_all()
    assert len(desktop._library.kept()) == 1


def test_a_text_to_check_says_so(desktop: Desktop) -> None:
    library = desktop._library
    number = library.add(1_000_000.0, Style.RAW)
    guess = SegmentText(0, 1, "Angela spoke.", certainty=Certainty.CHECK)
    library.set_text(number, Transcript("Angela spoke.", "m", 1.0, (guess,)))
    assert opened(desktop)[0].text().endswith("Angela spoke. (check the text)")
