"""Joining the texts of segments: no word and no space is ever lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.engine.endpointing import Span
from mica.engine.sentences import SentenceJoiner
from mica.events import Certainty, Style, Word
from mica.text.capitals import without_stop
from mica.units import SAMPLE_RATE_HZ

texts = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["I", "the", "We", "Jon", ".", "?", "x.", "“No"])),
        st.sampled_from([" ", "  ", "\n", " \u00a0"]),
        st.floats(0.1, 2.0),  # the pause after it
    ),
    max_size=8,
)


def words(text: str) -> list[str]:
    """The words, without the periods and capitals that joining may change."""
    return [bare for word in text.split() if (bare := word.strip(".").lower())]


@given(texts, st.sampled_from(Style))
def test_words_are_joined_with_single_spaces(
    parts: list[tuple[list[str], str, float]], style: Style
) -> None:
    commits, at = SentenceJoiner(style, ["Jon"], None), 0
    commits_made = []
    for spoken, space, pause_s in parts:
        span = Span(at, at + 100, at, at + 100)
        commits_made += commits.add(span, space + space.join(spoken) + space)
        at += 100 + round(pause_s * SAMPLE_RATE_HZ)
    commits_made += commits.finish()
    text = " ".join(commit.segment.text for commit in commits_made)
    assert text == " ".join(text.split())
    assert words(text) == [
        word for spoken, _, _ in parts for word in words(" ".join(spoken))
    ]


def test_word_times_are_relative_to_the_utterance_and_spelled_as_in_the_text() -> None:
    second = SAMPLE_RATE_HZ
    commits = SentenceJoiner(Style.PUNCTUATED, [], None)
    words = (Word("We", 0.2, 0.4, 0.9), Word("left.", 0.4, 0.9, 0.8))
    first = Span(3 * second, 4 * second, 3 * second, 4 * second)
    then = Span(4 * second, 5 * second, 4 * second + 1, 5 * second)
    committed = commits.add(first, "We left.", words)
    committed += commits.add(then, "We left.", words, Certainty.CHECK)
    committed += commits.finish()
    certainties = [commit.segment.certainty for commit in committed]
    assert certainties == [Certainty.SURE, Certainty.CHECK]
    assert [commit.segment.words for commit in committed] == [
        (Word("We", 3.2, 3.4, 0.9), Word("left", 3.4, 3.9, 0.8)),
        (Word("we", 4.2, 4.4, 0.9), Word("left.", 4.4, 4.9, 0.8)),
    ]


@pytest.mark.parametrize(
    ("text", "shortened"),
    [
        ("I went home.", "I went home"),
        ("Did you?", "Did you?"),
        ("And so...", "And so..."),
        ("", ""),
    ],
)
def test_only_a_final_stop_is_removed(text: str, shortened: str) -> None:
    assert without_stop(text) == shortened
