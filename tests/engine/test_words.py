"""The engine's rules for text: prompt, keywords, joining, CTC labels."""

import numpy as np
import pytest

from mica.engine import ctc
from mica.engine.prompt import Forms, distances, fitting, instruction, unsupported
from mica.events import Language, Style


def count(text: str) -> int:
    return len(text.split())


@pytest.mark.parametrize(
    ("style", "keywords", "text"),
    [
        (Style.RAW, [], "can you transcribe the speech into a written format?"),
        (
            Style.PUNCTUATED,
            [],
            "transcribe the speech with proper punctuation and capitalization.",
        ),
        (
            Style.RAW,
            ["Jon", "Sara"],
            "transcribe the speech to text. Keywords: Jon, Sara",
        ),
        (
            Style.PUNCTUATED,
            ["Jon"],
            "transcribe the speech with proper punctuation and capitalization."
            " Keywords: Jon",
        ),
    ],
)
def test_the_instruction_is_one_the_models_know(
    style: Style, keywords: list[str], text: str
) -> None:
    assert instruction(style, keywords) == text


@pytest.mark.parametrize("style", list(Style))
def test_granite_4_0_gets_its_own_raw_prompt(style: Style) -> None:
    raw = "can you transcribe the speech into a written format?"
    assert instruction(style, [], Forms.GRANITE_4_0) == raw
    with_names = instruction(style, ["Jon", "Sara"], Forms.GRANITE_4_0)
    assert with_names == f"{raw} Keywords: Jon, Sara"


@pytest.mark.parametrize(
    ("style", "keywords", "text"),
    [
        (Style.RAW, [], "translate the speech to German."),
        (
            Style.PUNCTUATED,
            [],
            "translate the speech to German with proper punctuation and"
            " capitalization.",
        ),
        (
            Style.RAW,
            ["Jon", "Sara"],
            "translate the speech to German. Keywords: Jon, Sara",
        ),
        (
            Style.PUNCTUATED,
            ["Jon"],
            "translate the speech to German with proper punctuation and"
            " capitalization. Keywords: Jon",
        ),
    ],
)
def test_translation_prompt_follows_the_model_card(
    style: Style, keywords: list[str], text: str
) -> None:
    assert instruction(style, keywords, to=Language.GERMAN) == text


@pytest.mark.parametrize("style", list(Style))
def test_granite_4_0_translates_in_its_one_form(style: Style) -> None:
    prompt = instruction(style, [], Forms.GRANITE_4_0, Language.JAPANESE)
    assert prompt == "can you translate the speech into Japanese?"


def test_keywords_that_fit_are_all_used_in_order() -> None:
    assert fitting(["zebra", "apple"], "nothing like", 30, count) == ["zebra", "apple"]


def test_keywords_nearest_to_the_ctc_text_are_kept() -> None:
    listed = ["Oslo", "Kathryn", "Madrid", "Steven", "Lisbon"]
    ctc_text = "please ask katherine and stephen to come"
    assert fitting(listed, ctc_text, 2, count) == ["Kathryn", "Steven"]


def test_a_keyword_longer_than_the_budget_is_left_out() -> None:
    assert fitting(["a b c d", "ask"], "a b c d", 2, count) == ["ask"]


def test_ten_thousand_keywords_find_the_right_one() -> None:
    listed = [f"Name{n:04}x" for n in range(10_000)] + ["Wojciechowski"]
    assert fitting(listed, "mister woychehovski called", 1, count) == ["Wojciechowski"]


@pytest.mark.parametrize(
    ("text", "ctc_text", "wrong"),
    [
        ("Ask Katherine now.", "ask catherine now", []),
        ("Ask Wojciech now.", "ask now", ["Wojciech"]),
        ("Ask Woj now.", "ask now", []),
        ("nothing", "nothing", []),
    ],
)
def test_unspoken_keyword_is_detected(
    text: str, ctc_text: str, wrong: list[str]
) -> None:
    assert unsupported(text, ["Katherine", "Wojciech"], ctc_text) == wrong


@pytest.mark.parametrize(
    ("word", "text", "distance"),
    [
        ("john", "ask john now", 0.0),
        ("jon", "ask john now", 1 / 3),
        ("xyz", "abc", 1.0),
        ("abc", "", 1.0),
    ],
)
def test_distance_is_edits_to_the_nearest_stretch(
    word: str, text: str, distance: float
) -> None:
    assert distances([word], text) == [pytest.approx(distance)]


def test_labels_leave_out_blanks_and_repeats() -> None:
    best = [0, 104, 104, 0, 105, 0, 105, 32, 32, 256]
    logits = np.eye(348, dtype=np.float32)[best]
    found = ctc.labels(logits)
    assert found == [104, 105, 105, 32, 256]
    assert ctc.characters(found) == "hii ァ"


def test_all_blank_is_no_text() -> None:
    logits = np.zeros((50, 348), np.float32)
    assert ctc.characters(ctc.labels(logits)) == ""
