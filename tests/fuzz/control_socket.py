"""Fuzzes both ends of the control socket: what a caller sends, and what it is sent."""

import socket
import threading
from contextlib import suppress
from pathlib import Path

from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication

from fuzz.mutations import damaged
from mica.dictation.control import LONGEST, ControlCommand, send_command
from mica.errors import MicaError
from mica.ui.single_instance import SingleInstance

ALLOWED = {"socket.bind", "socket.connect"}  # to paths only: AF_UNIX
MEMORY_BYTES = 1 << 30
SAMPLES = (
    *(f"{command.value}\n".encode() for command in ControlCommand),
    b"microphone Blue Yeti\n",
    b"captions on\n",
    b"captions off",
    b"ok\n",
    b"ok The settings have a mistake.\n",
    b"no The model is missing.\n",
    b"microphone " + b"x" * LONGEST,
)
_app: list[QCoreApplication] = []


def prepare(folder: Path) -> None:
    _app.append(QCoreApplication([]))


def inputs() -> st.SearchStrategy[bytes]:
    return damaged(SAMPLES)


def check(data: bytes, folder: Path) -> None:
    _check_app(data, folder / "app")
    _check_caller(data, folder / "other")


def _check_app(data: bytes, address: Path) -> None:
    """The app answers any caller with one line."""
    told: list[tuple[ControlCommand, str]] = []

    def on_command(command: ControlCommand, about: str) -> str | None:
        told.append((command, about))
        if about:
            raise MicaError(f"There is no “{about}”.")
        return None

    server = SingleInstance(address, on_command)
    try:
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(address))
            caller.sendall(data)
            caller.shutdown(socket.SHUT_WR)
            QCoreApplication.processEvents()
            caller.settimeout(5)
            reply = caller.recv(1 << 16).decode()
    finally:
        server.close()
    assert reply.startswith(("ok", "no ")) and reply.endswith("\n"), reply
    assert reply.count("\n") == 1 and reply[:-1].isprintable(), reply
    assert len(told) <= 1


def _check_caller(data: bytes, address: Path) -> None:
    """A command ends, whatever answers it."""
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(address))
        server.listen()

        def answer() -> None:
            caller, _ = server.accept()
            with caller, suppress(OSError):
                caller.recv(LONGEST)
                caller.sendall(data)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            note = send_command(address, ControlCommand.SHOW)
            assert note is None or note.replace("\n", "").isprintable(), note
        except MicaError as error:
            assert error.line().isprintable(), error.line()
        finally:
            thread.join()
