"""Microphones as PortAudio presents them on a Mac: a replacement for `sounddevice`.

Sound arrives when the test advances time. A missing permission causes no error, only
zeros (sounddevice#267).
"""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import sounddevice
from numpy.typing import NDArray

from host.rehearsal.fake_mac.tcc import GRANTED

if TYPE_CHECKING:
    from host.rehearsal.fake_mac.mac import Mac

SPEECH, ROOM = 0.1, 1e-4  # loudness
OUTPUT = "MacBook Pro Speakers"
BUILT_IN, USB, BLUETOOTH = b"bltn", b"usb ", b"blue"  # kAudioDeviceTransportType…


@dataclass(eq=False)
class SoundDevice:
    """One microphone.

    zeros_s   how long a stream gives zeros after it was opened: a headset that
              negotiates HFP, 0.6 to 2 s (EnviousWispr#1441)
    is_deaf   streams opened now give zeros forever, despite the permission
              (backtalk#56; the lid is closed, A2DP plays)
    """

    name: str
    transport: bytes = BUILT_IN
    rate_hz: int = 48_000
    zeros_s: float = 0.0
    is_deaf: bool = False
    number: int = field(default_factory=itertools.count(50).__next__)


class Stream:
    """RawInputStream."""

    def __init__(
        self,
        card: "SoundCard",
        device: SoundDevice,
        block: int,
        callback: Callable[..., None],
    ) -> None:
        self.device, self.is_open = device, False
        # A stream opened before "Allow" keeps giving zeros (omi#11477,
        # screenpipe#3664).
        self.is_deaf = card.opens_deaf or device.is_deaf
        self._zeros = round(device.zeros_s * device.rate_hz)
        self._card, self._block, self._callback = card, block, callback
        self._due = 0.0
        self._random = np.random.default_rng(1)

    def start(self) -> None:
        self.is_open = True

    def abort(self) -> None:
        self.is_open = False

    def close(self) -> None:
        self.is_open = False
        self._card.closed(self)

    def run(self, seconds: float) -> None:
        """Deliver the sound of this period."""
        self._due += seconds * self.device.rate_hz
        while self._due >= self._block and self.is_open:
            self._due -= self._block
            samples = self._block_samples()
            if self.is_deaf or self._zeros > 0:
                samples = np.zeros_like(samples)
            self._zeros -= self._block
            self._callback(samples.astype("<f4").tobytes(), self._block, None, None)

    def _block_samples(self) -> NDArray[np.float32]:
        played = self._card.next_played(self._block)
        if played is not None:
            return played
        loudness = SPEECH if self._card.is_speaking else ROOM
        return self._random.standard_normal(self._block, dtype=np.float32) * loudness


class Silence:
    """RawOutputStream that discards its sound."""

    def __init__(self, **_: Any) -> None:
        """Accepts any device."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


class SoundCard:
    """Replaces the module `sounddevice`.

    devices      connected devices, the system's default first
    streams      open streams
    is_speaking  whether the user is speaking
    """

    PortAudioError = sounddevice.PortAudioError
    RawOutputStream = Silence

    def __init__(self, mac: "Mac") -> None:
        self._mac = mac
        self.devices = [SoundDevice("MacBook Pro Microphone")]
        self.streams: list[Stream] = []
        self.is_closed = threading.Event()  # set while no stream is open
        self.is_closed.set()
        self.opened = 0  # number of streams opened so far
        self.is_speaking = False
        self.has_slept = False  # since PortAudio was last initialized
        self.listeners: list[Callable[..., int]] = []  # Core Audio's
        self._listed = list(self.devices)
        self._played: NDArray[np.float32] = np.zeros(0, np.float32)

    @property
    def opens_deaf(self) -> bool:
        return self._mac.tcc.microphone != GRANTED or self.has_slept

    def run(self, seconds: float) -> None:
        """Advance time: open streams deliver their sound."""
        for stream in list(self.streams):
            if stream.device in self.devices:  # an unplugged device delivers nothing
                stream.run(seconds)

    def play(self, samples: NDArray[np.float32]) -> None:
        """Play samples, at the microphone's rate, into whatever is recording."""
        self._played = samples

    def next_played(self, count: int) -> NDArray[np.float32] | None:
        samples, self._played = self._played[:count], self._played[count:]
        if not len(samples):
            return None
        return np.pad(samples, (0, count - len(samples)))

    def connect(self, device: SoundDevice) -> None:
        """Connect a device, which becomes the default input, as a headset does."""
        self.devices.insert(0, device)
        self._changed()

    def disconnect(self, device: SoundDevice) -> None:
        self.devices.remove(device)
        self._changed()

    def sleep(self) -> None:
        """Put the Mac to sleep: open streams give zeros from now on, and so do new ones
        until PortAudio is reinitialized (as local-whisper’s audio.py and Hex do)."""
        self.has_slept = True
        for stream in self.streams:
            stream.is_deaf = True

    def _changed(self) -> None:
        for listener in self.listeners:
            listener(1, 1, None, None)

    def RawInputStream(self, **given: Any) -> Stream:
        device = self._listed[given["device"]]
        if device not in self.devices or given["samplerate"] != device.rate_hz:
            raise sounddevice.PortAudioError("Internal PortAudio error", -9986)
        stream = Stream(self, device, given["blocksize"], given["callback"])
        self.streams.append(stream)
        self.is_closed.clear()
        self.opened += 1
        return stream

    def closed(self, stream: Stream) -> None:
        self.streams.remove(stream)
        if not self.streams:
            self.is_closed.set()

    def query_devices(self, kind: str | None = None) -> Any:
        """The devices as they were when PortAudio was initialized (sounddevice#125)."""
        if kind == "output":
            return self._output(len(self._listed))
        inputs = [self._input(number) for number in range(len(self._listed))]
        if kind == "input":
            if not inputs:
                raise sounddevice.PortAudioError("Error querying device -1")
            return inputs[0]
        return [*inputs, self._output(len(inputs))]

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": "Core Audio", "default_output_device": len(self._listed)}]

    def _input(self, number: int) -> dict[str, Any]:
        device = self._listed[number]
        return {
            "index": number,
            "name": device.name,
            "default_samplerate": float(device.rate_hz),
            "max_input_channels": 1,
            "max_output_channels": 0,
        }

    def _output(self, number: int) -> dict[str, Any]:
        return {
            "index": number,
            "name": OUTPUT,
            "default_samplerate": 48_000.0,
            "max_input_channels": 0,
            "max_output_channels": 2,
        }

    def _terminate(self) -> None:
        assert not self.streams, "it would end them"

    def _initialize(self) -> None:
        self._listed = list(self.devices)
        self.has_slept = False
