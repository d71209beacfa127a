import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.text.graphemes import grapheme_count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("manager.", 8),
        ("nai\u0308ve", 5),  # a letter and its mark
        ("naïve", 5),
        ("日本語", 3),
        ("👍🏽", 1),
        ("👩‍👩‍👧", 1),
        ("❤️", 1),
        ("🇩🇪🇫🇷", 2),
        ("🇩🇪a🇫", 3),
        ("한국", 2),
        ("\u1112\u1161\u11ab", 1),  # one syllable in three letters
        ("a\r\nb", 3),
        ("\n\u0301", 2),  # a mark has nothing to stand on
        ("नमस्ते", 3 + 1),
    ],
)
def test_graphemes_are_the_characters_people_see(text: str, count: int) -> None:
    assert grapheme_count(text) == count


@given(st.text(), st.text(alphabet="ab c.", min_size=1))
def test_plain_letters_are_one_grapheme_each(text: str, plain: str) -> None:
    assert grapheme_count(plain) == len(plain)
    assert grapheme_count(text) <= len(text)
