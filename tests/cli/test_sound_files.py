"""Sound files in practice: odd names, pipes, damage, and commands that are ended."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from cli.conftest import RATE_HZ, Mica
from mica import paths
from mica.audio import files
from mica.cli.recognizer import Recognizer
from mica.errors import EngineError, JournalError
from support import strace
from support.av_files import Track, write_tracks
from support.wav_files import tone, write_wav

# All protocols of any FFmpeg version (`ffmpeg -protocols`), and formats that open URLs
# themselves.
_KNOWN = (
    "amqp android_content async bluray cache concat concatf crypto data dtls dvd fd "
    "ffrtmpcrypt ffrtmphttp file ftp gopher gophers hls hls+http http httpproxy https "
    "icecast ipfs ipfs_gateway ipns librtmp librtmpe librtmps librtmpt librtmpte "
    "libsmbclient libsrt libssh md5 mms mmsh mmst pipe prompeg rist rtmp rtmpe rtmps "
    "rtmpt rtmpte rtmpts rtp rtsp rtsps sap sctp sdp sftp smb srt srtp subfile tcp "
    "tee tls udp udplite unix whip zmq "
)
PROTOCOLS = _KNOWN.split()
_CALLING = (
    "concat ftp gopher hls http https icecast ipfs mmsh mmst rtmp rtmps rtmpt rtp rtsp "
    "sap sctp sdp sftp smb srt srtp tcp tls udp udplite unix"
)
CALLING = _CALLING.split()
ODD_NAMES = [
    "2026-11-28T10:30:00.wav",
    "9:12.wav",
    "pipe:0",
    "concat:a.wav|b.wav",
    "data:audio,x.wav",
    "subfile,,start,0,end,9,,:a.wav",
    "%d.wav",
    "a.wav?x=1#y",
    "-a.wav",
    "käse.wav",
]
LISTS = {
    "a.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
    "a.ffconcat": "ffconcat version 1.0\nfile '{}'\n",
    "a.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "a=control:{}\nm=audio 5004 RTP/AVP 0\n",
    "a.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
    'type="static" mediaPresentationDuration="PT9S"><Period><AdaptationSet '
    'mimeType="audio/mp4"><Representation id="1" bandwidth="9"><BaseURL>{}</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>",
    "a.pls": "[playlist]\nFile1={}\nNumberOfEntries=1\n",
    "a.asx": '<asx version="3.0"><entry><ref href="{}"/></entry></asx>',
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new current folder, because a name without a folder looks most like a URL."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def port() -> Iterator[int]:
    """A port on which a server listens that must not be contacted."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server.getsockname()[1]
        with pytest.raises(BlockingIOError):
            server.accept()


def named(name: str) -> Path:
    """A short sound file with this name."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    return write_wav(Path(name), tone(0.2, RATE_HZ), RATE_HZ)


def length_s(path: Path) -> float:
    return sum(map(len, files.read(path))) / RATE_HZ


class TestNames:
    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_a_file_name_like_a_url_is_read_as_a_file(
        self, here: Path, port: int, protocol: str
    ) -> None:
        for name in (f"{protocol}:talk.wav", f"{protocol}:/127.0.0.1:{port}/x.wav"):
            assert length_s(named(name)) == pytest.approx(0.2)

    def test_odd_file_names_are_read_as_files(self, here: Path) -> None:
        for name in ODD_NAMES:
            assert length_s(named(name)) == pytest.approx(0.2), name

    @pytest.mark.parametrize("name", LISTS)
    @pytest.mark.parametrize("scheme", ["http", "tcp", "rtsp"])
    def test_a_playlist_opens_nothing(
        self, mica: Mica, tiny: Path, here: Path, port: int, name: str, scheme: str
    ) -> None:
        address = f"{scheme}://127.0.0.1:{port}/x.wav"
        Path(name).write_text(LISTS[name].format(address))
        result = mica("transcribe", name, "--model", tiny)
        assert result.code == 3
        assert name in result.line()

    @pytest.mark.skipif(bool(strace.refused()), reason=strace.refused())
    def test_no_socket_is_opened_to_the_network(
        self, here: Path, tiny: Path, port: int
    ) -> None:
        """A control run verifies that a socket would be detected."""
        odd = [f"{protocol}:talk.wav" for protocol in CALLING]
        odd += ["2026-11-28T10:30:00.wav", "9:12.wav", "pipe:0", "rtsp:127.0.0.1"]
        odd += [f"http:/127.0.0.1:{port}/x.wav", f"tcp:127.0.0.1:{port}"]
        for name in odd:
            named(name)
        for name, text in LISTS.items():
            Path(name).write_text(text.format(f"http://127.0.0.1:{port}/x.wav"))
        call = ["-m", "mica", "transcribe", "--model", str(tiny), "--format", "json"]
        done, calls = traced(*call, *odd, *LISTS)
        assert done.returncode == 3
        results = done.stdout.count('"duration_s"')
        assert results == len(odd), done.stderr
        assert "AF_INET" not in calls
        _, control = traced("-c", "import socket; socket.create_server(('', 0))")
        assert "AF_INET" in control


def traced(*arguments: str) -> tuple["subprocess.CompletedProcess[str]", str]:
    """Run Python under strace; return the network calls of all its processes."""
    command = [*strace.under(Path("calls"), "%network"), sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110)
    return done, Path("calls").read_text()


class TestBatches:
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (RuntimeError("odd"), 1),
            (MemoryError(), 1),
            (OSError(5, "Input/output error"), 1),
            (EngineError("The engine ended.", "Try again."), 5),
            (JournalError("No room.", "Free some."), 1),
        ],
    )
    def test_an_error_in_one_file_does_not_stop_the_others(
        self,
        mica: Mica,
        tiny: Path,
        sound: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        error: Exception,
        code: int,
    ) -> None:
        lines = [error]
        real = Recognizer.transcribe

        def once(self: Recognizer, *words: object, **named: object) -> object:
            if lines:
                raise lines.pop()
            return real(self, *words, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(Recognizer, "transcribe", once)
        other = shutil.copy(sound, tmp_path / "other.wav")
        words = ["--model", tiny, "--format", "json", "--output", tmp_path / "out"]
        result = mica("transcribe", sound, other, *words)
        assert result.code == code
        assert [file.name for file in (tmp_path / "out").iterdir()] == ["other.json"]

    def test_a_decoder_crash_does_not_stop_the_other_files(
        self,
        mica: Mica,
        tiny: Path,
        sound: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        code = (
            "import os, signal, sys\n"
            "if sys.argv[2] == '.boom': os.kill(os.getpid(), signal.SIGSEGV)\n"
            "from mica.audio.decoding import main; main(sys.argv[1:])"
        )
        monkeypatch.setattr(files, "COMMAND", (sys.executable, "-c", code))
        bad = shutil.copy(sound, tmp_path / "bad.boom")
        last = shutil.copy(sound, tmp_path / "last.wav")
        words = ["--model", tiny, "--format", "json", "--output", tmp_path / "out"]
        result = mica("transcribe", sound, bad, last, *words)
        assert result.code == 3
        assert "bad.boom cannot be read: decoding it crashed." in result.err
        written = {file.stem for file in (tmp_path / "out").iterdir()}
        assert written == {sound.stem, "last"}

    def test_no_engine_starts_if_every_result_exists(
        self, mica: Mica, sound: Path, tmp_path: Path
    ) -> None:
        text = tmp_path / f"{sound.stem}.txt"
        text.write_text("notes")
        result = mica("transcribe", sound, "--model", "none", "--output", tmp_path)
        assert result.code == 1
        assert f"{text} already exists, so {sound.name} was skipped." in result.line()
        assert text.read_text() == "notes"

    def test_unreadable_parts_are_reported_and_noted_in_the_result(
        self, mica: Mica, tiny: Path, tmp_path: Path
    ) -> None:
        holed = tone(3.0, RATE_HZ)
        holed[RATE_HZ : RATE_HZ + 9] = np.nan
        path = write_wav(tmp_path / "holed.wav", holed, RATE_HZ, "f32")
        result = mica("transcribe", path, "--model", tiny, "--format", "json")
        assert result.code == 0
        note = json.loads(result.out)["notes"][-1]
        assert "1 place of holed.wav could not be read (0:0" in note
        assert f"mica: {note}\n" in result.err

    @pytest.mark.parametrize("command", ["transcribe", "listen --file"])
    @pytest.mark.parametrize(
        ("name", "line"),
        [
            (
                "http://a.example/b.wav",
                "is a URL, not a file. Download the file first.",
            ),
            ("rtsp://a.example/b", "is a URL, not a file. Download the file first."),
            (
                "file:///none//b.wav",
                "is a URL, not a file. Use the file’s path instead.",
            ),
            ("./none//b.wav", "doesn’t exist. Check the path."),
            ("http:/none//b.wav", "doesn’t exist. Check the path."),
            ("", "The file name is empty. Specify a sound or video file."),
        ],
    )
    def test_a_missing_file_is_named_as_typed(
        self, mica: Mica, tiny: Path, command: str, name: str, line: str
    ) -> None:
        result = mica(*command.split(), name, "--model", tiny)
        assert result.code == 3
        assert result.line() == f"mica: {name} {line}".replace("mica:  ", "mica: ")

    @pytest.mark.parametrize("count", [1, 2])
    def test_a_track_without_speech_lists_the_other_tracks(
        self, mica: Mica, tiny: Path, tmp_path: Path, count: int
    ) -> None:
        silent = [(0.0, np.zeros(RATE_HZ * 2, np.float32))]
        tracks = [Track(silent, RATE_HZ, language="deu") for _ in range(count)]
        path = write_tracks(tmp_path / "a.mka", *tracks)
        result = mica("transcribe", path, "--model", tiny)
        assert result.code == 0
        named = "To choose another one, add --track: 1 (deu), 2 (deu)." in result.err
        assert named == (count > 1)

    def test_a_missing_track_is_one_line(
        self, mica: Mica, tiny: Path, sound: Path
    ) -> None:
        result = mica("transcribe", sound, "--model", tiny, "--track", "2")
        assert result.code == 3
        assert "has no audio track 2. Choose from 1." in result.line()


class TestPipes:
    def test_standard_input_is_transcribed(self, tiny: Path, sound: Path) -> None:
        command = [sys.executable, "-m", "mica", "transcribe", "-", "--model", tiny]
        with subprocess.Popen(
            [*command, "--format", "json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            out, _ = process.communicate(sound.read_bytes(), timeout=60)
        assert process.returncode == 0
        assert json.loads(out)["duration_s"] == pytest.approx(2.0)

    @pytest.mark.parametrize("command", ["transcribe", "listen --file"])
    def test_empty_standard_input_is_called_empty(
        self, tiny: Path, command: str
    ) -> None:
        words = [*command.split(), "-", "--model", str(tiny)]
        done = subprocess.run(
            [sys.executable, "-m", "mica", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 3
        assert "Standard input is empty." in done.stderr

    def test_a_pipe_is_opened_once_under_a_progress_bar(
        self, mica: Mica, tiny: Path, sound: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        reading, writing = os.pipe()

        def feed() -> None:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(sound.read_bytes())

        feeder = threading.Thread(target=feed)
        feeder.start()
        words = ["--model", tiny, "--format", "json"]
        result = mica("transcribe", f"/dev/fd/{reading}", *words)
        feeder.join()
        os.close(reading)
        assert json.loads(result.out)["duration_s"] == pytest.approx(2.0)

    def test_a_silent_pipe_is_reported_and_can_be_interrupted(
        self, tiny: Path, tmp_path: Path
    ) -> None:
        os.mkfifo(tmp_path / "never.wav")
        with transcribing(tmp_path / "never.wav", tiny) as process:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert "Waiting for audio from" in line
            assert "never.wav. To stop, press Control-C." in line
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130


def transcribing(path: Path, model: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "mica", "transcribe", path, "--model", model]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def until(fact: Callable[[], object], limit_s: float = 60.0) -> object:
    """Wait until `fact` returns a true value, and return that."""
    end_s = time.monotonic() + limit_s
    while not (found := fact()):
        assert time.monotonic() < end_s
        time.sleep(0.02)
    return found


class TestEnds:
    """A command that is ended leaves no temporary files and no processes."""

    @pytest.fixture
    def process(self, tiny: Path, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
        """A command that is transcribing a long file."""
        long = write_wav(tmp_path / "long.wav", tone(900.0, RATE_HZ), RATE_HZ)
        with transcribing(long, tiny) as process:
            until(lambda: len(children_of(process.pid)) == 2)  # engine and decoder
            yield process
            process.kill()

    @pytest.mark.parametrize(
        ("number", "code"),
        [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
    )
    def test_a_command_ended_by_a_signal_leaves_no_audio(
        self, process: "subprocess.Popen[str]", number: signal.Signals, code: int
    ) -> None:
        children = children_of(process.pid)
        assert len(children) == 2
        process.send_signal(number)
        assert process.wait(30) == code
        assert recordings() == []
        until(lambda: not alive(children))

    def test_a_killed_command_leaves_no_audio(
        self, process: "subprocess.Popen[str]"
    ) -> None:
        children = children_of(process.pid)
        process.kill()
        process.wait()
        assert recordings() == []
        until(lambda: not alive(children))


def recordings() -> list[Path]:
    folders = paths.scratch_folder(), paths.journal_folder()
    return [file for folder in folders for file in folder.rglob("*") if file.is_file()]


def children_of(pid: int) -> list[int]:
    return [int(row[0]) for row in processes() if int(row[1]) == pid]


def alive(pids: list[int]) -> list[int]:
    living = {int(row[0]) for row in processes() if row[2][0] != "Z"}
    return [pid for pid in pids if pid in living]


def processes() -> list[list[str]]:
    """The id, the parent's id and the state of each process."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split() for line in listing.stdout.splitlines()]
