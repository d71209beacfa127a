"""Sound that FFmpeg left out without a word: told, and what follows put in its place.

Pure. Items are what was decoded, in order; None is a place that could not be read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from mica.audio.timeline import JUMP_S

_LEAST_BYTES: Final = 1000  # a container's own between two packets are fewer
_PAGES: Final = 2  # of Ogg; the time of the second's sound is known


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
    it that nobody took; else the recording was paused, if such files can be."""
    due_s: float | None = None
    for item in items:
        if item is not None:
            is_gap = _jumps(due_s, item)
            if is_gap and (item.skipped > _LEAST_BYTES or not may_pause):
                yield None
            at_s = due_s if item.at_s is None else item.at_s
            due_s = None if at_s is None else at_s + item.length_s
        yield item


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
