"""Fuzzes sound files, in decoding processes as Mica starts them.

Each is forked from this process, which has loaded FFmpeg, instead of a new interpreter.
A listening socket shows whether a file makes FFmpeg open an address in it.
"""

import os
import resource
import select
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from fuzz.laws import Broken
from fuzz.mutations import damaged
from mica.audio import decoding, files
from mica.errors import AudioFileError
from support.av_files import Track, write_tracks
from support.wav_files import tone, write_caf, write_wav

LIMIT_S = 3.0
ALLOWED = {"os.fork"}
MEMORY_BYTES = 1 << 30
CHILD_BYTES = 2 << 30
ENDINGS = (
    *("ogg", "opus", "flac", "mka", "webm", "mp3", "avi", "ts"),
    *("m4a", "aac", "mpg", "aif", "au", "w64", "wv", "flv", "amr", "nut", "wma"),
)
SECONDS = 0.3
#: How decoding may end; a crash in FFmpeg costs only the file.
EXPECTED = (0, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGFPE)
BROKEN = 9  # it raised something
_samples: list[bytes] = []
_server = socket.socket()


def prepare(folder: Path) -> None:
    """Write a short sample of each kind that FFmpeg can write here."""
    _server.bind(("127.0.0.1", 0))
    _server.listen()
    sound = tone(SECONDS, 48_000)[:, 0]
    for ending in ENDINGS:
        rate_hz, codec = (
            (8000, "libopencore_amrnb") if ending == "amr" else (48_000, None)
        )
        file = folder / f"sample.{ending}"
        with suppress(Exception):
            track = Track([(0.0, sound)], rate_hz)
            write_tracks(file, track, codec=_codec(ending) or codec)
            _samples.append(file.read_bytes())
    for kind in ("u8", "s16", "s24", "f32"):
        wave = write_wav(folder / f"{kind}.wav", tone(SECONDS, 8000, 2), 8000, kind)
        _samples.append(wave.read_bytes())
    caf = write_caf(folder / "a.caf", tone(SECONDS, 16_000, 2), [1, 2])
    _samples.append(caf.read_bytes())
    _samples.append(_samples[0] + _samples[0])  # joined
    _samples.append(_samples[2] + _samples[-2])
    address = f"http://127.0.0.1:{_server.getsockname()[1]}/a.mp3"
    _samples.append(f"#EXTM3U\n#EXTINF:1,\n{address}\n".encode())
    _samples.append(f"ffconcat version 1.0\nfile '{address}'\n".encode())
    _samples.append(b"RIFF\x04\0\0\0WAVE" + address.encode())
    files.subprocess.Popen = _Forked  # type: ignore[misc, assignment]


def _codec(ending: str) -> str | None:
    codecs = {"mpg": "mp2", "wma": "wmav2", "flv": "libmp3lame", "wv": "wavpack"}
    pcm = {
        "aif": "pcm_s16be",
        "au": "pcm_s16be",
        "w64": "pcm_s16le",
        "nut": "pcm_s16le",
    }
    return {**codecs, **pcm}.get(ending)


def inputs() -> st.SearchStrategy[bytes]:
    return damaged(_samples, most=10)


def check(data: bytes, folder: Path) -> None:
    file = folder / "given.wav"
    file.write_bytes(data)
    with suppress(AudioFileError), files.opened(file) as sound:
        for piece in sound.pieces():
            assert piece.dtype == np.float32 and np.isfinite(piece).all()
        assert all(note.isprintable() for note in sound.notes), sound.notes
    if select.select([_server], [], [], 0)[0]:
        raise Broken("FFmpeg opened an address")
    if (ended := os.waitstatus_to_exitcode(_Forked.status)) not in EXPECTED:
        raise Broken(f"decoding ended with {ended}")


class _Forked:
    """A decoding process, in place of subprocess.Popen.

    status   how the last one ended
    """

    status = 0

    def __init__(
        self, command: list[str], pass_fds: list[int], **options: object
    ) -> None:
        reads, writes = os.pipe()
        self._parent_reads, self._parent = os.pipe()  # closed: the child ends
        self._pid = os.fork()
        if self._pid == 0:
            _decode(command[-4:], self._parent_reads, writes)
        os.close(writes)
        os.close(self._parent_reads)
        self.stdout = os.fdopen(reads, "rb")

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)

    def communicate(self) -> None:
        os.close(self._parent)
        self.stdout.close()
        _Forked.status = os.waitpid(self._pid, 0)[1]


def _decode(arguments: list[str], stdin: int, stdout: int) -> Any:
    """The child, which does not return."""
    try:
        os.dup2(stdin, 0)
        os.dup2(stdout, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        resource.setrlimit(resource.RLIMIT_AS, (CHILD_BYTES, resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
        decoding.main(arguments)
    finally:
        os._exit(BROKEN)
