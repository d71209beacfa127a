"""Typing: every way it can go."""

import pytest

from fake_board import TARGET, FakePaster
from fakes import FakeFocus, FakeTypist
from mica.errors import InsertionError, ModifierHeld
from mica.host.ports import Query, Surrounding, Target
from mica.insertion.hung_windows import cannot_ask
from mica.insertion.keystrokes import (
    LINGER_S,
    SAYS_S,
    SETTLE_S,
    SLICE,
    Typing,
    typeable,
)
from mica.insertion.paste import MODIFIERS_S, Fate, Left, Outcome

TYPED = Outcome(Fate.TYPED, Left.AS_BEFORE)
TEXT = "Hello there, you."


class Bench:
    def __init__(self, text: str = TEXT, *, is_ready: bool = True) -> None:
        self.typist, self.paster = FakeTypist(), FakePaster(is_ready)
        self.focus = FakeFocus(TARGET)
        self.typing = Typing(text, TARGET, self.typist, self.paster, self.focus)
        self.now_s = 0.0

    def answers(self, query: Query) -> list[Target]:
        """By Accessibility; who was asked."""
        asked: list[Target] = []
        ports = self.typist, self.paster, self.focus, cannot_ask
        self.typing = Typing(
            TEXT, TARGET, *ports, lambda target: asked.append(target) or query
        )
        return asked

    def run(self, seconds: float) -> Outcome | None:
        for _ in range(round(seconds * 100)):
            self.typing.evaluate(self.now_s)
            self.now_s += 0.01
        return self.typing.outcome

    def typed(self) -> str:
        return "".join(self.typist.typed)


def test_the_text_is_typed_a_few_characters_at_a_time_then_the_keys_go() -> None:
    bench = Bench()
    assert bench.run(SETTLE_S) is None and bench.typed() == ""
    assert bench.run(0.05) is None
    assert bench.typed() == TEXT and bench.typist.finished == 0
    assert bench.typist.typed[0] == TEXT[:SLICE]
    assert bench.run(LINGER_S) == TYPED
    assert bench.typist.finished == 1


def test_a_modifier_that_goes_down_right_before_the_keys_is_waited_for() -> None:
    bench = Bench()
    bench.typist.refuses = ModifierHeld("Held.")
    assert bench.run(SETTLE_S + MODIFIERS_S / 2) is None and bench.typed() == ""
    bench.typist.refuses = None
    assert bench.run(1.0) == TYPED and bench.typed() == TEXT
    bench = Bench()
    bench.typist.refuses = ModifierHeld("Held.")
    assert bench.run(2.0) == Outcome(Fate.REFUSED, Left.AS_BEFORE)


def test_more_characters_than_there_are_keys_are_typed_in_parts() -> None:
    bench = Bench()
    bench.typist.at_once = 5
    assert bench.run(10.0) == TYPED
    assert bench.typed() == TEXT
    assert max(map(len, bench.typist.typed)) == 5


def test_nothing_that_acts_is_typed() -> None:
    assert typeable("rm -rf\n/tmp\tx\r\x1b[2J") == "rm -rf /tmp x  [2J"
    bench = Bench("ls\n")
    bench.run(2.0)
    assert bench.typed() == "ls "


@pytest.mark.parametrize("target", [Target(9, 9, "Other"), None])
def test_another_window_gets_none_of_it(target: Target | None) -> None:
    bench = Bench()
    bench.run(SETTLE_S + 0.01)
    typed = bench.typed()
    assert 0 < len(typed) < len(TEXT)
    bench.focus.target = target
    outcome = bench.run(1.0)
    assert outcome is not None and outcome.fate is Fate.REFUSED
    assert outcome.why is not None and "Another window" in outcome.why.line()
    assert bench.typed() == typed
    assert bench.typist.finished == 1


def test_a_modifier_pauses_it_then_ends_it() -> None:
    bench = Bench()
    bench.run(SETTLE_S + 0.01)
    typed = bench.typed()
    bench.paster.is_ready = False
    assert bench.run(MODIFIERS_S / 2) is None and bench.typed() == typed
    bench.paster.is_ready = True
    bench.run(0.01)
    bench.paster.is_ready = False
    assert bench.run(MODIFIERS_S * 2) == Outcome(Fate.REFUSED, Left.AS_BEFORE)
    assert len(bench.typed()) < len(TEXT)


def test_a_modifier_held_before_it_leaves_the_keyboard_alone() -> None:
    bench = Bench(is_ready=False)
    assert bench.run(MODIFIERS_S + 0.1) == Outcome(Fate.REFUSED, Left.AS_BEFORE)
    assert bench.typist.finished == 0


def test_keys_that_cannot_be_sent_end_it() -> None:
    bench = Bench()
    bench.typist.refuses = why = InsertionError("No keys.")
    assert bench.run(1.0) == Outcome(Fate.REFUSED, Left.AS_BEFORE, why)
    assert bench.typist.finished == 1


@pytest.mark.parametrize(
    ("found", "fate"),
    [
        (Surrounding(f"Before it. {TEXT}\n"), Fate.INSERTED),
        (Surrounding(TEXT[:-1]), Fate.TYPED),
        (Surrounding(""), Fate.TYPED),
        (None, Fate.TYPED),  # no text field, for all that anybody says
    ],
)
def test_it_is_inserted_where_accessibility_says_that_it_stands_there(
    found: Surrounding | None, fate: Fate
) -> None:
    bench, query = Bench(), Query()
    asked = bench.answers(query)
    bench.run(SETTLE_S + 0.05)
    assert asked == []
    assert bench.run(LINGER_S + 0.1) is None and asked == [TARGET]
    query.found, query.done = found, True
    assert bench.run(0.02) == Outcome(fate, Left.AS_BEFORE)


def test_accessibility_that_does_not_answer_is_not_waited_for_long() -> None:
    bench = Bench()
    bench.answers(Query())
    assert bench.run(SETTLE_S + LINGER_S + SAYS_S + 0.1) == TYPED


def test_a_window_that_is_gone_may_not_have_taken_it() -> None:
    bench = Bench()
    ports = bench.typist, bench.paster, bench.focus
    bench.typing = Typing(TEXT, TARGET, *ports, lambda target: lambda: None)
    assert bench.run(3.0) == Outcome(Fate.UNKNOWN, Left.AS_BEFORE)


@pytest.mark.parametrize("seconds", [0.0, 0.1, 5.0])
def test_quitting_leaves_the_keyboard_as_it_was(seconds: float) -> None:
    bench = Bench()
    bench.run(seconds)
    done = bench.typing.outcome
    outcome = bench.typing.abandon()
    assert outcome == (done or Outcome(Fate.REFUSED, Left.AS_BEFORE))
    assert bench.typist.finished == (seconds > 0)
    bench.run(1.0)
    assert bench.typing.outcome is outcome
