"""How long a window that was sent keys, and did not answer since, is reckoned with."""

from dataclasses import replace

from fake_board import TARGET
from mica.host.ports import Target
from mica.insertion.hung_windows import DEAD_S, Debt, Owed, cannot_ask

OTHER = Target(9, 9, "Other")


class Window:
    answers = False

    def answered(self) -> bool:
        return self.answers


def owed(target: Target = TARGET) -> tuple[Owed, Window]:
    owed, window = Owed(), Window()
    owed.add(Debt(target, 5.0, window.answered))
    return owed, window


def test_nothing_is_owed_at_first_nor_by_a_window_that_acted() -> None:
    owed = Owed()
    owed.add(None)
    assert not owed.is_any(0.0) and not owed.is_by(TARGET, 0.0)


def test_a_window_hangs_until_it_answers() -> None:
    owing, window = owed()
    assert owing.is_any(5.0) and owing.is_by(TARGET, 5.0)
    assert not owing.is_by(OTHER, 5.0)
    window.answers = True
    assert not owing.is_any(6.0)
    window.answers = False
    assert not owing.is_any(7.0)  # of later keys nothing is known


def test_a_window_that_is_gone_owes_nothing() -> None:
    owing = Owed()
    owing.add(Debt(TARGET, 0.0, lambda: None))
    assert not owing.is_any(5.0)


def test_by_one_window_is_by_all_that_may_be_the_same() -> None:
    owing, _ = owed(replace(TARGET, window=0))
    assert owing.is_by(TARGET, 5.0)


def test_a_window_that_is_silent_is_dead_in_the_end() -> None:
    owing, _ = owed()
    assert owing.is_any(5.0 + DEAD_S - 0.1)
    assert not owing.is_any(5.0 + DEAD_S) and not owing.is_by(TARGET, 5.0 + DEAD_S)


def test_of_one_window_the_newest_counts_and_others_beside_it() -> None:
    owing, window = owed()
    later = Window()
    owing.add(Debt(TARGET, 100.0, later.answered))
    window.answers = True
    assert owing.is_any(101.0)
    owing.add(Debt(OTHER, 100.0, cannot_ask(OTHER)))
    later.answers = True
    assert not owing.is_any(101.0)
