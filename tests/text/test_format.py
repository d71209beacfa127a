"""Every output format of one transcript."""

import json
import re

from mica.events import SegmentText, Transcript, Word
from mica.text.format import FORMATS, SUFFIXES, as_markdown, clock

TRANSCRIPT = Transcript(
    text="Hello there. Good bye.",
    model="pebble",
    duration_s=3723.5,
    segments=(
        SegmentText(0.25, 1.5, "Hello there."),
        SegmentText(3721.0, 3723.04, "Good bye."),
    ),
)


def test_every_format_has_a_suffix():
    assert set(FORMATS) == set(SUFFIXES)


def test_text_format_is_the_text_alone():
    assert FORMATS["text"](TRANSCRIPT) == "Hello there. Good bye.\n"


def test_json_has_every_documented_key():
    result = json.loads(FORMATS["json"](TRANSCRIPT))
    assert list(result) == [
        "text", "model", "duration_s", "segments", "language",
        "keywords_applied", "notes", "timing",
    ]  # fmt: skip
    assert list(result["segments"][0]) == [
        "start_s", "end_s", "text", "speaker", "words", "certainty",
    ]  # fmt: skip


def test_srt_cues_are_numbered_and_have_decimal_commas():
    assert FORMATS["srt"](TRANSCRIPT) == (
        "1\n00:00:00,250 --> 00:00:01,500\nHello there.\n\n"
        "2\n01:02:01,000 --> 01:02:03,040\nGood bye.\n"
    )


def test_vtt_has_a_header_and_decimal_points():
    lines = FORMATS["vtt"](TRANSCRIPT).splitlines()
    assert lines[:4] == ["WEBVTT", "", "00:00:00.250 --> 00:00:01.500", "Hello there."]


MARKUP = Transcript(
    text="a <b>x</b> & y --> z {\\an8}",
    model="pebble",
    duration_s=4.0,
    segments=(SegmentText(0.0, 4.0, "a <b>x</b> & y --> z {\\an8}"),),
)


def test_vtt_escapes_markup():
    [*_, line] = FORMATS["vtt"](MARKUP).splitlines()
    assert line == "a &lt;b&gt;x&lt;/b&gt; &amp; y --&gt; z {\\an8}"


def test_srt_text_is_never_taken_for_markup_or_a_time():
    [number, times, text] = FORMATS["srt"](MARKUP).splitlines()
    assert (number, times) == ("1", "00:00:00,000 --> 00:00:04,000")
    assert text.replace("\u2060", "") == MARKUP.text
    assert not re.search(r"<[/a-z]|\{\\|-->", text)


def test_srt_text_that_is_a_number_is_no_cue_number():
    transcript = Transcript("42", "pebble", 2.0, (SegmentText(0.0, 2.0, "42\n\n7"),))
    assert FORMATS["srt"](transcript).splitlines()[2:] == ["42 7"]


def test_markdown_paragraphs_start_with_the_time():
    assert FORMATS["md"](TRANSCRIPT).startswith(
        "**0:00** Hello there.\n\n**1:02:01** Good"
    )


def test_markdown_is_escaped_and_timed_by_its_first_word():
    text = "# a *b* <i>c</i> [d](e) snake_case `f`\n\ng"
    segments = (
        SegmentText(0, 3, text, None, (Word("#", 2.0, 2.5),)),
        SegmentText(3, 4, " "),
    )
    assert as_markdown(Transcript(text, "m", 4, segments)) == (
        "**0:02** \\# a \\*b\\* \\<i\\>c\\</i\\> \\[d\\](e) snake\\_case \\`f\\` g\n"
    )


def test_clock_has_hours_from_one_hour_on():
    assert [clock(s) for s in (0, 61, 3600)] == ["0:00", "1:01", "1:00:00"]
