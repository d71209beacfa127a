"""Sound files in every container: times, tracks and damage."""

import io
import os
import struct
import threading
from pathlib import Path

import av
import numpy as np
import pytest

from mica.audio import files
from mica.audio.containers import Spliced, Spooled, parts
from mica.errors import AudioFileError
from support.av_files import RATE_HZ, Track, write_tracks
from support.wav_files import tone, write_caf, write_wav

BEEP = tone(1.0, RATE_HZ)[:, 0]
NOISE = np.random.default_rng(1)


def decoded(path: Path, track: int | None = None) -> tuple[np.ndarray, list[str]]:
    """A file's samples and the notes about it."""
    with files.opened(path, track) as sound:
        return np.concatenate(list(sound.pieces())), sound.notes


def begins_s(samples: np.ndarray) -> list[float]:
    """The times at which sound begins: at the start or after a second of silence."""
    loud = np.flatnonzero(np.abs(samples) > 0.05) / 16_000
    before = np.concatenate([[-10.0], loud[:-1]])
    return [float(at) for at in loud[loud - before > 1.0]]


def loudest_hz(samples: np.ndarray) -> float:
    middle = samples[4_000:12_000]
    return float(np.abs(np.fft.rfft(middle)).argmax() * 16_000 / len(middle))


@pytest.mark.parametrize(
    "ending", ["ogg", "opus", "flac", "mka", "webm", "mp3", "m4a", "mp4", "ts", "avi"]
)
def test_tone_is_decoded_from_any_container(tmp_path, ending):
    path = write_tracks(
        tmp_path / f"a.{ending}", Track([(0.0, BEEP)]), video=ending == "mp4"
    )
    samples, notes = decoded(path)
    assert abs(len(samples) - 16_000) < 1_600  # a codec's frames and its delay
    assert abs(loudest_hz(samples) - 440) < 3
    assert notes == []


def test_a_picture_without_sound_is_named(tmp_path):
    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", 5)
        picture.width = picture.height = 32
        image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        container.mux(picture.encode(image))
        container.mux(picture.encode(None))
    with pytest.raises(AudioFileError, match="contains no sound"):
        decoded(path)


def test_truncated_file_gives_its_remaining_samples(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(2.0, 16_000), 16_000)
    path.write_bytes(path.read_bytes()[:32_044])
    assert len(decoded(path)[0]) == 16_000


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = write_wav(tmp_path / "long.wav", tone(600, 8_000), 8_000)
    pieces = [len(piece) for piece in files.read(path)]
    assert sum(pieces) == pytest.approx(600 * 16_000, abs=16)
    assert max(pieces) < 16_000  # under a second at a time


class TestTimes:
    @pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "ts"])
    def test_sound_that_begins_late_beside_a_picture_is_late(self, tmp_path, ending):
        path = write_tracks(
            tmp_path / f"a.{ending}", Track([(4.0, BEEP)]), video=True, codec="aac"
        )
        [at_s] = begins_s(decoded(path)[0])
        assert at_s == pytest.approx(4.0, abs=0.06)

    @pytest.mark.parametrize("ending", ["m4a", "mka"])
    def test_sound_alone_that_begins_late_is_late(self, tmp_path, ending):
        path = write_tracks(tmp_path / f"a.{ending}", Track([(4.0, BEEP)]))
        [at_s] = begins_s(decoded(path)[0])
        assert at_s == pytest.approx(4.0, abs=0.06)

    @pytest.mark.parametrize("ending", ["mkv", "ts", "mp4", "webm"])
    @pytest.mark.parametrize("gap_s", [1.2, 6.0, 600.0])
    def test_a_pause_of_the_recording_is_silence(self, tmp_path, ending, gap_s):
        parts_at = [(0.0, BEEP), (1.0 + gap_s, BEEP)]
        path = write_tracks(tmp_path / f"a.{ending}", Track(parts_at))
        first_s, second_s = begins_s(decoded(path)[0])
        assert second_s - first_s == pytest.approx(1.0 + gap_s, abs=0.06)

    def test_a_jump_of_a_year_writes_no_year_of_silence(self, tmp_path):
        parts_at = [(0.0, BEEP), (31_536_000.0, BEEP)]
        path = write_tracks(tmp_path / "a.mka", Track(parts_at))
        samples, [note] = decoded(path)
        assert len(samples) == pytest.approx(2 * 16_000, abs=1_600)
        assert "a.mka jump too far (0:01)" in note

    def test_times_that_start_anywhere_start_at_zero(self, tmp_path):
        path = write_tracks(tmp_path / "a.ts", Track([(3000.0, BEEP)]))
        assert len(decoded(path)[0]) == pytest.approx(16_000, abs=1_600)


class TestTracks:
    @pytest.fixture
    def film(self, tmp_path):
        high = tone(2.0, RATE_HZ)[::2, 0]  # 880 Hz
        return write_tracks(
            tmp_path / "film.mkv",
            Track([(0.0, BEEP)], language="fra"),
            Track([(0.0, high)], language="eng", default=True),
        )

    def test_default_track_is_decoded(self, film):
        assert abs(loudest_hz(decoded(film)[0]) - 880) < 3

    @pytest.mark.parametrize(("track", "hz"), [(1, 440), (2, 880)])
    def test_each_track_can_be_chosen(self, film, track, hz):
        assert abs(loudest_hz(decoded(film, track)[0]) - hz) < 3

    def test_missing_track_is_answered_with_the_tracks_there_are(self, film):
        with pytest.raises(AudioFileError) as caught:
            decoded(film, 3)
        line = caught.value.line()
        assert line == (
            "film.mkv has no audio track 3. Choose from 1 (fra), 2 (eng, default)."
        )


def damaged(path: Path, at: float, size: int = 500) -> None:
    """Overwrite some bytes with random ones, starting at the share `at` of the file."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    data[start : start + size] = NOISE.bytes(size)
    path.write_bytes(data)


class TestDamage:
    @pytest.mark.parametrize(
        "ending", ["mp3", "m4a", "aac", "flac", "opus", "mka", "ts"]
    )
    def test_bad_bytes_in_the_middle_lose_only_their_own_part(self, tmp_path, ending):
        speech = NOISE.standard_normal(10 * RATE_HZ) / 20
        path = write_tracks(tmp_path / f"a.{ending}", Track([(0.0, speech)]))
        whole = len(decoded(path)[0])
        damaged(path, 0.3)
        damaged(path, 0.7)
        samples, _ = decoded(path)
        assert len(samples) == pytest.approx(whole, abs=4_000)
        assert np.abs(samples[-16_000:-8_000]).max() > 0.05

    @pytest.mark.parametrize("ending", ["mp3", "m4a", "aac"])
    def test_unreadable_packets_are_reported_with_their_times(self, tmp_path, ending):
        speech = NOISE.standard_normal(10 * RATE_HZ) / 20
        path = write_tracks(tmp_path / f"a.{ending}", Track([(0.0, speech)]))
        damaged(path, 0.3, 3000)
        [note] = decoded(path)[1]
        assert note.startswith("1 place of a.")
        assert "could not be read (0:0" in note

    def test_bytes_after_the_end_lose_no_sound(self, tmp_path):
        path = write_tracks(tmp_path / "a.mp3", Track([(0.0, BEEP)]))
        whole, _ = decoded(path)
        junk = np.random.default_rng(5).bytes(2048)
        path.write_bytes(path.read_bytes() + junk)
        assert len(decoded(path)[0]) == pytest.approx(len(whole), abs=500)

    @pytest.mark.parametrize("other", [(22_050, "mono"), (44_100, "stereo")])
    def test_both_of_two_joined_mp3_files_are_decoded(self, tmp_path, other):
        rate_hz, layout = other
        first = write_tracks(
            tmp_path / "1.mp3", Track([(0.0, tone(1.0, 44_100)[:, 0])], 44_100)
        )
        channels = 2 if layout == "stereo" else 1
        second = Track([(0.0, tone(1.0, rate_hz, channels))], rate_hz, layout)
        joined = tmp_path / "joined.mp3"
        write_tracks(tmp_path / "2.mp3", second)
        joined.write_bytes(first.read_bytes() + (tmp_path / "2.mp3").read_bytes())
        samples, _ = decoded(joined)
        assert len(samples) == pytest.approx(2 * 16_000, abs=2_500)
        assert abs(loudest_hz(samples[16_000:]) - 440) < 3

    @pytest.mark.parametrize("second", ["mono", "stereo"])
    def test_chained_ogg_file_is_decoded_to_its_end(self, tmp_path, second):
        channels = 2 if second == "stereo" else 1
        one = write_tracks(tmp_path / "1.opus", Track([(0.0, BEEP)]))
        two = write_tracks(
            tmp_path / "2.opus",
            Track([(0.0, tone(1.0, RATE_HZ, channels))], layout=second),
        )
        chained = tmp_path / "chained.opus"
        data = [one.read_bytes(), two.read_bytes()]
        chained.write_bytes(data[0] + data[1] + data[0])
        samples, notes = decoded(chained)
        assert len(samples) == pytest.approx(3 * 16_000, abs=500)
        assert np.abs(samples).reshape(-1, 1000).max(axis=1).min() > 0.3
        assert notes == []

    def test_recording_of_a_phone_that_ran_out_of_power_is_decoded_as_far_as_it_goes(
        self, tmp_path
    ):
        speech = NOISE.standard_normal(10 * RATE_HZ) / 20
        path = write_tracks(
            tmp_path / "a.mp4",
            Track([(0.0, speech)]),
            options={
                "movflags": "frag_keyframe+empty_moov",
                "frag_duration": "1000000",
            },
        )
        path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
        samples, _ = decoded(path)
        assert 4 * 16_000 < len(samples) < 7 * 16_000
        assert np.abs(samples[-8_000:-4_000]).max() > 0.05

    @pytest.mark.parametrize("share", [0.03, 0.1])
    def test_fragmented_mp4_is_decoded_after_damaged_fragments(self, tmp_path, share):
        speech = NOISE.standard_normal(10 * RATE_HZ) / 20
        path = write_tracks(
            tmp_path / "a.mp4",
            Track([(0.0, speech)]),
            options={
                "movflags": "frag_keyframe+empty_moov",
                "frag_duration": "500000",
            },
        )
        whole, data = len(decoded(path)[0]), bytearray(path.read_bytes())
        start, size = round(0.4 * len(data)), round(share * len(data))
        start = data.index(b"moof", start) - 4
        data[start : start + size] = bytes(size)
        path.write_bytes(data)
        samples, [note] = decoded(path)
        assert len(samples) == pytest.approx(whole, abs=2_000)
        assert np.abs(samples[-64_000:]).reshape(-1, 1_600).max(axis=1).min() > 0.05
        assert note.startswith("1 place of a.mp4 could not be read (0:0")

    @pytest.mark.parametrize("ending", ["mka", "flac", "webm"])
    def test_damage_that_ffmpeg_skips_is_noted(self, tmp_path, ending):
        speech = NOISE.standard_normal(20 * RATE_HZ) / 20
        path = write_tracks(tmp_path / f"a.{ending}", Track([(0.0, speech)]))
        data = bytearray(path.read_bytes())
        start, stop = round(0.4 * len(data)), round(0.5 * len(data))
        data[start:stop] = bytes(stop - start)
        path.write_bytes(data)
        samples, notes = decoded(path)
        assert len(samples) == pytest.approx(20 * 16_000, abs=3_000)
        assert len(notes) == 1
        assert f"of a.{ending} could not be read (0:0" in notes[0]

    def test_impossible_position_does_not_fail_the_file(self, tmp_path):
        """A chunk with a negative size makes FFmpeg seek before the start."""
        path = write_caf(tmp_path / "a.caf", tone(2.0, 16_000), [1])
        data = path.read_bytes()
        path.write_bytes(data + data.replace(b"desc", b"none"))
        assert len(decoded(path)[0]) == pytest.approx(2 * 16_000, abs=200)

    def test_a_file_of_which_nothing_can_be_read_is_refused(self, tmp_path):
        path = write_tracks(tmp_path / "a.m4a", Track([(0.0, BEEP)]))
        data = bytearray(path.read_bytes())
        start = data.index(b"mdat") + 4
        size = struct.unpack(">I", data[start - 8 : start - 4])[0] - 8
        data[start : start + size] = NOISE.bytes(size)
        path.write_bytes(data)
        with pytest.raises(AudioFileError, match="damaged: none of its sound"):
            decoded(path)


class TestOddChunks:
    """A chunk of odd length should be followed by a zero byte, and often is not."""

    @staticmethod
    def with_chunk(path: Path, padding: bytes, at: int = 12, size: int = 7) -> Path:
        data = path.read_bytes()
        order = ">" if data[:4] == b"FORM" else "<"
        chunk = b"note" + struct.pack(f"{order}I", size) + b"x" * size + padding
        path.write_bytes(data[:at] + chunk + data[at:])
        return path

    @pytest.mark.parametrize("padding", [b"", b"\0"])
    @pytest.mark.parametrize("at", [12, 36])
    def test_wav_file_with_an_odd_chunk_is_read_padded_or_not(
        self, tmp_path, padding, at
    ):
        path = write_wav(tmp_path / "a.wav", tone(1.0, 16_000), 16_000)
        expected, _ = decoded(path)
        samples, _ = decoded(self.with_chunk(path, padding, at))
        assert (samples == expected).all()

    def test_aiff_file_with_an_unpadded_odd_chunk_is_read(self, tmp_path):
        path = write_tracks(
            tmp_path / "a.aiff", Track([(0.0, BEEP)]), codec="pcm_s16be"
        )
        expected, _ = decoded(path)
        samples, _ = decoded(self.with_chunk(path, b""))
        assert (samples == expected).all()

    def test_oversized_chunk_lengths_do_no_harm(self):
        data = b"RIFF\xff\xff\xff\xffWAVE" + b"note\xff\xff\xff\xff" + b"x" * 9
        [part] = parts(io.BytesIO(data))
        assert part.read(100) == data


def feed(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(data)


class TestPipes:
    def test_spooled_pipe_is_seekable(self, tmp_path):
        data = NOISE.bytes(300_000)
        reading, writing = os.pipe()
        with os.fdopen(writing, "wb") as pipe, os.fdopen(reading, "rb", 0) as end:
            spooled = Spooled(end, tmp_path)
            pipe.write(data[:50_000])
            pipe.flush()
            assert spooled.read(12) == data[:12]
            assert spooled.seek(20_000) == 20_000
            assert spooled.read(100) == data[20_000:20_100]
            assert spooled.seek(5) == 5
            assert spooled.read(100) == data[5:105]
            pipe.write(data[50_000:80_000])
            pipe.close()
            assert spooled.seek(-10, os.SEEK_END) == 80_000 - 10
            assert spooled.read(100) == data[79_990:80_000]
            assert spooled.read(100) == b""
            spooled.close()
        assert not list(tmp_path.iterdir())  # the open temporary file has no name

    @pytest.mark.parametrize("ending", ["m4a", "mkv", "opus", "mp3", "aiff"])
    def test_piped_sound_equals_the_files_sound(self, tmp_path, ending):
        codec = "pcm_s16be" if ending == "aiff" else None
        path = write_tracks(tmp_path / f"a.{ending}", Track([(0.0, BEEP)]), codec=codec)
        data = path.read_bytes()
        reading, writing = os.pipe()
        feeder = threading.Thread(target=feed, args=(writing, data))
        feeder.start()
        samples, _ = decoded(Path(f"/dev/fd/{reading}"))
        feeder.join()
        os.close(reading)
        assert (samples == decoded(path)[0]).all()

    def test_byte_ranges_and_literal_bytes_form_one_file(self):
        spliced = Spliced(io.BytesIO(b"0123456789"), [(1, 3), b"--", (5, None)])
        assert b"".join(iter(lambda: spliced.read(3), b"")) == b"12--56789"
        assert spliced.seek(-2, os.SEEK_END) == 7
        assert spliced.read(9) == b"89"
        assert spliced.seek(3) == 3
        assert spliced.read(1) == b"-"
