"""The engine process's end of the pipe: the reader thread and the heartbeat.

It passes requests to the inference thread through a queue, reports every half second
how long ago inference last finished a unit (less often while idle, to avoid needless
wake-ups), and ends the process when the input ends. The client sends no more than
messages.WINDOW_BYTES of an utterance ahead of consumption, so the queue stays short. It
uses no MLX and interprets no request.
"""

import logging
import os
import queue
import select
import threading
import time
from typing import Final

from mica import network_guard
from mica.engine import messages as m
from mica.errors import EngineError
from mica.unhandled import trace

HEARTBEAT_S: Final = 0.5
IDLE_BEAT_S: Final = 5.0
_READ_BYTES: Final = 1 << 16
_log = logging.getLogger(__name__)

Item = tuple[m.Request, bytes]


class Pipe:
    """The worker's pipe. Call next() and unit() on the inference thread."""

    def __init__(self, inward: int, outward: int) -> None:
        self._inward, self._outward = inward, outward
        self._requests: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._writing = threading.Lock()
        self._since: float | None = None  # time of the last unit; None while idle
        self._thread = threading.Thread(target=self._run, name="pipe", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def next(self, *, wait: bool) -> Item | None:
        """The next request and its PCM; None if there is none and `wait` is false."""
        if not wait:
            return None if self._requests.empty() else self._requests.get()
        self._since = None
        item = self._requests.get()
        self._since = time.monotonic()
        return item

    def unit(self) -> None:
        """Note that inference has finished a unit."""
        self._since = time.monotonic()

    def send(self, reply: m.Reply) -> None:
        """Write a reply. Any thread."""
        data = memoryview(m.pack(reply))
        with self._writing:
            while data:
                data = data[os.write(self._outward, data) :]

    def _run(self) -> None:
        """Serve until the input ends, then exit the process even during inference."""
        try:
            self._serve()
        except EngineError as why:
            self.send(m.Failed(None, why))
        except BrokenPipeError:
            _log.info("the app is gone")
        except Exception as why:  # noqa: BLE001 the app starts another engine
            _log.error("the pipe failed: %s", trace(why))
        os._exit(0)

    def _serve(self) -> None:
        unpacker = m.Unpacker()
        poll = select.poll()
        poll.register(self._inward, select.POLLIN)
        beat, wait_s = time.monotonic(), HEARTBEAT_S
        while True:
            beat = self._beat(beat)
            if not poll.poll(1000 * wait_s):
                wait_s = HEARTBEAT_S if self._is_busy else IDLE_BEAT_S
                continue
            wait_s = HEARTBEAT_S
            data = os.read(self._inward, _READ_BYTES)
            if not data:
                return
            for header, pcm in unpacker.push(data):
                self._requests.put((m.request(header), pcm))

    @property
    def _is_busy(self) -> bool:
        return self._since is not None or not self._requests.empty()

    def _beat(self, last: float) -> float:
        """Send a heartbeat if it is time; returns when the last one was sent."""
        now = time.monotonic()
        if now - last < HEARTBEAT_S:
            return last
        network_guard.look()
        since = self._since
        self.send(m.Heartbeat(0.0 if since is None else now - since))
        return now
