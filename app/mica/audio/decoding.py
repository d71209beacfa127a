"""The decoding process, `mica --decode`: a sound file in, samples and their times out.

FFmpeg's decoders read untrusted input, so they run in a process whose crash costs only
one file. It gets an open file descriptor, writes messages (decoded.py) to stdout, and
exits with its parent, when its stdin is closed. It does not mix, resample or judge.
"""

import os
import threading
import traceback
from collections.abc import Iterator
from typing import Any, Final

import av

from mica import network_guard, paths
from mica.audio.containers import Spliced, parts, source
from mica.audio.decoded import (
    REMEDY,
    DecodedSamples,
    EndMissing,
    Message,
    PacketsLost,
    Refused,
    SampleKind,
    StreamEnded,
    StreamOpened,
    TimesReset,
    Unread,
    pack,
)
from mica.audio.lengths import claimed_s, missing_bytes, slack_s
from mica.audio.missing import Items, note_counted, note_holes, note_skipped
from mica.audio.ogg import holes
from mica.audio.packets import (
    TIME_BASE,
    Packets,
    is_cuttable,
    is_estimated,
    kind_of,
    logged,
)
from mica.audio.seekable import SeekableFile
from mica.audio.trailing import TrailingData
from mica.audio.truncation import FileEnd, file_end, is_cut_off
from mica.errors import AudioFileError

_UNPAUSED: Final = ("flac", "wv")  # recordings in these formats cannot have pauses
_SHORTENED: Final = ("avi", "asf")  # FFmpeg reports the length of what is there
_SHORT_S: Final = 2.0  # tracks of one film end within this time of each other
_layouts: list[Any] = []


def main(arguments: list[str]) -> None:
    """Decode one file: its descriptor, its name's ending, its name, the track or 0."""
    out = os.dup(1)
    os.dup2(2, 1)  # anything that libraries print goes to stderr
    threading.Thread(target=_end_with_parent, daemon=True).start()
    descriptor, ending, name, track = arguments
    with os.fdopen(out, "wb") as pipe:
        for message, pcm in _results(int(descriptor), ending, name, int(track)):
            pipe.write(pack(message, pcm))
            pipe.flush()
    network_guard.look()
    os._exit(0)  # skip freeing objects; see _settle


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(0)


def _results(
    descriptor: int, ending: str, name: str, track: int
) -> Iterator[tuple[Message, bytes]]:
    """All messages about a file."""
    try:
        file = source(descriptor, paths.scratch_folder())
        yield from decoded(file, ending, name, track)
    except AudioFileError as why:
        yield Refused(why.what, why.remedy), b""
    except Exception as why:  # noqa: BLE001 any error means that the file is refused
        reason = "" if isinstance(why, av.FFmpegError) else f" ({_reason(why)})"
        detail = traceback.format_exc()
        yield Refused(f"{name} cannot be read{reason}.", REMEDY, detail), b""
    else:
        yield StreamEnded(), b""


def _reason(why: Exception) -> str:
    """The system's error text, for example that the disk is full."""
    return getattr(why, "strerror", None) or str(why)


def decoded(
    file: SeekableFile, ending: str, name: str, track: int = 0
) -> Iterator[tuple[Message, bytes]]:
    """The messages about a sound file; AudioFileError if it yields no audio at all.

    ending   file name extension; helps FFmpeg recognize some formats
    name     for messages
    track    number of the audio track, from 1; 0: the default track
    """
    file.seek(0)
    if not file.read(1):
        raise AudioFileError(f"{name} is empty.", REMEDY)
    has_sound = lost = False
    waiting, is_first, trailing = list(parts(file)), True, TrailingData()
    while waiting:
        part = waiting.pop(0)
        if not is_first:
            yield TimesReset(), b""
        try:
            messages = _part(_Named(part, ending), name, track, trailing)
            for message, pcm in _long(messages) if trailing.may_be_none else messages:
                has_sound = has_sound or isinstance(message, DecodedSamples)
                lost = lost or isinstance(message, PacketsLost)
                if isinstance(message, StreamOpened) and not is_first:
                    continue
                is_followed = bool(waiting) or trailing.follows
                if message != EndMissing(is_certain=False) or not is_followed:
                    yield message, pcm
        except (av.FFmpegError, AudioFileError):
            if is_first:
                raise
            if (unread := trailing.refused(part)) is not None:
                yield Unread(unread), b""
        is_first = False
        if trailing.starts_at is not None:
            waiting.insert(0, Spliced(part, [(trailing.starts_at, None)]))
        elif trailing.unread_bytes:
            yield Unread(trailing.unread_bytes), b""
    if lost and not has_sound:
        what = f"{name} is damaged: none of its sound can be read."
        raise AudioFileError(what, "Save it again or choose another.")


def _long(messages: Iterator[tuple[Message, bytes]]) -> Iterator[tuple[Message, bytes]]:
    """The messages, if their audio is longer than _SHORT_S; otherwise none."""
    held: list[tuple[Message, bytes]] = []
    seconds = 0.0
    for message, pcm in messages:
        held.append((message, pcm))
        if isinstance(message, DecodedSamples):
            seconds += len(pcm) / message.bytes_per_s
        if seconds > _SHORT_S:
            yield from held
            held = []


class _Named:
    """A file with a name for FFmpeg, which recognizes a few formats by extension.

    The rest of the name is replaced, since FFmpeg could take it for a URL: `rtsp:x`.
    """

    def __init__(self, file: SeekableFile, ending: str) -> None:
        self.name = f"sound{ending}"
        self.file = file
        self.read, self.tell = file.read, file.tell

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Seek; -1 for impossible offsets, to which damaged files can lead FFmpeg."""
        try:
            return self.file.seek(offset, whence)
        except OSError:
            return -1


def _part(
    file: _Named, name: str, track: int, trailing: TrailingData
) -> Iterator[tuple[Message, bytes]]:
    """The messages about one container; at its end, look for trailing data."""
    # Allow nothing but the file itself: a playlist would open whatever it lists.
    options = {"protocol_whitelist": "none"}
    with logged() as log:
        try:
            container: Any = av.open(file, metadata_errors="ignore", options=options)
        except av.FFmpegError as why:
            if is_cut_off(file.file):
                what = f"{name} is incomplete: its end is missing."
                raise AudioFileError(what, "Copy or download it again.") from why
            raise AudioFileError(f"{name} cannot be read.", REMEDY) from why
        with container:
            tracks = container.streams.audio
            stream = chosen(tracks, track, name)
            if stream.codec_context is None:
                what = f"{name} holds sound of a kind that Mica cannot read."
                raise AudioFileError(what, "Convert it to M4A, MP3 or WAV.")
            length = container.duration
            length_s = length / TIME_BASE if length else None
            listed = _listed(tracks) if len(tracks) > 1 else ""
            claim_s = claimed_s(file.file, container, stream, is_estimated(log))
            is_by_bytes = claim_s is None or kind_of(container) in _SHORTENED
            lacks_bytes = missing_bytes(file.file) if is_by_bytes else 0
            slack = slack_s(kind_of(container), claim_s or 0.0)
            yield StreamOpened(length_s, claim_s, slack, listed, lacks_bytes), b""
            _settle(stream.codec_context)
            # checksum errors are logged; the audio is returned all the same
            stream.codec_context.options = {"err_detect": "crccheck"}
            packets = Packets(file.file, container, stream, log)
            yield from _messages(_note_damage(packets, container, file.file))
            cuttable = is_cuttable(container)
            trailing.find(file.file, packets.ends[cuttable], cuttable)
            kind = kind_of(container)
            end = file_end(file.file, kind, packets.logged, packets.last)
            if end is not FileEnd.WHOLE:
                yield EndMissing(end is FileEnd.CUT_OFF), b""


def _note_damage(packets: Packets, container: Any, file: SeekableFile) -> Items:
    """The decoded items, with marks where FFmpeg silently skipped something."""
    kind, items = kind_of(container), packets.items()
    if kind == "ogg":
        return note_holes(items, holes(file))
    if not packets.have_times:
        return note_counted(items, alone=packets.are_alone)
    return note_skipped(items, may_pause=kind not in _UNPAUSED)


def _messages(items: Items) -> Iterator[tuple[Message, bytes]]:
    converter = _Converter()
    for item in items:
        if item is None:
            yield PacketsLost(), b""
            continue
        frame, channels = item.frame, item.frame.layout.nb_channels
        name_of_samples, pcm = converter.packed(frame)
        rate_hz = frame.sample_rate
        yield DecodedSamples(rate_hz, channels, name_of_samples, item.at_s), pcm


def chosen(tracks: tuple[Any, ...], track: int, name: str) -> Any:
    """The audio track with a number, from 1; 0: the file's default, else the first.

    Raises AudioFileError, which lists the existing ones.
    """
    if not tracks:
        raise AudioFileError(f"{name} contains no sound.", REMEDY)
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
    """Replace a custom channel layout by one with as many unnamed channels.

    WORKAROUND: PyAV frees such a layout twice, so the one read here is never freed.
    Caused by https://github.com/PyAV-Org/PyAV/pull/2284 (which frees layouts).
    """
    layout = context.layout
    if " channels (" in layout.name:
        _layouts.append(layout)
        context.layout = f"{layout.nb_channels} channels"


class _Converter:
    """Converts frames to interleaved bytes. PyAV crashes at the ninth plane of a planar
    frame."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()

    def packed(self, frame: Any) -> tuple[SampleKind, bytes]:
        """The sample format's name, and the samples."""
        if frame.format.is_packed:
            return frame.format.name, _bytes(frame)
        now = (frame.format.name, frame.layout.name, frame.sample_rate)
        if now != self._of:  # a stream's format may change midway
            self._of, self._resampler = now, av.AudioResampler(format="flt")
        return "flt", b"".join(map(_bytes, self._resampler.resample(frame)))


def _bytes(frame: Any) -> bytes:
    """A packed frame's samples, without the padding after them."""
    size = frame.samples * frame.layout.nb_channels * frame.format.bytes
    return bytes(memoryview(frame.planes[0])[:size])
