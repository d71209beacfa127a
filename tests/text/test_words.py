"""Splitting text into words, and counting graphemes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.text.words import grapheme_count, spans, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("...", []),
        ("Hello there.", ["Hello", "there."]),
        ("don't  stop", ["don't", "stop"]),
        ("Ça va ? Oui.", ["Ça", "va ?", "Oui."]),
        ("«\u00a0Oui\u00a0»", ["«\u00a0Oui\u00a0»"]),
        ("– Hi. – You", ["– Hi. –", "You"]),
        ("( bar ) baz (", ["( bar )", "baz ("]),
        ("R & D, 5 % of $ 3", ["R", "&", "D,", "5", "%", "of", "$", "3"]),
        (
            "「今日」は、「晴れ」です。",
            ["「今", "日」", "は、", "「晴", "れ」", "で", "す。"],
        ),
        ("コンピューター", ["コ", "ン", "ピュー", "ター"]),
        ("了解 ok。", ["了", "解", "ok。"]),
        ("人々", ["人々"]),
        ("한국 사람", ["한국", "사람"]),
    ],
)
def test_words_include_the_marks_around_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text(alphabet="aB5 \n\u00a0.,–(”“「」。日本っー々&é"))
def test_words_contain_all_of_a_text_but_spaces(text: str) -> None:
    found = spans(text)
    stops = [0, *(stop for _, stop in found)]
    starts = [*(start for start, _ in found), len(text)]
    between = [text[a:b] for a, b in zip(stops, starts, strict=True)]
    assert all(start < stop for start, stop in found)
    assert not found or not any(gap.strip() for gap in between)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("manager.", 8),
        ("nai\u0308ve", 5),  # a letter with a combining mark
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
        ("\n\u0301", 2),  # a combining mark without a base letter
        ("नमस्ते", 3 + 1),
    ],
)
def test_graphemes_are_the_characters_people_see(text: str, count: int) -> None:
    assert grapheme_count(text) == count


@given(st.text(), st.text(alphabet="ab c.", min_size=1))
def test_plain_letters_are_one_grapheme_each(text: str, letters: str) -> None:
    assert grapheme_count(letters) == len(letters)
    assert grapheme_count(text) <= len(text)
