"""Numbers in training text are spelled as spoken, or the sentence is left out."""

from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Table for 3 at 6:15 pm.", "Table for three at six fifteen pm."),
        ("It is 8:00.", "It is eight o'clock."),
        ("Come at 07.05pm.", "Come at seven oh five pm."),
        ("It cost $1,210 in 1978.", "It cost one thousand two hundred ten dollars in "
         "nineteen seventy-eight."),
        ("$1 more", "One dollar more"),
        ("It is $2.50.", "It is two dollars and fifty cents."),
        ("About $3.5 million.", "About three point five million dollars."),
        ("since the 70s or the 1980's", "since the seventies or the nineteen eighties"),
        ("in 1905, 2004 and 2018", "in nineteen oh five, two thousand four and twenty "
         "eighteen"),
        ("on March 21st, not the 12th", "on March twenty-first, not the twelfth"),
        ("the 30th", "the thirtieth"),
        ("50% of 4.25", "Fifty percent of four point two five"),
        ("about 1,978 people", "about one thousand nine hundred seventy-eight people"),
    ],
)  # fmt: skip
def test_a_number_is_spelled_as_people_say_it(
    script: Callable[[str], ModuleType], written: str, spoken: str
) -> None:
    assert script("spell").spelled(written) == spoken


@pytest.mark.parametrize("written", ["a 4x4 car", "#1 of all", "x@y is it", "3D films"])
def test_text_without_a_known_pronunciation_is_left_out(
    script: Callable[[str], ModuleType], written: str
) -> None:
    assert script("spell").spelled(written) is None


def test_every_number_has_words_of_its_own(
    script: Callable[[str], ModuleType],
) -> None:
    cardinal = script("spell").cardinal
    numbers = [*range(2000), 10_000, 123_456, 1_000_000, 999_999_999]
    assert len({cardinal(number) for number in numbers}) == len(numbers)
