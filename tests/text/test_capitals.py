"""The first letter of a text, where a sentence begins or continues."""

import pytest

from mica.text.capitals import begins_with_name, lower_first, raise_first


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
