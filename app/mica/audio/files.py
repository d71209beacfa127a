"""Sound files of any container as 16 kHz mono samples.

PyAV decodes, a piece at a time, so memory does not grow with the file. It writes
nothing and reads no tags.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from mica.audio.resample import Resampler
from mica.errors import AudioFileError

SHORTEST_S: Final = 0.1
_REMEDY: Final = "Choose a sound or video file."

Floats = NDArray[np.float32]


def duration_s(path: Path) -> float | None:
    """How long the file says it is; None where it does not say."""
    with _opened(path) as container:
        length = container.duration
    return length / av.time_base if length else None


def read(path: Path) -> Iterator[Floats]:
    """Pieces of float32 (n,) at 16 kHz; anything unusable is an AudioFileError.

    Channels are averaged. A file shorter than 0.1 s, without sound or with values that
    are no numbers is refused, the latter when they come up.
    """
    total_s = 0.0
    resampler: Resampler | None = None
    rate_hz = 0
    for frame in _frames(path):
        if resampler is None or frame.sample_rate != rate_hz:
            if resampler is not None:
                yield resampler.finish()
            rate_hz = frame.sample_rate
            resampler = Resampler(rate_hz)
        samples = _mono(frame, path)
        total_s += len(samples) / rate_hz
        yield resampler.push(samples)
    if resampler is None or total_s == 0:
        raise AudioFileError(f"{path.name} holds no sound.", _REMEDY)
    if total_s < SHORTEST_S:
        what = f"{path.name} is too short ({total_s:.2f} s)."
        raise AudioFileError(what, "Choose one of at least 0.1 s.")
    yield resampler.finish()


def _opened(path: Path) -> Any:
    if not path.exists():
        raise AudioFileError(f"{path} does not exist.", "Check the path.")
    if path.is_dir():
        raise AudioFileError(f"{path} is a folder.", _REMEDY)
    try:
        return av.open(str(path), metadata_errors="ignore")
    except (OSError, ValueError) as error:  # av.FFmpegError is one of these
        raise AudioFileError(f"{path.name} cannot be read.", _REMEDY) from error


def _frames(path: Path) -> Iterator[Any]:
    with _opened(path) as container:
        if not container.streams.audio:
            raise AudioFileError(f"{path.name} holds no sound.", _REMEDY)
        planar = av.AudioResampler(format="fltp")
        try:
            for frame in container.decode(audio=0):
                yield from planar.resample(frame)
        except (OSError, ValueError) as error:
            what = f"{path.name} is damaged."
            raise AudioFileError(what, "Save it again or choose another.") from error


def _mono(frame: Any, path: Path) -> Floats:
    samples: Floats = frame.to_ndarray().mean(axis=0, dtype=np.float32)
    if not np.isfinite(samples).all():
        what = f"{path.name} holds values that are no samples."
        raise AudioFileError(what, "Export it again from the program that made it.")
    return samples
