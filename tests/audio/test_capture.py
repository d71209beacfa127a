"""The real microphone path: PortAudio on a private PulseAudio server."""

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest

from mica.audio import devices
from mica.audio.capture import Microphone
from mica.audio.devices import find_device, list_devices
from mica.audio.failover import FailoverMicrophone
from mica.audio.level import LevelMonitor
from mica.audio.microphone_pool import MicrophonePool
from mica.errors import MicrophoneError
from mica.events import Chunk
from mica.host.sound import NoSoundDevices, Transport
from mica.settings import KeepOpen
from support.virtual_microphone import (
    RATE_HZ,
    VirtualMicrophone,
    missing,
    virtual_microphone,
)

pytestmark = pytest.mark.skipif(bool(missing()), reason="needs PulseAudio")


@pytest.fixture
def microphone(monkeypatch) -> Iterator[VirtualMicrophone]:
    with virtual_microphone() as virtual:
        for name, value in virtual.environment.items():
            monkeypatch.setenv(name, value)
        yield virtual


def spoken() -> np.ndarray:
    """One second of a rising tone, so that its position in a recording can be found."""
    at = np.arange(RATE_HZ) / RATE_HZ
    return (np.sin(2 * np.pi * (300 + 900 * at) * at) * 12_000).astype(np.int16)


class Recording:
    """The chunks that a microphone delivered."""

    def __init__(self) -> None:
        self.chunks: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
        self.lost = threading.Event()
        self.microphone = Microphone(None, self.chunks.put, self.lost.set)

    def samples(self) -> np.ndarray:
        pieces, expected = [], 0
        while not self.chunks.empty():
            chunk = self.chunks.get()
            assert chunk.first == expected
            pieces.append(np.frombuffer(chunk.pcm, "<f4"))
            expected += len(pieces[-1])
        return np.concatenate(pieces)


def test_spoken_samples_arrive_complete(microphone):
    recording = Recording()
    recording.microphone.open()
    microphone.play(spoken())
    microphone.play(np.zeros(RATE_HZ // 4, np.int16))
    recording.microphone.close()
    recorded, played = recording.samples(), spoken() / 32768
    assert recording.microphone.rate_hz >= RATE_HZ
    step = recording.microphone.rate_hz / RATE_HZ
    recorded = np.interp(
        np.arange(0, len(recorded), step), np.arange(len(recorded)), recorded
    )
    lag = np.correlate(recorded, played, "valid").argmax()
    match = np.corrcoef(recorded[lag : lag + len(played)], played)[0, 1]
    assert match > 0.98  # interpolation and the server's resampler, not lost sound


def test_a_microphone_of_zeros_is_noticed(microphone):
    microphone.mute()
    recording = Recording()
    recording.microphone.open()
    microphone.play(np.zeros(RATE_HZ * 3 // 2, np.int16))
    recording.microphone.close()
    health = LevelMonitor(recording.microphone.rate_hz)
    health.push(recording.samples().astype("<f4").tobytes())
    assert health.silent and not health.flowing


def test_a_vanished_device_is_reported_once_and_the_rest_kept(microphone):
    recording = Recording()
    recording.microphone.open()
    microphone.play(spoken())
    microphone.unplug()
    assert recording.lost.wait(5)
    recording.microphone.close()
    assert np.abs(recording.samples()).max() > 0.2


def test_reconnected_device_is_recorded_again(microphone):
    failover = FailoverMicrophone(None, Microphone)
    failover.open()
    recorded: list[np.ndarray] = []

    def until(condition):
        end_s = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < end_s
            with suppress(queue.Empty):
                recorded.append(np.frombuffer(failover.get(0.02).pcm, "<f4"))

    microphone.play(spoken())
    until(lambda: loud(recorded))
    microphone.unplug()
    until(lambda: failover.reconnecting)
    microphone.plug_in()
    until(lambda: failover.device_changes)
    pieces = len(recorded)
    microphone.play(spoken())
    until(lambda: loud(recorded[pieces:]))
    failover.close()
    [device_change] = failover.device_changes
    assert device_change.before == device_change.after and device_change.missing > 0
    sound = np.concatenate(recorded)
    assert not sound[device_change.at : device_change.at + device_change.missing].any()
    assert loud([sound[: device_change.at]]) and loud(
        [sound[device_change.at + device_change.missing :]]
    )


def loud(pieces: list[np.ndarray]) -> bool:
    return any(len(piece) and np.abs(piece).max() > 0.2 for piece in pieces)


def test_sound_at_an_idle_microphone_is_recorded_nowhere(microphone):
    pool = MicrophonePool(KeepOpen.SHORT)
    chunks: queue.SimpleQueue[Chunk] = queue.SimpleQueue()
    for _ in range(2):
        source = pool.source(None, chunks.put, lambda: None)
        source.open()
        if chunks.empty():
            chunks.get(timeout=5)
        source.close()
        while not chunks.empty():
            chunks.get()
        microphone.play(spoken())
        microphone.play(np.zeros(RATE_HZ // 2, np.int16))  # the last samples are late
        assert chunks.empty()
    source = pool.source(None, chunks.put, lambda: None)
    source.open()
    received = [chunks.get(timeout=5) for _ in range(10)]
    source.close()
    pool.close_idle()
    assert received[0].first == 0
    sound = np.concatenate([np.frombuffer(chunk.pcm, "<f4") for chunk in received])
    assert np.abs(sound).max() < 0.01  # no speech from before
    assert not devices._open_streams


def test_the_system_choice_is_listed(microphone):
    devices = list_devices()
    assert sum(device.default for device in devices) == 1
    assert find_device(None).device.default


def test_transport_of_a_microphone_comes_from_the_system(microphone):
    class SystemDevices(NoSoundDevices):
        def inputs(self):
            return {"default": Transport.USB}

    by_name = {
        device.name: device.transport for device in list_devices(SystemDevices())
    }
    assert by_name == {"default": Transport.USB, "pulse": Transport.UNKNOWN}


def test_system_that_does_not_report_its_default_chooses(microphone):
    choice = find_device(("Desk",))
    assert choice.device.default and "none of your list" in choice.why


def test_an_unknown_microphone_is_named(microphone):
    with pytest.raises(MicrophoneError, match="Desk"):
        find_device("Desk")


def test_opening_without_any_microphone_is_an_error(monkeypatch):
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    with pytest.raises(MicrophoneError, match="No microphone"):
        find_device(None)
