"""The engine process's end of the pipe: one thread that reads, and the heartbeat.

It hands requests to the inference thread through a bounded queue, says every half
second how long ago inference last got something done (while idle more seldom, so that
nobody wakes for nothing), and ends the process when the input ends. It touches no MLX
and understands no request but Cancel.
"""

import logging
import os
import queue
import select
import threading
import time
from typing import Final

from mica.engine import messages as m
from mica.errors import EngineError

HEARTBEAT_S: Final = 0.5
IDLE_BEAT_S: Final = 5.0
QUEUED: Final = 600  # requests waiting; beyond it the pipe fills and the app waits
_READ_BYTES: Final = 1 << 16
_log = logging.getLogger(__name__)

Item = tuple[m.Request, bytes]


class Cancelled(BaseException):
    """The utterance under way is not wanted any more; raised inside its work.

    No Exception, as asyncio.CancelledError is none: no guard takes it for a failure.
    """


class Pipe:
    """Threads: next(), unit() and working_on() on the inference thread."""

    def __init__(self, inward: int, outward: int) -> None:
        self._inward, self._outward = inward, outward
        self._requests: queue.Queue[Item] = queue.Queue(QUEUED)
        self._writing = threading.Lock()
        self._cancelled: set[int] = set()
        self._utterance: int | None = None
        self._since: float | None = None  # of the last unit; None while idle
        self._thread = threading.Thread(target=self._run, name="pipe", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def next(self) -> Item:
        """The next request and its PCM; waits for it."""
        self._since = None
        item = self._requests.get()
        self._since = time.monotonic()
        return item

    @property
    def waiting(self) -> bool:
        """Whether a request waits for the inference thread."""
        return not self._requests.empty()

    def unit(self) -> None:
        """Inference got a unit done; raises Cancelled when it is not wanted."""
        self._since = time.monotonic()
        if self._utterance in self._cancelled:
            raise Cancelled

    def working_on(self, utterance: int | None) -> None:
        """Which utterance the coming units belong to."""
        self._utterance = utterance

    def say(self, reply: m.Reply) -> None:
        """Write a reply; on any thread."""
        data = memoryview(m.pack(reply))
        with self._writing:
            while data:
                data = data[os.write(self._outward, data) :]

    def _run(self) -> None:
        """Until the input ends; then the process ends, however deep inference is."""
        try:
            self._serve()
        except EngineError as why:
            self.say(m.Failed(None, why))
        except BrokenPipeError:
            _log.info("the app is gone")
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
                beat = self._hand_on((m.request(header), pcm), beat)

    @property
    def _is_busy(self) -> bool:
        return self._since is not None or self.waiting

    def _hand_on(self, item: Item, beat: float) -> float:
        """Queue a request; while there is no room, only the heartbeat goes on."""
        if isinstance(item[0], m.Cancel):
            self._cancelled.add(item[0].utterance)
        while True:
            try:
                self._requests.put(item, timeout=HEARTBEAT_S)
                return beat
            except queue.Full:
                beat = self._beat(beat)

    def _beat(self, last: float) -> float:
        """Send a heartbeat when it is time; when the last one was sent."""
        now = time.monotonic()
        if now - last < HEARTBEAT_S:
            return last
        since = self._since
        self.say(m.Heartbeat(0.0 if since is None else now - since))
        return now
