"""Every rule of hold to talk, and the law that nothing records with the key up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mica.host.hotkey_rules import CHORD_S, POLL_S, Hold, HoldToTalk, Input, Output

DOWN, UP, OTHER, ESCAPE = Input.DOWN, Input.UP, Input.OTHER, Input.ESCAPE
SEEN_UP, SEEN_DOWN = Input.SEEN_UP, Input.SEEN_DOWN
PRESS, RELEASE, CANCEL = Output.PRESS, Output.RELEASE, Output.CANCEL

CASES = {
    "press and release": ([(0, DOWN), (2, UP)], [PRESS, RELEASE]),
    "auto-repeat says nothing": (
        [(0, DOWN), (0.5, DOWN), (0.6, DOWN), (2, UP)],
        [PRESS, RELEASE],
    ),
    "another key soon is a chord": (
        [(0, DOWN), (0.9, OTHER), (2, UP)],
        [PRESS, CANCEL],
    ),
    "another key later is not": (
        [(0, DOWN), (CHORD_S, OTHER), (2, UP)],
        [PRESS, RELEASE],
    ),
    "a chord cancels once": (
        [(0, DOWN), (0.1, OTHER), (0.2, OTHER), (0.3, ESCAPE), (2, UP)],
        [PRESS, CANCEL],
    ),
    "the next press after a chord counts": (
        [(0, DOWN), (0.1, OTHER), (0.5, UP), (10, DOWN), (10.2, OTHER)],
        [PRESS, CANCEL, PRESS, CANCEL],
    ),
    "escape cancels at any time": (
        [(0, DOWN), (30, ESCAPE), (31, UP)],
        [PRESS, CANCEL],
    ),
    "repeats after a cancel do not press": (
        [(0, DOWN), (0.1, ESCAPE), (0.2, DOWN), (0.3, DOWN)],
        [PRESS, CANCEL],
    ),
    "a lost key-up is noticed": ([(0, DOWN), (5, SEEN_UP), (6, UP)], [PRESS, RELEASE]),
    "a poll while down says nothing": ([(0, DOWN), (1, SEEN_DOWN)], [PRESS]),
    "a lost key-up after a cancel is noticed": (
        [(0, DOWN), (0.1, ESCAPE), (0.5, SEEN_UP), (1, DOWN)],
        [PRESS, CANCEL, PRESS],
    ),
    "a poll never presses": ([(0, SEEN_DOWN), (1, SEEN_UP)], []),
    "other keys and key-ups at rest say nothing": (
        [(0, OTHER), (5, ESCAPE), (6, UP), (7, SEEN_UP)],
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_rule(name: str) -> None:
    events, expected = CASES[name]
    rules = HoldToTalk()
    outputs = [rules.on(what, at_s) for at_s, what in events]
    assert [out for out in outputs if out is not None] == expected


@given(st.lists(st.tuples(st.sampled_from(Input), st.floats(0, 1e6))))
def test_outputs_alternate_whatever_comes(events: list[tuple[Input, float]]) -> None:
    """A press is followed by exactly one release or cancel; any order, any clock."""
    rules, recording = HoldToTalk(), False
    for what, at_s in events:
        output = rules.on(what, at_s)
        assert output is None or (output is PRESS) != recording
        recording = recording if output is None else output is PRESS
        assert recording == (rules.state is Hold.HELD)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["press", "release", "release unseen", "other", "escape"]),
            st.floats(0, 3600),
        )
    )
)
def test_nothing_records_once_the_key_was_up_for_a_second(
    steps: list[tuple[str, float]],
) -> None:
    """The keyboard is simulated: events may be lost, the polls happen."""
    rules, now_s, up_since_s, down = HoldToTalk(), 0.0, 0.0, False
    shown = {"press": DOWN, "release": UP, "other": OTHER, "escape": ESCAPE}
    for step, wait_s in steps:
        if step in ("press", "release", "release unseen"):
            down = step == "press"
            up_since_s = up_since_s if down else now_s
        if step in shown:
            rules.on(shown[step], now_s)
        if wait_s >= POLL_S:  # the host asks the keyboard at least this often
            rules.on(SEEN_DOWN if down else SEEN_UP, now_s + POLL_S)
        now_s += wait_s
        if not down and now_s - up_since_s >= 1.0 and wait_s >= POLL_S:
            assert rules.state is not Hold.HELD
