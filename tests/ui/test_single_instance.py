"""A second start and `mica tell` reach the running app."""

import os
import signal
import socket
import stat
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from PySide6.QtCore import QEventLoop, QTimer

from mica import paths
from mica.dictation.control import (
    ABOUT,
    LONGEST,
    ControlCommand,
    app_process,
    is_running,
    send_command,
)
from mica.errors import MicaError
from mica.ui import single_instance
from mica.ui.qt_loop import Bridge, SignalWakes
from mica.ui.single_instance import SingleInstance

T = TypeVar("T")


class Answering:
    """An instance that records its commands, on a main thread that keeps running."""

    def __init__(self, qtbot, refusal: MicaError | None = None) -> None:
        self.commands: list[ControlCommand] = []
        self.about: list[str] = []
        self.note: str | None = None
        self._qtbot, self._refusal = qtbot, refusal
        self.instance = SingleInstance(paths.control_socket(), self._on_command)

    def _on_command(self, what: ControlCommand, about: str) -> str | None:
        self.commands.append(what)
        self.about.append(about)
        if self._refusal is not None:
            raise self._refusal
        return self.note

    def while_calling(self, call: Callable[[], T]) -> T:
        with ThreadPoolExecutor(1) as pool:
            reply = pool.submit(call)
            self._qtbot.waitUntil(reply.done, timeout=5_000)
        return reply.result()


def test_second_instance_shows_the_first_and_is_told_so(qtbot):
    address = paths.control_socket()
    assert not is_running(address)
    first = Answering(qtbot)
    assert stat.S_IMODE(address.stat().st_mode) == 0o600
    assert first.while_calling(lambda: is_running(address))
    assert first.commands == [ControlCommand.SHOW]
    first.instance.close()
    assert not address.exists()
    assert not is_running(address)


def test_socket_left_by_a_crash_is_no_instance(qtbot):
    address = paths.control_socket()
    crashed = SingleInstance(address, lambda *arguments: None)
    crashed._notifier.setEnabled(False)
    crashed._socket.close()
    assert address.exists() and not is_running(address)
    SingleInstance(address, lambda *arguments: None).close()


def test_a_socket_with_a_long_path_is_reached(qtbot, home, monkeypatch, tmp_path):
    """AF_UNIX takes 103 bytes on macOS; the socket is in the data folder all the same,
    and nothing is left in the temporary folder."""
    monkeypatch.setenv("MICA_HOME", str(home / ("m" * 120) / "é"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    paths.instance_lock()
    address = paths.control_socket()
    assert not is_running(address)
    first = Answering(qtbot)
    assert stat.S_IMODE(address.stat().st_mode) == 0o600
    assert first.while_calling(lambda: is_running(address))
    assert app_process(address) == os.getpid()
    first.instance.close()
    assert not address.exists() and list(tmp_path.iterdir()) == []


def test_the_umask_stays_while_the_socket_is_made(qtbot, home, monkeypatch):
    """It is the whole process's: a folder that another thread creates at that moment
    could not be used."""

    def refuse(mask: int) -> int:
        raise AssertionError("changed for other threads")

    before = os.umask(0)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "umask", refuse)
            app = Answering(qtbot)
    finally:
        os.umask(before)
    assert stat.S_IMODE(paths.control_socket().stat().st_mode) == 0o600
    app.instance.close()


def test_many_callers_at_once_are_all_answered(qtbot, monkeypatch):
    """Linux refuses a caller at once if the queue of those who wait is full."""
    monkeypatch.setattr(single_instance, "_QUEUE", 0)
    app, callers = Answering(qtbot), 100

    def call(_: int) -> str | None:
        return send_command(paths.control_socket(), ControlCommand.DISMISS)

    def all_call() -> list[str | None]:
        with ThreadPoolExecutor(callers) as pool:
            return list(pool.map(call, range(callers)))

    assert app.while_calling(all_call) == [None] * callers
    assert len(app.commands) == callers
    app.instance.close()


def test_each_command_is_acknowledged_after_it_is_done(qtbot):
    app = Answering(qtbot)
    for what in ControlCommand:
        assert (
            app.while_calling(lambda w=what: send_command(paths.control_socket(), w))
            is None
        )
    assert app.commands == list(ControlCommand)
    app.instance.close()


def test_a_note_reaches_the_caller(qtbot):
    app = Answering(qtbot)
    app.note = "Line 3 was ignored."
    reply = app.while_calling(
        lambda: send_command(paths.control_socket(), ControlCommand.RELOAD)
    )
    assert reply == "Line 3 was ignored."
    app.instance.close()


def test_a_refusal_reaches_the_caller(qtbot):
    app = Answering(qtbot, MicaError("Nothing was said.", "Speak."))
    with pytest.raises(MicaError) as caught:
        app.while_calling(
            lambda: send_command(paths.control_socket(), ControlCommand.UNDO)
        )
    assert caught.value.line() == "Nothing was said. Speak."
    app.instance.close()


@pytest.mark.parametrize(
    "name",
    [
        "Desk",
        "Anna’s AirPods Pro",
        " two  spaces ",
        "Łódź マイク 🎤",
        "toggle",
        "no",
        "M" * (LONGEST - len("microphone \n")),
    ],
)
def test_a_name_arrives_as_it_is(qtbot, name):
    app = Answering(qtbot)
    app.while_calling(
        lambda: send_command(paths.control_socket(), ControlCommand.MICROPHONE, name)
    )
    assert app.commands == [ControlCommand.MICROPHONE] and app.about == [name]
    app.instance.close()


def test_invalid_utf8_argument_matches_no_name(qtbot):
    app = Answering(qtbot)
    name = os.fsdecode(b"Bl\xfc")
    app.while_calling(
        lambda: send_command(paths.control_socket(), ControlCommand.MICROPHONE, name)
    )
    assert app.about == ["Bl?"]
    app.instance.close()


@pytest.mark.parametrize("name", ["Desk\nquit", "\n", "M" * LONGEST, "é" * 600])
def test_multiline_message_is_rejected(qtbot, name):
    app = Answering(qtbot)
    with pytest.raises(MicaError, match="one line of at most 1024 bytes"):
        send_command(paths.control_socket(), ControlCommand.MICROPHONE, name)
    qtbot.wait(50)
    assert app.commands == []
    app.instance.close()


def test_refused_long_name_is_returned_in_full(qtbot):
    name = "é" * 500
    app = Answering(qtbot, MicaError(f"No “{name}”.", "Look."))
    with pytest.raises(MicaError, match=f"No “{name}”. Look."):
        app.while_calling(
            lambda: send_command(
                paths.control_socket(), ControlCommand.MICROPHONE, name
            )
        )
    app.instance.close()


@pytest.mark.parametrize(
    "what", sorted(set(ControlCommand) - ABOUT, key=lambda command: command.value)
)
def test_command_without_arguments_refuses_any(qtbot, what):
    app = Answering(qtbot)
    with pytest.raises(MicaError, match=f"“{what.value}” takes no argument"):
        app.while_calling(lambda: send_command(paths.control_socket(), what, "Desk"))
    assert app.commands == []
    app.instance.close()


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"dance\n", "no The running Mica has no command “dance”"),
        (b"dance Desk\n", "no The running Mica has no command “dance”"),
        (b"\n", "no The running Mica has no command “”"),
        (b" toggle\n", "no The running Mica has no command “”"),
        (b"microphone " + b"M" * LONGEST + b"\n", "no The command is incomplete"),
        (b"toggle", "no The command is incomplete or over 1024 bytes"),
        (b"toggle \n", "ok"),  # without an argument
        (b"microphone \xff\n", "ok"),
    ],
)
def test_unknown_command_is_refused(qtbot, line, answer):
    app = Answering(qtbot)

    def reply() -> bytes:
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(5)
            caller.connect(str(paths.control_socket()))
            caller.sendall(line)
            return caller.recv(999)

    assert app.while_calling(reply).decode().startswith(answer)
    assert len(app.commands) == (answer == "ok")
    app.instance.close()


def test_silent_caller_does_not_block_the_app(qtbot):
    app = Answering(qtbot)
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(paths.control_socket()))
        address = paths.control_socket()
        app.while_calling(lambda: send_command(address, ControlCommand.TOGGLE))
    assert app.commands == [ControlCommand.TOGGLE]
    app.instance.close()


def test_socket_of_another_user_receives_nothing(qtbot, monkeypatch):
    received, address = [], paths.control_socket()
    theirs = SingleInstance(address, lambda *arguments: received.append(arguments))
    monkeypatch.setattr("os.getuid", lambda: address.stat().st_uid + 1)
    with pytest.raises(MicaError, match="not running"):
        send_command(address, ControlCommand.TOGGLE)
    qtbot.wait(50)
    assert received == []
    theirs.close()


def test_a_hung_app_is_named(qtbot, monkeypatch):
    monkeypatch.setattr("mica.dictation.control.WAIT_S", 0.05)
    hung = SingleInstance(paths.control_socket(), lambda *arguments: None)
    with pytest.raises(MicaError, match="isn’t responding"):
        send_command(paths.control_socket(), ControlCommand.TOGGLE)
    hung.close()


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
