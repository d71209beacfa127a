"""The engine's events for an utterance, as one line of words."""

from mica.engine.client_events import Committed, Hypothesis, Ready
from mica.ui.status import LatestText


def test_a_hypothesis_is_replaced_and_a_commit_stays():
    live = LatestText()
    assert live.on_engine(Hypothesis(1, "so the")) and live.text == "so the"
    assert live.on_engine(Hypothesis(1, "so they")) and live.text == "so they"
    assert live.on_engine(Committed(1, 0.0, 1.0, "So they came.")) and live.on_engine(
        Hypothesis(1, "and")
    )
    assert live.text == "So they came. and"


def test_event_without_text_leaves_live_text_unchanged():
    live = LatestText()
    live.on_engine(Hypothesis(1, "so"))
    assert not live.on_engine(Ready("pebble", 0.1)) and live.text == "so"


def test_live_text_follows_the_newest_utterance_only():
    live = LatestText()
    live.on_engine(Committed(1, 0.0, 1.0, "First."))
    live.on_engine(Hypothesis(2, "second"))
    assert live.text == "second"
    assert not live.on_engine(Committed(1, 1.0, 2.0, "Late.")) and live.text == "second"


def test_late_events_of_a_cleared_utterance_are_ignored():
    live = LatestText()
    live.on_engine(Hypothesis(1, "first"))
    live.clear()
    assert live.text == "" and not live.on_engine(Hypothesis(1, "first words"))
    assert live.on_engine(Hypothesis(2, "second")) and live.text == "second"
