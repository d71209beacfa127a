"""Events from outside the app reach the part of it that handles them."""

import signal
import threading
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt

from mica import desktop as app
from mica.audio.sounds import Tone
from mica.dictation.control import ControlCommand
from mica.dictation.strings import MISSED
from mica.engine.client import Finished, Hypothesis
from mica.events import Transcript
from mica.host.values import AwayReason
from mica.ui import theme
from support.fakes import LIMIT_S
from ui.dictated import dictated, finish_speaking, listening


@pytest.mark.parametrize("why", AwayReason, ids=lambda why: why.value)
def test_dictation_works_again_once_the_user_is_back(desktop, fake, why):
    desktop.start()
    assert desktop._client.started
    desktop._dictation.toggle()
    fake.presence.go(why)
    assert not fake.hotkeys.escape_wanted
    desktop._dictation.toggle()
    assert not fake.hotkeys.escape_wanted
    fake.presence.return_()
    assert desktop._overlay.notice.text == MISSED
    desktop._dictation.toggle()
    assert fake.hotkeys.escape_wanted


def test_no_microphone_stays_open_while_the_user_is_away(desktop, fake, qtbot):
    desktop.start()
    microphone = dictated(desktop, qtbot, "hello")
    assert not microphone.closed
    fake.presence.go(AwayReason.LOCK)
    assert microphone.closed


def test_no_microphone_stays_open_when_devices_change(desktop, sound, qtbot):
    microphone = dictated(desktop, qtbot, "hello")
    assert not microphone.closed
    teller = threading.Thread(target=sound.change)
    teller.start()
    teller.join(LIMIT_S)
    qtbot.waitUntil(lambda: microphone.closed, timeout=5_000)


def test_device_change_looks_for_another_microphone(desktop, sound, qtbot, monkeypatch):
    monkeypatch.setattr(
        desktop._microphone_pool, "_is_superseded", lambda *arguments: True
    )
    first = listening(desktop, qtbot)
    sound.change()
    leased = desktop._microphone_pool.leased
    qtbot.waitUntil(lambda: not leased.empty(), timeout=5_000)
    second = leased.get()
    assert first.closed
    second.speak(0.5)
    desktop._dictation.toggle()
    finish_speaking(desktop, second)


def test_recording_continues_with_the_chosen_microphone(desktop, qtbot):
    first = listening(desktop, qtbot)
    assert desktop._settings_store.change(microphone="Lamp") is None
    second = desktop._microphone_pool.leased.get(timeout=LIMIT_S)
    assert first.closed and second.wanted == "Lamp"
    second.speak(0.5)
    desktop._dictation.toggle()
    finish_speaking(desktop, second)


def test_captions_continue_with_the_chosen_microphone(desktop, qtbot):
    desktop._captions.toggle()
    first = desktop._microphone_pool.leased.get(timeout=LIMIT_S)
    first.speak(0.5)
    assert desktop._settings_store.change(microphone="Lamp") is None
    second = desktop._microphone_pool.leased.get(timeout=LIMIT_S)
    assert first.closed and second.wanted == "Lamp"


def test_next_dictation_uses_the_microphone_of_the_pool(desktop, qtbot):
    microphone = dictated(desktop, qtbot, "hello")
    desktop._dictation.toggle()
    microphone.speak(0.5)
    qtbot.waitUntil(lambda: desktop._overlay.text.startswith("Listening"))
    assert desktop._microphone_pool.leased.empty()


def test_captions_use_the_microphone_of_the_pool(desktop, qtbot):
    microphone = dictated(desktop, qtbot, "hello")
    desktop._commands.by_socket(ControlCommand.CAPTIONS)

    def has_audio() -> bool:
        microphone.speak(0.1)
        return any(
            one.recording.recorded for one in desktop._captions._pending.values()
        )

    qtbot.waitUntil(has_audio, timeout=5_000)
    assert desktop._microphone_pool.leased.empty()


def test_sounds_are_played_when_recording_starts_and_stops(desktop, played, qtbot):
    microphone = listening(desktop, qtbot)
    qtbot.waitUntil(lambda: played == [Tone.START], timeout=5_000)
    desktop._dictation.toggle()
    finish_speaking(desktop, microphone)
    qtbot.waitUntil(lambda: played == [Tone.START, Tone.STOP], timeout=5_000)


def test_the_meter_shows_how_loud_the_user_is(desktop, qtbot):
    microphone = listening(desktop, qtbot)
    qtbot.waitUntil(lambda: max(desktop._overlay._levels) > 0.5, timeout=5_000)

    def sinks() -> bool:
        microphone.speak(0.1, level=1e-6)
        return desktop._overlay._levels[-1] == 0

    qtbot.waitUntil(sinks, timeout=5_000)


def test_words_are_in_the_overlay_while_they_are_spoken(desktop, qtbot):
    listening(desktop, qtbot)
    [pending] = desktop._dictation._utterances
    hypothesis = Hypothesis(pending.recording.utterance, "so far")
    desktop._client.post(hypothesis)
    qtbot.waitUntil(lambda: desktop._overlay.text == "so far", timeout=5_000)


def test_click_on_undo_restores_the_words(desktop, fake, qtbot):
    microphone = listening(desktop, qtbot)
    desktop._dictation.cancel()
    utterance = finish_speaking(desktop, microphone)
    desktop._client.post(Finished(utterance, Transcript("hello", "pebble", 1.5)))
    qtbot.waitUntil(
        lambda: any(one.transcript for one in desktop._dictation._utterances)
    )
    assert fake.paster.pasted == []
    qtbot.mouseClick(desktop._overlay.undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [t for t, _ in fake.paster.pasted] == ["hello"])
    assert not desktop._overlay.undo.isVisible()


@pytest.fixture
def hangups(request):
    """The process's handler for SIGHUP before the app started."""
    before = signal.signal(signal.SIGHUP, request.param)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("hangups", [signal.SIG_DFL], indirect=True)
def test_a_closed_terminal_ends_the_app_as_quit_does(
    hangups, desktop, monkeypatch, qtbot
):
    assert callable(signal.getsignal(signal.SIGHUP)), "it would end the process"
    ended = []
    monkeypatch.setattr(desktop, "_exit", lambda: ended.append(True))
    signal.raise_signal(signal.SIGHUP)
    qtbot.waitUntil(lambda: ended == [True])


@pytest.mark.parametrize("hangups", [signal.SIG_IGN], indirect=True)
def test_app_keeps_running_under_nohup(hangups, desktop):
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_overlay_and_captions_are_where_the_focused_window_is(desktop, fake):
    for floating in (desktop._overlay, desktop._captions_window):
        fake.focus.point = (1200, 300)
        assert floating._screen_point() == (1200, 300)
        fake.focus.point = None
        assert floating._screen_point() is None


def test_host_raises_the_overlay_and_the_captions(desktop, fake, monkeypatch):
    screen = SimpleNamespace(platformName=lambda: "cocoa")
    monkeypatch.setattr(app, "QGuiApplication", screen)
    desktop._overlay.message("Only said.", theme.StatusColor.QUIET)
    assert fake.lifted == [int(desktop._overlay.notice.winId())]
    desktop._commands.by_socket(ControlCommand.CAPTIONS)
    assert int(desktop._captions_window.winId()) in fake.lifted[1:]
