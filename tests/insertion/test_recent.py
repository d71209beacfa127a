"""What stands around the caret after what the user typed behind a text."""

from collections.abc import Iterable

import pytest

from mica.host.ports import SOMETHING, Surrounding
from mica.host.strokes import LETTER, Stroke, Typed
from mica.insertion.recent import apply_strokes
from mica.insertion.spacing import fit_to_context

BACK, ALL, CLICK = Stroke.BACK, Stroke.ALL, Stroke.UNKNOWN
MET = Surrounding("We met.")
WORD = [" ", LETTER, LETTER]


def inserted(*strokes: Typed, around: Surrounding | None = MET) -> str:
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
    strokes: list[Typed], wanted: str
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
    strokes: list[Typed], wanted: str
) -> None:
    assert inserted(*strokes) == wanted


@pytest.mark.parametrize(
    ("strokes", "wanted"),
    [
        ([ALL], "Tell him."),
        ([ALL, Stroke.NOTHING], "Tell him."),  # cut
        ([ALL, BACK], "Tell him."),
        ([Stroke.LINE], "Tell him. "),
        (["\n", Stroke.LINE], "Tell him."),
        (["\n", Stroke.TOP], "Tell him. "),
        ([Stroke.LINE, CLICK], " Tell him."),
        ([ALL, CLICK], " Tell him."),
        ([CLICK], " Tell him."),
        ([Stroke.NOTHING], " Tell him."),
        ([Stroke.DEAD], " Tell him."),
    ],
)
def test_a_text_fits_where_the_caret_went(strokes: list[Typed], wanted: str) -> None:
    assert inserted(*strokes) == wanted


@pytest.mark.parametrize("strokes", [[CLICK, LETTER], [CLICK, "\n", LETTER], [CLICK]])
def test_letters_behind_an_unknown_press_may_be_commands(
    strokes: Iterable[Typed],
) -> None:
    assert inserted(*strokes) == " Tell him."
    assert inserted(*strokes, around=None) == " Tell him."


def test_unknown_presses_leave_something_before_the_caret() -> None:
    assert apply_strokes(None, []) == Surrounding(SOMETHING, "")
