"""A second start reaches the first."""

import os
import signal
import stat
import threading

from PySide6.QtCore import QEventLoop, QTimer

from mica import paths
from mica.ui.bridge import Bridge, SignalWakes
from mica.ui.instance import Instance, already_running


def test_the_first_is_shown_and_the_second_told(qtbot, home):
    shown = []
    address = paths.control_socket()
    assert not already_running(address)
    first = Instance(address, lambda: shown.append(1))
    assert stat.S_IMODE(address.stat().st_mode) == 0o600
    assert already_running(address)
    qtbot.waitUntil(lambda: shown == [1], timeout=2_000)
    first.close()
    assert not address.exists()
    assert not already_running(address)


def test_what_a_crash_left_is_no_instance(qtbot, home):
    address = paths.control_socket()
    crashed = Instance(address, lambda: None)
    crashed._notifier.setEnabled(False)
    crashed._socket.close()
    assert address.exists() and not already_running(address)
    Instance(address, lambda: None).close()


def test_calls_from_a_thread_arrive_in_order_on_the_main_thread(qtbot):
    bridge, seen = Bridge(), []
    main = threading.get_ident()

    def call(n: int) -> None:
        seen.append((n, threading.get_ident()))

    def work() -> None:
        for n in range(50):
            bridge.post(lambda n=n: call(n))

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert not seen
    qtbot.waitUntil(lambda: len(seen) == 50, timeout=2_000)
    assert seen == [(n, main) for n in range(50)]


def test_a_signal_is_handled_while_nothing_else_happens(qtbot):
    loop = QEventLoop()
    before = signal.signal(signal.SIGUSR1, lambda *_: loop.exit(1))
    wakes = SignalWakes()
    QTimer.singleShot(10_000, loop.quit)
    sender = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGUSR1))
    sender.start()
    assert loop.exec() == 1
    sender.join()
    wakes.close()
    signal.signal(signal.SIGUSR1, before)
