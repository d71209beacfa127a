"""Sound in other containers than WAV, damaged files, and very long ones."""

from pathlib import Path

import av
import numpy as np
import pytest

from mica.audio import files
from mica.errors import AudioFileError
from wav_files import tone, write_wav

RATE_HZ = 48_000
KINDS = {
    "ogg": "libopus",
    "opus": "libopus",
    "flac": "flac",
    "m4a": "aac",
    "mka": "pcm_s16le",
    "mp3": "libmp3lame",
}


def write_with_av(path: Path, samples: np.ndarray, *, video: bool = False) -> Path:
    """Mono samples in the container that the ending names, a picture beside them."""
    codec = KINDS.get(path.suffix[1:], "aac")
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", 5) if video else None
        sound = container.add_stream(codec, RATE_HZ, layout="mono")
        if picture is not None:
            picture.width = picture.height = 32
            image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
            container.mux(picture.encode(image))
            container.mux(picture.encode(None))
        resampler = av.AudioResampler(sound.format.name, "mono", RATE_HZ, 960)
        frame = av.AudioFrame.from_ndarray(
            samples.astype(np.float32)[None], "flt", "mono"
        )
        frame.sample_rate = RATE_HZ
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(sound.encode(piece))
        container.mux(sound.encode(None))
    return path


def loudest_hz(samples: np.ndarray) -> float:
    middle = samples[4_000:12_000]
    return np.abs(np.fft.rfft(middle)).argmax() * 16_000 / len(middle)


@pytest.mark.parametrize("ending", [*KINDS, "mp4"])
def test_the_tone_comes_out_of_any_container(tmp_path, ending):
    said = tone(1.0, RATE_HZ)[:, 0]
    path = write_with_av(tmp_path / f"a.{ending}", said, video=ending == "mp4")
    samples = np.concatenate(list(files.read(path)))
    assert abs(len(samples) - 16_000) < 1_600  # a codec's frames and its delay
    assert abs(loudest_hz(samples) - 440) < 3


def test_a_picture_without_sound_is_named(tmp_path):
    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", 5)
        picture.width = picture.height = 32
        image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        container.mux(picture.encode(image))
        container.mux(picture.encode(None))
    with pytest.raises(AudioFileError, match="holds no sound"):
        list(files.read(path))


def test_a_file_cut_short_gives_what_it_holds(tmp_path):
    path = write_wav(tmp_path / "a.wav", tone(2.0, 16_000), 16_000)
    path.write_bytes(path.read_bytes()[:32_044])
    assert len(np.concatenate(list(files.read(path)))) == 16_000


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = write_wav(tmp_path / "long.wav", tone(600, 8_000), 8_000)
    pieces = [len(piece) for piece in files.read(path)]
    assert sum(pieces) == pytest.approx(600 * 16_000, abs=16)
    assert max(pieces) < 16_000  # under a second at a time
