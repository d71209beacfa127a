import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.session.spacing import continued

TEXTS = st.text(alphabet="aAbI .,;:!?\"'()[]“”’-–/1日あñé😀\n", max_size=8)


def after(before: str, text: str, *keywords: str) -> str:
    return continued(before, text, punctuated=True, keywords=keywords)


@pytest.mark.parametrize(
    ("before", "text", "whole"),
    [
        ("Ask the manager.", "I have time.", "Ask the manager. I have time."),
        ("one", "two", "one two"),
        ("Really?", "Yes.", "Really? Yes."),
        ("He said “no.”", "Then he left.", "He said “no.” Then he left."),
        ("(one)", "two", "(one) two"),
        ("50%", "of it", "50% of it"),
        ("so: 😀", "Well.", "so: 😀 Well."),
        ("안녕", "하세요", "안녕 하세요"),  # Korean has spaces
        ("Hello. ", "You.", "Hello. You."),  # there is one already
        ("Hello.\n", "You.", "Hello.\nYou."),
        ("Hello.", " You.", "Hello. You."),
        ("one (", "two)", "one (two)"),
        ("he said “", "no”", "he said “no”"),
        ("one", ", two", "one, two"),
        ("one", ". Two", "one. Two"),
        ("fifty", "%", "fifty%"),
        ("(one", ")", "(one)"),
        ("and/", "or", "and/or"),
        ("well-", "known", "well-known"),
        ("東京です。", "大阪です。", "東京です。大阪です。"),
        ("これは", "テスト", "これはテスト"),
        ("สวัสดี", "ครับ", "สวัสดีครับ"),
        ("", "Alone.", "Alone."),
        ("Alone.", "", "Alone."),
    ],
)
def test_a_space_stands_where_people_write_one(
    before: str, text: str, whole: str
) -> None:
    assert before + after(before, text) == whole


@pytest.mark.parametrize(
    ("before", "text", "goes_on"),
    [
        ("I said,", "And then I left.", " and then I left."),
        ("we met", "In the morning.", " in the morning."),
        ("we met", "A friend of mine.", " a friend of mine."),
        ("we met (there)", "But not today.", " but not today."),
        ("we met;", "It was late.", " it was late."),
        ("we met", "Then, late.", " then, late."),
        ("when", "That I knew.", " that I knew."),
        ("we met ", "In the morning.", "in the morning."),
        ("number 5", "And 6.", " and 6."),
    ],
)
def test_a_sentence_goes_on_in_lower_case(before: str, text: str, goes_on: str) -> None:
    assert after(before, text) == goes_on


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("I met", "Jonathan there."),  # a name, for all we know
        ("I met", "Will there."),
        ("and", "I left."),
        ("and", "I'm late."),
        ("we like", "IT."),  # no sentence's first word
        ("made in the", "US of course."),
        ("we flew to", "The Hague."),
        ("we saw", "The New York Times."),
        ("a sonata in", "A minor."[:1]),
        ("I met", "Ärzte."),  # German nouns keep theirs
        ("I met", "Haus."),
        ("He left.", "And she came."),  # a new sentence
        ("He left!", "And she came."),
        ("Did he?", "And she came."),
        ("He left…", "And she came."),
        ("He left.”", "And she came."),
        ("Note:", "The end."),  # either may be right
        ("   ", "The end."),
        ("“", "The end."),
    ],
)
def test_a_capital_that_may_be_right_stays(before: str, text: str) -> None:
    assert after(before, text).endswith(text)


def test_a_keyword_keeps_its_capital() -> None:
    assert after("we use", "Then of course.") == " then of course."
    assert after("we use", "Then of course.", "Then Analytics") == " Then of course."


def test_without_sentences_no_letter_changes() -> None:
    assert continued("we met", "The end", punctuated=False) == " The end"


@given(TEXTS, TEXTS, st.booleans())
def test_nothing_but_one_space_and_the_first_letter_changes(
    before: str, text: str, punctuated: bool
) -> None:
    found = continued(before, text, punctuated=punctuated)
    assert found[-len(text) :].lower() == text.lower() if text else found == ""
    assert len(found) - len(text) in (0, 1)
    assert found == text or before
    assert found[-len(text) + 1 :] == text[1:] if len(text) > 1 else True


@given(TEXTS, TEXTS)
def test_never_two_spaces_and_a_second_look_changes_nothing(
    before: str, text: str
) -> None:
    found = after(before, text)
    if before[-1:].isspace() or text[:1].isspace():
        assert len(found) == len(text)
    assert after(before, found) == found
