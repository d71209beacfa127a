"""Captions and a dictation on fakes, driven as the app drives them."""

import threading
from collections.abc import Callable
from pathlib import Path

from mica.audio.keep_open import Cancel
from mica.audio.microphone_pool import MicrophonePool
from mica.audio.microphone_source import MakeSource
from mica.dictation.captions import TICK_S, Captions, CaptionsCallbacks, Phase
from mica.dictation.controller import Dictation
from mica.dictation.recording import ActiveRecordings
from mica.dictation.recording_events import Level
from mica.dictation.services import Services
from mica.dictation.state import ShownState, State
from mica.dictation.state_reporter import DictationCallbacks
from mica.engine.client import EngineEvent, Finished
from mica.events import Style, Transcript
from mica.host.hold_key import Input
from mica.library.store import Library, LibraryEntry
from mica.settings import KeepOpen, Settings
from support import rows
from support.fakes import (
    LIMIT_S,
    RATE_HZ,
    Clock,
    FakeEngine,
    FakeHost,
    FakeLoop,
    FakeMicrophones,
)


def never(delay_s: float, call: Callable[[], None]) -> Cancel:
    """A timer that never fires."""
    return lambda: None


class Harness:
    """Captions and a dictation, connected as in the app."""

    def __init__(self, home: Path, keep_open: KeepOpen | None = None) -> None:
        self.fake, self.engine, self.clock = FakeHost(), FakeEngine(), Clock()
        self.history = Library(home / "history.sqlite")
        self.microphones = FakeMicrophones()
        source: MakeSource = self.microphones
        if keep_open is not None:
            source = MicrophonePool(keep_open, self.microphones, schedule=never).source
        self.opened = self.microphones.opened
        self.phases: list[Phase] = []
        self.words: list[tuple[str, str]] = []
        self.messages: list[str] = []
        self.settings = Settings(style=Style.RAW)
        self.loop, host = FakeLoop(), self.fake.host()
        services = Services(
            engine=self.engine,
            active=ActiveRecordings(),
            library=self.history,
            settings=lambda: self.settings,
            keywords=lambda: ["Jon"],
            post=self.loop.post,
            microphone=source,
            clock=self.clock,
        )
        self.captions = Captions(
            host.permissions,
            services,
            CaptionsCallbacks(
                on_phase=self.phases.append,
                on_words=lambda *both: self.words.append(both),
                on_message=self.on_message,
                on_retracted=lambda line: self.messages.remove(line),
            ),
        )
        self.dictation = Dictation(
            host,
            services,
            DictationCallbacks(
                on_state=self.on_state,
                on_level=lambda level: None,
                on_text=lambda text: None,
                on_message=self.on_message,
            ),
        )

    def on_message(self, text: str, trouble: bool) -> None:
        self.messages.append(text)

    def on_state(self, shown: ShownState) -> None:
        self.captions.pause_for_dictation(
            shown.state in (State.ARMING, State.LISTENING)
        )

    def on(self, event: EngineEvent) -> None:
        self.loop.run()
        if not self.captions.on_engine(event):
            self.dictation.on_engine(event)

    def started(self):
        """Start captions; return their open microphone."""
        self.captions.toggle()
        return self.opened.get(timeout=LIMIT_S)

    def recording(self, seconds: float = 0.5):
        """Start captions and speak; return the microphone."""
        microphone = self.started()
        microphone.speak(seconds)
        self.until(lambda: self.phases[-1] is Phase.LISTENING)
        return microphone

    def lasts(self, seconds: float, quiet_s: float = 0.0) -> None:
        """Wait for the audio so far, then report that the recording has this length and
        ends with this much silence."""
        recording = self.captions._speaking.recording
        self.until(lambda: recording.recorded >= RATE_HZ // 2)
        self.captions.on_recording(Level(recording.utterance, 0.1, seconds, quiet_s))

    def begin_dictation(self) -> None:
        self.fake.hotkeys.down = True
        self.dictation.key(Input.PRESS, self.clock.now_s)

    def dictating(self):
        """Start a dictation on the open microphone; return its recording."""
        self.begin_dictation()
        recording = self.dictation._utterances.speaking.recording
        self.until(lambda: recording.journal is not None)
        return recording

    def press(self):
        self.begin_dictation()
        return self.opened.get(timeout=LIMIT_S)

    def release(self) -> None:
        self.clock.now_s += 1.0
        self.fake.hotkeys.down = False
        self.dictation.key(Input.RELEASE, self.clock.now_s)

    def tick(self) -> None:
        """Run the posted calls, then tick both controllers."""
        self.loop.run()
        self.captions.tick()
        self.dictation.tick()

    def until(self, condition: Callable[[], bool]) -> None:
        """Tick until the condition holds."""
        pause = threading.Event()
        for _ in range(round(LIMIT_S / 0.002)):
            self.tick()
            if condition():
                return
            self.clock.now_s += TICK_S
            pause.wait(0.002)
        raise AssertionError("it never happened")

    def ended(self) -> int:
        """The next utterance that the engine has received completely."""
        return self.engine.ended.get(timeout=LIMIT_S)[0]

    def written(self, utterance: int, text: str) -> LibraryEntry:
        self.on(Finished(utterance, Transcript(text, "m", 1.0)))
        return self.row(utterance)

    def row(self, utterance: int) -> LibraryEntry:
        return rows.entry(self.history, utterance)

    def close(self) -> None:
        self.captions.close()
        self.dictation.close()
        self.history.close()

    def order(self) -> list[tuple[object, object]]:
        return [(call[0], call[1]) for call in self.engine.calls]
