import pytest

from mica.bench.metrics import (
    ScreenText,
    SpokenWord,
    caption_words,
    committed_changed,
    delays_s,
    matching_words,
    normalized_erasure,
    percentile,
    quality,
    screen_texts,
    upwr,
)
from mica.events import Commit, SegmentText, Tentative

REFERENCE = "Hello Anna, are you free? I am."


def commit(text: str) -> Commit:
    return Commit(SegmentText(0.0, 1.0, text), 1.0)


def shown(*texts: str) -> list[ScreenText]:
    return [ScreenText(float(n), tuple(text.split())) for n, text in enumerate(texts)]


def test_words_are_compared_without_case_and_punctuation() -> None:
    assert caption_words("It's Twenty-five, OK?") == ["it's", "twenty", "five", "ok"]


def test_screen_shows_committed_text_followed_by_tentative_text() -> None:
    updates = [
        (0.5, [Tentative("hello")]),
        (0.7, []),
        (1.0, [commit("Hello,"), Tentative("you")]),
        (1.5, [Tentative("You.")]),
        (2.0, [commit("you.")]),
    ]
    assert screen_texts(updates) == [
        ScreenText(0.5, ("hello",)),
        ScreenText(1.0, ("hello", "you")),
    ]


def test_commit_without_tentative_text_clears_it() -> None:
    updates = [(0.5, [Tentative("one two")]), (1.0, [commit("one")])]
    assert screen_texts(updates)[-1] == ScreenText(1.0, ("one",))


def test_the_delay_runs_from_the_words_end_to_its_first_screen() -> None:
    spoken = [SpokenWord("a", 0.4), SpokenWord("b", 1.0), SpokenWord("c", 1.2)]
    screen = [
        ScreenText(0.5, ("a",)),
        ScreenText(1.5, ("a", "x")),
        ScreenText(2.0, ("a", "b", "c")),
    ]
    assert delays_s(spoken, screen) == pytest.approx([0.1, 1.0, 0.8])


def test_later_word_is_not_matched_with_the_same_word_now() -> None:
    spoken = [SpokenWord("the", 0.2), SpokenWord("cat", 0.6), SpokenWord("the", 3.0)]
    screen = [ScreenText(0.5, ("the",)), ScreenText(3.5, ("the", "cat", "the"))]
    assert delays_s(spoken, screen) == pytest.approx([0.3, 2.9, 0.5])


def test_a_wrong_word_before_does_not_hide_a_right_one() -> None:
    spoken = [SpokenWord("a", 0.2), SpokenWord("b", 0.6), SpokenWord("c", 0.8)]
    assert delays_s(spoken, [ScreenText(1.0, ("x", "y", "b", "c"))]) == [
        None,
        pytest.approx(0.4),
        pytest.approx(0.2),
    ]


def test_a_word_may_be_shown_before_it_ends_but_not_before_it_begins() -> None:
    spoken = [SpokenWord("a", 1.0), SpokenWord("b", 2.0), SpokenWord("c", 3.0)]
    found = delays_s(spoken, [ScreenText(1.5, ("a", "b", "c"))])
    assert found == [pytest.approx(0.5), pytest.approx(-0.5), None]


def test_a_word_without_a_time_has_no_delay() -> None:
    spoken = [SpokenWord("a", None), SpokenWord("b", 1.0)]
    assert delays_s(spoken, [ScreenText(2.0, ("a", "b"))]) == [None, 1.0]


def test_changed_words_are_counted_for_each_final_word() -> None:
    assert upwr(shown("a", "a b", "a c d", "a c d e")) == 1 / 4


def test_a_word_that_only_moves_is_not_a_changed_one() -> None:
    screen = shown("b c", "a b c")
    assert upwr(screen) == 0
    assert normalized_erasure(screen) == 2 / 3


def test_text_after_the_first_difference_counts_as_erased() -> None:
    assert normalized_erasure(shown("a b c", "a x c", "a x c d")) == 2 / 4


def test_text_that_only_grows_erases_nothing() -> None:
    assert (upwr(shown("a", "a b")), normalized_erasure(shown("a", "a b"))) == (0, 0)
    assert (upwr([]), normalized_erasure([])) == (0, 0)


@pytest.mark.parametrize(
    ("final", "changed"),
    [("One two. Three", 0), ("One two, Three", 2), ("One", 2), ("", 3)],
)
def test_committed_words_must_match_exactly(final: str, changed: int) -> None:
    assert committed_changed(["One two.", "Three"], final) == changed


@pytest.mark.parametrize(
    ("percent", "value"), [(50, 2.0), (51, 3.0), (95, 4.0), (100, 4.0), (1, 1.0)]
)
def test_a_percentile_is_one_of_the_values(percent: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], percent) == value


@pytest.mark.parametrize(
    ("wanted", "got", "pairs"),
    [
        ("a b c", "a b c", [(0, 0), (1, 1), (2, 2)]),
        ("a b a", "a", [(0, 0)]),
        ("a b c d", "a c d", [(0, 0), (2, 1), (3, 2)]),
        ("a b", "x a y b", [(0, 1), (1, 3)]),
        ("a", "b", []),
        ("", "b", []),
    ],
)
def test_equal_words_are_paired_in_order(
    wanted: str, got: str, pairs: list[tuple[int, int]]
) -> None:
    assert matching_words(wanted.split(), got.split()) == pairs


def test_text_equal_to_its_reference_has_no_errors() -> None:
    found = quality([(REFERENCE, REFERENCE), ("Two.", "Two.")])
    assert found.wer_percent == 0
    assert found.punctuation.f1_percent == found.capitals.f1_percent == 100


def test_word_errors_ignore_case_and_punctuation() -> None:
    found = quality([(REFERENCE, "hello anna are you three i am")])
    assert found.wer_percent == pytest.approx(100 / 7)
    assert found.punctuation.f1_percent == found.capitals.f1_percent == 0


def test_missing_and_extra_punctuation_marks_both_count() -> None:
    assert quality([("One, two.", "One two.")]).punctuation.f1_percent == pytest.approx(
        100 * 2 / 3
    )
    assert quality([("One two.", "One, two.")]).punctuation.f1_percent == pytest.approx(
        100 * 2 / 3
    )


def test_a_mark_of_another_kind_is_wrong() -> None:
    assert quality([("Is it?", "Is it.")]).punctuation.f1_percent == 0


def test_scores_of_texts_are_summed() -> None:
    assert quality([("a b", "a c"), ("d e", "d e")]).wer_percent == 25
