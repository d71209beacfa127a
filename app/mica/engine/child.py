"""One life of the engine process: its writer thread and its replies.

Made when the child starts, ended once; it knows no utterance and no deadline.
"""

import os
import select
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from mica.engine import messages as m
from mica.engine.outbox import Job, Outbox
from mica.engine.process import END_S, end, spawn
from mica.errors import EngineError

_READ_BYTES: Final = 1 << 16


class Wake:
    """Calls a thread that waits for the child: there is something else to do."""

    def __init__(self) -> None:
        self.near, self._far = socket.socketpair()
        for side in (self.near, self._far):
            side.setblocking(False)

    def call(self) -> None:
        """Any thread; returns at once."""
        with suppress(OSError):  # full: it is called already
            self._far.send(b"\0")

    def answer(self) -> None:
        """The thread is awake; calls until now are over."""
        with suppress(OSError):
            self.near.recv(_READ_BYTES)


class Child:
    """Threads: read() and end() on the client's reader; the outbox on its own."""

    def __init__(
        self,
        command: list[str],
        outbox: Outbox,
        jobs: Mapping[int, Job],
        wake: Wake,
    ) -> None:
        self._process = spawn(command)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdout = self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._stdout, select.POLLIN)
        self._poll.register(wake.near, select.POLLIN)
        self._wake = wake
        self._unpacker = m.Unpacker()
        self._outbox = outbox
        self._writer = threading.Thread(
            target=outbox.drain,
            args=(self._process.stdin, jobs),
            name="engine-writer",
            daemon=True,
        )
        self._writer.start()

    def read(self, timeout_s: float) -> list[m.Reply]:
        """What it has said; empty after the time or a wake. Its end or nonsense is an
        EngineError."""
        ready = [file for file, _ in self._poll.poll(timeout_s * 1000)]
        if self._wake.near.fileno() in ready:
            self._wake.answer()
        if self._stdout not in ready:
            return []
        data = os.read(self._stdout, _READ_BYTES)
        if not data:
            raise EngineError("The engine ended unexpectedly.")
        return [m.reply(header) for header, _ in self._unpacker.push(data)]

    def end(self, *, kill: bool) -> None:
        """Let it leave, or kill it; returns when it and the writer are gone."""
        if kill:
            self._process.kill()
        self._outbox.close()
        self._writer.join(END_S)
        if self._writer.is_alive():  # it takes no more input
            self._process.kill()
            self._writer.join()
        end(self._process)
