"""What the tray and the overlay show about dictation, captions and the microphone.

The pictures are written to screenshots/; look at them.
"""

import pytest
from PySide6.QtGui import QImage

from mica.audio.microphone_pool import MicrophoneUse
from mica.dictation.state import Latch, ShownState, State
from mica.engine.client_events import Hypothesis, Ready
from mica.events import Language
from mica.host.key_names import Hotkey
from mica.settings import Settings
from mica.ui import strings
from mica.ui.overlay import Overlay
from mica.ui.status import StatusPresenter
from mica.ui.theme import StatusColor, tray_icon
from mica.ui.tray import Tray
from ui.pictures import SCREENSHOTS, sheet

KEYS = Settings(hold_key="right_alt", translate_key="f13")
IDLE = "Mica: hold Right Alt and speak"


class Shows:
    """A status presenter, and what it shows."""

    def __init__(self, qtbot) -> None:
        self.tray, self.overlay = Tray(list), Overlay()
        qtbot.addWidget(self.overlay)
        qtbot.addWidget(self.overlay.notice)
        self.status = StatusPresenter(self.tray, self.overlay, KEYS)

    @property
    def tip(self) -> str:
        return self.tray.icon.toolTip()

    @property
    def tone(self) -> StatusColor:
        """The tray icon's color, found by comparing its pixels."""
        shown = self.icon
        [found] = [
            t for t in StatusColor if tray_icon(t).pixmap(22, 22).toImage() == shown
        ]
        return found

    @property
    def icon(self) -> QImage:
        return self.tray.icon.icon().pixmap(22, 22).toImage()

    @property
    def menu(self) -> list[str]:
        return [a.text() for a in self.tray.menu.actions() if a.isVisible()]


@pytest.fixture
def shows(qtbot) -> Shows:
    return Shows(qtbot)


def test_overlay_names_the_target_language(shows):
    shows.status.on_state(ShownState(State.ARMING, to=Language.GERMAN))
    latched = ShownState(
        State.LISTENING, Latch.LATCHED, Language.GERMAN, Hotkey.TRANSLATE
    )
    shows.status.on_state(latched)
    assert shows.overlay.placed.lines == ("Listening → German… Tap F13 to finish.",)
    assert shows.tip == "Listening → German… Tap F13 to finish."
    shows.status.on_engine(Hypothesis(1, "good morning"))
    assert shows.overlay.text == "→ German: good morning"
    SCREENSHOTS.mkdir(exist_ok=True)
    assert shows.overlay.grab().save(str(SCREENSHOTS / "translating.png"))


def test_model_that_cannot_translate_shows_no_target_language(shows):
    for can, text in ((False, "Listening…"), (True, "Listening → German…")):
        shows.status.on_engine(Ready("a", 0.5, translates=can))
        shows.status.on_state(ShownState(State.LISTENING, to=Language.GERMAN))
        assert shows.overlay.text == text


def test_transcription_shows_no_target_language(shows):
    shows.status.on_state(ShownState(State.ARMING, to=Language.GERMAN))
    shows.status.on_state(ShownState(State.LISTENING))
    assert shows.overlay.text == "Listening…"
    shows.status.on_engine(Hypothesis(1, "good morning"))
    assert shows.overlay.text == "good morning"


BY_MENU = "Finish from Mica’s menu."
ENDINGS = {  # latch, starting key, paused: the hint on how to finish
    (Latch.OFF, Hotkey.HOLD, False): "",
    (Latch.LATCHED, Hotkey.HOLD, False): "Tap Right Alt to finish.",
    (Latch.LATCHED, Hotkey.TRANSLATE, False): "Tap F13 to finish.",
    (Latch.LOCKED, Hotkey.HOLD, False): "Locked. Tap Right Alt to finish.",
    (Latch.LATCHED, None, False): BY_MENU,
    (Latch.LOCKED, None, False): f"Locked. {BY_MENU}",
    (Latch.LATCHED, Hotkey.HOLD, True): BY_MENU,
    (Latch.LOCKED, Hotkey.HOLD, True): f"Locked. {BY_MENU}",
}


@pytest.mark.parametrize("how", ENDINGS)
def test_only_how_to_finish_is_shown_beside_the_words(shows, how):
    latch, key, paused = how
    shows.status.pause(paused)
    shows.status.on_state(ShownState(State.ARMING, latch, None, key))
    shows.status.on_state(ShownState(State.LISTENING, latch, None, key))
    state = "" if latch is Latch.LOCKED else "Listening… "
    assert shows.tip == f"{state}{ENDINGS[how]}".strip()
    shows.status.on_engine(Hypothesis(1, "so far"))
    hint = [ENDINGS[how]] if ENDINGS[how] else []
    assert shows.overlay.placed.lines == ("so far", *hint)


def test_a_key_that_is_chosen_meanwhile_is_the_one_that_is_named(shows):
    shows.status.bound(Settings(hold_key="f14"))
    assert shows.tip == "Mica: hold F14 and speak"
    shows.status.on_state(ShownState(State.LISTENING, Latch.LATCHED, None, Hotkey.HOLD))
    assert "Tap F14" in shows.tip


def test_paused_shortcuts_are_named_again_when_they_work_again(shows):
    shows.status.on_state(ShownState(State.LISTENING, Latch.LATCHED, None, Hotkey.HOLD))
    shows.status.on_engine(Hypothesis(1, "so far"))
    for paused, hint in ((True, BY_MENU), (False, "Tap Right Alt to finish.")):
        shows.status.pause(paused)
        assert shows.tip == f"Listening… {hint}"
        assert shows.overlay.placed.lines == ("so far", hint)


def test_trouble_shows_its_reason_until_it_is_over(shows):
    why = "Transcription failed. Your recording is safe: choose Transcribe Again."
    shows.status.on_state(ShownState(State.TROUBLE, reason=why))
    assert (shows.tone, shows.tip) == (StatusColor.TROUBLE, why)
    assert " ".join(shows.menu[:2]) == why and "Dismiss" in shows.menu
    shows.status.on_state(ShownState(State.LISTENING))
    shows.status.on_state(ShownState(State.WORKING))
    shows.status.on_state(ShownState(State.TROUBLE, reason=why))
    assert shows.tip == why
    shows.status.on_state(ShownState(State.IDLE))
    assert shows.tip == IDLE and "Dismiss" not in shows.menu


def test_replayed_recording_is_reported(shows):
    shows.status.on_state(ShownState(State.LISTENING))
    shows.status.on_engine(Hypothesis(1, "so far"))
    shows.status.on_state(ShownState(State.WORKING, is_retry=True))
    assert shows.tip == strings.TRANSCRIBING_AGAIN


OPEN = {  # state, captions, microphone: the icon, first and last part of the tooltip
    (State.IDLE, False, MicrophoneUse.CLOSED): (StatusColor.QUIET, IDLE, IDLE),
    (State.IDLE, False, MicrophoneUse.IDLE): (
        StatusColor.STANDBY,
        IDLE,
        strings.MICROPHONE_READY,
    ),
    (State.IDLE, True, MicrophoneUse.RECORDING): (
        StatusColor.CAPTIONS,
        strings.CAPTIONS_RECORD,
        strings.CAPTIONS_RECORD,
    ),
    (State.WORKING, True, MicrophoneUse.RECORDING): (
        StatusColor.CAPTIONS,
        strings.CAPTIONS_RECORD,
        "Transcribing…",
    ),
    (State.TROUBLE, True, MicrophoneUse.RECORDING): (
        StatusColor.CAPTIONS,
        strings.CAPTIONS_RECORD,
        "Why.",
    ),
    (State.TROUBLE, False, MicrophoneUse.IDLE): (
        StatusColor.TROUBLE,
        "Why.",
        strings.MICROPHONE_READY,
    ),
    (State.ARMING, False, MicrophoneUse.RECORDING): (
        *(StatusColor.LISTENING, "Getting ready…", "Getting ready…"),
    ),
    (State.LISTENING, True, MicrophoneUse.RECORDING): (
        *(StatusColor.LISTENING, "Listening…", "Listening…"),
    ),
    # the quarter of a second after the key is released
    (State.WORKING, False, MicrophoneUse.RECORDING): (
        StatusColor.LISTENING,
        "Transcribing…",
        "Transcribing…",
    ),
    (State.CANCELLED, False, MicrophoneUse.RECORDING): (
        *(StatusColor.LISTENING, "Canceled", "Canceled"),
    ),
    (State.DONE, False, MicrophoneUse.IDLE): (
        StatusColor.DONE,
        "0 words",
        strings.MICROPHONE_READY,
    ),
}


@pytest.mark.parametrize("now", OPEN)
def test_an_open_microphone_is_always_seen(shows, now):
    state, captions, opened = now
    shows.status.on_captions(captions)
    shows.status.on_microphone(opened)
    shows.status.on_state(ShownState(state, reason="Why." * (state is State.TROUBLE)))
    tone, first, last = OPEN[now]
    lines = shows.tip.split("\n")
    assert (shows.tone, lines[0], lines[-1]) == (tone, first, last)
    assert shows.menu[: len(lines)] == lines


def test_paused_shortcuts_do_not_hide_an_open_microphone(shows):
    shows.status.pause(True)
    shows.status.on_microphone(MicrophoneUse.IDLE)
    assert shows.tone is StatusColor.PAUSED and strings.MICROPHONE_READY in shows.tip
    shows.status.on_captions(True)
    shows.status.on_microphone(MicrophoneUse.RECORDING)
    assert shows.tone is StatusColor.CAPTIONS and strings.SHORTCUTS_PAUSED in shows.tip


@pytest.mark.parametrize("look", ["light", "dark"])
def test_icons_are_saved_as_screenshots(qapp, look):
    images = [tray_icon(tone).pixmap(64, 64).toImage() for tone in StatusColor]
    images += [tray_icon(tone).pixmap(22, 22).toImage() for tone in StatusColor]
    sheet(images, "icons", look)
