"""What the engine tells of an utterance, as one line of words."""

from mica.engine.client_events import Committed, Hypothesis, Ready
from mica.ui.status import LatestText


def test_a_hypothesis_is_replaced_and_a_commit_stays():
    live = LatestText()
    assert live.hear(Hypothesis(1, "so the")) and live.text == "so the"
    assert live.hear(Hypothesis(1, "so they")) and live.text == "so they"
    assert live.hear(Committed(1, 0.0, 1.0, "So they came.")) and live.hear(
        Hypothesis(1, "and")
    )
    assert live.text == "So they came. and"


def test_what_is_no_text_changes_nothing():
    live = LatestText()
    live.hear(Hypothesis(1, "so"))
    assert not live.hear(Ready("pebble", 0.1)) and live.text == "so"


def test_another_utterance_begins_anew_and_an_older_one_is_not_heard():
    live = LatestText()
    live.hear(Committed(1, 0.0, 1.0, "First."))
    live.hear(Hypothesis(2, "second"))
    assert live.text == "second"
    assert not live.hear(Committed(1, 1.0, 2.0, "Late.")) and live.text == "second"


def test_stragglers_of_a_cleared_utterance_are_not_heard():
    live = LatestText()
    live.hear(Hypothesis(1, "first"))
    live.clear()
    assert live.text == "" and not live.hear(Hypothesis(1, "first words"))
    assert live.hear(Hypothesis(2, "second")) and live.text == "second"
