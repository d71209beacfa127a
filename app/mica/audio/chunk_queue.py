"""The queue of chunks from the audio thread to the journal thread."""

import queue
from typing import Final

from mica.events import Chunk

CAPACITY_SAMPLES: Final = 60 * 48_000  # 60 s at the usual microphone rate


class ChunkQueue:
    """A bounded queue; put() never waits. It holds 60 s; beyond that `overflow` grows.

    Threads: put on the audio thread only, get on one reader only.
    """

    def __init__(self, capacity_samples: int = CAPACITY_SAMPLES) -> None:
        self._chunks: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
        self._limit = capacity_samples
        self._put = self._got = 0  # samples
        self.overflow = 0  # samples dropped for lack of room; reported to the user

    def put(self, chunk: Chunk) -> None:
        samples = len(chunk.pcm) // 4
        if self._put - self._got + samples > self._limit:
            self.overflow += samples
            return
        self._put += samples
        self._chunks.put(chunk)

    def get(self, timeout_s: float) -> Chunk:
        """The next chunk; queue.Empty on timeout."""
        chunk = self._chunks.get(timeout=timeout_s)
        self._got += len(chunk.pcm) // 4
        return chunk
