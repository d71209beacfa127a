"""Dictation through the whole app, from the microphone to the window."""

from mica.desktop import Desktop
from mica.engine.client import Finished
from mica.events import Transcript
from support.fakes import LIMIT_S, FakeMicrophone


def listening(desktop: Desktop, qtbot) -> FakeMicrophone:
    """Start dictating; return the microphone once the app shows “Listening”."""
    desktop._dictation.toggle()
    microphone = desktop._microphone_pool.leased.get(timeout=LIMIT_S)
    microphone.speak(0.5)
    qtbot.waitUntil(lambda: desktop._overlay.text.startswith("Listening"))
    return microphone


def finish_speaking(desktop: Desktop, microphone: FakeMicrophone) -> int:
    """Speak the last words; return the utterance once the engine has it all."""
    microphone.speak(1.0)
    return desktop._client.ended.get(timeout=LIMIT_S)[0]


def dictated(desktop: Desktop, qtbot, text: str) -> FakeMicrophone:
    """Dictate a text; return the microphone once the text is inserted."""
    microphone = listening(desktop, qtbot)
    desktop._dictation.toggle()
    utterance = finish_speaking(desktop, microphone)
    desktop._client.post(Finished(utterance, Transcript(text, "pebble", 1.5)))
    qtbot.waitUntil(lambda: not desktop._dictation.is_working)
    return microphone
