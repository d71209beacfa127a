"""What stands around the caret after what the user typed behind a text."""

from collections.abc import Iterable

import pytest

from mica.host.strokes import LETTER, EditKey, Keystroke
from mica.host.values import OBJECT_REPLACEMENT, SurroundingText
from mica.insertion.recent import apply_strokes
from mica.insertion.spacing import fit_to_context

BACK, ALL, CLICK = EditKey.BACKSPACE, EditKey.SELECT_ALL, EditKey.UNKNOWN
MET = SurroundingText("We met.")
WORD = [" ", LETTER, LETTER]


def inserted(*strokes: Keystroke, around: SurroundingText | None = MET) -> str:
    """How “Tell him.” goes in."""
    return fit_to_context(apply_strokes(around, strokes), "Tell him.", punctuated=True)


@pytest.mark.parametrize(
    ("strokes", "wanted"),
    [
        ([" ", "("], "Tell him."),
        (["["], "Tell him."),
        ([" ", '"'], "Tell him."),
        ([" ", "“"], "Tell him."),
        (["(", LETTER, ")"], " tell him."),
        (WORD, " tell him."),
        ([*WORD, ",", " "], "tell him."),
        ([*WORD, ".", " "], "Tell him."),
        (["\n"], "Tell him."),
        ([*WORD, "\t"], "Tell him."),  # another field, maybe
    ],
)
def test_a_text_fits_the_signs_typed_behind_the_one_before(
    strokes: list[Keystroke], wanted: str
) -> None:
    assert inserted(*strokes) == wanted


@pytest.mark.parametrize(
    ("strokes", "wanted"),
    [
        ([BACK], " tell him."),
        ([BACK, "?"], " Tell him."),
        ([BACK, ",", " "], "tell him."),
        ([" ", BACK], " Tell him."),
        ([BACK] * 20, " Tell him."),  # farther back than is known
    ],
)
def test_a_text_fits_what_backspace_left_of_the_one_before(
    strokes: list[Keystroke], wanted: str
) -> None:
    assert inserted(*strokes) == wanted


@pytest.mark.parametrize(
    ("strokes", "wanted"),
    [
        ([ALL], "Tell him."),
        ([ALL, EditKey.NO_CHANGE], "Tell him."),  # cut
        ([ALL, BACK], "Tell him."),
        ([EditKey.LINE_START], "Tell him. "),
        (["\n", EditKey.LINE_START], "Tell him."),
        (["\n", EditKey.TEXT_START], "Tell him. "),
        ([EditKey.LINE_START, CLICK], " Tell him."),
        ([ALL, CLICK], " Tell him."),
        ([CLICK], " Tell him."),
        ([EditKey.NO_CHANGE], " Tell him."),
        ([EditKey.DEAD_KEY], " Tell him."),
    ],
)
def test_a_text_fits_where_the_caret_went(
    strokes: list[Keystroke], wanted: str
) -> None:
    assert inserted(*strokes) == wanted


@pytest.mark.parametrize("strokes", [[CLICK, LETTER], [CLICK, "\n", LETTER], [CLICK]])
def test_letters_behind_an_unknown_press_may_be_commands(
    strokes: Iterable[Keystroke],
) -> None:
    assert inserted(*strokes) == " Tell him."
    assert inserted(*strokes, around=None) == " Tell him."


def test_unknown_presses_leave_something_before_the_caret() -> None:
    assert apply_strokes(None, []) == SurroundingText(OBJECT_REPLACEMENT, "")
