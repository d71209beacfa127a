"""Commands to the running app over its control socket: the client side, without Qt.

An AF_UNIX socket that only this user may open. The client sends one line, a command and
for some a space and an argument, and gets one line back: `ok` once the app has done it,
which a note may follow, or `no` and the reason, both worded for users.
"""

import os
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import Final

from mica import atomic
from mica.errors import MicaError

OK: Final = "ok"
NO: Final = "no"
WAIT_S: Final = 5.0  # a starved app is slow; a hung one never answers
LONGEST: Final = 1024  # bytes of a request, with its line end
SOCKET_BYTES: Final = 103  # of a socket's path: AF_UNIX has 104 on macOS, with a NUL
START_S: Final = 5.0  # the other app may be starting or quitting
_POLL_S: Final = 0.05
_CREDENTIALS: Final = struct.Struct("3i")  # Linux's ucred: process, user, group


class ControlCommand(Enum):
    """The commands that the running app accepts."""

    SHOW = "show"  # sent by a second start
    TOGGLE = "toggle"
    LOCK = "lock"
    TRANSLATE = "translate"
    CANCEL = "cancel"
    PASTE_LAST = "paste-last"
    COPY_LAST = "copy-last"
    RETRY = "retry"  # a recording's number; without one: the newest that failed
    INSERT = "insert"  # the text of the recording with this number
    COPY = "copy"  # likewise
    DELETE = "delete"  # a recording and its text, by number, or "all"
    PRIVATE = "private"  # "on" or "off"; without an argument: toggle
    DISMISS = "dismiss"  # the trouble that the icon shows
    RAW = "raw"
    UNDO = "undo"
    RESTORE_CLIPBOARD = "restore-clipboard"
    CAPTIONS = "captions"  # "on" or "off"; without an argument: toggle
    COPY_CAPTIONS = "copy-captions"
    MICROPHONE = "microphone"  # its name; without one: the system's choice
    PAUSE = "pause"  # the hotkeys
    RESUME = "resume"
    KEYWORDS = "keywords"  # open their window
    SETTINGS = "settings"
    RELOAD = "reload"  # the settings file, which another program changed
    STATUS = "status"  # what Mica does, and whether it used the network
    QUIT = "quit"


#: The commands that take an argument; any other refuses one.
ABOUT: Final = frozenset(
    {
        ControlCommand.MICROPHONE,
        ControlCommand.CAPTIONS,
        ControlCommand.RETRY,
        ControlCommand.INSERT,
        ControlCommand.COPY,
        ControlCommand.DELETE,
        ControlCommand.PRIVATE,
    }
)
ON: Final = "on"  # of captions and private; without an argument they are toggled
OFF: Final = "off"
ALL: Final = "all"


def send_command(address: Path, command: ControlCommand, about: str = "") -> str | None:
    """Have the running app execute a command; returns its note, if any, once it has.

    about   the argument: any text of one line, verbatim, as names keep their spaces
    Raises MicaError if no app runs, if it does not answer, and if it refuses.
    """
    text = f"{command.value} {about}" if about else command.value
    line = f"{text}\n".encode("utf-8", "replace")  # an argument need not be UTF-8
    if len(line) > LONGEST or "\n" in about:
        raise MicaError(f"A command must be one line of at most {LONGEST} bytes.")
    reply = _request(address, line)
    if reply is None:
        raise MicaError("Mica is not running.", "Start it with `mica`.")
    word, _, rest = reply.partition(" ")
    if word == NO:
        raise MicaError(rest)
    if word != OK:
        raise MicaError("Mica isn’t responding.", "Quit it and start it again.")
    return rest or None


def printable(text: str) -> str:
    """The text without control characters, which a terminal would obey."""
    return "".join(one if one.isprintable() or one == "\n" else "�" for one in text)


@contextmanager
def single_instance(lock: Path, address: Path) -> Iterator[bool]:
    """Whether this is the only app that uses this folder, until the block ends; another
    one shows itself.

    lock   a file that the app keeps locked: with the socket alone, two started at the
           same moment could both believe that they are the first
    """
    opened = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _is_first(opened, address)
    finally:
        os.close(opened)  # unlocks it


def _is_first(opened: int, address: Path) -> bool:
    end_s = time.monotonic() + START_S
    while not atomic.try_lock(opened):
        if is_running(address) or time.monotonic() > end_s:
            return False
        time.sleep(_POLL_S)
    return not is_running(address)  # for folders that support no locks


def is_running(address: Path) -> bool:
    """Whether another Mica answered; if so, it shows itself."""
    return _request(address, f"{ControlCommand.SHOW.value}\n".encode()) is not None


def app_process(address: Path) -> int | None:
    """The process id of the running app; None if none runs."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(WAIT_S)
        if not _connect(caller, address):
            return None
        with suppress(OSError):
            if sys.platform == "darwin":  # SOL_LOCAL, LOCAL_PEERPID: <sys/un.h>
                return caller.getsockopt(0, 2)
            credentials = caller.getsockopt(
                socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size
            )
            return int(_CREDENTIALS.unpack(credentials)[0])
    return None


def listens(address: Path) -> bool:
    """Whether a Mica runs, without sending it anything."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(WAIT_S)
        return _connect(caller, address)


def _connect(caller: socket.socket, address: Path) -> bool:
    """Connect; waits while the app has too many other callers."""
    end_s = time.monotonic() + WAIT_S
    while True:
        try:
            if address.stat().st_uid != os.getuid():
                return False  # another user's socket in place of ours
            with short_path(address) as path:
                caller.connect(path)
        except BlockingIOError:  # Linux: its queue is full
            if time.monotonic() > end_s:
                return True  # somebody listens, but does not answer
            time.sleep(_POLL_S)
        except OSError:
            return False
        else:
            return True


@contextmanager
def short_path(address: Path) -> Iterator[str]:
    """A path to a socket that is short enough for AF_UNIX: its own, or one through a
    link in a private temporary folder, which exists inside the block."""
    if len(os.fsencode(address)) <= SOCKET_BYTES:
        yield str(address)
        return
    with tempfile.TemporaryDirectory(prefix="mica-") as folder:
        link = Path(folder) / "home"
        link.symlink_to(address.parent)
        yield str(link / address.name)


def _request(address: Path, line: bytes) -> str | None:
    """The answer, empty if none came in time; None if nobody listens."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(WAIT_S)
        if not _connect(caller, address):
            return None
        try:
            caller.sendall(line)
            reply = caller.recv(2 * LONGEST)  # an answer may quote the line
            return printable(reply.decode("utf-8", "replace").strip())
        except OSError:
            return ""
