"""Segment texts put together: whatever they hold, no word and no space is lost."""

from hypothesis import given
from hypothesis import strategies as st

from mica.engine.commits import Commits
from mica.engine.segment import Span
from mica.events import Style
from mica.units import SAMPLE_RATE_HZ

texts = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["I", "the", "We", "Jon", ".", "?", "x.", "“No"])),
        st.sampled_from([" ", "  ", "\n", " \u00a0"]),
        st.floats(0.1, 2.0),  # the pause behind it
    ),
    max_size=8,
)


def words(text: str) -> list[str]:
    """But for the stops and capitals that joining may take."""
    return [bare for word in text.split() if (bare := word.strip(".").lower())]


@given(texts, st.sampled_from(Style))
def test_words_are_put_together_with_one_space_each(
    parts: list[tuple[list[str], str, float]], style: Style
) -> None:
    commits, at = Commits(style, ["Jon"], None), 0
    told = []
    for spoken, space, pause_s in parts:
        span = Span(at, at + 100, at, at + 100)
        told += commits.add(span, space + space.join(spoken) + space)
        at += 100 + round(pause_s * SAMPLE_RATE_HZ)
    told += commits.finish()
    text = " ".join(commit.segment.text for commit in told)
    assert text == " ".join(text.split())
    assert words(text) == [
        word for spoken, _, _ in parts for word in words(" ".join(spoken))
    ]
