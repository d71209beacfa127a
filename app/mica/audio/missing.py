"""Sound that FFmpeg left out without a word: told, and what follows put in its place.

Pure. Items are what was decoded, in order; None is a place that could not be read.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from mica.audio.timeline import JUMP_S

_LEAST_BYTES: Final = 1000  # a container's own between two packets are fewer
_USUAL: Final = 16  # the last so many packets tell what else is usual
_NEAR: Final = 8  # packets, in which bytes may be missed that a gap came of
_PAGES: Final = 2  # of Ogg; the time of the second's sound is known
_LEAST_COUNTED: Final = 64  # as _LEAST_BYTES, where no times are stored
_LARGE: Final = 4096  # bytes; and so many times the largest packet before
_TIMES_LARGER: Final = 8  # is more than one packet can be
_RATE_AFTER_S: Final = 0.5  # from then on the bytes of a second are known


@dataclass(frozen=True, slots=True)
class DecodedTime:
    """A decoded frame, its time and its place in the file.

    at_s       when it is heard, by the file; None where that does not say
    place      where its packet is in the file; None where FFmpeg does not say
    skipped    bytes before that packet of which nothing came
    """

    at_s: float | None
    length_s: float
    place: int | None
    frame: Any
    skipped: int = 0


Items = Iterator[DecodedTime | None]


def note_skipped(items: Items, *, may_pause: bool = True) -> Items:
    """A gap in the times is a place that could not be read where the file has bytes in
    or soon behind it that nobody took, more than usual; else the recording was paused,
    if such files can be."""
    due_s: float | None = None
    usual: deque[int] = deque([0], _USUAL)
    waiting: list[DecodedTime] = []  # from a gap on whose reason is not known
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
    """Of a container without times of its own: FFmpeg counts on behind bytes that it
    passed over. What they would have lasted is told by those before them.

    alone   the file holds nothing else and its packets are much alike, so one that is
            far too large holds such bytes too
    """
    due_s: float | None = None
    place: int | None = None
    since_s = shift_s = read = seconds = 0.0  # since_s: heard from `place` on
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
    """Add silence to an Ogg file's frames where pages are missing before these places.

    Its pages say when they end. So FFmpeg counts on from before the hole, and is right
    again at some packet of the first page or at the second; what is before that is put
    where it ends there.
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
    """The same, the last of them ending then."""
    if at_s is None:
        yield from held
        return
    at_s -= sum(item.length_s for item in held)
    for item in held:
        yield replace(item, at_s=at_s)
        at_s += item.length_s
