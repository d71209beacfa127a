"""Typing: all possible outcomes."""

import pytest

from mica.errors import InsertionError, ModifierHeld
from mica.host.values import SurroundingQuery, SurroundingText, Target
from mica.insertion import strings
from mica.insertion.hung_windows import cannot_probe
from mica.insertion.keystrokes import (
    LINGER_S,
    QUERY_S,
    SETTLE_S,
    SLICE,
    TypingTransaction,
    typeable,
)
from mica.insertion.outcome import ClipboardState, InsertOutcome, InsertResult
from mica.insertion.timing import MODIFIERS_S
from support.fake_paste import TARGET, FakePaster
from support.fakes import FakeFocus, FakeTypist

TYPED = InsertOutcome(InsertResult.TYPED, ClipboardState.AS_BEFORE)
TEXT = "Hello there, you."


class Harness:
    def __init__(self, text: str = TEXT, *, is_ready: bool = True) -> None:
        self.typist, self.paster = FakeTypist(), FakePaster(is_ready)
        self.focus = FakeFocus(TARGET)
        self.typing = TypingTransaction(
            text, TARGET, self.typist, self.paster, self.focus
        )
        self.now_s = 0.0

    def queried_targets(self, query: SurroundingQuery) -> list[Target]:
        """The targets that were queried via Accessibility."""
        targets: list[Target] = []
        ports = self.typist, self.paster, self.focus, cannot_probe
        self.typing = TypingTransaction(
            TEXT, TARGET, *ports, lambda target: targets.append(target) or query
        )
        return targets

    def run(self, seconds: float) -> InsertOutcome | None:
        for _ in range(round(seconds * 100)):
            self.typing.evaluate(self.now_s)
            self.now_s += 0.01
        return self.typing.outcome

    def typed(self) -> str:
        return "".join(self.typist.typed)


def test_the_text_is_typed_a_few_characters_at_a_time_then_the_keys_go() -> None:
    harness = Harness()
    assert harness.run(SETTLE_S) is None and harness.typed() == ""
    assert harness.run(0.05) is None
    assert harness.typed() == TEXT and harness.typist.finished == 0
    assert harness.typist.typed[0] == TEXT[:SLICE]
    assert harness.run(LINGER_S) == TYPED
    assert harness.typist.finished == 1


def test_modifier_pressed_right_before_the_keys_delays_them() -> None:
    harness = Harness()
    harness.typist.refuses = ModifierHeld("Held.")
    assert harness.run(SETTLE_S + MODIFIERS_S / 2) is None and harness.typed() == ""
    harness.typist.refuses = None
    assert harness.run(1.0) == TYPED and harness.typed() == TEXT
    harness = Harness()
    harness.typist.refuses = ModifierHeld("Held.")
    assert harness.run(2.0) == InsertOutcome(
        InsertResult.REFUSED, ClipboardState.AS_BEFORE
    )


def test_more_characters_than_there_are_keys_are_typed_in_parts() -> None:
    harness = Harness()
    harness.typist.at_once = 5
    assert harness.run(10.0) == TYPED
    assert harness.typed() == TEXT
    assert max(map(len, harness.typist.typed)) == 5


def test_control_characters_are_typed_as_spaces() -> None:
    assert typeable("rm -rf\n/tmp\tx\r\x1b[2J") == "rm -rf /tmp x  [2J"
    harness = Harness("ls\n")
    harness.run(2.0)
    assert harness.typed() == "ls "


def test_layout_change_during_typing_leaves_the_result_unknown() -> None:
    harness = Harness()
    harness.typist.has_layout_changed = True
    outcome = harness.run(2.0)
    assert outcome is not None and outcome.result is InsertResult.UNKNOWN


def test_confirmed_text_counts_as_inserted_in_any_layout() -> None:
    harness = Harness()
    harness.queried_targets(SurroundingQuery(done=True, found=SurroundingText(TEXT)))
    harness.typist.has_layout_changed = True
    outcome = harness.run(2.0)
    assert outcome is not None and outcome.result is InsertResult.INSERTED


@pytest.mark.parametrize("target", [Target(9, 9, "Other"), None])
def test_typing_stops_when_another_window_gets_the_keyboard(
    target: Target | None,
) -> None:
    harness = Harness()
    harness.run(SETTLE_S + 0.01)
    typed = harness.typed()
    assert 0 < len(typed) < len(TEXT)
    harness.focus.target = target
    outcome = harness.run(1.0)
    assert outcome is not None and outcome.result is InsertResult.REFUSED
    assert outcome.error is not None
    assert outcome.error.what == strings.TYPING_INTERRUPTED
    assert harness.typed() == typed
    assert harness.typist.finished == 1


def test_held_modifier_pauses_typing_then_ends_it() -> None:
    harness = Harness()
    harness.run(SETTLE_S + 0.01)
    typed = harness.typed()
    harness.paster.is_ready = False
    assert harness.run(MODIFIERS_S / 2) is None and harness.typed() == typed
    harness.paster.is_ready = True
    harness.run(0.01)
    harness.paster.is_ready = False
    assert harness.run(MODIFIERS_S * 2) == InsertOutcome(
        InsertResult.REFUSED, ClipboardState.AS_BEFORE
    )
    assert len(harness.typed()) < len(TEXT)


def test_modifier_held_before_typing_leaves_the_keyboard_alone() -> None:
    harness = Harness(is_ready=False)
    assert harness.run(MODIFIERS_S + 0.1) == InsertOutcome(
        InsertResult.REFUSED, ClipboardState.AS_BEFORE
    )
    assert harness.typist.finished == 0


def test_failing_keys_end_the_transaction() -> None:
    harness = Harness()
    harness.typist.refuses = why = InsertionError("No keys.")
    assert harness.run(1.0) == InsertOutcome(
        InsertResult.REFUSED, ClipboardState.AS_BEFORE, why
    )
    assert harness.typist.finished == 1


@pytest.mark.parametrize(
    ("found", "fate"),
    [
        (SurroundingText(f"Before it. {TEXT}\n"), InsertResult.INSERTED),
        (SurroundingText(TEXT[:-1]), InsertResult.TYPED),
        (SurroundingText(""), InsertResult.TYPED),
        (None, InsertResult.TYPED),  # whether there is a text field is unknown
    ],
)
def test_accessibility_confirms_typed_text(
    found: SurroundingText | None, fate: InsertResult
) -> None:
    harness, query = Harness(), SurroundingQuery()
    targets = harness.queried_targets(query)
    harness.run(SETTLE_S + 0.05)
    assert targets == []
    assert harness.run(LINGER_S + 0.1) is None and targets == [TARGET]
    query.found, query.done = found, True
    assert harness.run(0.02) == InsertOutcome(fate, ClipboardState.AS_BEFORE)


def test_silent_accessibility_delays_only_briefly() -> None:
    harness = Harness()
    harness.queried_targets(SurroundingQuery())
    assert harness.run(SETTLE_S + LINGER_S + QUERY_S + 0.1) == TYPED


def test_window_closed_during_typing_leaves_the_result_unknown() -> None:
    harness = Harness()
    ports = harness.typist, harness.paster, harness.focus
    harness.typing = TypingTransaction(
        TEXT, TARGET, *ports, lambda target: lambda: None
    )
    assert harness.run(3.0) == InsertOutcome(
        InsertResult.UNKNOWN, ClipboardState.AS_BEFORE
    )


@pytest.mark.parametrize("seconds", [0.0, 0.1, 5.0])
def test_cancel_leaves_the_keyboard_as_it_was(seconds: float) -> None:
    harness = Harness()
    harness.run(seconds)
    done = harness.typing.outcome
    outcome = harness.typing.cancel()
    assert outcome == (
        done or InsertOutcome(InsertResult.REFUSED, ClipboardState.AS_BEFORE)
    )
    assert harness.typist.finished == (seconds > 0)
    harness.run(1.0)
    assert harness.typing.outcome is outcome
