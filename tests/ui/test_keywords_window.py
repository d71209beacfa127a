"""The keywords window: its list under keyboard and mouse."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox, QPlainTextEdit, QPushButton

from mica.text.keywords import Keywords
from mica.ui import strings
from mica.ui.keywords_window import TITLE_BAR, KeywordsWindow, SeveralDialog
from ui.pictures import has


class SmallScreen:
    """A fake screen with this geometry."""

    def __init__(self, room: QRect) -> None:
        self.availableGeometry = lambda: room


CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def keywords(tmp_path) -> Keywords:
    return Keywords(tmp_path / "k.txt")


@pytest.fixture
def window(qtbot, keywords) -> KeywordsWindow:
    window = KeywordsWindow(keywords)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitActive(window)
    return window


def type_word(qtbot, window, word: str) -> None:
    qtbot.keyClicks(window._word, word)
    qtbot.keyClick(window._word, Qt.Key.Key_Return)


def shown(window) -> list[str]:
    model = window._list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def choose(qtbot, window, word: str) -> QPoint:
    """Click a word; return its position."""
    index = window._list.model().index(shown(window).index(word), 0)
    where = window._list.visualRect(index).center()
    qtbot.mouseClick(window._list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    window._list.setFocus()
    return where


def editor(qtbot, window) -> QLineEdit:
    qtbot.waitUntil(lambda: bool(window._list.findChildren(QLineEdit)))
    return window._list.findChildren(QLineEdit)[0]


def test_keywords_are_added_removed_and_pasted(qtbot, window, keywords):
    type_word(qtbot, window, "Katherine")
    assert keywords.all() == ["Katherine"]
    window.paste_text("Jon\nSara, <|audio|>\nJon")
    assert keywords.all() == ["Katherine", "Jon", "Sara"]
    assert window._note.text() == "Added 2 keywords (1 duplicate, 1 unusable)."
    assert window._count.text() == "3 keywords"
    assert window._list.selected == ["Jon", "Sara"]
    choose(qtbot, window, "Jon")
    qtbot.mouseClick(window._remove_button, Qt.MouseButton.LeftButton)
    assert keywords.all() == ["Katherine", "Sara"]
    assert window._note.text() == "Removed 1 keyword."
    assert not window._remove_button.isEnabled()


def test_commas_part_what_is_typed(qtbot, window, keywords):
    type_word(qtbot, window, "Smith, Jones")
    assert keywords.all() == ["Smith", "Jones"]
    assert window._note.text() == "Added 2 keywords (1 split at commas)."


def test_duplicate_keyword_is_reported(qtbot, window):
    type_word(qtbot, window, "Jon")
    type_word(qtbot, window, "Jon")
    assert window._note.text() == "“Jon” is already in your list."


def test_capitals_of_a_listed_keyword_are_changed_by_typing_it(qtbot, window, keywords):
    window.paste_text("katherine\nZoe")
    type_word(qtbot, window, "Katherine")
    assert keywords.all() == ["Katherine", "Zoe"] == shown(window)
    assert window._note.text() == "Changed “katherine” to “Katherine”."
    assert window._list.selected == ["Katherine"] and window._word.text() == ""
    qtbot.keyClick(window._list, Qt.Key.Key_Z, CONTROL)
    assert shown(window) == ["katherine", "Zoe"]


def test_capitals_of_a_listed_keyword_are_changed_in_place(qtbot, window, keywords):
    window.paste_text("katherine\nZoe")
    choose(qtbot, window, "katherine")
    qtbot.keyClick(window._list, Qt.Key.Key_Return)
    field = editor(qtbot, window)
    field.selectAll()
    qtbot.keyClicks(field, "Katherine")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: keywords.all() == ["Katherine", "Zoe"])
    assert window._list.selected == ["Katherine"]


def test_keyword_that_cleans_to_nothing_cannot_be_added(qtbot, window):
    qtbot.keyClicks(window._word, "<|audio|>")
    assert not window._add_button.isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_removes_the_selection_and_undo_restores_it(
    qtbot, window, keywords, key
):
    window.paste_text("Abe\nBob\nCid")
    choose(qtbot, window, "Bob")
    qtbot.keyClick(window._list, key)
    assert keywords.all() == ["Abe", "Cid"] and shown(window) == ["Abe", "Cid"]
    qtbot.keyClick(window._list, Qt.Key.Key_Z, CONTROL)
    assert shown(window) == ["Abe", "Bob", "Cid"]


@pytest.mark.parametrize("begin", ["double click", "return"])
def test_a_keyword_is_edited_in_place(qtbot, window, keywords, begin):
    window.paste_text("Abe\nkatherine\nZoe")
    where = choose(qtbot, window, "katherine")
    if begin == "return":
        qtbot.keyClick(window._list, Qt.Key.Key_Return)
    else:
        viewport = window._list.viewport()
        qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=where)
    field = editor(qtbot, window)
    field.selectAll()
    qtbot.keyClicks(field, "Katharina")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: keywords.all() == ["Abe", "Katharina", "Zoe"])
    qtbot.waitUntil(lambda: window._list.selected == ["Katharina"])
    qtbot.keyClick(window._list, Qt.Key.Key_Z, CONTROL)
    assert keywords.all() == ["Abe", "katherine", "Zoe"]


def test_edit_that_creates_a_duplicate_is_refused_and_reported(qtbot, window, keywords):
    window.paste_text("Abe\nZoe")
    choose(qtbot, window, "Zoe")
    qtbot.keyClick(window._list, Qt.Key.Key_Return)
    field = editor(qtbot, window)
    field.setText("abe")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window._note.text() == "“abe” is already in your list.")
    assert keywords.all() == ["Abe", "Zoe"] == shown(window)


def test_escape_leaves_an_edit_then_the_search_then_the_window(qtbot, window, keywords):
    window.paste_text("Abe\nZoe")
    choose(qtbot, window, "Zoe")
    qtbot.keyClick(window._list, Qt.Key.Key_Return)
    qtbot.keyClick(editor(qtbot, window), Qt.Key.Key_Escape)
    assert window.isVisible() and keywords.all() == ["Abe", "Zoe"]
    qtbot.keyClick(window._list, Qt.Key.Key_F, CONTROL)
    assert window._search.hasFocus()
    qtbot.keyClicks(window._search, "zo")
    assert shown(window) == ["Zoe"]
    qtbot.keyClick(window._search, Qt.Key.Key_Escape)
    assert shown(window) == ["Abe", "Zoe"] and window.isVisible()
    qtbot.keyClick(window._search, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_control_w_closes_the_window(qtbot, window):
    qtbot.keyClick(window, Qt.Key.Key_W, CONTROL)
    assert not window.isVisible()


def test_the_list_is_sorted_and_says_why_it_is_empty(qtbot, window):
    gray = window._list.palette().placeholderText().color()
    base = window._list.palette().base().color()

    def shows(text: str) -> bool:
        """Whether a picture shows any text; which text cannot be read from it."""
        window._list._empty = window._list._no_match = ""
        blank = window._list.grab().toImage()
        window._list._empty, window._list._no_match = (
            strings.NO_KEYWORDS,
            strings.NO_MATCH,
        )
        return window._list.grab().toImage() != blank

    assert has(window._list.grab().toImage(), base) and gray != base
    assert shows(strings.NO_KEYWORDS)
    window.paste_text("zoe\nÄrmel\nBob\nabe")
    assert shown(window) == ["abe", "Ärmel", "Bob", "zoe"]
    assert not shows(strings.NO_KEYWORDS)
    window._search.setText("q")
    assert shows(strings.NO_MATCH)


@pytest.fixture
def several(qtbot, window) -> SeveralDialog:
    """The open Add Several dialog."""
    window._add_several()
    dialog = window.findChild(SeveralDialog)
    qtbot.waitActive(dialog)
    return dialog


def test_several_keywords_are_added_by_the_dialog(qtbot, several, keywords):
    field = several.findChild(QPlainTextEdit)
    field.setPlainText("Name\nAbe\nBob, Cid")
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    add = several.focusWidget()
    assert (add.text(), add.isDefault()) == (strings.ADD, True)
    qtbot.keyClick(add, Qt.Key.Key_Tab)
    assert several.focusWidget().text() == strings.CANCEL
    assert all(button.icon().isNull() for button in several.findChildren(QPushButton))
    qtbot.keyClick(add, Qt.Key.Key_Return)
    assert keywords.all() == ["Abe", "Bob", "Cid"]


@pytest.mark.parametrize("answer", [strings.DISCARD, strings.KEEP_EDITING])
def test_typed_keywords_are_discarded_only_if_the_user_says_so(
    qtbot, several, keywords, answer
):
    field = several.findChild(QPlainTextEdit)
    qtbot.keyClicks(field, "Abe")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    question = several.findChild(QMessageBox)
    assert several.isVisible() and question.text() == strings.DISCARD_KEYWORDS
    buttons = {button.text(): button for button in question.buttons()}
    qtbot.mouseClick(buttons[answer], Qt.MouseButton.LeftButton)
    assert several.isVisible() is (answer == strings.KEEP_EDITING)
    assert keywords.all() == []


def test_an_empty_dialog_for_several_closes_at_once(qtbot, several):
    qtbot.keyClick(several, Qt.Key.Key_Escape)
    assert not several.isVisible()


def test_keywords_added_elsewhere_are_shown(qtbot, window, keywords):
    window.paste_text("Abe\nCid")
    choose(qtbot, window, "Cid")
    Keywords(keywords.folder / "k.txt").add(["Bob"])
    qtbot.waitUntil(lambda: shown(window) == ["Abe", "Bob", "Cid"])
    assert window._list.selected == ["Cid"] and window._count.text() == "3 keywords"


def test_keywords_written_in_place_are_shown_when_the_user_comes_back(qtbot, window):
    window.paste_text("Abe")
    other = QLineEdit()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    (window._keywords.folder / "k.txt").write_text("Bob\nCid\n", "utf-8")
    window.activateWindow()
    qtbot.waitUntil(lambda: shown(window) == ["Bob", "Cid"])


def test_an_edit_is_finished_before_the_list_is_read_again(qtbot, window, keywords):
    window.paste_text("Abe\nZoe")
    choose(qtbot, window, "Zoe")
    qtbot.keyClick(window._list, Qt.Key.Key_Return)
    field = editor(qtbot, window)
    with qtbot.waitSignal(window._watcher.directoryChanged):
        Keywords(keywords.folder / "k.txt").add(["Bob"])
    assert window._list.is_edited and shown(window) == ["Abe", "Zoe"]
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: shown(window) == ["Abe", "Bob", "Zoe"])


def test_ten_thousand_keywords_open(qtbot, window, keywords):
    keywords.add(f"term {n}" for n in range(10_000))
    window.refresh()
    assert window._count.text() == "10,000 keywords"


def test_a_keyword_the_disk_refuses_stays_in_its_field(qtbot, tmp_path):
    window = KeywordsWindow(Keywords(tmp_path / "gone" / "k.txt"))
    qtbot.addWidget(window)
    type_word(qtbot, window, "Jon")
    assert window._word.text() == "Jon"
    assert window._note.text() == "Not saved: No such file or directory."


def test_unreadable_list_is_reported(qtbot, tmp_path):
    (tmp_path / "k.txt").mkdir()
    window = KeywordsWindow(Keywords(tmp_path / "k.txt"))
    qtbot.addWidget(window)
    assert window._note.text().startswith("Your keywords can’t be read: ")
    type_word(qtbot, window, "Jon")
    assert window._note.text().startswith("Not saved: ")


def test_the_window_needs_no_more_than_a_small_screen_at_large_type(qtbot, window):
    font = window.font()
    font.setPointSizeF(font.pointSizeF() * 1.5)
    window.setFont(font)
    QTest.qWait(0)
    needed = window.minimumSizeHint()
    assert needed.boundedTo(QSize(1200, 600)) == needed


def test_window_fits_on_the_smallest_screen(qtbot, keywords, monkeypatch):
    small = QRect(0, 0, 853, 480)  # 1280x720 at 144 dpi
    window = KeywordsWindow(keywords)
    qtbot.addWidget(window)
    monkeypatch.setattr(window, "screen", lambda: SmallScreen(small))
    window.show()
    placed = QRect(window.pos(), window.size())
    assert small.contains(placed.adjusted(0, 0, 0, TITLE_BAR))
    assert placed.height() > 400


def test_undo_restores_a_keyword_exactly(qtbot, window, keywords):
    window.paste_text('"""Weird Al"" Yankovic",Cid')
    choose(qtbot, window, '"Weird Al" Yankovic')
    qtbot.keyClick(window._list, Qt.Key.Key_Delete)
    assert keywords.all() == ["Cid"]
    qtbot.keyClick(window._list, Qt.Key.Key_Z, CONTROL)
    assert keywords.all() == ["Cid", '"Weird Al" Yankovic']
