import pytest

from mica.text.punctuation import without_punctuation


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
