"""Subtitle cues of complete transcripts: their text, and when they are shown."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.events import SegmentText, Transcript, Word
from mica.text.cue_breaks import LINE_COLUMNS, LONGEST_S, PAUSE_S
from mica.text.format import GAP_S, columns, cues
from mica.text.words import words

LONG = (
    "This sentence is a good deal longer than what two lines of a subtitle can hold,"
    " so it has to be cut somewhere, and there are commas for it."
)


def spoken(
    text: str, at_s: float = 0.2, word_s: float = 0.3, speaker: str | None = None
) -> SegmentText:
    """A segment whose words follow one another without pauses."""
    found = []
    start_s = at_s
    for word in words(text):
        found.append(Word(word, at_s, at_s + word_s, 0.9))
        at_s += word_s
    return SegmentText(start_s - 0.2, at_s + 0.1, text, speaker, tuple(found))


def transcript_of(*segments: SegmentText, duration_s: float = 3600.0) -> Transcript:
    text = " ".join(segment.text for segment in segments)
    return Transcript(text, "pebble", duration_s, segments)


def lines(transcript: Transcript) -> list[tuple[str, ...]]:
    return [cue.lines for cue in cues(transcript)]


def test_each_sentence_is_a_cue_from_its_first_word_to_its_last() -> None:
    found = cues(
        transcript_of(spoken("We left the house. They stayed at home.", word_s=0.5))
    )
    assert [cue.lines for cue in found] == [
        ("We left the house.",),
        ("They stayed at home.",),
    ]
    assert (found[0].start_s, found[1].start_s) == pytest.approx((0.2, 2.2))
    assert found[0].end_s == pytest.approx(2.2 - GAP_S)
    assert found[1].end_s == pytest.approx(4.2)


def test_a_cue_ends_with_its_last_word_not_with_its_segment() -> None:
    sentence = spoken("Please copy the recipe before Wednesday.")
    knocked = SegmentText(0.0, 9.6, sentence.text, None, sentence.words)
    [cue] = cues(transcript_of(knocked))
    assert (cue.start_s, cue.end_s) == pytest.approx((0.2, 2.0))


def test_a_long_sentence_is_split_at_its_clauses() -> None:
    whole = [" ".join(cue) for cue in lines(transcript_of(spoken(LONG, word_s=0.2)))]
    assert len(whole) > 1
    assert all(text.endswith((",", ".")) for text in whole)


def test_a_long_text_without_punctuation_is_cut_into_even_cues() -> None:
    text = " ".join(f"word{number:02}" for number in range(18))
    sizes = [
        columns(" ".join(cue)) for cue in lines(transcript_of(spoken(text, word_s=0.2)))
    ]
    assert len(sizes) == 2 and abs(sizes[0] - sizes[1]) <= 8


def test_slow_speech_is_split_by_time() -> None:
    found = cues(
        transcript_of(spoken("one two three four five six seven eight", word_s=1.9))
    )
    assert max(cue.end_s - cue.start_s for cue in found) <= LONGEST_S
    assert len(found) >= 3


def test_a_pause_ends_a_cue_within_a_sentence() -> None:
    first, then = spoken("I was about to"), spoken("tell you.", at_s=5.0)
    found = cues(transcript_of(first, then))
    assert [cue.lines for cue in found] == [("I was about to",), ("tell you.",)]
    assert found[0].end_s == pytest.approx(1.4)


def test_pauses_end_cues_without_punctuation_too() -> None:
    first, then = spoken("are you free on friday"), spoken("tell me soon", at_s=2.4)
    assert len(cues(transcript_of(first, then))) == 2


def test_a_sentence_without_punctuation_is_split_at_short_pauses() -> None:
    text = "and there is nothing that any of you could have done about that long day"
    then = spoken(text, 1.8, word_s=0.2)
    [cue, _] = cues(transcript_of(spoken("so this is where we", word_s=0.25), then))
    assert cue.lines == ("so this is where we",)


def test_lines_do_not_end_with_an_article() -> None:
    [pair] = lines(transcript_of(spoken("he showed everyone the old map he had found")))
    assert pair == ("he showed everyone", "the old map he had found")


def test_a_sentence_in_two_segments_is_one_cue() -> None:
    first, then = spoken("I was about to"), spoken("tell you.", at_s=1.6)
    assert lines(transcript_of(first, then)) == [("I was about to tell you.",)]


def test_a_short_sentence_is_shown_long_enough_or_with_its_neighbor() -> None:
    [alone] = cues(transcript_of(spoken("Yes.")))
    assert alone.end_s - alone.start_s == pytest.approx(1.0)
    assert lines(transcript_of(spoken("Yes. I shall come along."))) == [
        ("Yes. I shall come along.",)
    ]


def test_a_cue_does_not_outlast_the_recording() -> None:
    [cue] = cues(transcript_of(spoken("Yes."), duration_s=0.7))
    assert cue.end_s == pytest.approx(0.7)


@pytest.mark.parametrize(
    "text", ["Mr. Smith is late.", "So did J. Doe.", "It cost 3.5 or so... maybe."]
)
def test_a_period_within_a_sentence_ends_no_cue(text: str) -> None:
    assert lines(transcript_of(spoken(text, word_s=0.6))) == [(text,)]


@pytest.mark.parametrize(
    "text",
    [
        "We climbed Mt. Rainier with Gen. Lee Jr. and Sen. Smith.",
        "Acme Inc. Ph.D. students came on Feb. 29 with Lt. Dan.",
        "Col. Ray Sr. of the U.S. Army was here at 5 p.m. Monday.",
        "It costs 1,234.56 dollars and 3. 5 percent.",
    ],
)
def test_an_abbreviation_ends_no_cue(text: str) -> None:
    assert len(lines(transcript_of(spoken(text)))) == 1


def test_a_text_without_times_is_split_at_sentences_and_clauses() -> None:
    text = "I took the train to Berlin this morning, because my brother lives there."
    found = cues(transcript_of(SegmentText(0, 29, text), duration_s=29))
    assert [" ".join(cue.lines) for cue in found] == [text]
    text = f"{text} He is well. We talked for hours about all that had happened since."
    found = cues(transcript_of(SegmentText(0, 29, text), duration_s=29))
    assert len(found) > 1 and all(len(words(" ".join(c.lines))) > 2 for c in found)
    assert all(cue.end_s - cue.start_s <= LONGEST_S for cue in found)


BAD = [
    [(1.0, 1.0)] * 6,
    [(5, 6), (4, 4.5), (3, 2), (9, 9.1), (1, 2), (8, 10)],
    [(-2, -1), (-1, 0), (0, 0), (1e9, 2e9), (0, 1), (1, 2)],
    [(float("nan"), 1), (1, float("inf")), (3, 1), (2, 2), (2, 2), (2, 2)],
]


@pytest.mark.parametrize("times", BAD)
@pytest.mark.parametrize("span", [(0, 10), (-1, 2), (5, 5), (3, 1)])
def test_impossible_times_make_cues_that_players_accept(
    times: list[tuple[float, float]], span: tuple[float, float]
) -> None:
    texts = ["One,", "two.", "Three?", "Four.", "Five.", "Six."]
    timed = tuple(Word(a, *b) for a, b in zip(texts, times, strict=True))
    segment = SegmentText(*span, " ".join(texts), None, timed)
    found = cues(transcript_of(segment, spoken("And on."), duration_s=10))
    assert all(0 <= cue.start_s < cue.end_s for cue in found)
    assert all(a.end_s <= b.start_s for a, b in pairwise(found))


def test_two_lines_are_even_and_break_at_punctuation() -> None:
    text = "We need seven officers and some sugar for last week."
    [pair] = lines(transcript_of(spoken(text)))
    assert abs(len(pair[0]) - len(pair[1])) < 8
    text = "I am handling the dinner alone, so please wait."
    assert lines(transcript_of(spoken(text))) == [
        ("I am handling the dinner alone,", "so please wait.")
    ]


def test_speakers_do_not_share_a_cue() -> None:
    first = spoken("Are you", speaker="A")
    assert len(cues(transcript_of(first, spoken("coming?", 1.0, speaker="B")))) == 2


def test_a_word_longer_than_a_line_is_split_between_graphemes() -> None:
    text = "e\u0301" * 50
    found = lines(transcript_of(spoken(text)))
    parts = [line for cue in found for line in cue]
    assert "".join(parts) == text
    assert all(columns(part) <= LINE_COLUMNS for part in parts)
    assert not any(part.startswith("\u0301") for part in parts)


def test_full_width_characters_take_two_columns() -> None:
    text = "今日は天気がいいので、公園へ行って、友達と一緒にお弁当を食べました。"
    text += "とても楽しかったです。"
    parts = [
        line for cue in lines(transcript_of(spoken(text, word_s=0.15))) for line in cue
    ]
    assert "".join(parts) == text
    assert all(len(part) <= LINE_COLUMNS // 2 for part in parts)
    assert not any(part[0] in "。、" for part in parts)


def test_right_to_left_text_keeps_its_order() -> None:
    text = "שלום לכולם, מה שלומכם היום? אני מקווה שהכול בסדר אצלכם."
    parts = [line for cue in lines(transcript_of(spoken(text))) for line in cue]
    assert " ".join(parts) == text


def test_blank_lines_of_a_text_are_not_in_its_cues() -> None:
    segment = SegmentText(0.0, 2.0, "One\n\ntwo\u2028\r\n three\x00.")
    assert lines(transcript_of(segment)) == [("One two three.",)]


def test_a_text_without_words_is_shown() -> None:
    assert lines(transcript_of(SegmentText(0.0, 2.0, "♪"))) == [("♪",)]
    assert lines(transcript_of(SegmentText(0.0, 2.0, " "))) == []
    assert lines(transcript_of()) == []


def test_words_without_times_share_their_segments_time_by_length() -> None:
    text = "Das ist ein Satz. Und noch ein Satz."
    found = cues(transcript_of(SegmentText(1.0, 9.0, text)))
    assert [cue.lines for cue in found] == [
        ("Das ist ein Satz.",),
        ("Und noch ein Satz.",),
    ]
    assert found[0].start_s == 1.0 and found[1].start_s == pytest.approx(4.8, abs=0.3)
    assert found[1].end_s == pytest.approx(9.0)


def test_a_word_without_a_time_is_between_its_neighbors() -> None:
    known = Word("One", 0.0, 0.5), Word("two", None, None), Word("three.", 2.0, 2.5)
    [cue] = cues(transcript_of(SegmentText(0.0, 9.0, "One two three.", None, known)))
    assert (cue.start_s, cue.end_s) == (0.0, 2.5)


a_word = st.sampled_from(
    [
        "a",
        "the",
        "Yes.",
        "no,",
        "Mr.",
        "something",
        "日本",
        "「今」。",
        "x" * 100,
        "–",
        "3.5",
    ]
)
a_pause = st.sampled_from([0.0, 0.0, 0.0, 0.2, 0.5, 1.5])


@given(
    st.lists(st.lists(st.tuples(a_word, a_pause), max_size=40), max_size=4),
    st.booleans(),
)
def test_cues_contain_any_text_and_can_be_read(
    parts: list[list[tuple[str, float]]], timed: bool
) -> None:
    segments, at_s = [], 0.0
    for part in parts:
        start_s, found = at_s, []
        text = " ".join(word for word, _ in part)
        for (_, pause_s), word in zip(part * 3, words(text), strict=False):
            found.append(Word(word, at_s, at_s + 0.25, 0.5))
            at_s += 0.25 + pause_s
        at_s += 0.1
        given_words = tuple(found) if timed else ()
        segments.append(SegmentText(start_s, at_s, text, None, given_words))
    found = cues(transcript_of(*segments))
    shown = "".join(line for cue in found for line in cue.lines)
    wanted = "".join(segment.text for segment in segments)
    assert shown.replace(" ", "") == wanted.replace(" ", "")
    for cue in found:
        assert 1 <= len(cue.lines) <= 2
        assert all(0 < columns(line) <= LINE_COLUMNS for line in cue.lines)
        assert 0 < cue.end_s - cue.start_s <= LONGEST_S
    for cue, following in pairwise(found):
        assert cue.end_s <= following.start_s
    if timed:
        found = [word for segment in segments for word in segment.words]
        after_pauses = {b.start_s for a, b in pairwise(found) if is_pause(a, b)}
        assert after_pauses <= {cue.start_s for cue in found}


def is_pause(word: Word, following: Word) -> bool:
    assert word.end_s is not None and following.start_s is not None
    return following.start_s - word.end_s > PAUSE_S
