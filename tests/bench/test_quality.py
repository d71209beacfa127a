import pytest

from mica.bench.quality import quality

SAID = "Hello Anna, are you free? I am."


def test_what_is_written_as_it_was_meant_has_no_fault() -> None:
    found = quality([(SAID, SAID), ("Two.", "Two.")])
    assert found.wer_percent == 0
    assert found.marks.f1_percent == found.capitals.f1_percent == 100


def test_word_errors_look_at_no_case_and_no_mark() -> None:
    found = quality([(SAID, "hello anna are you three i am")])
    assert found.wer_percent == pytest.approx(100 / 7)
    assert found.marks.f1_percent == found.capitals.f1_percent == 0


def test_a_lost_and_an_added_mark_both_cost() -> None:
    assert quality([("One, two.", "One two.")]).marks.f1_percent == pytest.approx(
        100 * 2 / 3
    )
    assert quality([("One two.", "One, two.")]).marks.f1_percent == pytest.approx(
        100 * 2 / 3
    )


def test_a_mark_of_another_kind_is_wrong() -> None:
    assert quality([("Is it?", "Is it.")]).marks.f1_percent == 0


def test_texts_add_up() -> None:
    assert quality([("a b", "a c"), ("d e", "d e")]).wer_percent == 25
