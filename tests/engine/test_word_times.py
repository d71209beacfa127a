"""Word times from hand-written posteriors; a frame is 20 ms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mica.engine import ctc
from mica.engine.word_times import later, timed, with_spelling
from mica.events import Word
from mica.units import FRAME_S

Floats = NDArray[np.float32]


def scores_of(best: str, weak: dict[int, str] | None = None) -> Floats:
    """Log posteriors for one character per frame, "_" = blank; `weak`: second best."""
    logits = np.zeros((len(best), 348), np.float32)
    for frame, character in enumerate(best):
        logits[frame, ctc.BLANK if character == "_" else ord(character)] = 12
    for frame, character in (weak or {}).items():
        logits[frame, ord(character)] = 9
    return ctc.log_posteriors(logits)


def frames(word: Word) -> tuple[float, float]:
    assert word.start_s is not None and word.end_s is not None
    return word.start_s / FRAME_S, word.end_s / FRAME_S


def middle(word: Word) -> float:
    return sum(frames(word)) / 2


def check(words: tuple[Word, ...], count: int) -> None:
    """Assert that words are in order, within the frames, and not empty."""
    at = 0.0
    for word in words:
        assert word.start_s is not None and word.end_s is not None
        assert at <= word.start_s < word.end_s <= count * FRAME_S
        assert word.confidence is None or 0 <= word.confidence <= 1
        at = word.end_s


def test_words_lie_around_their_letters() -> None:
    path = "______hh_i_i__ __tthe_re_______"
    words = timed("Hii, there.", scores_of(path))
    assert [word.text for word in words] == ["Hii,", "there."]
    check(words, len(path))
    hi, there = map(frames, words)
    assert hi == pytest.approx((6 - 1.5, 12 + 2.5))  # halfway to `there`
    assert there == pytest.approx((17 - 1.5, 24 + 3))
    assert all(word.confidence and word.confidence > 0.9 for word in words)


def test_word_before_a_pause_does_not_include_it() -> None:
    words = timed("Yes no.", scores_of("__y_e_s" + "_" * 200 + " _n_o__"))
    assert frames(words[0])[1] == pytest.approx(7 + 3)
    assert frames(words[1])[0] > 200


def test_digits_have_the_time_of_the_words_they_stand_for() -> None:
    path = "__i__ h_a_v_e_ __t_w_e_n_t_y__ _f_i_v_e_ __d_o_l_a_r_s___"
    words = timed("I have 25 dollars.", scores_of(path))
    check(words, len(path))
    have, number, dollars = map(frames, words[1:])
    assert have[1] <= number[0] <= path.index("t_w")
    assert path.index("f_i") + 6 <= number[1] <= dollars[0] <= path.index("d_o")


def test_letters_and_digits_in_one_word_have_the_time_of_all_of_it() -> None:
    path = "_i_s_ e_ _m_ _t_h_r_e_e_ n_i_n_e_ e_i_g_h_t_ _f_r_e_e__"
    words = timed("Is EM398 free?", scores_of(path))
    code = frames(words[1])
    assert code[0] <= path.index("e_ _m") and code[1] >= path.index("_f_r") - 4
    assert code[1] <= path.index("f_r")


def test_numbers_in_a_row_share_their_time_by_their_digits() -> None:
    path = "_c_a_l_l_ o_n_e_ t_w_o_ s_i_x_ f_o_u_r_ t_e_n_ n_o_w_"
    words = timed("Call 12 645 now.", scores_of(path))
    check(words, len(path))
    first, second = frames(words[1]), frames(words[2])
    assert first[0] <= path.index("o_n_e") and second[1] >= path.index("t_e_n") + 5
    share = (first[1] - first[0]) / (second[1] - first[0])
    assert share == pytest.approx(2 / 5, abs=0.1)


def test_respelled_name_has_the_time_of_its_sound() -> None:
    path = "_a_s_k_ __v_o_y_c_h_e_k_ __n_o_w_"
    words = timed("Ask Wojciech now.", scores_of(path))
    name = frames(words[1])
    assert name[0] <= path.index("v_o") + 3 and name[1] >= path.index("k_ __n") - 3
    assert name[1] <= path.index("n_o_w")
    others = [words[0].confidence, words[2].confidence]
    assert all(other and other > 0.9 for other in others)
    assert words[1].confidence is not None and words[1].confidence < 0.7


def test_uncertain_word_lies_where_it_was_most_probable() -> None:
    path = "_y_o_u_ " + "_" * 60 + " t_u_r_n_"
    words = timed("You a turn.", scores_of(path, {30: "a"}))
    assert 28 <= middle(words[1]) <= 33
    assert words[1].confidence is not None and words[1].confidence < 0.5


def test_repeated_word_missing_once_in_the_ctc_text_has_its_own_time() -> None:
    path = "_n_o_ " + "_" * 20 + "_n_o_ g_o_"
    weak = {14: "n", 16: "o", 18: " "}
    words = timed("No, no, no, go.", scores_of(path, weak))
    check(words, len(path))
    assert middle(words[0]) < 6 < middle(words[1]) < 22 < middle(words[2]) < 32


def test_kana_are_found_and_what_is_between_shares_the_rest() -> None:
    best = [ctc.BLANK]
    for letter, blanks in zip(
        "キョウハハレデス", (3, 3, 3, 3, 30, 3, 3, 3), strict=True
    ):
        label = ctc.label(letter)
        assert label is not None
        best += [label, *[ctc.BLANK] * blanks]
    scores = ctc.log_posteriors(np.eye(348, dtype=np.float32)[best] * 12)
    words = timed("今日は晴れです。", scores)
    assert [word.text for word in words] == ["今", "日", "は", "晴", "れ", "で", "す。"]
    check(words, len(best))
    centers = [middle(words[number]) for number in (4, 5, 6)]
    assert centers == pytest.approx([28 + 4 * 5, 28 + 4 * 6, 28 + 4 * 7], abs=2)
    assert words[4].confidence == words[5].confidence == pytest.approx(1, abs=0.01)


def test_too_much_text_is_spread_over_the_sound() -> None:
    words = timed("Far more words than five frames can hold.", scores_of("_h_i_"))
    assert len(words) == 8
    check(words, 5)
    assert frames(words[0])[0] == 0 and frames(words[-1])[1] == 4.5
    assert {word.confidence for word in words} == {None}


def test_where_nothing_is_written_or_no_frame_is_there_are_no_words() -> None:
    assert timed("", scores_of("_a_")) == ()
    assert timed("...", scores_of("_a_")) == ()
    assert timed("A.", np.zeros((0, 348), np.float32)) == ()


@given(
    st.text(alphabet="ab 5.,-é日か&ß'", max_size=30),
    st.text(alphabet="ab _'", min_size=1, max_size=60),
)
def test_word_times_are_in_order_and_within_the_audio(text: str, best: str) -> None:
    check(timed(text, scores_of(best)), len(best))


def test_later_words_keep_their_lengths_and_what_has_no_time_has_none() -> None:
    words = (Word("a", 0.1, 0.25, 0.5), Word("b"))
    assert later(words, 20.0) == (Word("a", 20.1, 20.25, 0.5), Word("b"))


def test_words_are_spelled_as_the_text_that_was_joined() -> None:
    words = (Word("Then", 0.1, 0.2), Word("I", 0.2, 0.3), Word("left.", 0.3, 0.4))
    texts = [word.text for word in with_spelling(words, "then I left")]
    assert texts == ["then", "I", "left"]
