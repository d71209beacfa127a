"""What the tray and the overlay say of a dictation that is translated.

The picture is in screenshots/translating.png afterwards: look at it.
"""

import pytest

from mica.engine.client_events import Hypothesis, Ready
from mica.events import Language
from mica.session.state import Latch, Shown, State
from mica.ui.overlay import Overlay
from mica.ui.status import Status
from mica.ui.tray import Tray
from ui.pictures import SCREENSHOTS


@pytest.fixture
def overlay(qtbot) -> Overlay:
    overlay = Overlay()
    qtbot.addWidget(overlay)
    return overlay


def test_it_is_said_into_which_language(overlay):
    tray = Tray(list)
    status = Status(tray, overlay)
    status.on_state(Shown(State.ARMING, to=Language.GERMAN))
    status.on_state(Shown(State.LISTENING, Latch.LATCHED, Language.GERMAN))
    assert overlay.text == "Listening → German until you tap the key"
    assert tray.icon.toolTip() == overlay.text
    status.on_engine(Hypothesis(1, "good morning"))
    assert overlay.text == "→ German: good morning"
    SCREENSHOTS.mkdir(exist_ok=True)
    assert overlay.grab().save(str(SCREENSHOTS / "translating.png"))


def test_a_model_that_cannot_translate_promises_nothing(overlay):
    status = Status(Tray(list), overlay)
    for can, text in ((False, "Listening"), (True, "Listening → German")):
        status.on_engine(Ready("a", 0.5, translates=can))
        status.on_state(Shown(State.LISTENING, to=Language.GERMAN))
        assert overlay.text == text


def test_words_as_spoken_have_no_language(overlay):
    status = Status(Tray(list), overlay)
    status.on_state(Shown(State.ARMING, to=Language.GERMAN))
    status.on_state(Shown(State.LISTENING))
    assert overlay.text == "Listening"
    status.on_engine(Hypothesis(1, "good morning"))
    assert overlay.text == "good morning"
