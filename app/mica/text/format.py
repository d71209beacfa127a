"""Formats a transcript as plain text, JSON, subtitles or Markdown. It writes no file.

A subtitle cue has at most two lines, ends with its last word and spans no pause. Words
without times, such as a translation's, share the time of their segment. Where cues and
lines break is decided in cue_breaks.py.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import accumulate, pairwise
from typing import Final

import msgspec

from mica.events import SegmentText, Transcript, Word
from mica.text.cue_breaks import LINE_COLUMNS, LONGEST_S, SHORTEST_S, Atom, Breaks
from mica.text.words import graphemes, spans

READING_SPEED: Final = 12.0  # columns per second that are easy to read
RESOLUTION_S: Final = 0.001  # of times in subtitle files
GAP_S: Final = 0.08  # two frames between cues

_Times = tuple[float, float]
_MARKDOWN = re.compile(r"[\\`*_\[\]<>#|~&]")
_SRT_MARKUP = re.compile(r"<(?=[/a-zA-Z])|\{(?=[\\a-zA-Z])|--(?=>)")
SUFFIXES = {"text": "txt", "json": "json", "srt": "srt", "vtt": "vtt", "md": "md"}


@dataclass(frozen=True, slots=True)
class Cue:
    """One or two lines, shown from `start_s` to `end_s` of the utterance."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


def cues(transcript: Transcript) -> list[Cue]:
    """The cues in order; they do not overlap."""
    atoms = _in_order(
        atom for segment in transcript.segments for atom in _atoms(segment)
    )
    spread = (
        one for segment in transcript.segments for one in _atoms(segment, READING_SPEED)
    )
    breaks = Breaks(_in_order(spread))
    found: list[Cue] = []
    for start, stop in breaks.cues():
        first, last = atoms[start], atoms[stop - 1]
        end_s = max(last.end_s, min(first.start_s + SHORTEST_S, transcript.duration_s))
        end_s = min(end_s, first.start_s + LONGEST_S)
        if stop < len(atoms):
            end_s = _end_before(first.start_s, end_s, atoms[stop].start_s)
        lines = (atoms[a:b] for a, b in breaks.lines(start, stop))
        found.append(Cue(first.start_s, end_s, tuple(map(_line, lines))))
    return found


def _in_order(atoms: Iterable[Atom]) -> list[Atom]:
    """The atoms with times that players accept: each starts after the one before it and
    ends after its start."""
    found: list[Atom] = []
    at_s = 0.0
    for atom in atoms:
        start_s = max(atom.start_s, at_s)
        end_s = max(atom.end_s, start_s + RESOLUTION_S)
        found.append(replace(atom, start_s=start_s, end_s=end_s))
        at_s = start_s + RESOLUTION_S
    return found


def columns(text: str) -> int:
    """The width of a text in Latin letters."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _end_before(start_s: float, end_s: float, following_s: float) -> float:
    """The end of a cue with a gap before the next one."""
    latest = following_s - GAP_S
    return min(end_s, latest if latest > start_s + GAP_S else following_s)


def _line(atoms: Sequence[Atom]) -> str:
    return "".join(" " * atom.spaced + atom.text for atom in atoms).strip()


def _atoms(segment: SegmentText, speed: float = 0) -> Iterator[Atom]:
    """The segment's words, those wider than a line in parts.

    speed   words without times take at most 1 / speed seconds per column; 0: they
            share the whole segment
    """
    text = " ".join(segment.text.split())
    text = "".join(one for one in text if unicodedata.category(one) != "Cc")
    places = spans(text) or [(0, len(text))] * bool(text)
    texts = [text[start:stop] for start, stop in places]
    for word, (start, _), times in zip(
        texts, places, _times(segment, texts, speed), strict=True
    ):
        spaced = start == 0 or text[start - 1] == " "
        parts = _parts(word)
        widths = list(map(columns, parts))
        for part, width, (start_s, end_s) in zip(
            parts, widths, _divided(times, widths), strict=True
        ):
            yield Atom(part, width, start_s, end_s, spaced, segment.speaker)
            spaced = False


def _parts(word: str) -> list[str]:
    """The word in parts that fit in a line."""
    parts = [""]
    for grapheme in graphemes(word):
        if columns(parts[-1] + grapheme) > LINE_COLUMNS:
            parts.append("")
        parts[-1] += grapheme
    return parts


def _times(segment: SegmentText, texts: Sequence[str], speed: float) -> list[_Times]:
    """The times of each word; words without times share the time in between."""
    timed: Sequence[Word] = _plausible(segment.words)
    if len(timed) != len(texts):
        timed = [Word(text) for text in texts]
    found: list[_Times] = []
    unknown: list[int] = []  # widths of the words before without times
    at_s, end_s = segment.start_s, segment.end_s
    if speed and not any(word.start_s is not None for word in timed):
        end_s = min(end_s, at_s + sum(map(columns, texts)) / speed)
    for word, text in zip(timed, texts, strict=True):
        if word.start_s is None or word.end_s is None:
            unknown.append(columns(text))
            continue
        found += _divided((at_s, word.start_s), unknown)
        found.append((word.start_s, word.end_s))
        unknown, at_s = [], word.end_s
    return found + _divided((at_s, end_s), unknown)


def _plausible(words: Sequence[Word]) -> list[Word]:
    """The words without impossible times: negative ones, those before an earlier word,
    and empty ones."""
    found: list[Word] = []
    at_s = 0.0
    for word in words:
        start_s, end_s = word.start_s, word.end_s
        if start_s is None or end_s is None or not at_s <= start_s < end_s < math.inf:
            found.append(Word(word.text))
        else:
            found.append(word)
            at_s = start_s
    return found


def _divided(times: _Times, widths: Sequence[int]) -> list[_Times]:
    """The span of time divided in proportion to the widths."""
    start_s, end_s = times[0], max(times)
    sums = list(accumulate(widths, initial=0))
    per_column = (end_s - start_s) / max(1, sums[-1])
    return list(pairwise(start_s + width * per_column for width in sums))


def as_text(transcript: Transcript) -> str:
    return f"{transcript.text}\n"


def as_json(transcript: Transcript) -> str:
    """All fields of the transcript as indented JSON."""
    return (
        msgspec.json.format(msgspec.json.encode(transcript), indent=2).decode() + "\n"
    )


def as_srt(transcript: Transcript) -> str:
    parts = [
        f"{number}\n{_span(cue, ',')}\n{_break_markup(_lines(cue))}\n"
        for number, cue in enumerate(cues(transcript), 1)
    ]
    return "\n".join(parts)


def as_vtt(transcript: Transcript) -> str:
    parts = [
        f"{_span(cue, '.')}\n{escape(_lines(cue), quote=False)}\n"
        for cue in cues(transcript)
    ]
    return "\n".join(["WEBVTT\n", *parts])


def as_markdown(transcript: Transcript) -> str:
    """A paragraph for each segment with text, after the time of its first word."""
    parts = [
        f"**{clock(_start_s(segment))}** {_MARKDOWN.sub(_escaped, text)}\n"
        for segment in transcript.segments
        if (text := " ".join(segment.text.split()))
    ]
    return "\n".join(parts)


FORMATS: dict[str, Callable[[Transcript], str]] = {
    "text": as_text,
    "json": as_json,
    "srt": as_srt,
    "vtt": as_vtt,
    "md": as_markdown,
}


def clock(seconds: float) -> str:
    """A time as 1:02:03 or 2:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _start_s(segment: SegmentText) -> float:
    known = (word.start_s for word in segment.words[:1] if word.start_s is not None)
    return max(0.0, next(known, segment.start_s))


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}"


def _lines(cue: Cue) -> str:
    return "\n".join(cue.lines)


def _break_markup(text: str) -> str:
    """The text with an invisible word joiner inside what players would take for a tag,
    an override or an arrow: SRT has no escapes."""
    return _SRT_MARKUP.sub("\\g<0>\u2060", text)


def _span(cue: Cue, point: str) -> str:
    return f"{_stamp(cue.start_s, point)} --> {_stamp(cue.end_s, point)}"


def _stamp(seconds: float, point: str) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
