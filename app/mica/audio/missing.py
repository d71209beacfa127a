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
class Heard:
    """A decoded frame.

    at_s       when it is heard, by the file; None where that does not say
    place      where its packet is in the file; None where FFmpeg does not say
    skipped    bytes before that packet of which nothing came
    """

    at_s: float | None
    length_s: float
    place: int | None
    frame: Any
    skipped: int = 0


Items = Iterator[Heard | None]


def skipped_told(items: Items, *, may_pause: bool = True) -> Items:
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


def holes_told(items: Items, holes: list[int]) -> Items:
    """Of an Ogg file whose pages at these places follow missing ones.

    Its pages say when they end. So FFmpeg counts on from before the hole, and is right
    again at some packet of the first page or at the second; what is before that is put
    where it ends there.
    """
    left, held, pages = list(holes), list[Heard](), set[int]()
    is_behind = False
    for item in items:
        if item is None:
            yield None
            continue
        if left and item.place is not None and item.place >= left[0]:
            left = [hole for hole in left if hole > item.place]
            yield from held
            yield None
            held, pages, is_behind = [], set(), True
        if is_behind and item.place is not None:
            pages.add(item.place)
            due_s = _end_s(held)
            if _jumps(due_s, item) or len(pages) > _PAGES:
                yield from _ending(held, item.at_s)
                held, is_behind = [], False
        if is_behind:
            held.append(item)
        else:
            yield item
    yield from held


def _end_s(held: list[Heard]) -> float | None:
    if not held or held[-1].at_s is None:
        return None
    return held[-1].at_s + held[-1].length_s


def _jumps(due_s: float | None, item: Heard) -> bool:
    return due_s is not None and item.at_s is not None and item.at_s > due_s + JUMP_S


def _ending(held: list[Heard], at_s: float | None) -> Iterator[Heard]:
    """The same, the last of them ending then."""
    if at_s is None:
        yield from held
        return
    at_s -= sum(item.length_s for item in held)
    for item in held:
        yield replace(item, at_s=at_s)
        at_s += item.length_s
