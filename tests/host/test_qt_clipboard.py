"""The Qt clipboard within one process: counting, snapshots, what is left out."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QClipboard, QGuiApplication, QImage

from mica.host.values import Piece, Snapshot, Target
from mica.host.x11.clipboard import QT_IMAGE, X11Clipboard


@pytest.fixture
def clipboard(qapp: QGuiApplication) -> Iterator[X11Clipboard]:
    qapp.clipboard().clear()
    yield X11Clipboard()
    qapp.clipboard().clear()


class FakeRequestors:
    """Knows the process of each window; None is the one reading now."""

    def __init__(self) -> None:
        self.processes: dict[int | None, int | None] = {1: 10, None: 20}

    def install(self) -> None:
        """Does nothing."""

    remove = install

    def pid_of(self, window: int | None = None) -> int | None:
        return self.processes.get(window)


def test_closed_window_is_not_taken_for_the_reader(qapp) -> None:
    readers, target = FakeRequestors(), Target(1, 10, "Editor")
    clipboard = X11Clipboard(requestors=readers)  # type: ignore[arg-type]
    clipboard.publish("ours")
    assert clipboard.foreign_reads(target) == 0
    del readers.processes[1]
    QGuiApplication.clipboard().mimeData().text()
    assert clipboard.read_count() == clipboard.foreign_reads(target) == 1
    readers.processes[None] = None  # a process on another machine
    QGuiApplication.clipboard().mimeData().text()
    assert clipboard.read_count() == clipboard.foreign_reads(target) == 2


def test_held_content_is_reported(clipboard: X11Clipboard) -> None:
    reported: list[Snapshot] = []
    clipboard.watch_held_content(reported.append)
    users = Snapshot((Piece(0, "text/plain", b"theirs"),))
    clipboard.restore(users)
    assert reported == [users]
    clipboard.publish("ours")
    clipboard.restore(users)
    clipboard.copy("ours")
    assert reported == [users, Snapshot(), users, Snapshot()]


def theirs(data: QMimeData) -> QMimeData:
    QGuiApplication.clipboard().setMimeData(data)
    return data


def picture() -> QImage:
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    image.fill(0x336699)
    return image


def test_image_copied_in_our_own_windows_is_read(clipboard: X11Clipboard) -> None:
    data = QMimeData()
    data.setImageData(picture())
    data.setData("application/x-private", QByteArray(b"\0\1"))
    theirs(data)
    before = clipboard.snapshot()
    assert {piece.type for piece in before.pieces} == {
        QT_IMAGE,
        "application/x-private",
    }
    clipboard.publish("text")
    clipboard.restore(before)
    held = QGuiApplication.clipboard().mimeData()
    assert QImage(held.imageData()).convertToFormat(QImage.Format.Format_RGB32) == (
        picture()
    )
    assert bytes(held.data("application/x-private").data()) == b"\0\1"


def test_each_read_of_the_offer_is_counted(clipboard: X11Clipboard) -> None:
    assert clipboard.read_count() == 0
    clipboard.publish("Grüße")
    before = clipboard.read_count()
    assert QGuiApplication.clipboard().mimeData().text() == "Grüße"
    assert clipboard.read_count() > before
    clipboard.restore(Snapshot())
    assert clipboard.read_count() == 0


def test_the_offer_is_marked_for_clipboard_managers(clipboard: X11Clipboard) -> None:
    clipboard.publish("text")
    held = QGuiApplication.clipboard().mimeData()
    assert bytes(held.data("x-kde-passwordManagerHint").data()) == b"secret"
    assert not held.hasFormat("text/html")
    assert held.data("text/html").isEmpty()


def test_copy_in_our_own_windows_counts_as_a_change(clipboard: X11Clipboard) -> None:
    clipboard.publish("text")
    change = clipboard.change_count()
    assert clipboard.change_count() == change
    data = QMimeData()
    data.setText("copied in Mica's keyword window")
    theirs(data)
    assert clipboard.change_count() != change


def test_change_of_the_other_selection_is_ignored(clipboard: X11Clipboard) -> None:
    clipboard.publish("text")
    change = clipboard.change_count()
    clipboard._on_changed(QClipboard.Mode.Selection)
    assert clipboard.change_count() == change


def test_empty_clipboard_is_restored_empty(clipboard: X11Clipboard) -> None:
    before = clipboard.snapshot()
    assert before == Snapshot()
    clipboard.publish("text")
    clipboard.restore(before)
    assert clipboard.snapshot() == Snapshot()
