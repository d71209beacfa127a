"""A microphone that a simulated user speaks into, and that fails on request."""

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from faults.speech import CHUNK, MOST, RATE_HZ, WORD_CHUNKS, Floats, sound_of
from faults.world import STEP_S, World
from mica.audio.device_selection import Device, WantedDevice
from mica.events import Chunk

DEVICE: Final = Device(0, "Desk", RATE_HZ, True)
_ROOM: Final = np.where(np.arange(CHUNK) % 2, 1e-4, -1e-4).astype(np.float32)


@dataclass
class MicrophoneFaults:
    """What goes wrong; a test changes it at any time.

    refusal   open() raises this
    hung      open() does not return
    zeros     it gives only zeros
    """

    refusal: Exception | None = None
    hung: bool = False
    zeros: bool = False


class User:
    """Someone who speaks numbered words.

    said       those that were spoken to the end, and when they began and ended
    is_heard   of those, the ones of which a microphone got every sample
    """

    def __init__(self, world: World) -> None:
        self.said: dict[int, tuple[float, float]] = {}
        self.is_heard: dict[int, bool] = {}
        self._world = world
        self._chunks: deque[tuple[int | None, Floats]] = deque()
        self._next_word = 1

    def speak(self, words: int) -> list[int]:
        """Speak new words, with short pauses; they come with the next steps."""
        first = self._next_word if self._next_word + words < MOST else 1
        spoken = list(range(first, first + words))
        self._next_word = first + words
        for word in spoken:
            self.said.pop(word, None)
            sound = sound_of(word).reshape(WORD_CHUNKS, CHUNK)
            self._chunks += [(word, piece) for piece in sound]
            self.pause(0.08)
        return spoken

    def noise(self, seconds: float, level: float) -> None:
        """Make a noise that is no word."""
        random = np.random.default_rng(len(self._chunks))
        for _ in range(round(seconds / STEP_S)):
            noise = random.uniform(-level, level, CHUNK).astype(np.float32)
            self._chunks.append((None, noise))

    def pause(self, seconds: float) -> None:
        self._chunks += [(None, _ROOM)] * round(seconds / STEP_S)

    @property
    def is_speaking(self) -> bool:
        return bool(self._chunks)

    def sound(self, is_recorded: bool) -> Floats:
        """The sound of the next step. is_recorded: by a microphone that is open."""
        if not self._chunks:
            return _ROOM
        word, piece = self._chunks.popleft()
        if word is not None:
            first, now_s = word not in self.said, self._world.now_s
            begun_s = now_s - STEP_S if first else self.said[word][0]
            self.said[word] = begun_s, now_s
            self.is_heard[word] = is_recorded and self.is_heard.get(word, first)
        return piece


class FakeMicrophone:
    """See MicrophoneSource."""

    def __init__(
        self,
        microphones: "FakeMicrophones",
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None],
    ) -> None:
        self.rate_hz, self.device = 0, DEVICE
        self.has_worked = False
        self.lose = on_lost
        self._microphones, self._on_chunk = microphones, on_chunk
        self._samples = 0

    def open(self) -> None:
        self._microphones.check()
        self.rate_hz = RATE_HZ
        self._microphones.open.append(self)

    def matches(self, wanted: WantedDevice) -> bool:
        return wanted in (None, DEVICE.name)

    def close(self) -> None:
        if self in self._microphones.open:
            self._microphones.open.remove(self)

    def discard(self) -> None:
        self.close()

    def give(self, samples: Floats) -> None:
        self._on_chunk(Chunk(self._samples, samples.tobytes()))
        self._samples += len(samples)


class FakeMicrophones:
    """The sound system: every open microphone hears the user."""

    def __init__(self, world: World, user: User) -> None:
        self.faults = MicrophoneFaults()
        self.open: list[FakeMicrophone] = []
        self._world, self._user = world, user
        world.sources.append(self._flow)

    def __call__(
        self,
        wanted: WantedDevice,
        on_chunk: Callable[[Chunk], None],
        on_lost: Callable[[], None],
        excluded: Collection[str] = (),
    ) -> FakeMicrophone:
        return FakeMicrophone(self, on_chunk, on_lost)

    def check(self) -> None:
        """Called when one is opened: raises an error, or takes its time."""
        while self.faults.hung:
            self._world.block(1.0, lambda: not self.faults.hung)
        if self.faults.refusal is not None:
            raise self.faults.refusal

    def unplug(self) -> None:
        """All open microphones vanish."""
        while self.open:
            self.open.pop().lose()

    def _flow(self) -> None:
        works = bool(self.open) and not self.faults.zeros
        sound = self._user.sound(works)
        for microphone in list(self.open):
            microphone.give(sound if works else np.zeros_like(sound))
