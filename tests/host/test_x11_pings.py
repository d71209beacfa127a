"""Probing real windows for whether they have handled their keys."""

import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QSocketNotifier

from mica.host.values import Target
from support import xserver

if TYPE_CHECKING:
    from mica.host.x11.focus import Pings

pytestmark = pytest.mark.usefixtures("x_display")


def active() -> Target:
    from mica.host.x11.focus import X11Focus

    target = X11Focus().current()
    assert target is not None
    return target


def listens(pings: "Pings") -> bool:
    """Whether the display has selected events of the root window."""
    return bool(pings._root.get_attributes().your_event_mask)


def field(tmp_path: Path) -> list[str]:
    return xserver.qt_program("field", "asked", str(tmp_path / "field.txt"))


def test_window_answers_the_ping_after_its_keys(tmp_path: Path) -> None:
    from mica.host.x11.focus import Pings

    pings = Pings()
    with xserver.program(field(tmp_path), "asked") as process:
        target = active()
        xserver.until(pings.probe(target))
        process.send_signal(signal.SIGSTOP)
        first, second = pings.probe(target), pings.probe(target)
        with pytest.raises(AssertionError, match="in vain"):
            xserver.until(lambda: first() or second(), 0.3)
        assert listens(pings)
        process.send_signal(signal.SIGCONT)
        xserver.until(lambda: first() and second())
        assert not listens(pings)


def test_closed_window_gives_no_answer(tmp_path: Path) -> None:
    from mica.host.x11.focus import Pings

    pings = Pings()
    with xserver.program(field(tmp_path), "asked") as process:
        target = active()
        process.send_signal(signal.SIGSTOP)
        answered = pings.probe(target)
        assert answered() is False
    xserver.until(lambda: answered() is None)
    assert not listens(pings)
    assert pings.probe(target)() is None


def test_window_number_of_another_program_counts_as_gone(tmp_path: Path) -> None:
    """The server may reuse the id of a closed window."""
    from mica.host.x11.focus import Pings

    pings = Pings()
    with xserver.program(field(tmp_path), "asked") as process:
        process.send_signal(signal.SIGSTOP)
        answered = pings.probe(replace(active(), pid=process.pid + 1))
        assert answered() is None


def test_unexpected_ping_answer_is_drained(tmp_path: Path, qapp) -> None:
    from mica.host.x11.focus import Pings
    from mica.host.x11.open import _drain_when_readable

    pings, notifiers = _drain_when_readable(Pings()), qapp.findChildren(QSocketNotifier)
    with xserver.program(field(tmp_path), "asked"):
        pings.probe(active())
        try:
            xserver.until(lambda: qapp.processEvents() or not pings._pending)
        finally:
            for notifier in notifiers:
                notifier.setEnabled(False)  # its display is about to close
    assert not listens(pings)


def test_window_without_ping_support_is_not_waited_for() -> None:
    from mica.host.x11.focus import Pings

    with xserver.program(["xterm", "-T", "silent"], "silent"):
        answered = Pings().probe(active())
        assert answered() is True
    xserver.until(lambda: answered() is None)
