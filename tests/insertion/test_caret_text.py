"""The text around the caret after the user's key presses, and how a text fits it."""

import random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mica.host.values import (
    LETTER,
    OBJECT_REPLACEMENT,
    EditKey,
    Keystroke,
    SurroundingText,
)
from mica.insertion.caret_text import apply_strokes
from mica.insertion.spacing import fit_to_context

BACK, ALL, CLICK = EditKey.BACKSPACE, EditKey.SELECT_ALL, EditKey.UNKNOWN
MET = SurroundingText("We met.")
WORD = [" ", LETTER, LETTER]


def inserted(*strokes: Keystroke, around: SurroundingText | None = MET) -> str:
    """“Tell him.” as it would be inserted."""
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
        ([*WORD, "\t"], "Tell him."),  # possibly in another field
        ([*WORD, "\t", *WORD], " tell him."),
    ],
)
def test_text_fits_the_characters_typed_after_the_one_before(
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
        ([BACK] * 20, " Tell him."),  # beyond the known text
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
        ([ALL, EditKey.COPY], "Tell him."),
        ([ALL, EditKey.CUT], "Tell him."),
        ([ALL, EditKey.DELETE], "Tell him."),
        ([ALL, BACK], "Tell him."),
        ([ALL, LETTER, BACK], "Tell him."),
        ([ALL, EditKey.DELETE, *WORD], " tell him."),
        ([EditKey.CUT], " Tell him."),  # some editors cut the line
        ([EditKey.LINE_START], "Tell him. "),
        (["\n", EditKey.LINE_START], "Tell him."),
        (["\n", EditKey.TEXT_START], "Tell him. "),
        ([EditKey.LINE_START, EditKey.DELETE], "Tell him. "),
        ([EditKey.LINE_START, BACK], " Tell him. "),  # at the end of the line above
        ([ALL, EditKey.LINE_START], "Tell him. "),
        ([ALL, EditKey.TEXT_START], "Tell him. "),
        ([ALL, ALL, EditKey.LINE_START], "Tell him. "),
        (["\n", *WORD, ALL, EditKey.LINE_START], " Tell him."),  # of the first or last
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


@pytest.mark.parametrize("around", [MET, None])
@pytest.mark.parametrize(
    ("strokes", "wanted"),
    [
        ([CLICK], " Tell him."),
        ([CLICK, LETTER], " tell him."),
        ([CLICK, *WORD, ",", " "], "tell him."),
        ([CLICK, "\n"], "Tell him."),
        ([CLICK, "\n", *WORD], " tell him."),
        ([CLICK, ".", " "], "Tell him."),
        ([CLICK, " "], "Tell him."),
        ([CLICK, *WORD, BACK, BACK], "Tell him."),
        ([CLICK, *WORD, *[BACK] * 5], " Tell him."),
        ([CLICK, *WORD, CLICK], " Tell him."),
        ([CLICK, ALL, EditKey.DELETE, *WORD], " tell him."),
        ([CLICK, EditKey.LINE_START], "Tell him. "),  # the line may have words
        ([CLICK, EditKey.DEAD_KEY, LETTER], " tell him."),
        ([CLICK, LETTER, EditKey.DEAD_KEY, " "], " Tell him."),
        ([CLICK, EditKey.COMPOSE_KEY, "'", LETTER], " Tell him."),
        ([CLICK, EditKey.COMPOSE_KEY, "'", LETTER, LETTER], " tell him."),
    ],
)
def test_text_typed_after_an_unknown_press_is_known(
    around: SurroundingText | None, strokes: list[Keystroke], wanted: str
) -> None:
    assert inserted(*strokes, around=around) == wanted


@pytest.mark.parametrize(
    ("strokes", "wanted"),
    [
        ([ALL], "Tell him. "),  # start of the line
        ([ALL, EditKey.DELETE, *WORD], " tell him "),
        ([EditKey.COPY], " Tell him."),  # Ctrl+C discards the line
        ([EditKey.NO_CHANGE], "Tell him."),
    ],
)
def test_a_terminal_has_keys_of_its_own(strokes: list[Keystroke], wanted: str) -> None:
    around = apply_strokes(MET, [" ", *strokes], in_terminal=True)
    assert fit_to_context(around, "Tell him.", punctuated=True) == wanted


def test_unknown_presses_leave_something_before_the_caret() -> None:
    assert apply_strokes(None, []) == SurroundingText(OBJECT_REPLACEMENT, "")


class Field:
    """A text field that obeys key presses; where programs differ, it acts randomly.

    It writes LETTER for every letter, because Mica does not record which one it was.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.composing: list[EditKey] = []
        self.jump()

    def jump(self) -> None:
        """Become any field, with the caret and a selection anywhere in it."""
        self.text = self.chance.choice(TEXTS)
        self.caret = self.chance.randint(0, len(self.text))
        self.anchor = self.chance.choice(
            (
                self.caret,
                self.caret,
                0,
                len(self.text),
                self.chance.randint(0, self.caret),
            )
        )

    @property
    def around(self) -> SurroundingText:
        start, end = sorted((self.caret, self.anchor))
        return SurroundingText(self.text[:start], self.text[end:])

    def type(self, text: str) -> None:
        around = self.around
        self.text = around.before + text + around.after
        self.caret = self.anchor = len(around.before) + len(text)

    def press(self, stroke: Keystroke) -> None:
        if stroke in (EditKey.NO_CHANGE, EditKey.COPY):
            return
        if self.composing:
            self._compose(stroke)
            return
        is_selected = self.caret != self.anchor
        match stroke:
            case "\t" if self.chance.random() < 0.5:
                self.jump()
            case str():
                self.type(stroke)
            case EditKey.SELECT_ALL:
                self.anchor, self.caret = 0, len(self.text)
            case EditKey.LINE_START | EditKey.TEXT_START:
                # The caret may be at either end of a selection.
                line = self.text.rfind("\n", 0, self.caret) + 1
                self.caret = self.anchor = line if stroke is EditKey.LINE_START else 0
            case EditKey.DEAD_KEY:
                self.composing = [stroke]
            case EditKey.COMPOSE_KEY:
                self.composing = [stroke, stroke]
            case EditKey.UNKNOWN:
                self.jump()
            case _ if is_selected:
                self.type("")
            case EditKey.BACKSPACE:
                self.anchor = max(0, self.caret - 1)
                self.type("")
            case EditKey.DELETE:
                self.anchor = min(len(self.text), self.caret + 1)
                self.type("")
            case EditKey.DELETE_WORD:
                rest = self.around.after
                ends = (
                    len(rest.split(" ")[0]),
                    len(rest) - len(rest.lstrip()),
                    len(rest),
                )
                self.anchor = self.caret + self.chance.choice(ends)
                self.type("")
            case EditKey.CUT:
                self.jump()  # some editors cut the line

    def _compose(self, stroke: Keystroke) -> None:
        pending = self.composing.pop()
        if (pending, stroke) == (EditKey.DEAD_KEY, LETTER):
            self.type(LETTER)
        elif isinstance(stroke, str):
            self.jump()  # it may become any character
        else:
            self.composing = [stroke] * 2 if stroke is EditKey.COMPOSE_KEY else []
            self.jump()  # every toolkit ends the sequence in its own way


SIGNS = tuple(" .,?:()\"'«»-/€")
TEXTS = (
    "", "x", "xx xx", "xx xx. ", "xx.", "xx,", "Xx (x", "x\nxx", "xx\n", "xx \"x\"",
    "« xx", "xx «", "xx xx.\nxx xx, xx xx? xx", ' "', "xx-", "1. ", " ",
    "x\nxx.\nxx, \nx (x\nxx?\n1. x\n« x\nxx-\nxx",
)  # fmt: skip
PRESSES = st.one_of(
    st.sampled_from([LETTER, LETTER, " ", "\n", *EditKey]),
    st.sampled_from([*SIGNS, "\t"]),
)
VARIANTS = 200  # one field in thirty may be an exception


@settings(max_examples=250, deadline=None)
@given(st.booleans(), st.lists(PRESSES, max_size=10))
@example(has_ours=False, strokes=[EditKey.CUT, BACK, EditKey.LINE_START, BACK])
@example(has_ours=False, strokes=["\n", LETTER, EditKey.LINE_START, BACK])
@example(has_ours=False, strokes=[LETTER, "\n", LETTER, EditKey.LINE_START])
def test_a_text_fits_every_field_that_the_presses_may_have_made(
    has_ours: bool, strokes: list[Keystroke]
) -> None:
    """If the result is the same in all possible fields, that is what is inserted."""
    fields = [Field(random.Random(seed)) for seed in range(VARIANTS)]
    for field in fields:
        if has_ours:
            field.type("Xx xx.")
        for stroke in strokes:
            field.press(stroke)
    assume(not any(field.composing for field in fields))
    ours = SurroundingText("Xx xx.") if has_ours else None
    known = apply_strokes(ours, strokes)
    for text in ("Tell him.", "tell him."):
        here = fit_to_context(known, text, punctuated=True)
        there = [fit_to_context(f.around, text, punctuated=True) for f in fields]
        heads = {fitted.partition("him")[0] for fitted in there}
        tails = {fitted.partition("him")[2] for fitted in there}
        if len(heads) == 1:
            assert here.partition("him")[0] in heads
        if len(tails) == 1:
            assert here.partition("him")[2] in tails
        if known == SurroundingText(OBJECT_REPLACEMENT):
            assert here == f" {text}"
