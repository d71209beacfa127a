"""A transcript as plain text, JSON, subtitles or Markdown. Pure; writes no file."""

from collections.abc import Callable

import msgspec

from mica.events import SegmentText, Transcript


def as_text(transcript: Transcript) -> str:
    return f"{transcript.text}\n"


def as_json(transcript: Transcript) -> str:
    """DESIGN's JSON result, indented."""
    return (
        msgspec.json.format(msgspec.json.encode(transcript), indent=2).decode() + "\n"
    )


def as_srt(transcript: Transcript) -> str:
    cues = [
        f"{number}\n{_span(segment, ',')}\n{segment.text}\n"
        for number, segment in enumerate(transcript.segments, 1)
    ]
    return "\n".join(cues)


def as_vtt(transcript: Transcript) -> str:
    cues = [f"{_span(s, '.')}\n{s.text}\n" for s in transcript.segments]
    return "\n".join(["WEBVTT\n", *cues])


def as_markdown(transcript: Transcript) -> str:
    """A paragraph a segment, each led by its time."""
    lines = [f"**{clock(s.start_s)}** {s.text}\n" for s in transcript.segments]
    return "\n".join(lines)


FORMATS: dict[str, Callable[[Transcript], str]] = {
    "text": as_text,
    "json": as_json,
    "srt": as_srt,
    "vtt": as_vtt,
    "md": as_markdown,
}
SUFFIXES = {"text": "txt", "json": "json", "srt": "srt", "vtt": "vtt", "md": "md"}


def clock(seconds: float) -> str:
    """1:02:03 or 2:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _span(segment: SegmentText, point: str) -> str:
    return f"{_stamp(segment.start_s, point)} --> {_stamp(segment.end_s, point)}"


def _stamp(seconds: float, point: str) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
