"""A file whose end is missing says so, wherever it was cut; a whole one does not."""

import struct
from pathlib import Path

import numpy as np
import pytest

from mica.audio import files, mpeg
from mica.errors import AudioFileError
from support.av_files import RATE_HZ, Track, write_tracks

NOISE = np.random.default_rng(1).uniform(-0.5, 0.5, (10 * RATE_HZ, 1))
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov", "frag_duration": "1000000"}
CERTAIN = {  # ending: codec, options
    "opus": ("libopus", {}),
    "ogg": ("vorbis", {}),
    "oga": ("flac", {}),
    "mpg": ("mp2", {}),
    "vob": ("ac3", {}),
    "ts": ("aac", {}),
    "webm": ("libopus", {"live": "1"}),  # as browsers record
    "mp4": ("aac", FRAGMENTS),
}
LIKELY = {
    "nut": ("libmp3lame", {}),
    "mp3": ("libmp3lame", {"write_xing": "0", "id3v2_version": "0"}),
    "mp2": ("mp2", {}),
    "flv": ("libmp3lame", {"flvflags": "no_duration_filesize"}),
}
KINDS = CERTAIN | LIKELY
_EOS = 4


def written(path: Path) -> Path:
    codec, options = KINDS[path.suffix[1:]]
    rate_hz = 44_100 if path.suffix == ".flv" else RATE_HZ
    samples, layout = NOISE[: 10 * rate_hz], "mono"
    if codec == "vorbis":
        samples, layout = np.repeat(samples, 2, axis=1), "stereo"
    track = Track([(0.0, samples)], rate_hz, layout)
    return write_tracks(path, track, codec=codec, options=options)


def ends(path: Path) -> list[str]:
    """What is said of the end, not of places before it."""
    with files.opened(path) as sound:
        for _ in sound.pieces():
            pass
    return [note for note in sound.notes if "place" not in note]


@pytest.mark.parametrize("ending", KINDS)
def test_a_file_that_was_cut_anywhere_says_so(tmp_path, ending):
    path = written(tmp_path / f"a.{ending}")
    whole = path.read_bytes()
    assert ends(path) == []
    for size in (len(whole) * 3 // 10, len(whole) * 7 // 10, len(whole) - 1):
        path.write_bytes(whole[:size])
        [note] = ends(path)
        certain = f"a.{ending} is cut off at 0:"
        likely = f"The end of a.{ending} may be missing (after 0:"
        assert note.startswith(certain if ending in CERTAIN else likely), size


def test_a_cut_file_that_cannot_be_read_is_called_incomplete(tmp_path):
    """An MP4 has its table at the end."""
    path = write_tracks(tmp_path / "a.m4a", Track([(0.0, NOISE)]))
    path.write_bytes(path.read_bytes()[:-2_000])
    with pytest.raises(AudioFileError, match="is incomplete: its end is missing"):
        ends(path)


def unended(data: bytes) -> bytes:
    """An Ogg file as a broadcast is saved: no page is marked as the last."""
    changed = bytearray(data)
    last = data.rindex(b"OggS")
    changed[last + 5] &= ~_EOS
    return bytes(changed)


def test_an_ogg_file_without_an_end_mark_may_lack_its_end(tmp_path):
    path = written(tmp_path / "a.opus")
    whole = path.read_bytes()
    path.write_bytes(unended(whole))
    assert ends(path) == ["The end of a.opus may be missing (after 0:10)."]
    path.write_bytes(unended(whole) + whole)
    assert ends(path) == []  # what follows begins where it ended
    path.write_bytes(whole[: len(whole) * 7 // 10] + whole)
    assert [note[:23] for note in ends(path)] == ["a.opus is cut off at 0:"]


class TestMpeg:
    @pytest.mark.parametrize(
        ("head", "size"),
        [
            (b"\xff\xfb\x50\xc4", 192),  # MPEG-1, layer III, 64 kbit/s, 48 kHz: 192
            (b"\xff\xfd\xe4\xc4", 1152),  # layer II, 384 kbit/s, 48 kHz
            (b"\xff\xf3\x80\xc4", 208),  # MPEG-2, layer III, 64 kbit/s, 22.05 kHz
            (b"\xff\xe3\x80\xc4", 417),  # MPEG-2.5 at 11.025 kHz
        ],
    )
    def test_size_of_a_frame_is_read_from_its_header(
        self, head: bytes, size: int
    ) -> None:
        """By ISO 11172-3, 2.4.2.3, and 13818-3 for the lower rates."""
        if head[1] == 0xFB:
            head = b"\xff\xfb\x54\xc4"
        assert not mpeg.is_part_of_frame(head.ljust(size, b"\0"))
        assert mpeg.is_part_of_frame(head.ljust(size - 1, b"\0"))

    def test_other_bytes_are_not_part_of_a_frame(self) -> None:
        for packet in (b"", b"\xff\xfb", b"OggS" * 9, b"\xff\xff\xff\xff", bytes(9)):
            assert not mpeg.is_part_of_frame(packet)

    @pytest.mark.parametrize("missing", [0, 1, 15, 83, 95])
    def test_end_of_a_pack_is_read_from_its_header(
        self, tmp_path: Path, missing: int
    ) -> None:
        pes = b"\0\0\1\xc0" + struct.pack(">H", 80) + bytes(80)
        pack = b"\0\0\1\xba\x44" + bytes(8) + b"\xf8" + pes
        path = tmp_path / "a.mpg"
        size = 3 * len(pack) - missing
        path.write_bytes((pack * 3)[:size])
        with path.open("rb") as file:
            end = mpeg.stream_end(file)
        assert end is not None and (end > size) is (missing > 0)
        path.write_bytes(pack * 3 + b"\x12" * 5_000)
        with path.open("rb") as file:
            assert mpeg.stream_end(file) == 3 * len(pack)

    @pytest.mark.parametrize("size", [188, 192, 204])
    def test_transport_stream_ends_after_a_packet(
        self, tmp_path: Path, size: int
    ) -> None:
        packet = bytes(4 if size == 192 else 0) + b"G"
        stream = packet.ljust(size, b"\1") * 9
        path = tmp_path / "a.ts"
        for data, end in (
            (stream, 9 * size),
            (stream[:-1], 9 * size),
            (stream[: -size + 5], 9 * size),
            (stream + b"G" + b"\2" * 5_000, 9 * size),
        ):
            path.write_bytes(data)
            with path.open("rb") as file:
                found = mpeg.stream_end(file)
            assert found in (end, end + size) and found is not None


def test_data_after_a_movie_is_reported_with_its_size(tmp_path):
    """Raw GSM is not looked for; the picture goes on behind the sound."""
    path = tmp_path / "a.mpg"
    track = Track([(0.0, NOISE[: 6 * RATE_HZ])])
    for video in (False, True):
        write_tracks(path, track, codec="mp2", video=video)
        path.write_bytes(path.read_bytes() + (b"\xd2" + bytes(range(32))) * 600)
        assert ends(path) == ["20 KB after the end of a.mpg (0:06) could not be read."]
