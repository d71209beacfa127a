"""Formats a transcript as plain text, JSON, subtitles or Markdown.

Pure; it writes no file.
"""

import re
from collections.abc import Callable
from html import escape

import msgspec

from mica.events import SegmentText, Transcript
from mica.text.subtitles import Cue, cues

_MARKDOWN = re.compile(r"[\\`*_\[\]<>#|~&]")
_SRT_MARKUP = re.compile(r"<(?=[/a-zA-Z])|\{(?=[\\a-zA-Z])|--(?=>)")


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
SUFFIXES = {"text": "txt", "json": "json", "srt": "srt", "vtt": "vtt", "md": "md"}


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
