"""The first letter of a text, where a sentence begins or continues."""

import pytest

from mica.text.capitals import (
    begins_with_name,
    lower_first,
    raise_first,
    without_punctuation,
)


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("Then we left.", "then we left."),
        ("“Then” we left.", "“then” we left."),
        ("I left.", "I left."),
        ("I'm here.", "I'm here."),
        ("Monday is fine.", "Monday is fine."),
        ("NASA called.", "NASA called."),
        ("Kathryn called.", "Kathryn called."),
        ("already low", "already low"),
        ("", ""),
    ],
)
def test_first_letter_is_lowered_unless_always_capital(text: str, lowered: str) -> None:
    assert lower_first(text, ["Kathryn"]) == lowered


@pytest.mark.parametrize(
    ("text", "raised"),
    [
        ("we met.", "We met."),
        ("“we” met.", "“We” met."),
        ("iPhone.", "iPhone."),
        ("example.com is down.", "example.com is down."),
        ("kubectl works.", "kubectl works."),
        ("ßuper.", "ßuper."),  # its capital is two letters
        ("8 people.", "8 people."),
        ("", ""),
    ],
)
def test_first_letter_is_raised_unless_the_word_has_no_capital(
    text: str, raised: str
) -> None:
    assert raise_first(text, ("kubectl",)) == raised


@pytest.mark.parametrize(
    ("text", "is_name"),
    [
        ("The Hague is far.", True),
        ("New York", True),
        ("B flat", True),
        ("B", True),
        ("A house.", False),
        ("When Ann came.", False),
        ("Yesterday, Ann came.", False),
        ("House I know.", False),
        ("", False),
    ],
)
def test_names_begin_with_a_capital_and_go_on_with_one(
    text: str, is_name: bool
) -> None:
    assert begins_with_name(text) is is_name


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("Ask the manager. I have time.", "ask the manager I have time"),
        ("I'm late, aren't I?", "I'm late aren't I"),
        ("Tell Jonathan: go!", "tell Jonathan go"),
        ("He said “No.” Then he left…", "he said No then he left"),
        ("It costs $3.50. Well-known.", "it costs $3.50 well-known"),
        ("IBM is big.", "IBM is big"),
        ("On Monday. Monday it is.", "on Monday Monday it is"),
        (" And so on. ", " and so on "),
        ("already raw", "already raw"),
        ("- , -", "- -"),
        ("", ""),
        ("  ", "  "),
    ],
)
def test_punctuation_and_sentence_capitals_are_removed(text: str, raw: str) -> None:
    assert without_punctuation(text) == raw


def test_keywords_keep_their_capitals() -> None:
    assert without_punctuation("Pebble works.", ["Pebble"]) == "Pebble works"
    assert without_punctuation("Pebble works.") == "pebble works"
