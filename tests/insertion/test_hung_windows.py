"""How long a window that was sent keys and has not answered counts as hung."""

from dataclasses import replace

from mica.host.values import Target
from mica.insertion.hung_windows import (
    DEAD_S,
    HungWindows,
    UnansweredKeys,
    cannot_probe,
)
from support.fake_paste import TARGET

OTHER = Target(9, 9, "Other")


class Window:
    responds = False

    def probe(self) -> bool:
        return self.responds


def hung_windows(target: Target = TARGET) -> tuple[HungWindows, Window]:
    hung_windows, window = HungWindows(), Window()
    hung_windows.add(UnansweredKeys(target, 5.0, window.probe))
    return hung_windows, window


def test_no_window_hangs_at_first_or_after_it_acted() -> None:
    hung_windows = HungWindows()
    hung_windows.add(None)
    assert not hung_windows.any_hung(0.0) and not hung_windows.is_hung(TARGET, 0.0)


def test_a_window_hangs_until_it_answers() -> None:
    owing, window = hung_windows()
    assert owing.any_hung(5.0) and owing.is_hung(TARGET, 5.0)
    assert not owing.is_hung(OTHER, 5.0)
    window.responds = True
    assert not owing.any_hung(6.0)
    window.responds = False
    assert not owing.any_hung(7.0)  # about later keys, nothing is known


def test_closed_window_does_not_hang() -> None:
    owing = HungWindows()
    owing.add(UnansweredKeys(TARGET, 0.0, lambda: None))
    assert not owing.any_hung(5.0)


def test_windows_of_one_place_hang_together() -> None:
    owing, _ = hung_windows(replace(TARGET, window=0))
    assert owing.is_hung(TARGET, 5.0)


def test_silent_window_is_given_up_after_ten_minutes() -> None:
    owing, _ = hung_windows()
    assert owing.any_hung(5.0 + DEAD_S - 0.1)
    assert not owing.any_hung(5.0 + DEAD_S) and not owing.is_hung(TARGET, 5.0 + DEAD_S)


def test_newest_keys_of_each_window_count() -> None:
    owing, window = hung_windows()
    later = Window()
    owing.add(UnansweredKeys(TARGET, 100.0, later.probe))
    window.responds = True
    assert owing.any_hung(101.0)
    owing.add(UnansweredKeys(OTHER, 100.0, cannot_probe(OTHER)))
    later.responds = True
    assert not owing.any_hung(101.0)
