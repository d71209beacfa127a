"""Time constants have their published values, written out as plain numbers.

Most come from other dictation apps, which are named after them. The others are Mica's
own. Anyone who changes a constant must change it here too.
"""

import pytest

from mica.audio import keep_open, level
from mica.dictation import microphone_reporter, state_reporter
from mica.dictation.hold_keys import DictationKeys
from mica.host import hold_key
from mica.host.hold_key import HoldKey, Input
from mica.host.hold_key_table import Action
from mica.settings import Settings
from mica.ui import overlay
from support.fakes import FakeHotkeys

START, STOP, DISCARD, CANCEL = Action.START, Action.STOP, Action.DISCARD, Action.CANCEL
LATCH, LOCK, UNDO, FORGET = Action.LATCH, Action.LOCK, Action.UNDO, Action.FORGET
WARN, TOO_LONG = Action.WARN, Action.TOO_LONG
PRESS, RELEASE, OTHER = Input.PRESS, Input.RELEASE, Input.OTHER
TAPPED = [(10.0, PRESS), (10.1, RELEASE)]
LATCHED = [START, LATCH]
HOUR_S = 3600.0

PUBLISHED = {
    # keys and dictation
    "a hold begins": (hold_key.HOLD_S, 0.5),  # VoiceInk's
    "a second tap locks within": (hold_key.LOCK_S, 0.4),
    "another key is a chord within": (hold_key.CHORD_S, 1.0),  # Hex's
    "an Esc can be taken back for": (hold_key.UNDO_S, 5.0),
    "a held key is asked each": (hold_key.POLL_S, 0.25),
    "no speech ends a latched one after": (Settings().quiet_stop_s, 15.0),  # Talkify's
    # EnviousWispr's limit and its warning
    "a dictation lasts at most": (Settings().max_dictation_s, HOUR_S),
    "its end is announced before it by": (hold_key.WARN_S, 60.0),
    # microphone
    "zeros are named after": (level.SILENT_S, 1.0),
    "zeros of a headset are named after": (level.BLUETOOTH_SILENT_S, 3.0),
    "a microphone stays open for": (keep_open.SHORT_S, 30.0),
    "levels are told a second": (
        microphone_reporter.LEVELS_PER_S,
        30,
    ),  # level meter at 30 fps
    "the meter is drawn each, ms": (overlay.FRAME_MS, 33),  # the same, for QTimer
    # success and error; the time for errors is our own, a longer one
    "a success is shown for": (state_reporter.DONE_S, 0.8),  # Vellum's
    "a message is shown for at least, ms": (overlay.MESSAGE_MS, 6000),
}

PLAYED: dict[str, tuple[list[tuple[float, Input | None]], list[Action]]] = {
    "0.49 s are a tap": ([(10.0, PRESS), (10.49, RELEASE)], LATCHED),
    "0.51 s are a hold": ([(10.0, PRESS), (10.51, RELEASE)], [START, STOP]),
    "a second tap 0.39 s after the first locks": (
        [*TAPPED, (10.49, PRESS), (10.6, RELEASE)],
        [*LATCHED, LOCK],
    ),
    "a second tap 0.41 s after the first ends it": (
        [*TAPPED, (10.51, PRESS), (10.6, RELEASE)],
        [*LATCHED, STOP],
    ),
    "another key at 0.99 s is a chord": (
        [(10.0, PRESS), (10.99, OTHER), (12.0, RELEASE)],
        [START, DISCARD],
    ),
    "another key at 1.01 s is none": (
        [(10.0, PRESS), (11.01, OTHER), (12.0, RELEASE)],
        [START, STOP],
    ),
    "an Esc is taken back after 4.9 s": (
        [*TAPPED, (20.0, Input.ESCAPE), (24.9, Input.UNDO), (99.0, None)],
        [*LATCHED, CANCEL, UNDO],
    ),
    "an Esc is final after 5.1 s": (
        [*TAPPED, (20.0, Input.ESCAPE), (25.1, Input.UNDO)],
        [*LATCHED, CANCEL, FORGET],
    ),
    "61 s before the longest nothing is said": (
        [*TAPPED, (10 + HOUR_S - 61, None)],
        LATCHED,
    ),
    "59 s before the longest its end is announced": (
        [*TAPPED, (10 + HOUR_S - 59, None), (10 + HOUR_S - 1, None)],
        [*LATCHED, WARN],
    ),
    "an hour is the longest": (
        [*TAPPED, (10 + HOUR_S - 59, None), (10 + HOUR_S, None)],
        [*LATCHED, WARN, TOO_LONG],
    ),
    "a locked one has no longest": (
        [*TAPPED, (10.3, PRESS), (10.4, RELEASE), (10 + 9 * HOUR_S, None)],
        [*LATCHED, LOCK],
    ),
}


@pytest.mark.parametrize("what", PUBLISHED)
def test_a_time_constant_is_the_published_one(what: str) -> None:
    ours, published = PUBLISHED[what]
    assert ours == published


@pytest.mark.parametrize("what", PLAYED)
def test_key_presses_at_published_intervals_act_as_published(what: str) -> None:
    events, expected = PLAYED[what]
    rules = HoldKey(Settings().max_dictation_s)
    actions: list[Action] = []
    for at_s, seen in events:
        actions += rules.tick(at_s) if seen is None else rules.handle(seen, at_s)
    assert actions == expected


def test_a_held_key_is_polled_four_times_a_second_and_released_at_the_second() -> None:
    hotkeys = FakeHotkeys()
    hotkeys.down, keys = True, DictationKeys(hotkeys)
    keys.handle(PRESS, 0.0, HOUR_S)
    for hundredth in range(1, 205):
        assert list(keys.tick(hundredth / 100)) == []
    assert hotkeys.is_down_calls == 8
    hotkeys.down = False  # at 2.04 s; a single query may be outdated
    for hundredth in range(205, 250):
        assert list(keys.tick(hundredth / 100)) == []
    assert list(keys.tick(2.5)) == [STOP]
