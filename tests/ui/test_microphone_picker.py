"""Choosing a microphone in the settings window: one, the system's, or a list's."""

import pytest
from PySide6.QtCore import Qt

from mica.ui.microphone_picker import LIST, SYSTEM, MicrophonePicker


class Bench:
    """A picker whose choice is put in force as the window does."""

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
        """What the list shows; * is a tick."""
        items = [self.picker._list.item(n) for n in range(self.picker._list.count())]
        ticks = [
            "*" if it.checkState() is Qt.CheckState.Checked else "" for it in items
        ]
        return [tick + it.text() for tick, it in zip(ticks, items, strict=True)]

    def tick(self, row: int, *, on: bool) -> None:
        state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        self.picker._list.item(row).setCheckState(state)


def test_one_is_chosen_and_one_that_is_gone_stays_offered(qtbot):
    bench = Bench(qtbot, "Studio")
    assert bench.offered() == [
        SYSTEM,
        "Desk",
        "Headset",
        "Studio (not connected)",
        LIST,
    ]
    assert bench.picker._combo.currentText() == "Studio (not connected)"
    assert not bench.picker._list.isVisible()
    bench.pick("Desk")
    assert bench.now == "Desk" and "Studio (not connected)" not in bench.offered()
    bench.pick(SYSTEM)
    assert bench.now is None


def test_a_list_begins_with_what_was_chosen(qtbot):
    bench = Bench(qtbot, "Headset")
    bench.pick(LIST)
    assert bench.now == ("Headset", "Desk")
    assert bench.picker._list.isVisible()
    bench.pick(LIST)
    assert bench.now == ("Headset", "Desk")


def test_ticks_say_which_and_arrows_in_which_order(qtbot):
    bench = Bench(qtbot, ("Studio", "Desk"))
    assert bench.listed() == ["*Studio (not connected)", "*Desk", "Headset"]
    bench.tick(2, on=True)
    assert bench.now == ("Studio", "Desk", "Headset")
    bench.picker._list.setCurrentRow(2)
    bench.picker._up.click()
    bench.picker._up.click()
    assert bench.now == ("Headset", "Studio", "Desk")
    assert bench.picker._list.currentRow() == 0
    bench.tick(1, on=False)
    assert bench.now == ("Headset", "Desk")
    bench.picker._list.setCurrentRow(0)
    bench.picker._down.click()
    bench.picker._down.click()
    assert bench.now == ("Desk", "Headset")


def test_a_row_stays_where_it_is_when_its_tick_goes(qtbot):
    bench = Bench(qtbot, ("Studio", "Desk", "Headset"))
    bench.tick(0, on=False)
    assert bench.listed() == ["Studio (not connected)", "*Desk", "*Headset"]
    bench.tick(1, on=False)
    assert bench.listed() == ["Studio (not connected)", "Desk", "*Headset"]
    bench.tick(0, on=True)
    assert bench.now == ("Studio", "Headset")
    assert bench.listed() == ["*Studio (not connected)", "Desk", "*Headset"]


def test_what_is_gone_and_not_ticked_is_not_shown_again(qtbot):
    bench = Bench(qtbot, ("Studio", "Desk"))
    bench.tick(0, on=False)
    bench.picker.hide()
    bench.picker.show_choice(bench.now, ("Desk", "Headset"))
    assert bench.listed() == ["*Desk", "Headset"]


def test_an_order_chosen_elsewhere_is_shown(qtbot):
    bench = Bench(qtbot, ("Desk", "Headset"))
    bench.picker.show_choice(("Headset", "Desk"), ("Desk", "Headset"))
    assert bench.listed() == ["*Headset", "*Desk"]


@pytest.mark.parametrize(
    ("row", "up", "down"),
    [(-1, False, False), (0, False, True), (1, True, True), (2, True, False)],
)
def test_an_arrow_that_leads_nowhere_is_off(qtbot, row, up, down):
    bench = Bench(qtbot, ("Desk", "Headset"), ("Desk", "Headset", "Studio"))
    bench.picker._list.setCurrentRow(row)
    assert bench.picker._up.isEnabled() is up
    assert bench.picker._down.isEnabled() is down


def test_a_list_without_ticks_stays_and_the_system_chooses(qtbot):
    bench = Bench(qtbot, ("Desk", "Headset"))
    bench.tick(0, on=False)
    bench.tick(1, on=False)
    assert bench.now is None and bench.picker._list.isVisible()
    assert bench.picker._combo.currentText() == LIST
    assert bench.listed() == ["Desk", "Headset"]
    bench.tick(1, on=True)
    assert bench.now == ("Headset",)
    bench.tick(1, on=False)
    bench.pick(SYSTEM)
    assert bench.now is None and not bench.picker._list.isVisible()


def test_where_nothing_is_connected_there_is_no_list(qtbot):
    nothing = Bench(qtbot, None, ())
    nothing.pick(LIST)
    assert nothing.now is None and nothing.picker._combo.currentText() == SYSTEM
