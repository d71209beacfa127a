"""Choosing a microphone in Settings: a single one, the system's, or a list."""

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt

from mica.ui import strings
from mica.ui.microphone_picker import ROWS, MicrophonePicker


class Harness:
    """A picker whose choice is applied as in the window."""

    def __init__(self, qtbot, wanted=None, connected=("Desk", "Headset")) -> None:
        self.now, self._connected = wanted, connected
        self.picker = MicrophonePicker()
        qtbot.addWidget(self.picker)
        self.picker.chosen.connect(self._change)
        self.picker.show_choice(wanted, connected)
        self.picker.show()

    def _change(self, wanted) -> None:
        self.now = wanted
        self.picker.show_choice(wanted, self._connected)

    def offered(self) -> list[str]:
        combo = self.picker._combo
        return [combo.itemText(n) for n in range(combo.count())]

    def pick(self, text: str) -> None:
        self.picker._combo.activated.emit(self.offered().index(text))

    def listed(self) -> list[str]:
        """The entries of the list; * marks the checked one."""
        items = [self.picker._list.item(n) for n in range(self.picker._list.count())]
        ticks = [
            "*" if item.checkState() is Qt.CheckState.Checked else "" for item in items
        ]
        return [tick + item.text() for tick, item in zip(ticks, items, strict=True)]

    def tick(self, row: int, *, on: bool) -> None:
        state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        self.picker._list.item(row).setCheckState(state)


def test_missing_microphone_stays_offered_beside_the_chosen_one(qtbot):
    harness = Harness(qtbot, "Studio")
    assert harness.offered() == [
        strings.SYSTEM_DEFAULT,
        "Desk",
        "Headset",
        "Studio (not connected)",
        strings.FIRST_AVAILABLE,
    ]
    assert harness.picker._combo.currentText() == "Studio (not connected)"
    assert not harness.picker._list.isVisible()
    harness.pick("Desk")
    assert harness.now == "Desk" and "Studio (not connected)" not in harness.offered()
    harness.pick(strings.SYSTEM_DEFAULT)
    assert harness.now is None


def test_a_list_begins_with_what_was_chosen(qtbot):
    harness = Harness(qtbot, "Headset")
    harness.pick(strings.FIRST_AVAILABLE)
    assert harness.now == ("Headset", "Desk")
    assert harness.picker._list.isVisible()
    harness.pick(strings.FIRST_AVAILABLE)
    assert harness.now == ("Headset", "Desk")


def test_ticks_say_which_and_arrows_in_which_order(qtbot):
    harness = Harness(qtbot, ("Studio", "Desk"))
    assert harness.listed() == ["*Studio (not connected)", "*Desk", "Headset"]
    harness.tick(2, on=True)
    assert harness.now == ("Studio", "Desk", "Headset")
    harness.picker._list.setCurrentRow(2)
    harness.picker._up.click()
    harness.picker._up.click()
    assert harness.now == ("Headset", "Studio", "Desk")
    assert harness.picker._list.currentRow() == 0
    harness.tick(1, on=False)
    assert harness.now == ("Headset", "Desk")
    harness.picker._list.setCurrentRow(0)
    harness.picker._down.click()
    harness.picker._down.click()
    assert harness.now == ("Desk", "Headset")


def test_a_row_stays_where_it_is_when_its_tick_goes(qtbot):
    harness = Harness(qtbot, ("Studio", "Desk", "Headset"))
    harness.tick(0, on=False)
    assert harness.listed() == ["Studio (not connected)", "*Desk", "*Headset"]
    harness.tick(1, on=False)
    assert harness.listed() == ["Studio (not connected)", "Desk", "*Headset"]
    harness.tick(0, on=True)
    assert harness.now == ("Studio", "Headset")
    assert harness.listed() == ["*Studio (not connected)", "Desk", "*Headset"]


def test_missing_unchecked_microphone_is_not_shown_again(qtbot):
    harness = Harness(qtbot, ("Studio", "Desk"))
    harness.tick(0, on=False)
    harness.picker.hide()
    harness.picker.show_choice(harness.now, ("Desk", "Headset"))
    assert harness.listed() == ["*Desk", "Headset"]


def test_an_order_chosen_elsewhere_is_shown(qtbot):
    harness = Harness(qtbot, ("Desk", "Headset"))
    harness.picker.show_choice(("Headset", "Desk"), ("Desk", "Headset"))
    assert harness.listed() == ["*Headset", "*Desk"]


@pytest.mark.parametrize(
    ("row", "up", "down"),
    [(-1, False, False), (0, False, True), (1, True, True), (2, True, False)],
)
def test_an_arrow_that_leads_nowhere_is_off(qtbot, row, up, down):
    harness = Harness(qtbot, ("Desk", "Headset"), ("Desk", "Headset", "Studio"))
    harness.picker._list.setCurrentRow(row)
    assert harness.picker._up.isEnabled() is up
    assert harness.picker._down.isEnabled() is down


def test_a_list_without_ticks_stays_and_the_system_chooses(qtbot):
    harness = Harness(qtbot, ("Desk", "Headset"))
    harness.tick(0, on=False)
    harness.tick(1, on=False)
    assert harness.now is None and harness.picker._list.isVisible()
    assert harness.picker._combo.currentText() == strings.FIRST_AVAILABLE
    assert harness.listed() == ["Desk", "Headset"]
    harness.tick(1, on=True)
    assert harness.now == ("Headset",)
    harness.tick(1, on=False)
    harness.pick(strings.SYSTEM_DEFAULT)
    assert harness.now is None and not harness.picker._list.isVisible()


@pytest.mark.parametrize("number", [1, 2, 3, 8])
def test_rows_of_the_list_are_not_clipped(qtbot, number):
    names = [f"Microphone {n}" for n in range(number)]
    picker = Harness(qtbot, tuple(names), names).picker
    qtbot.waitExposed(picker)
    inside = picker._list.viewport().rect()
    rows = [picker._list.visualItemRect(picker._list.item(n)) for n in range(number)]
    for row in rows[:ROWS]:
        assert inside.adjusted(1, 1, -1, -1).contains(row)
    assert all(a.bottom() + 1 < b.top() for a, b in pairwise(rows))
    beside = picker._list.geometry()
    assert beside.top() <= picker._up.y()
    assert picker._down.geometry().bottom() <= beside.bottom()


def test_no_list_is_shown_where_no_microphone_is_connected(qtbot):
    nothing = Harness(qtbot, None, ())
    nothing.pick(strings.FIRST_AVAILABLE)
    assert (
        nothing.now is None
        and nothing.picker._combo.currentText() == strings.SYSTEM_DEFAULT
    )
