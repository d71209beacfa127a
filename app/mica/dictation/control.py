"""Words to the running app over its control socket: the caller's end, without Qt.

An AF_UNIX socket only this user may open. A caller sends one line, a command
and for some a space and what it is about, and gets one back: `ok` once the app has done
it, else `no` and why, in users' words.
"""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Final

from mica import atomic
from mica.errors import MicaError

OK: Final = "ok"
NO: Final = "no"
WAIT_S: Final = 5.0  # a starved app takes its while; a hung one never answers
LONGEST: Final = 1024  # bytes of a line that is sent, with its end
START_S: Final = 5.0  # the other app may be starting, or quitting
_POLL_S: Final = 0.05


class ControlCommand(Enum):
    """The commands that the running app accepts."""

    SHOW = "show"  # by a second start
    TOGGLE = "toggle"
    LOCK = "lock"
    TRANSLATE = "translate"
    CANCEL = "cancel"
    PASTE_LAST = "paste-last"
    COPY_LAST = "copy-last"
    RETRY = "retry"  # the newest dictation that failed
    DISMISS = "dismiss"  # what the icon says is wrong
    RAW = "raw"
    UNDO = "undo"
    RESTORE_CLIPBOARD = "restore-clipboard"
    CAPTIONS = "captions"  # on, off; nothing: the other one
    COPY_CAPTIONS = "copy-captions"
    MICROPHONE = "microphone"  # its name; none: the system's choice
    PAUSE = "pause"  # the hotkeys
    RESUME = "resume"
    KEYWORDS = "keywords"  # their window
    SETTINGS = "settings"
    RELOAD = "reload"  # what another program wrote to the settings file
    QUIT = "quit"


#: Those that may be told what they are about; any other refuses it.
ABOUT: Final = frozenset({ControlCommand.MICROPHONE, ControlCommand.CAPTIONS})
ON: Final = "on"  # captions; nothing: whatever they are not
OFF: Final = "off"


def send_command(address: Path, command: ControlCommand, about: str = "") -> None:
    """Have the running app do it; returns when it has.

    about   any text of one line, as it is: names keep their spaces
    Raises MicaError where no app runs, where it does not answer, and where it refuses.
    """
    text = f"{command.value} {about}" if about else command.value
    line = f"{text}\n".encode("utf-8", "replace")  # no argument need be UTF-8
    if len(line) > LONGEST or "\n" in about:
        raise MicaError(f"Mica cannot be told more than {LONGEST} bytes of one line.")
    reply = _request(address, line)
    if reply is None:
        raise MicaError("Mica is not running.", "Start it with `mica`.")
    word, _, why = reply.partition(" ")
    if word == NO:
        raise MicaError(why)
    if word != OK:
        raise MicaError("Mica does not answer.", "Quit it and start it again.")


@contextmanager
def single_instance(lock: Path, address: Path) -> Iterator[bool]:
    """Whether no other app of this folder runs or starts, until the end of the block;
    else the other one shows itself.

    lock   a file that the app keeps locked: a socket alone would let two that start at
           the same moment both believe that they are the first
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
    return not is_running(address)  # where the folder has no locks


def is_running(address: Path) -> bool:
    """Whether another Mica answered; it then shows itself."""
    return _request(address, f"{ControlCommand.SHOW.value}\n".encode()) is not None


def listens(address: Path) -> bool:
    """Whether a Mica runs. It is told nothing, and shows nothing."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(WAIT_S)
        return _connect(caller, address)


def _connect(caller: socket.socket, address: Path) -> bool:
    try:
        if address.stat().st_uid != os.getuid():
            return False  # another user's, put in our place
        caller.connect(str(address))
    except OSError:
        return False
    return True


def _request(address: Path, line: bytes) -> str | None:
    """The answer, empty where none came in time; None where nobody listens."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(WAIT_S)
        if not _connect(caller, address):
            return None
        try:
            caller.sendall(line)
            reply = caller.recv(2 * LONGEST)  # one may quote the line
            return reply.decode("utf-8", "replace").strip()
        except OSError:
            return ""
