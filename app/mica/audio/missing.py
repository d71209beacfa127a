"""Detects audio that FFmpeg skipped silently, and corrects the times after it.

Pure. Items are decoded frames in order; None is a place that could not be read.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from mica.audio.timeline import JUMP_S

_LEAST_BYTES: Final = 1000  # containers have fewer bytes of their own between packets
_USUAL: Final = 16  # recent packets that show how many skipped bytes are usual
_NEAR: Final = 8  # packets after a gap within which its skipped bytes may show up
_PAGES: Final = 2  # of Ogg; from the second page on, times are right
_LEAST_COUNTED: Final = 64  # as _LEAST_BYTES, for formats without times
_LARGE: Final = 4096  # bytes; a packet beyond this that is also this many times
_TIMES_LARGER: Final = 8  # the largest one before cannot be a single packet
_RATE_AFTER_S: Final = 0.5  # after this, the bytes per second are known


@dataclass(frozen=True, slots=True)
class DecodedTime:
    """A decoded frame, its time and its position in the file.

    at_s       its time according to the file; None if unknown
    place      the position of its packet in the file; None if FFmpeg does not know it
    skipped    bytes before that packet from which nothing was decoded
    """

    at_s: float | None
    length_s: float
    place: int | None
    frame: Any
    skipped: int = 0


Items = Iterator[DecodedTime | None]


def note_skipped(items: Items, *, may_pause: bool = True) -> Items:
    """Mark gaps in the times as unreadable if more bytes than usual were skipped in or
    soon after them. Otherwise the recording was paused, if `may_pause`; if not, every
    gap is marked."""
    due_s: float | None = None
    usual: deque[int] = deque([0], _USUAL)
    waiting: list[DecodedTime] = []  # from a gap whose cause is not yet known
    for item in items:
        if item is None:
            yield from [None, *waiting, None] if waiting else [None]
            waiting = []
            continue
        is_missing = item.skipped > max(_LEAST_BYTES, 2 * max(usual))
        if waiting and (is_missing or len(waiting) > _NEAR):
            yield from [None, *waiting] if is_missing else waiting
            waiting = []
        is_gap = _jumps(due_s, item)
        at_s = due_s if item.at_s is None else item.at_s
        due_s = None if at_s is None else at_s + item.length_s
        if is_gap and (is_missing or not may_pause):
            yield None
            yield item
        elif is_gap or waiting:
            waiting.append(item)
        else:
            usual.append(item.skipped)
            yield item
    yield from waiting


def note_counted(items: Items, *, alone: bool) -> Items:
    """Correct times in a format that stores none: FFmpeg keeps counting after bytes
    that it skipped. Their duration is estimated from the bytes before them.

    alone   the file has no other streams and its packets are similar in size, so one
            that is far too large contains skipped bytes, too
    """
    due_s: float | None = None
    place: int | None = None
    since_s = shift_s = read = seconds = 0.0  # since_s: decoded from `place` on
    largest = 0
    usual: deque[int] = deque([0], _USUAL)
    for item in items:
        if item is None or item.at_s is None:
            yield item
            continue
        gap_s = 0.0 if due_s is None else item.at_s - due_s
        due_s = item.at_s + item.length_s
        step = 0 if place is None or item.place is None else item.place - place
        s_per_byte = seconds / read if seconds > _RATE_AFTER_S else 0.0
        is_large = alone and step > max(_LARGE, _TIMES_LARGER * largest)
        lost_s = item.skipped * s_per_byte - gap_s
        if is_large:
            lost_s = step * s_per_byte - since_s - gap_s
        is_more = item.skipped > max(_LEAST_COUNTED, 2 * max(usual))
        if (is_large or is_more) and lost_s > JUMP_S:
            shift_s += lost_s
            yield None
        elif step > 0:
            largest = max(largest, step)
            read, seconds = read + step, seconds + since_s
            usual.append(item.skipped)
        if step:
            since_s = 0.0
        since_s += item.length_s
        place = place if item.place is None else item.place
        yield replace(item, at_s=item.at_s + shift_s)


def note_holes(items: Items, holes: list[int]) -> Items:
    """Mark missing pages of an Ogg file, before the places in `holes`, as unreadable.

    A page's timestamp is that of its end. So FFmpeg keeps counting from before the hole
    and is right again at some packet of the first page, or at the second. Frames before
    that are shifted to end there.
    """
    remaining, waiting, pages = list(holes), list[DecodedTime](), set[int]()
    is_behind = False
    for item in items:
        if item is None:
            yield None
            continue
        if remaining and item.place is not None and item.place >= remaining[0]:
            remaining = [hole for hole in remaining if hole > item.place]
            yield from waiting
            yield None
            waiting, pages, is_behind = [], set(), True
        if is_behind and item.place is not None:
            pages.add(item.place)
            due_s = _end_s(waiting)
            if _jumps(due_s, item) or len(pages) > _PAGES:
                yield from _ending(waiting, item.at_s)
                waiting, is_behind = [], False
        if is_behind:
            waiting.append(item)
        else:
            yield item
    yield from waiting


def _end_s(held: list[DecodedTime]) -> float | None:
    if not held or held[-1].at_s is None:
        return None
    return held[-1].at_s + held[-1].length_s


def _jumps(due_s: float | None, item: DecodedTime) -> bool:
    return due_s is not None and item.at_s is not None and item.at_s > due_s + JUMP_S


def _ending(held: list[DecodedTime], at_s: float | None) -> Iterator[DecodedTime]:
    """The held frames, shifted so that the last one ends at `at_s`."""
    if at_s is None:
        yield from held
        return
    at_s -= sum(item.length_s for item in held)
    for item in held:
        yield replace(item, at_s=at_s)
        at_s += item.length_s
