"""The sounds: their content, that they are audible, and that failures are harmless."""

import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sounddevice

from mica.audio import devices, sounds
from mica.audio.sounds import RETRY_S, Player, Tone, on_output
from support.fakes import LIMIT_S
from support.virtual_microphone import (
    SINK,
    VirtualMicrophone,
    missing,
    virtual_microphone,
)

RATE_HZ = 44_100


@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_a_tone_is_short_quiet_and_without_a_click(tone: Tone, rate_hz: int) -> None:
    made = sounds.tone_samples(tone, rate_hz)
    assert len(made) / rate_hz == pytest.approx(0.12, abs=0.001)
    assert 0.03 < np.abs(made).max() <= sounds.PEAK
    steps = np.abs(np.diff(made, prepend=0, append=0))
    assert steps.max() <= sounds.PEAK * 2 * np.pi * sounds.HIGH_HZ / rate_hz * 1.05
    assert np.abs(made[: rate_hz // 1000]).max() < sounds.PEAK / 20


def test_the_two_tones_differ() -> None:
    start, stop = (
        sounds.tone_samples(tone, RATE_HZ) for tone in (Tone.START, Tone.STOP)
    )
    half = len(start) // 2

    def pitch_hz(part: np.ndarray) -> float:
        spectrum = np.abs(np.fft.rfft(part, RATE_HZ))
        return float(spectrum.argmax())

    assert pitch_hz(start[:half]) < pitch_hz(start[half:])
    assert pitch_hz(stop[:half]) > pitch_hz(stop[half:])


def test_playing_never_blocks_and_sounds_follow_each_other() -> None:
    played: list[Tone] = []
    gate, both = threading.Event(), threading.Event()

    def sound(tone: Tone) -> None:
        assert gate.wait(LIMIT_S)
        played.append(tone)
        if len(played) == 2:
            both.set()

    player = Player(sound, outputs=list)
    player.play(Tone.START)
    player.play(Tone.STOP)
    assert played == []
    gate.set()
    assert both.wait(LIMIT_S)
    assert set(played) == {Tone.START, Tone.STOP}


class Output:
    """A sound output that may fail."""

    def __init__(self) -> None:
        self.fails, self.devices, self.now_s = True, ["broken"], 0.0
        self.tried: list[Tone] = []
        self.player = Player(self._sound, lambda: [*self.devices], lambda: self.now_s)

    def _sound(self, tone: Tone) -> None:
        self.tried.append(tone)
        if self.fails:
            raise sounddevice.PortAudioError("no output")

    def play(self) -> int:
        """Play a sound; return the number of attempts so far."""
        self.player._play(Tone.START)
        return len(self.tried)


def test_failing_output_is_logged_and_not_used_until_devices_change(
    caplog: pytest.LogCaptureFixture,
) -> None:
    output = Output()
    caplog.set_level("INFO")
    assert [output.play(), output.play()] == [1, 1]
    assert caplog.text.count("not played: no output") == 1
    output.devices, output.fails = ["broken", "new"], False
    assert [output.play(), output.play()] == [2, 3]


def test_failed_output_is_retried_later() -> None:
    output = Output()
    assert output.play() == 1
    output.now_s = RETRY_S - 1
    assert output.play() == 1
    output.now_s, output.fails = RETRY_S, False
    assert [output.play(), output.play()] == [2, 3]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualMicrophone]:
    if missing():
        pytest.skip("needs PulseAudio")
    with virtual_microphone(speaker=True) as virtual:
        for name, value in virtual.environment.items():
            monkeypatch.setenv(name, value)
        devices.list_devices()
        yield virtual


def test_a_tone_plays_on_the_systems_output(machine: VirtualMicrophone) -> None:
    options = [f"--device={SINK}.monitor", f"--rate={RATE_HZ}", "--channels=1"]
    command = ["parec", "--format=float32le", "--latency-msec=20", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as listener:
        assert listener.stdout is not None
        listener.stdout.read(4 * RATE_HZ // 10)  # wait until it is recording
        with ThreadPoolExecutor() as pool:
            playing = pool.submit(on_output, Tone.START)
            recorded = np.frombuffer(listener.stdout.read(4 * 3 * RATE_HZ), "<f4")
            playing.result(LIMIT_S)
        listener.terminate()
    assert 0.03 < np.abs(recorded).max() <= sounds.PEAK * 1.05
    assert not devices._open_streams


def test_playing_without_an_output_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent")
    if devices.list_devices():
        pytest.skip("this machine has a sound card")
    with pytest.raises(sounddevice.PortAudioError):
        on_output(Tone.START)
    assert not devices._open_streams
    assert devices.outputs() == devices.outputs()
