"""Every rule of the hold key, as a list of times and observations."""

import pytest

from mica.host.hold_key import (
    BOUNCE_S,
    CHORD_S,
    HOLD_S,
    LATE_S,
    LOCK_S,
    POLL_S,
    REACTION_S,
    UNDO_S,
    WARN_S,
    HoldKey,
    Input,
)
from mica.host.hold_key_table import Action

PRESS, RELEASE, OTHER = Input.PRESS, Input.RELEASE, Input.OTHER
TRANSLATE, TRANSLATED = Input.TRANSLATE_PRESS, Input.TRANSLATE_RELEASE
TO = Input.TRANSLATE_TOGGLE
QUIET = Input.QUIET
FAILED, LATE = Input.FAILED, Action.LATE
ESCAPE, TOGGLE, UNDO, ENDED = Input.ESCAPE, Input.TOGGLE, Input.UNDO, Input.ENDED
TO_LOCK = Input.LOCK
START, STOP, DISCARD, CANCEL = Action.START, Action.STOP, Action.DISCARD, Action.CANCEL
LATCH, LOCK, FORGET = Action.LATCH, Action.LOCK, Action.FORGET
WARN, TOO_LONG = Action.WARN, Action.TOO_LONG
UP, DOWN, LATER = "seen up", "seen down", "later"  # ticks
LONGEST_S = 600.0
JUST = 0.01

HELD = [(0, PRESS), (2, RELEASE)]
TAPPED = [(0, PRESS), (0.1, RELEASE)]
LOCKED = [*TAPPED, (0.3, PRESS), (0.4, RELEASE)]
_TAP_6 = [(6, PRESS), (6.1, RELEASE)]
Event = tuple[float, Input | str]

CASES: dict[str, tuple[list[Event], list[Action]]] = {
    # push-to-talk
    "a hold ends at its release": (HELD, [START, STOP]),
    "from half a second on it is a hold": (
        [(0, PRESS), (HOLD_S, RELEASE)],
        [START, STOP],
    ),
    "auto-repeat says nothing": (
        [(0, PRESS), (0.5, PRESS), (0.6, PRESS), (2, RELEASE)],
        [START, STOP],
    ),
    "a second hold is a second dictation": (
        [*HELD, (2.1, PRESS), (4, RELEASE)],
        [START, STOP] * 2,
    ),
    # tap and lock
    "a tap latches": ([(0, PRESS), (HOLD_S - JUST, RELEASE)], [START, LATCH]),
    "a latched one goes on": ([*TAPPED, (100, LATER)], [START, LATCH]),
    "a later tap ends a latched dictation": (
        [*TAPPED, (9, PRESS), (9.1, RELEASE)],
        [START, LATCH, STOP],
    ),
    "a later hold ends a latched one": (
        [*TAPPED, (9, PRESS), (11, RELEASE)],
        [START, LATCH, STOP],
    ),
    "a second tap soon locks": (
        [*TAPPED, (0.1 + LOCK_S, PRESS), (0.6, RELEASE)],
        [START, LATCH, LOCK],
    ),
    "a second tap too late ends it": (
        [*TAPPED, (0.11 + LOCK_S, PRESS), (0.6, RELEASE)],
        [START, LATCH, STOP],
    ),
    "a hold soon after a tap is a hold": (
        [*TAPPED, (0.3, PRESS), (0.3 + HOLD_S, RELEASE)],
        [START, LATCH, STOP],
    ),
    "a later tap ends a locked one": (
        [*LOCKED, (0.5, PRESS), (0.6, RELEASE)],
        [START, LATCH, LOCK, STOP],
    ),
    "the tap after the end starts anew": (
        [*TAPPED, (9, PRESS), (9.1, RELEASE), (9.2, PRESS), (9.3, RELEASE)],
        [START, LATCH, STOP, START, LATCH],
    ),
    # contact bounce
    "a bounce at the end of a hold begins nothing": (
        [*HELD, (2.03, PRESS), (2.05, RELEASE)],
        [START, STOP, START, DISCARD],
    ),
    "a hold right after a hold is one, for a finger may be that quick": (
        [*HELD, (2.03, PRESS), (4, RELEASE)],
        [START, STOP] * 2,
    ),
    "a tap right after a hold is one, for no switch bounces that long": (
        [*HELD, (2.03, PRESS), (2.04 + BOUNCE_S, RELEASE)],
        [START, STOP, START, LATCH],
    ),
    "a bounce at the end of a tap does not lock": (
        [*TAPPED, (0.12, PRESS), (0.14, RELEASE), (9, PRESS), (9.1, RELEASE)],
        [START, LATCH, STOP],
    ),
    "a tap that locks may come after a bounce": (
        [*TAPPED, (0.12, PRESS), (0.14, RELEASE), (0.4, PRESS), (0.5, RELEASE)],
        [START, LATCH, LOCK],
    ),
    "a bounce at the tap that locks does not end it": (
        [*LOCKED, (0.42, PRESS), (0.44, RELEASE), (9, PRESS), (9.1, RELEASE)],
        [START, LATCH, LOCK, STOP],
    ),
    "a tap of a moment is a tap": ([(0, PRESS), (0.02, RELEASE)], [START, LATCH]),
    # chords
    "another key soon is a chord": (
        [(0, PRESS), (CHORD_S - JUST, OTHER), (2, RELEASE)],
        [START, DISCARD],
    ),
    "another key later is no chord": (
        [(0, PRESS), (CHORD_S, OTHER), (2, RELEASE)],
        [START, STOP],
    ),
    "a chord is dirty until the key is up": (
        [
            (0, PRESS),
            (0.1, OTHER),
            (0.2, PRESS),
            (0.3, OTHER),
            (0.4, ESCAPE),
            (2, RELEASE),
        ],
        [START, DISCARD],
    ),
    "the next press after a chord counts": (
        [(0, PRESS), (0.1, OTHER), (0.2, RELEASE), (1, PRESS), (3, RELEASE)],
        [START, DISCARD, START, STOP],
    ),
    "typing does not end a latched one": (
        [*TAPPED, (0.2, OTHER), (5, OTHER)],
        [START, LATCH],
    ),
    "a chord does not end a latched one": (
        [*TAPPED, (5, PRESS), (5.1, OTHER), (5.2, RELEASE), (7, LATER)],
        [START, LATCH],
    ),
    "a chord soon after a tap does not lock": (
        [
            *TAPPED,
            (0.3, PRESS),
            (0.35, OTHER),
            (0.4, RELEASE),
            (5, PRESS),
            (5.1, RELEASE),
        ],
        [START, LATCH, STOP],
    ),
    "a chord does not end a locked one": (
        [*LOCKED, (5, PRESS), (5.1, OTHER), (5.2, RELEASE), (7, LATER)],
        [START, LATCH, LOCK],
    ),
    "other keys and key-ups at rest say nothing": (
        [(0, OTHER), (5, ESCAPE), (6, RELEASE), (7, UP), (8, ENDED), (9, UNDO)],
        [],
    ),
    # Esc and undo
    "escape cancels a hold at any time": (
        [(0, PRESS), (30, ESCAPE), (31, RELEASE)],
        [START, CANCEL],
    ),
    "repeats after an escape do not start": (
        [(0, PRESS), (0.1, ESCAPE), (0.2, PRESS)],
        [START, CANCEL],
    ),
    "escape cancels a latched one": ([*TAPPED, (3, ESCAPE)], [START, LATCH, CANCEL]),
    "escape cancels a locked one": (
        [*LOCKED, (3, ESCAPE)],
        [START, LATCH, LOCK, CANCEL],
    ),
    "escape is taken back within five seconds": (
        [*TAPPED, (3, ESCAPE), (2.9 + UNDO_S, UNDO), (99, LATER)],
        [START, LATCH, CANCEL, Action.UNDO],
    ),
    "escape is final after five seconds": (
        [*TAPPED, (3, ESCAPE), (3 + UNDO_S, LATER), (9, UNDO)],
        [START, LATCH, CANCEL, FORGET],
    ),
    "undo too late is too late before any tick": (
        [*TAPPED, (3, ESCAPE), (3 + UNDO_S, UNDO)],
        [START, LATCH, CANCEL, FORGET],
    ),
    "undo works while the key is still down": (
        [(0, PRESS), (1, ESCAPE), (2, UNDO), (3, RELEASE)],
        [START, CANCEL, Action.UNDO],
    ),
    "undo works once": (
        [*TAPPED, (3, ESCAPE), (4, UNDO), (4.1, UNDO)],
        [START, LATCH, CANCEL, Action.UNDO],
    ),
    "a second escape says nothing": (
        [*TAPPED, (3, ESCAPE), (3.1, ESCAPE), (4, UNDO)],
        [START, LATCH, CANCEL, Action.UNDO],
    ),
    "a new dictation makes an escape final": (
        [*TAPPED, (3, ESCAPE), (4, PRESS), (6, RELEASE), (6.1, UNDO)],
        [START, LATCH, CANCEL, FORGET, START, STOP],
    ),
    # lost key-ups
    "a lost key-up is noticed": (
        [(0, PRESS), (5, UP), (5 + POLL_S, UP), (6, RELEASE)],
        [START, STOP],
    ),
    "a lost key-up of a tap counts as a hold": (
        [(0, PRESS), (POLL_S, UP), (2 * POLL_S - JUST, UP)],
        [START, STOP],
    ),
    "a key-up seen before its event is still a tap": (
        [(0, PRESS), (POLL_S, UP), (POLL_S + JUST, RELEASE)],
        [START, LATCH],
    ),
    "one wrong answer of the keyboard ends nothing": (
        [(0, PRESS), (1, UP), (1.25, DOWN), (1.5, UP)],
        [START],
    ),
    "two answers of one moment are one": ([(0, PRESS), (1, UP), (1, UP)], [START]),
    "a poll while down says nothing": ([(0, PRESS), (1, DOWN), (2, DOWN)], [START]),
    "a poll never starts": ([(0, DOWN), (1, UP)], []),
    "a lost key-up after a chord is noticed": (
        [(0, PRESS), (0.1, OTHER), (0.5, UP), (0.75, UP), (1, PRESS)],
        [START, DISCARD, START],
    ),
    "a lost key-up of the ending tap ends it": (
        [*TAPPED, (9, PRESS), (9.25, UP), (9.5, UP)],
        [START, LATCH, STOP],
    ),
    "a lost key-up of the locking tap ends it": (
        [*TAPPED, (0.3, PRESS), (0.5, UP), (0.75, UP)],
        [START, LATCH, STOP],
    ),
    # the longest dictation
    "a minute before the end is announced, once": (
        [(0, PRESS), (LONGEST_S - WARN_S, DOWN), (LONGEST_S - 1, DOWN)],
        [START, WARN],
    ),
    "the longest hold ends by itself": (
        [(0, PRESS), (LONGEST_S, DOWN), (LONGEST_S + 1, RELEASE)],
        [START, TOO_LONG],
    ),
    "the longest latched one ends by itself": (
        [*TAPPED, (LONGEST_S - 9, LATER), (LONGEST_S, LATER)],
        [START, LATCH, WARN, TOO_LONG],
    ),
    "a locked one has no longest": (
        [*LOCKED, (LONGEST_S * 9, LATER)],
        [START, LATCH, LOCK],
    ),
    "each dictation is announced": (
        [
            (0, PRESS),
            (LONGEST_S - 1, DOWN),
            (LONGEST_S, DOWN),
            (LONGEST_S, RELEASE),
            (2000, PRESS),
            (2000 + LONGEST_S - 1, DOWN),
        ],
        [START, WARN, TOO_LONG, START, WARN],
    ),
    # the menu, and automatic ends
    "the menu latches and ends": ([(0, TOGGLE), (60, TOGGLE)], [START, STOP]),
    "a tap ends what the menu began": (
        [(0, TOGGLE), (0.2, PRESS), (0.3, RELEASE)],
        [START, STOP],
    ),
    "locked without a key": (
        [(0, TOGGLE), (1, TO_LOCK), (20, QUIET), (2 * LONGEST_S, TOGGLE)],
        [START, LOCK, STOP],
    ),
    "a hold can be locked too": (
        [(0, PRESS), (2, TO_LOCK), (3, RELEASE), (4, PRESS), (4.1, RELEASE)],
        [START, LOCK, STOP],
    ),
    "where nobody listens there is nothing to lock": ([(0, TO_LOCK)], []),
    "the menu ends a hold": ([(0, PRESS), (2, TOGGLE), (3, RELEASE)], [START, STOP]),
    "the menu starts under a spent key": (
        [(0, PRESS), (0.1, OTHER), (1, TOGGLE), (2, RELEASE), (3, LATER)],
        [START, DISCARD, START],
    ),
    "a tap after a chord under the menu's ends it": (
        [
            (0, PRESS),
            (0.1, OTHER),
            (1, TOGGLE),
            (2, RELEASE),
            (3, PRESS),
            (3.1, RELEASE),
        ],
        [START, DISCARD, START, STOP],
    ),
    "after an end by itself a hold's release says nothing": (
        [(0, PRESS), (2, ENDED), (3, RELEASE)],
        [START],
    ),
    "after an end by itself the next tap starts": (
        [*TAPPED, (2, ENDED), (3, PRESS), (3.1, RELEASE)],
        [START, LATCH, START, LATCH],
    ),
    # a tap to stop a dictation that has already ended
    "after a failure the tap that was to end it begins nothing": (
        [*TAPPED, (2, FAILED), (5, PRESS), (5.1, RELEASE)],
        [START, LATCH, START, DISCARD, LATE],
    ),
    "after a failure a hold is a dictation from its press on": (
        [*TAPPED, (2, FAILED), (5, PRESS), (9, RELEASE), (9.2, PRESS), (9.3, RELEASE)],
        [START, LATCH, START, STOP, START, LATCH],
    ),
    "right after the quiet end a hold is a dictation too": (
        [*TAPPED, (9, QUIET), (9.4, PRESS), (13, RELEASE)],
        [START, LATCH, STOP, START, STOP],
    ),
    "after a failure a hold of the key that translates is a dictation": (
        [(0, TOGGLE), (2, FAILED), (5, TRANSLATE), (9, TRANSLATED)],
        [START, START, STOP],
    ),
    "after a failure a chord is a chord, and the next tap starts": (
        [*TAPPED, (2, FAILED), (5, PRESS), (5.1, OTHER), (5.2, RELEASE), *_TAP_6],
        [START, LATCH, START, DISCARD, START, LATCH],
    ),
    "who pressed Esc after a failure has seen it": (
        [(0, TOGGLE), (2, FAILED), (3, ESCAPE), *_TAP_6],
        [START, START, LATCH],
    ),
    "after a failure a toggle begins nothing, and the hold after it starts": (
        [*LOCKED, (2, FAILED), (2.1, TOGGLE), (3, PRESS), (6, RELEASE)],
        [START, LATCH, LOCK, LATE, START, STOP],
    ),
    "after a late tap the next hold starts": (
        [*TAPPED, (2, FAILED), (5, PRESS), (5.1, RELEASE), (5.5, PRESS), (9, RELEASE)],
        [START, LATCH, START, DISCARD, LATE, START, STOP],
    ),
    "long after a failure a tap starts": (
        [*TAPPED, (2, FAILED), (2 + LATE_S, PRESS), (20, RELEASE)],
        [START, LATCH, START, STOP],
    ),
    "a key that is down at the failure was to end it, and comes up": (
        [(0, PRESS), (2, FAILED), (3, RELEASE), (3.1, PRESS), (9, RELEASE)],
        [START, START, STOP],
    ),
    "a tap right after the quiet end was to end it": (
        [*TAPPED, (9, QUIET), (9.4, PRESS), (9.5, RELEASE)],
        [START, LATCH, STOP, START, DISCARD, LATE],
    ),
    "what is locked and quiet has not ended": (
        [*LOCKED, (20, QUIET), (20.1, PRESS), (20.2, RELEASE)],
        [START, LATCH, LOCK, STOP],
    ),
    "a tap a little later is another dictation": (
        [*TAPPED, (9, QUIET), (9 + REACTION_S, PRESS), (12, RELEASE)],
        [START, LATCH, STOP, START, STOP],
    ),
    # the key that translates
    "the translate key is held as the dictation key is": (
        [(0, TRANSLATE), (2, TRANSLATED)],
        [START, STOP],
    ),
    "auto-repeat of the translate key says nothing": (
        [(0, TRANSLATE), (0.5, TRANSLATE), (2, TRANSLATED)],
        [START, STOP],
    ),
    "a tap of the translate key latches and two lock": (
        [(0, TRANSLATE), (0.1, TRANSLATED), (0.3, TRANSLATE), (0.4, TRANSLATED)],
        [START, LATCH, LOCK],
    ),
    "a lost release of the translate key is noticed": (
        [(0, TRANSLATE), (5, UP), (5 + POLL_S, UP)],
        [START, STOP],
    ),
    "the other of the two soon is a chord": (
        [(0, PRESS), (0.1, TRANSLATE), (0.2, TRANSLATED), (2, RELEASE)],
        [START, DISCARD],
    ),
    "the dictation key soon under the translate key is a chord": (
        [(0, TRANSLATE), (0.1, PRESS), (0.2, RELEASE), (2, TRANSLATED)],
        [START, DISCARD],
    ),
    "the other of the two later is a key like any other": (
        [(0, PRESS), (CHORD_S, TRANSLATE), (1.5, TRANSLATED), (2, RELEASE)],
        [START, STOP],
    ),
    "the other one's release ends no hold": (
        [(0, PRESS), (2, TRANSLATED), (3, RELEASE)],
        [START, STOP],
    ),
    "either of the two ends what is latched": (
        [*TAPPED, (9, TRANSLATE), (9.1, TRANSLATED)],
        [START, LATCH, STOP],
    ),
    "a tap of each soon after one another locks nothing": (
        [*TAPPED, (0.3, TRANSLATE), (0.4, TRANSLATED)],
        [START, LATCH, STOP],
    ),
    "the menu ends a translation": ([(0, TO), (60, TOGGLE)], [START, STOP]),
    "asked for twice, a translation ends": ([(0, TO), (60, TO)], [START, STOP]),
    # no speech
    "quiet ends a latched one": ([*TAPPED, (20, QUIET)], [START, LATCH, STOP]),
    "quiet ends what the menu began": ([(0, TOGGLE), (20, QUIET)], [START, STOP]),
    "quiet does not end a hold": ([(0, PRESS), (20, QUIET)], [START]),
    "quiet does not end a locked one": ([*LOCKED, (20, QUIET)], [START, LATCH, LOCK]),
    "quiet at rest says nothing": ([(0, QUIET)], []),
    "a tap that comes just after the quiet end does not start": (
        [*TAPPED, (20, PRESS), (20.1, QUIET), (20.2, RELEASE)],
        [START, LATCH, STOP],
    ),
    # clocks
    "a tap heard of late is still a tap": (
        [(0, PRESS), (0.6, LATER), (0.4, RELEASE), (0.7, PRESS), (0.8, RELEASE)],
        [START, LATCH, LOCK],
    ),
    "a lost key-up is noticed by a clock that went back": (
        [(100, PRESS), (3, UP), (3 + POLL_S, UP)],
        [START, STOP],
    ),
    "a clock that goes back changes nothing": (
        [(10, PRESS), (3, RELEASE)],
        [START, LATCH],
    ),
}


def done(rules: HoldKey, what: Input | str, at_s: float) -> list[Action]:
    if isinstance(what, Input):
        return rules.handle(what, at_s)
    return rules.tick(at_s, {UP: False, DOWN: True, LATER: None}[what])


@pytest.mark.parametrize("name", CASES)
def test_hold_key_case(name: str) -> None:
    events, expected = CASES[name]
    rules = HoldKey(LONGEST_S)
    actions = [act for at_s, what in events for act in done(rules, what, at_s)]
    assert actions == expected


@pytest.mark.parametrize(
    ("events", "translates"),
    [
        ([(0, PRESS)], False),
        ([(0, TRANSLATE)], True),
        ([(0, TRANSLATE), (0.1, TRANSLATED)], True),
        ([*TAPPED, (9, TRANSLATE)], False),  # ends what the other key started
        ([(0, TRANSLATE), (2, TRANSLATED), (3, TOGGLE)], False),
        ([(0, TRANSLATE), (2, TRANSLATED), (3, PRESS)], False),
        ([(0, PRESS), (0.1, TRANSLATE)], False),
        ([(0, TO)], True),
        ([(0, PRESS), (2, RELEASE), (3, TO), (4, PRESS)], True),
        ([*TAPPED, (3, TO)], False),  # ends the dictation
        ([(0, TO), (3, TOGGLE), (4, TOGGLE)], False),
    ],
)
def test_starting_key_decides_whether_to_translate(
    events: list[Event], translates: bool
) -> None:
    rules = HoldKey(LONGEST_S)
    for at_s, what in events:
        done(rules, what, at_s)
    assert rules.translates == translates


def test_time_limit_under_the_warning_ends_without_one() -> None:
    rules = HoldKey(WARN_S)
    rules.handle(PRESS, 0)
    assert rules.tick(WARN_S - JUST, True) == []
    assert rules.tick(WARN_S, True) == [TOO_LONG]


@pytest.mark.parametrize(
    ("events", "rest"),
    [
        ([], True),
        ([(0, PRESS)], False),
        (HELD, True),
        (TAPPED, False),
        ([(0, PRESS), (0.1, OTHER)], False),
        ([*TAPPED, (3, ESCAPE)], False),
        ([*TAPPED, (3, ESCAPE), (3 + UNDO_S, LATER)], True),
    ],
)
def test_hold_key_needs_ticks_only_while_active(
    events: list[Event], rest: bool
) -> None:
    rules = HoldKey(LONGEST_S)
    for at_s, what in events:
        done(rules, what, at_s)
    assert rules.at_rest == rest
