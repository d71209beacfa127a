"""Hold, speak, release: one key press from the microphone to the window.

Ties hotkey, recording, engine, history and insertion together and says what is going
on. It reads no audio and knows no window toolkit: callers marshal every call to the
main thread and call tick() while something is under way.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mica import paths
from mica.audio.capture import Microphone
from mica.audio.journal import prune
from mica.engine.client import EngineEvent, Failed, Finished, Ready, Restarted
from mica.errors import HistoryError, MicaError
from mica.events import Transcript
from mica.history.store import History, Status
from mica.host.ports import Grant, Host, Permission, Target
from mica.session.insertion import Insertion, Words
from mica.session.recording import Engine, OpenSource, Recording
from mica.session.state import LEGAL, State
from mica.settings import Settings

_log = logging.getLogger(__name__)

KEPT_RECORDINGS = 200
SILENT = "The microphone gives only silence. Check that it is not muted."
DENIED = (
    "Mica may not use the microphone. "
    "Allow it in System Settings › Privacy & Security › Microphone."
)
LOST = "The microphone was lost. What was said is being written."
LONG = "This is the longest dictation. What was said is being written."
NOTHING = "Nothing was heard."
RESTARTED = "The engine was started anew; nothing is lost."


@dataclass(slots=True)
class _Pending:
    """An utterance without its end: being spoken, worked on, or on its way in.

    told   messages given already; each is said once
    """

    recording: Recording
    target: Target | None
    told: set[str] = field(default_factory=set)
    journalled: bool = False


class Dictation:
    """Main thread only.

    on_state      what to show
    on_level      0 to 1, while listening
    on_text       an utterance's final text, in history already
    on_message    a line for the user, and whether it is trouble
    settings      may be replaced; the next press uses it
    """

    def __init__(
        self,
        *,
        host: Host,
        client: Engine,
        history: History,
        settings: Settings,
        keywords: Callable[[], list[str]],
        on_state: Callable[[State], None],
        on_level: Callable[[float], None],
        on_text: Callable[[str], None],
        on_message: Callable[[str, bool], None],
        microphone: OpenSource = Microphone,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self._host, self._client, self._history = host, client, history
        self._keywords, self._microphone = keywords, microphone
        self._on_state, self._on_level = on_state, on_level
        self._on_text, self._on_message = on_text, on_message
        self._clock, self._wall_clock = clock, wall_clock
        self._insertion = Insertion(host, restore=settings.restore_clipboard)
        self._pending: dict[int, _Pending] = {}
        self._speaking: _Pending | None = None
        self._held = False  # the hold key is down; its modifier would spoil the paste
        self._newest: Recording | None = None
        self._state, self._trouble = State.IDLE, False
        prune(paths.journal_folder(), KEPT_RECORDINGS)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way, so that no tick is needed."""
        return not self._pending and not self._insertion.busy

    def press(self) -> None:
        """The key went down: listen."""
        self._held = True
        if self._speaking is not None:
            return
        self._trouble = False
        if self._may_hear() is Grant.UNDETERMINED:
            self._host.permissions.request(Permission.MICROPHONE)
        target = self._host.focus.current()
        number = self._begun(target)
        recording = Recording(
            number, self.settings.style, self._keywords(), self._client, self._newest
        )
        self._newest = recording
        self._speaking = self._pending[number] = _Pending(recording, target)
        self._show()  # ARMING comes first, however quick the microphone is
        recording.start(
            self.settings.microphone, self._microphone, paths.journal_folder()
        )

    def release(self) -> None:
        """The key came up: what was said becomes text."""
        self._held = False
        self._stop_listening()

    def cancel(self) -> None:
        """Forget what is being said."""
        self._held = False
        if self._speaking is not None:
            self._speaking.recording.cancel()
            self._record(self._speaking, Status.CANCELLED)
            del self._pending[self._speaking.recording.utterance]
            self._speaking = None
            self._show()

    def toggle(self) -> None:
        """Begin, or end what was begun."""
        if self._speaking is None:
            self.press()
            self._held = False
        else:
            self._stop_listening()

    def on_engine(self, event: EngineEvent) -> None:
        """What the engine client tells."""
        match event:
            case Ready(model, load_s):
                _log.info("the model is ready: %s, %.1f s", model, load_s)
                self._trouble = False
            case Finished(utterance, transcript) if utterance in self._pending:
                self._look_at(self._pending[utterance])  # what ended it comes first
                if utterance in self._pending:
                    self._finished(self._pending.pop(utterance), transcript)
            case Failed(utterance, error) if utterance in self._pending:
                self._failed(self._pending[utterance], error)
            case Failed(None, error):
                self._say(error.line(), trouble=True)
            case Restarted(int()):
                self._say(RESTARTED)
        self._show()

    def tick(self) -> None:
        """Look after recordings and insertion; every host.paste.POLL_S."""
        for pending in list(self._pending.values()):
            self._look_at(pending)
        busy = self._speaking is not None or self._held
        report = self._insertion.tick(self._clock(), speaking=busy)
        if report is not None:
            self._keep(
                lambda: self._history.mark(
                    report.utterance, report.status, report.message
                )
            )
            if report.message is not None:
                self._say(report.message)
        self._show()

    def close(self) -> None:
        """The app quits: what is being said stays in its journal."""
        for pending in self._pending.values():
            pending.recording.cancel()
        for pending in self._pending.values():
            pending.recording.over.wait(1.0)
        self._insertion.abandon()

    def _stop_listening(self) -> None:
        if self._speaking is not None:
            self._speaking.recording.release()
            self._record(self._speaking, Status.WORKING)
            self._speaking = None
            self._show()

    def _begun(self, target: Target | None) -> int:
        """The utterance's number: its history row's."""
        name = target.name if target is not None else ""
        now_s = self._wall_clock()
        try:
            return self._history.add(now_s, self.settings.style, name)
        except HistoryError as why:
            self._say(why.line(), trouble=True)
            return int(now_s)  # far above any row's, so it meets no other

    def _look_at(self, pending: _Pending) -> None:
        recording = pending.recording
        if recording.error is not None:
            self._failed(pending, recording.error)
            return
        if recording.journal is not None and not pending.journalled:
            pending.journalled = True
            place = (recording.utterance, recording.journal)
            self._keep(lambda: self._history.set_journal(*place))
        if recording.trouble is not None:
            self._say_once(pending, recording.trouble.line())
        if pending is self._speaking:
            self._listen_to(pending)

    def _listen_to(self, pending: _Pending) -> None:
        recording = pending.recording
        if recording.health is not None:
            self._on_level(recording.health.level)
            if recording.health.silent:
                # without the permission macOS gives zeros, not an error
                denied = self._may_hear() is Grant.DENIED
                self._say_once(pending, DENIED if denied else SILENT)
        if recording.lost:
            self._say_once(pending, LOST)
            self._stop_listening()
        elif recording.seconds >= self.settings.max_dictation_s:
            self._say(LONG)
            self._stop_listening()

    def _may_hear(self) -> Grant:
        return self._host.permissions.state(Permission.MICROPHONE)

    def _finished(self, pending: _Pending, transcript: Transcript) -> None:
        """History first, then the window."""
        number = pending.recording.utterance
        self._keep(lambda: self._history.set_text(number, transcript))
        for note in transcript.notes:
            self._say(note)
        if not transcript.text:
            self._say(NOTHING)
            return
        self._insertion.add(Words(number, transcript.text, pending.target))
        self._on_text(transcript.text)

    def _failed(self, pending: _Pending, error: MicaError) -> None:
        del self._pending[pending.recording.utterance]
        if pending is self._speaking:
            pending.recording.cancel()
            self._speaking = None
        self._record(pending, Status.FAILED, error.line())
        self._say(error.line(), trouble=True)

    def _record(
        self, pending: _Pending, status: Status, error: str | None = None
    ) -> None:
        number = pending.recording.utterance
        self._keep(lambda: self._history.mark(number, status, error))

    def _keep(self, write: Callable[[], None]) -> None:
        """Write to the history; words go on even where that fails."""
        try:
            write()
        except HistoryError as why:
            self._say(why.line(), trouble=True)

    def _say_once(self, pending: _Pending, text: str) -> None:
        if text not in pending.told:
            pending.told.add(text)
            self._say(text, trouble=True)

    def _say(self, text: str, *, trouble: bool = False) -> None:
        self._trouble |= trouble
        _log.info("told: %s", text)  # never what was dictated
        self._on_message(text, trouble)

    def _show(self) -> None:
        state = self._now()
        if state is not self._state:
            assert state in LEGAL[self._state], (self._state, state)
            self._state = state
            self._on_state(state)

    def _now(self) -> State:
        if self._speaking is not None:
            health = self._speaking.recording.health
            flowing = health is not None and health.flowing
            return State.LISTENING if flowing else State.ARMING
        if not self.is_quiet:
            return State.WORKING
        return State.TROUBLE if self._trouble else State.IDLE
