"""Decodes the packets of one track and detects damage.

After damage, FFmpeg continues as well as it can and reports it only in its log, so the
log is read here. Samples are placed in time, and gaps filled, elsewhere (missing.py,
timeline.py).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import av

from mica.audio.missing import DecodedTime, Items
from mica.audio.packet_places import RawPlaces, index_of
from mica.audio.seekable import SeekableFile

_TRIES: Final = 20  # consecutive failed reads until the rest is given up
_ABSOLUTE: Final = ("mov", "matroska")  # containers whose times start at 0
# Logged for undamaged files too; "Packet corrupt" is also a flag of the packet.
_HARMLESS: Final = re.compile(
    r"timestamp|duration|\bdts\b|\bpts\b|Packet corrupt|PCM packet", re.IGNORECASE
)
_ESTIMATED: Final = "Estimating duration"
_OWN: Final = ("flac", "ogg", "wv")  # each packet has its time
_GENERIC_INDEX: Final = av.format.Flags.generic_index.value
_TS_DISCONT: Final = av.format.Flags.ts_discont.value
TIME_BASE: Final = float(av.time_base)

Log = list[tuple[int, str, str]]


@contextmanager
def logged() -> Iterator[Log]:
    """Capture FFmpeg's warnings and errors while it reads and decodes."""
    av.logging.set_level(av.logging.WARNING)
    av.logging.set_skip_repeated(False)
    with av.logging.Capture(local=False) as log:
        yield log


def is_estimated(log: Log) -> bool:
    """Whether FFmpeg only estimated the length of the file that it opened."""
    return any(_ESTIMATED in message for _, _, message in log)


def kind_of(container: Any) -> str:
    """FFmpeg's first name for the container's format."""
    return str(container.format.name).split(",")[0]


def is_cuttable(container: Any) -> bool:
    """Whether files of this format can be cut and joined anywhere, as MPEG streams
    can."""
    is_stream = bool(container.format.flags & _TS_DISCONT)
    return is_stream and kind_of(container) not in _OWN


class Packets:
    """What is heard of one track of an open container, in order.

    ends   where in the file the last packet of any track ended, and the last packet of
           this one, counting those that yielded something; 0 if unknown
    last   the last packet of this track
    logged   what FFmpeg logged when it opened the file and after that packet
    """

    def __init__(
        self, file: SeekableFile, container: Any, stream: Any, log: Log
    ) -> None:
        self._container, self._stream, self._log = container, stream, log
        self._index = index_of(file, stream) if kind_of(container) == "avi" else None
        is_raw = not self.have_times and len(container.streams) == 1
        self._places = RawPlaces(file) if is_raw else None
        start_s = float((container.start_time or 0) / TIME_BASE)
        is_absolute = kind_of(container) in _ABSOLUTE
        self._zero_s = min(0.0, start_s) if is_absolute else start_s
        self._skipped = 0
        self._was_cut = False
        self._last_packet: Any = None
        self.logged = [message for _, _, message in log]
        self._end = self._last_end = self._own_end = 0

    @property
    def ends(self) -> tuple[int, int]:
        return max(self._last_end, self._own_end), self._own_end

    @property
    def last(self) -> bytes:
        return bytes(self._last_packet) if self._last_packet else b""

    @property
    def have_times(self) -> bool:
        """Whether the file stores packet times; if not, FFmpeg counts.

        It counts in formats that it has to index itself, and in AVI.
        """
        kind, flags = kind_of(self._container), self._container.format.flags
        is_counted = kind == "avi" or bool(flags & _GENERIC_INDEX)
        return kind in _OWN or self._index is not None or not is_counted

    @property
    def are_alone(self) -> bool:
        """Whether the file has no other streams and packets of similar size.

        Lossless packets vary in size: silence makes them small.
        """
        codec = self._stream.codec_context.codec
        return len(self._container.streams) == 1 and not codec.lossless

    def items(self) -> Items:
        """Decoded frames; None for a place that could not be read."""
        self._log.clear()
        failures = 0
        while failures < _TRIES:
            try:
                for packet in self._container.demux():
                    if packet.size == 0:
                        continue  # FFmpeg's end marker; flushed below
                    place = self._place(packet)
                    if packet.stream is self._stream:
                        failures = 0
                        yield from self._decoded_packet(packet, place)
                    else:
                        self._last_end = self._end
                break
            except (av.FFmpegError, OSError, IndexError):  # IndexError: a new stream
                failures += 1
                if failures == 1:
                    yield None
        self.logged += [message for _, _, message in self._log]
        context = self._stream.codec_context
        yield from self._decoded(lambda: context.decode(None), None, 0.0)

    def _place(self, packet: Any) -> int | None:
        """A packet's position; counts the skipped bytes before it."""
        place = self._places.place(packet) if self._places else packet.pos
        if place is not None:
            self._skipped += max(0, place - self._end) if self._end else 0
            self._end = place + packet.size
        return place

    def _decoded_packet(self, packet: Any, place: int | None) -> Items:
        # a flag on the last packet is no proof: some undamaged files have it, too
        is_behind = self._was_cut and not packet.is_corrupt
        is_behind |= self._index is not None and self._index.misses(packet)
        self._was_cut = packet.is_corrupt
        self._last_packet = packet
        later_s = self._index.later_s if self._index else 0.0
        items = list(self._decoded(packet.decode, place, later_s))
        if (self._complains() and None not in items) or is_behind:
            yield None
        if any(items):
            self._own_end = self._own_end if place is None else self._end
        else:
            self._skipped += packet.size
        for item in items:
            yield item and replace(item, skipped=self._skipped)
            self._skipped = 0 if item else self._skipped

    def _complains(self) -> bool:
        """Whether FFmpeg has logged a real problem since the last packet."""
        problems = [
            message for _, _, message in self._log if not _HARMLESS.search(message)
        ]
        self._log.clear()
        return bool(problems)

    def _decoded(self, decode: Any, place: int | None, later_s: float) -> Items:
        try:
            for frame in decode():
                if frame.samples:
                    time = frame.time
                    at_s = None if time is None else time + later_s - self._zero_s
                    length_s = frame.samples / frame.sample_rate
                    yield DecodedTime(at_s, length_s, place, frame)
        except av.FFmpegError:
            yield None
