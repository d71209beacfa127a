"""The decoding process: `mica --decode`. A sound file in, samples and their times out.

FFmpeg's decoders read what strangers made, so they run where a crash costs one file. It
gets the file open, writes messages (decoded.py) on its output and ends with its parent,
whose end of its input it holds. It mixes, resamples and judges nothing.
"""

import os
import threading
import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import av

from mica import paths
from mica.audio.containers import parts, source
from mica.audio.decoded import (
    REMEDY,
    DecodedSamples,
    Message,
    PacketsLost,
    Refused,
    StreamEnded,
    StreamOpened,
    TimesReset,
    Unread,
    pack,
)
from mica.audio.lengths import claimed_s
from mica.audio.missing import DecodedTime, Items, note_holes, note_skipped
from mica.audio.ogg import holes
from mica.audio.seekable import SeekableFile
from mica.errors import AudioFileError

_TRIES: Final = 20  # reads in a row that give nothing, until the rest is given up
_RESYNCED: Final = ("matroska", "flv", "rm", "mov", "flac")  # past what is damaged
_ABSOLUTE: Final = ("mov", "matroska")  # containers whose times count from 0
_kept: list[Any] = []
_TIME_BASE: Final = float(av.time_base)


def main(arguments: list[str]) -> None:
    """Decode one file: its descriptor, its name's ending, its name, the track or 0."""
    out = os.dup(1)
    os.dup2(2, 1)  # what libraries print is no message
    threading.Thread(target=_end_with_parent, daemon=True).start()
    descriptor, ending, name, track = arguments
    with os.fdopen(out, "wb") as pipe:
        for message, pcm in _results(int(descriptor), ending, name, int(track)):
            pipe.write(pack(message, pcm))
            pipe.flush()
    os._exit(0)  # nothing is to be freed; see _settle


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(0)


def _results(
    descriptor: int, ending: str, name: str, track: int
) -> Iterator[tuple[Message, bytes]]:
    """What is said of a file, up to the last message."""
    try:
        file = source(descriptor, paths.scratch_folder())
        yield from decoded(file, ending, name, track)
    except AudioFileError as why:
        yield Refused(why.what, why.remedy), b""
    except Exception as why:  # noqa: BLE001 the file is refused, whatever is wrong
        reason = "" if isinstance(why, av.FFmpegError) else f" ({_reason(why)})"
        detail = traceback.format_exc()
        yield Refused(f"{name} cannot be read{reason}.", REMEDY, detail), b""
    else:
        yield StreamEnded(), b""


def _reason(why: Exception) -> str:
    """What the system says, of a full disk for example."""
    return getattr(why, "strerror", None) or str(why)


def decoded(
    file: SeekableFile, ending: str, name: str, track: int = 0
) -> Iterator[tuple[Message, bytes]]:
    """Messages of a sound file; AudioFileError where it gives no sound at all.

    ending   of its name; it helps FFmpeg to tell some formats
    name     for messages
    track    which of its audio tracks, from 1; 0: the one meant to be heard
    """
    has_sound = lost = False
    for number, part in enumerate(parts(file)):
        if number:
            yield TimesReset(), b""
        try:
            for message, pcm in _part(_Named(part, ending), name, track):
                has_sound = has_sound or isinstance(message, DecodedSamples)
                lost = lost or isinstance(message, PacketsLost)
                if not (number and isinstance(message, StreamOpened)):
                    yield message, pcm
        except (av.FFmpegError, AudioFileError):
            if not number:
                raise
            yield Unread(), b""
    if lost and not has_sound:
        what = f"{name} is damaged: none of its sound can be read."
        raise AudioFileError(what, "Save it again or choose another.")


class _Named:
    """A file with a name for FFmpeg, which tells a few formats by their ending.

    The rest of the name would be taken for an address: `rtsp:x` is one.
    """

    def __init__(self, file: SeekableFile, ending: str) -> None:
        self.name = f"sound{ending}"
        self.file = file
        self.read, self.tell = file.read, file.tell

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """-1 where no such place can be: damaged files lead FFmpeg to any."""
        try:
            return self.file.seek(offset, whence)
        except OSError:
            return -1


def _part(file: _Named, name: str, track: int) -> Iterator[tuple[Message, bytes]]:
    # Nothing but the file itself: a playlist would open what it names.
    options = {"protocol_whitelist": "none"}
    try:
        container: Any = av.open(file, metadata_errors="ignore", options=options)
    except av.FFmpegError as why:
        raise AudioFileError(f"{name} cannot be read.", REMEDY) from why
    with container:
        stream = chosen(container.streams.audio, track, name)
        if stream.codec_context is None:
            what = f"{name} holds sound of a kind that Mica cannot read."
            raise AudioFileError(what, "Convert it to M4A, MP3 or WAV.")
        length = container.duration
        length_s = length / _TIME_BASE if length else None
        tracks = container.streams.audio
        listed = _listed(tracks) if len(tracks) > 1 else ""
        claim_s = claimed_s(file.file, container, stream)
        yield StreamOpened(length_s, claim_s, listed), b""
        _settle(stream.codec_context)
        converter, items = _Converter(), _decode_stream(container, stream)
        kind = _kind(container)
        if kind == "ogg":
            items = note_holes(items, holes(file.file))
        elif kind in _RESYNCED:
            items = note_skipped(items, may_pause=kind != "flac")
        for item in items:
            if item is None:
                yield PacketsLost(), b""
                continue
            frame, channels = item.frame, item.frame.layout.nb_channels
            name_of_samples, pcm = converter.packed(frame)
            shape = (frame.sample_rate, channels, name_of_samples)
            yield DecodedSamples(*shape, item.at_s), pcm


def chosen(tracks: tuple[Any, ...], track: int, name: str) -> Any:
    """The audio track meant: by number from 1; with 0 the file's default, else first.

    An AudioFileError lists those there are.
    """
    if not tracks:
        raise AudioFileError(f"{name} holds no sound.", REMEDY)
    defaults = [
        one for one in tracks if one.disposition & av.stream.Disposition.default
    ]
    if track == 0:
        return (defaults or tracks)[0]
    if track <= len(tracks):
        return tracks[track - 1]
    what = f"{name} has no audio track {track}."
    raise AudioFileError(what, f"Choose from {_listed(tracks)}.")


def _listed(tracks: tuple[Any, ...]) -> str:
    return ", ".join(_described(number, one) for number, one in enumerate(tracks, 1))


def _described(number: int, track: Any) -> str:
    language = track.language if track.language != "und" else None
    default = "default" if track.disposition & av.stream.Disposition.default else None
    known = [word for word in (language, track.metadata.get("title"), default) if word]
    return f"{number} ({', '.join(known)})" if known else f"{number}"


def _settle(context: Any) -> None:
    """Treat channels in an order of the file's own as that many without names.

    WORKAROUND: PyAV frees such a layout twice, so the one read here is never freed.
    https://github.com/PyAV-Org/PyAV/pull/2284 (which frees layouts) made it so.
    """
    layout = context.layout
    if " channels (" in layout.name:
        _kept.append(layout)
        context.layout = f"{layout.nb_channels} channels"


def _kind(container: Any) -> str:
    """FFmpeg's first name of the container's format."""
    return str(container.format.name).split(",")[0]


def _zero_s(container: Any) -> float:
    """The file's time that a player shows as 0:00."""
    start_s = float((container.start_time or 0) / _TIME_BASE)
    return min(0.0, start_s) if _kind(container) in _ABSOLUTE else start_s


def _decode_stream(container: Any, stream: Any) -> Items:
    """Decoded frames; None for a place that cannot be read."""
    zero_s, end, failures, skipped = _zero_s(container), 0, 0, 0
    context = stream.codec_context
    while failures < _TRIES:
        try:
            for packet in container.demux():
                if packet.size == 0:
                    continue  # FFmpeg's sign of the end; see below
                if packet.pos is not None:
                    skipped += max(0, packet.pos - end) if end else 0
                    end = packet.pos + packet.size
                if packet.stream is not stream:
                    continue
                failures, has_come = 0, False
                for item in _decoded(packet.decode, zero_s, packet.pos):
                    yield item and replace(item, skipped=skipped)
                    skipped, has_come = 0, True
                skipped += 0 if has_come else packet.size
            break
        except (av.FFmpegError, OSError, IndexError):  # the last of a new stream
            failures += 1
            if failures == 1:
                yield None
    yield from _decoded(lambda: context.decode(None), zero_s, None)


def _decoded(decode: Any, zero_s: float, place: int | None) -> Items:
    try:
        for frame in decode():
            if frame.samples:
                at_s = None if frame.time is None else frame.time - zero_s
                length_s = frame.samples / frame.sample_rate
                yield DecodedTime(at_s, length_s, place, frame)
    except av.FFmpegError:
        yield None


class _Converter:
    """Frames as interleaved bytes. PyAV crashes at the ninth plane of a planar one."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()

    def packed(self, frame: Any) -> tuple[str, bytes]:
        """The sample format's name, and the samples."""
        if frame.format.is_packed:
            return frame.format.name, _bytes(frame)
        now = (frame.format.name, frame.layout.name, frame.sample_rate)
        if now != self._of:  # a stream may change in the midst
            self._of, self._resampler = now, av.AudioResampler(format="flt")
        return "flt", b"".join(map(_bytes, self._resampler.resample(frame)))


def _bytes(frame: Any) -> bytes:
    """Without the padding that follows a packed frame's samples."""
    size = frame.samples * frame.layout.nb_channels * frame.format.bytes
    return bytes(memoryview(frame.planes[0])[:size])
