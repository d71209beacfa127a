"""A microphone for tests: a private PulseAudio server with a pipe as its only source.

The pipe gets 20 ms of sound every 20 ms: the samples given to `play`, or else faint
noise, or zeros if muted. Programs find the server through environment variables only.
"""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 16_000
PIECE: Final = RATE_HZ // 50
WAIT_S: Final = 10.0
SOURCE: Final = "testmic"
SINK: Final = "testspeaker"

Samples = NDArray[np.int16]


def missing() -> list[str]:
    """The required programs that this machine lacks."""
    return [name for name in ("pulseaudio", "pactl") if shutil.which(name) is None]


class VirtualMicrophone:
    """Feeds the pipe from its own thread until closed."""

    def __init__(
        self, pipe: Path, environment: dict[str, str], muted: bool = False
    ) -> None:
        self.environment = environment
        self.muted = muted
        self._rest: Samples = np.zeros(0, np.int16)
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._room = np.random.default_rng(5)
        self._pipe = pipe
        self._start()

    def play(self, samples: Samples) -> None:
        """Play samples; return when the last one has been written to the pipe."""
        with self._changed:
            self._rest = np.concatenate([self._rest, samples])
            self._changed.wait_for(lambda: not len(self._rest))

    def mute(self) -> None:
        """Give zeros from now on; return when the pipe has no older sound left."""
        self.muted = True
        self.play(np.zeros(2 * PIECE, np.int16))

    def unplug(self) -> None:
        """Remove the device, even while programs record from it."""
        subprocess.run(
            ["pactl", "unload-module", "module-pipe-source"],
            env={**os.environ, **self.environment},
            check=True,
            timeout=WAIT_S,
        )

    def plug_in(self) -> None:
        """Add the device again, with an empty pipe."""
        self._pipe = self._pipe.with_name(f"{self._pipe.name}+")
        subprocess.run(
            ["pactl", "load-module", *_source(self._pipe).split()],
            env={**os.environ, **self.environment},
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=WAIT_S,
        )
        self.close()
        self._closed = threading.Event()
        self._start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join(WAIT_S)

    def _start(self) -> None:
        self._thread = threading.Thread(
            target=self._feed, args=(self._pipe,), daemon=True
        )
        self._thread.start()

    def _feed(self, path: Path) -> None:
        pipe = os.open(path, os.O_RDWR)  # does not block if there is no reader
        os.set_blocking(pipe, False)
        due_s, was_muted = time.monotonic(), False
        while not self._closed.is_set():
            if self.muted and not was_muted:
                with suppress(BlockingIOError):  # drop sound that was not recorded
                    while os.read(pipe, 1 << 16):
                        pass
            was_muted = self.muted
            # If nobody records, the pipe is full and the sound is lost, as in a room.
            with suppress(BlockingIOError):
                os.write(pipe, self._piece().tobytes())
            due_s += PIECE / RATE_HZ
            time.sleep(max(0.0, due_s - time.monotonic()))
        os.close(pipe)

    def _piece(self) -> Samples:
        with self._changed:
            piece, self._rest = self._rest[:PIECE], self._rest[PIECE:]
            if not len(self._rest):
                self._changed.notify_all()
        if self.muted:
            return np.zeros(PIECE, np.int16)
        room = self._room.integers(-2, 3, PIECE).astype(np.int16)
        room[: len(piece)] = piece
        return room


@contextmanager
def virtual_microphone(
    muted: bool = False, speaker: bool = False
) -> Iterator[VirtualMicrophone]:
    """Start a virtual microphone; programs find it through its `environment`.

    muted     from the start, so that its pipe never contains sound
    speaker   add a null output; if the microphone is then unplugged, PulseAudio
              switches recordings to the output's monitor
    """
    folder = Path(tempfile.mkdtemp(prefix="mica-mic-"))
    socket, pipe = folder / "native", folder / "pipe"
    modules = [
        f"module-native-protocol-unix socket={socket} auth-anonymous=1",
        _source(pipe),
        *([f"module-null-sink sink_name={SINK}"] if speaker else []),
    ]
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"]
    command += ["--disallow-exit=yes", "--use-pid-file=no"]
    command += ["--resample-method=speex-float-10"]
    command += [f"--load={module}" for module in modules]
    own = {"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
    server = subprocess.Popen(
        command,
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    environment = {
        "PULSE_SERVER": f"unix:{socket}",
        "PULSE_SOURCE": SOURCE,
        "PULSE_RUNTIME_PATH": str(folder),
    }
    try:
        _until_up(environment)
        microphone = VirtualMicrophone(pipe, environment, muted)
        yield microphone
        microphone.close()
    finally:
        server.kill()
        server.wait(WAIT_S)
        shutil.rmtree(folder, ignore_errors=True)


def _source(pipe: Path) -> str:
    """The module that reads the pipe, with its arguments."""
    arguments = (
        f"source_name={SOURCE} file={pipe} format=s16le rate={RATE_HZ} channels=1"
    )
    return f"module-pipe-source {arguments}"


def _until_up(environment: dict[str, str]) -> None:
    end_s = time.monotonic() + WAIT_S
    command = ["pactl", "list", "short", "sources"]
    while time.monotonic() < end_s:
        done = subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, text=True
        )
        if SOURCE in done.stdout:
            return
        time.sleep(0.05)
    raise AssertionError("PulseAudio did not start")
