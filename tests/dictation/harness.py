"""A dictation on fakes, driven as the app drives it."""

import threading
from collections.abc import Callable
from pathlib import Path

from mica.audio.sounds import Tone
from mica.dictation.controller import Dictation
from mica.dictation.recording import ActiveRecordings
from mica.dictation.services import Services
from mica.dictation.state import Latch, ShownState, State
from mica.dictation.state_reporter import DictationCallbacks
from mica.dictation.utterances import PendingUtterance
from mica.engine.client import EngineEvent, Failed, Finished
from mica.errors import EngineError, MicrophoneError
from mica.events import Language, Transcript
from mica.host.hold_key import Input
from mica.library.background import RunsWrites, run_at_once
from mica.library.store import EntryStatus, Library, LibraryEntry
from mica.settings import Settings
from support import rows
from support.fakes import (
    LIMIT_S,
    RATE_HZ,
    Clock,
    FakeEngine,
    FakeHost,
    FakeLoop,
    FakeMicrophone,
    FakeMicrophones,
)


class Harness:
    """A dictation on fakes, with a real journal and a real library."""

    def __init__(self, home: Path, library_thread: RunsWrites = run_at_once) -> None:
        self.fake, self.engine, self.clock = FakeHost(), FakeEngine(), Clock()
        self.history = Library(home / "history.sqlite")
        self.microphones = FakeMicrophones()
        self.states: list[State] = []
        self.latches: list[Latch] = []
        self.languages: list[Language | None] = []
        self.reasons: list[str] = []
        self.levels: list[float] = []
        self.texts: list[str] = []
        self.messages: list[str] = []
        self.retracted: list[str] = []
        self.troubles: list[str] = []  # those messages that were shown as trouble
        self.states_at_message: list[State] = []
        self.tones: list[Tone] = []
        self.chosen = Settings()
        self.keywords: Callable[[], list[str]] = lambda: ["Jon"]
        self.loop = FakeLoop()
        self.active = ActiveRecordings()
        services = Services(
            engine=self.engine,
            active=self.active,
            library=self.history,
            settings=lambda: self.chosen,
            keywords=lambda: self.keywords(),
            post=self.loop.post,
            microphone=self.microphones,
            library_thread=library_thread,
            clock=self.clock,
        )
        callbacks = DictationCallbacks(
            on_state=self.on_state,
            on_level=self.levels.append,
            on_text=self.texts.append,
            on_message=self.on_message,
            on_retracted=self.retracted.append,
            play=self.tones.append,
        )
        self.dictation = Dictation(self.fake.host(), services, callbacks)

    def tick(self) -> None:
        """Run the posted calls, then tick."""
        self.loop.run()
        self.dictation.tick()

    @property
    def speaking(self) -> PendingUtterance:
        """The utterance being recorded."""
        pending = self.dictation._utterances.speaking
        assert pending is not None
        return pending

    def recorded(self, seconds: float) -> None:
        """Wait until this much of the current utterance is recorded and reported."""
        recording, samples = self.speaking.recording, round(seconds * RATE_HZ)
        self.until(lambda: recording.recorded >= samples)
        self.tick()

    def on(self, event: EngineEvent) -> None:
        """Deliver an engine event, after the events that recordings posted earlier."""
        self.loop.run()
        self.dictation.on_engine(event)

    def on_message(self, text: str, trouble: bool) -> None:
        self.messages.append(text)
        self.troubles += [text] if trouble else []
        self.states_at_message.append(self.states[-1] if self.states else State.IDLE)

    def on_state(self, shown: ShownState) -> None:
        self.states.append(shown.state)
        self.latches.append(shown.latch)
        self.languages.append(shown.to)
        self.reasons.append(shown.reason)

    def press(self) -> None:
        self.fake.hotkeys.down = True
        self.dictation.key(Input.PRESS, self.clock.now_s)

    def release(self, held_s: float = 1.0) -> None:
        self.clock.now_s += held_s
        self.fake.hotkeys.down = False
        self.dictation.key(Input.RELEASE, self.clock.now_s)

    def escape(self) -> None:
        self.dictation.key(Input.ESCAPE, self.clock.now_s)

    def pressed(self) -> FakeMicrophone:
        self.press()
        return self.microphones.opened.get(timeout=LIMIT_S)

    def tapped(self) -> FakeMicrophone:
        microphone = self.pressed()
        self.release(held_s=0.1)
        return microphone

    def until(self, condition: Callable[[], bool]) -> None:
        """Tick until the condition holds; 10 ms pass with each tick."""
        pause = threading.Event()
        for _ in range(round(LIMIT_S / 0.002)):
            self.tick()
            if condition():
                return
            self.clock.now_s += 0.01
            pause.wait(0.002)
        raise AssertionError("it never happened")

    def lose(self, microphone: FakeMicrophone) -> tuple[int, int]:
        """Unplug the only microphone; return what the engine got with the end."""
        why = MicrophoneError("No microphone was found.", "Connect one.")
        self.microphones.refusal = why
        microphone.lose()
        pause = threading.Event()
        while self.engine.ended.empty():
            self.clock.now_s += 0.01
            pause.wait(0.002)
        return self.engine.ended.get()

    def spoken(self, seconds: float = 0.5) -> int:
        """Press, speak and release; return the utterance once the engine has it all."""
        microphone = self.pressed()
        microphone.speak(seconds)
        self.release()
        microphone.speak(0.3)
        return self.engine.ended.get(timeout=LIMIT_S)[0]

    def deliver_text(self, utterance: int, text: str) -> None:
        self.on(Finished(utterance, Transcript(text, "m", 1.0)))

    def fails(self, utterance: int) -> None:
        """Let the engine fail on an utterance twice: live, and replayed from disk."""
        failed = Failed(utterance, EngineError("It died.", "Try again."))
        self.on(failed)
        begin_call = ("begin", utterance)
        calls = self.engine.calls
        before = [call[:2] for call in calls].count(begin_call)
        self.until(lambda: [call[:2] for call in calls].count(begin_call) > before)
        assert self.engine.ended.get(timeout=LIMIT_S)[0] == utterance
        self.on(failed)

    def row(self, utterance: int) -> LibraryEntry:
        return rows.entry(self.history, utterance)

    def status(self, utterance: int) -> EntryStatus:
        return self.row(utterance).status

    def close(self) -> None:
        self.dictation.close()
        self.history.close()
