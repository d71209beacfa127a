"""Which of two readings is trusted; scores are made from letters with a probability."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.engine.agreement import (
    GUESSED,
    SURE,
    checked,
    differs,
    is_guessing,
)
from mica.engine.ctc import letter_probabilities
from mica.engine.guards import SegmentResult
from mica.events import Certainty, Language, Style, TranscribeOptions

LABELS = 348
SAID = "the coffee machine on the second floor is broken again"
INVENTED = "The copy of the season on the school is spoken of Angela."
RAW, PUNCTUATED = TranscribeOptions(Style.RAW), TranscribeOptions(Style.PUNCTUATED)


def scores_of(text: str, probability: float = 0.95) -> np.ndarray:
    """Log posteriors of a text, a letter and a blank in turn."""
    labels = [n for letter in text for n in (ord(letter), 0)]
    rest = (1 - probability) / (LABELS - 1)
    scores = np.full((len(labels), LABELS), rest, np.float32)
    scores[np.arange(len(labels)), labels] = probability
    return np.log(scores)


def test_a_text_that_agrees_is_kept_and_sure() -> None:
    text = "The coffee machine on the second floor is broken again."
    result = checked(SegmentResult(text, ctc_text=SAID), scores_of(SAID), PUNCTUATED)
    assert (result.text, result.certainty) == (text, Certainty.SURE)
    assert [word.text for word in result.words] == text.split()


@pytest.mark.parametrize(
    ("options", "text"), [(RAW, SAID), (PUNCTUATED, f"{SAID.capitalize()}.")]
)
def test_an_invented_text_gives_way_to_a_sure_ctc(
    options: TranscribeOptions, text: str
) -> None:
    result = checked(SegmentResult(INVENTED, ctc_text=SAID), scores_of(SAID), options)
    assert (result.text, result.certainty) == (text, Certainty.CHECK)
    assert [word.text for word in result.words] == text.split()


def test_an_invented_text_stays_if_the_ctc_is_guessing() -> None:
    scores = scores_of(SAID, SURE - 0.1)
    result = checked(SegmentResult(INVENTED, ctc_text=SAID), scores, PUNCTUATED)
    assert (result.text, result.certainty) == (INVENTED, Certainty.NOT_UNDERSTOOD)


def test_a_text_that_agrees_with_guesses_is_sure() -> None:
    """A model that writes what it hears, however faintly, understands it."""
    result = checked(SegmentResult(SAID, ctc_text=SAID), scores_of(SAID, 0.4), RAW)
    assert result.certainty is Certainty.SURE


def test_a_translation_is_not_compared() -> None:
    options = TranscribeOptions(target_language=Language.GERMAN)
    result = SegmentResult("Die Kaffeemaschine ist schon wieder kaputt.")
    assert checked(result, scores_of(SAID), options) == result


@pytest.mark.parametrize(
    ("text", "ctc_text", "keywords"),
    [
        ("It costs $12.50.", "it costs twelve dollars and fifty cents", ()),
        ("Room 3985771", "room three nine eight five seven seven one", ()),
        ("Ask Siobhán Ó Ceallaigh.", "ask shivawn o kelly", ("Siobhán Ó Ceallaigh",)),
        ("Señor Müller déjà vu", "senor muller deja vu", ()),
        ("今日は会議です", "キョーワカイギデス", ()),
        ("Yes.", "yeah", ()),
        ("", "", ()),
    ],
)
def test_texts_that_are_only_spelled_differently(
    text: str, ctc_text: str, keywords: tuple[str, ...]
) -> None:
    assert not differs(text, ctc_text, keywords)


@pytest.mark.parametrize(
    ("text", "ctc_text"),
    [
        (INVENTED, SAID),
        ("", "please call me back"),
        ("Thank you for watching.", "hmm"),
        (
            "Please call 12 people.",
            "the mountain weather was terrible today",
        ),
    ],
)
def test_texts_that_say_different_things(text: str, ctc_text: str) -> None:
    assert differs(text, ctc_text, ())


def test_only_the_best_frame_of_a_letter_counts() -> None:
    scores = np.log(np.full((4, 3), 1e-4, np.float32))
    scores[[0, 1, 2, 3], [1, 1, 0, 2]] = np.log([0.3, 0.9, 0.99, 0.6])
    assert letter_probabilities(scores).tolist() == pytest.approx([0.9, 0.6])


def test_guessing_counts_letters() -> None:
    letters = 20
    few = round(GUESSED * letters)
    sure, guessed = scores_of("a" * letters), scores_of("a" * letters, SURE - 0.1)
    assert not is_guessing(np.concatenate([guessed[: 2 * few], sure[2 * few :]]))
    assert is_guessing(np.concatenate([guessed[: 2 * few + 2], sure[2 * few + 2 :]]))
    assert not is_guessing(scores_of(""))


@given(st.text(max_size=30), st.text("abc é9", max_size=30), st.floats(0.01, 0.99))
def test_any_text_is_checked_without_an_error(
    text: str, ctc_text: str, probability: float
) -> None:
    result = SegmentResult(text, ctc_text=ctc_text)
    scores = scores_of("abc", probability)
    assert checked(result, scores, PUNCTUATED).ctc_text == ctc_text
