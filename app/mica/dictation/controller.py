"""Hold, speak, release: dictation from the key press to the window.

Ties hotkeys, recording, engine, library and insertion together, without audio or window
toolkit: callers marshal every call to the main thread and call tick() from wake() until
it is quiet. Over 300 lines: it handles every event of a dictation.
"""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from mica.audio.device_selection import WantedDevice
from mica.dictation.hold_keys import DictationKeys
from mica.dictation.permission_notices import ClipboardAccess, MicrophoneAccess
from mica.dictation.recorded_utterance import NO_SOUND_SYSTEM
from mica.dictation.recording_events import (
    Ended,
    Level,
    Lost,
    Opened,
    RecordingEvent,
)
from mica.dictation.results import FinalTexts, Results
from mica.dictation.retry import Retry
from mica.dictation.services import Services
from mica.dictation.state import ShownState, State
from mica.dictation.state_reporter import DictationCallbacks, Feedback, StateReporter
from mica.dictation.strings import (
    STILL_TRANSCRIBING,
    TRANSCRIBED,
    TRANSCRIBED_EARLIER,
)
from mica.dictation.utterances import Utterances
from mica.engine.client import EngineEvent, Failed
from mica.errors import MicaError
from mica.host.hold_key import START_INPUTS, Input
from mica.host.hold_key_table import Action
from mica.host.ports import Host
from mica.insertion.queue import open_queue
from mica.library.store import LibraryEntry
from mica.library.writer import LibraryWriter

_log = logging.getLogger(__name__)
LONG = "This is the longest dictation. What was said is being written."
NEARLY = "One minute left; then this dictation ends by itself."
LATE = "Dictation had already stopped. Press again to start a new one."


class Dictation:
    """One user's dictation. Main thread only.

    insertion     the queue of insertions, which the user may use directly too
    texts         the last dictation, for paste and copy
    retry         transcribes failed dictations again
    refusal       why dictation is impossible now, or None; given whether it is to be
                  translated
    wake          called when work begins; tick() must be called from then on
    """

    def __init__(
        self, host: Host, services: Services, callbacks: DictationCallbacks
    ) -> None:
        self.wake: Callable[[], None] = lambda: None
        self.refusal: Callable[[bool], MicaError | None] = lambda translated: None
        self._services, self._permissions = services, host.permissions
        self._access = MicrophoneAccess(host.permissions)
        self._clipboard_access = ClipboardAccess(host.permissions)
        self._settings, self._clock = services.settings, services.clock
        self._reporter = StateReporter(callbacks, services.clock)
        post, show = services.post, self._reporter.show_trouble
        self._writer = LibraryWriter(
            services.library,
            lambda line: post(lambda: show(line)),
            services.library_thread,
        )
        self._utterances = Utterances(host, services, self._writer)
        self.insertion = open_queue(host, self._show, services.library.texts_in_memory)
        self.texts = FinalTexts(
            host.focus,
            self._writer,
            self.insertion,
            services.settings,
            services.keywords,
            self._reporter.show_text,
            self._reporter.show_message,
        )
        self.retry = Retry(
            services, self._writer, self._on_transcribed, self._reporter.show_message
        )
        self._results = Results(
            self._utterances,
            self.insertion,
            self.texts,
            self.retry,
            self._reporter,
            lambda: self._end_by_itself(Input.FAILED),
            services.clock,
        )
        self._feedback = Feedback(
            callbacks.on_level, callbacks.play, lambda: services.settings().sounds
        )
        self._keys = DictationKeys(host.hotkeys)

    @property
    def is_working(self) -> bool:
        """Whether anything is recorded, transcribed or inserted."""
        parts = self.insertion.working, self.retry.busy, self._results.busy
        return self._utterances.busy or any(parts)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is in progress, so that no tick is needed."""
        is_done = self._reporter.shown.state is State.DONE
        at_rest = self._keys.at_rest and not is_done and not self.is_working
        return at_rest and not self.insertion.is_ticking

    def key(self, input: Input, at_s: float) -> None:
        """Act on a key event or command that happened at at_s."""
        if self.texts.away and input in START_INPUTS:
            return  # the screen is locked
        try:
            self._act(self._keys.handle(input, at_s, self._settings().max_dictation_s))
        finally:  # whatever happens, it is ticked on
            self._show()

    def toggle(self) -> None:
        """Start like a tap, or stop."""
        self.key(Input.TOGGLE, self._clock())

    def start_or_stop(self) -> None:
        """Start or stop, chosen from a menu that says which of the two it does."""
        self._keys.expect_no_late_tap()
        self.toggle()

    def lock(self) -> None:
        """Listen until toggled, as after a double tap; start if not listening."""
        if self._utterances.speaking is None:
            self.toggle()
        self.key(Input.LOCK, self._clock())

    def translate(self) -> None:
        """Start or stop a dictation that is translated."""
        self.key(Input.TRANSLATE_TOGGLE, self._clock())

    def cancel(self) -> None:
        """Cancel the dictation, as Esc does."""
        self.key(Input.ESCAPE, self._clock())

    def undo(self) -> None:
        """Take the last Esc back, as long as that is possible."""
        self.key(Input.UNDO, self._clock())

    def change_microphone(self, wanted: WantedDevice) -> None:
        """Continue the recording on another microphone if `wanted` selects one."""
        speaking = self._utterances.speaking
        if speaking is not None:
            speaking.recording.use_microphone(wanted)

    def suspend(self) -> None:
        """Stop because the user is away: sleep, lock or user switch.

        What was said is transcribed and saved, but nothing is inserted or started until
        resume(): the user did not dictate for the window that has the focus now.
        """
        self.texts.suspend(self.is_working)
        for pending in self._utterances:
            pending.history_only = True
        if self._utterances.speaking is not None:
            self._end_by_itself(Input.ENDED)
        self._show()

    def resume(self) -> None:
        """The user is back."""
        self.texts.resume()
        self._show()

    def retry_failed(self, utterance: int | None = None) -> None:
        """Transcribe a recording; None: the newest that has no text."""
        self.retry.refusal = lambda: self.refusal(False)
        self.retry.begin(utterance)
        self._show()

    def report(self, trouble: str) -> None:
        """Show trouble that the user was told of elsewhere, until it is resolved."""
        self._reporter.report(trouble)
        self._show()

    def retract(self, line: str) -> None:
        """Withdraw a message that no longer applies."""
        self._reporter.retract(line)
        self._show()

    def dismiss(self) -> None:
        """The user dismissed the trouble."""
        self._keys.expect_no_late_tap()
        self._reporter.clear_trouble()
        self._show()

    def on_recording(self, event: RecordingEvent) -> None:
        """Act on what a recording reports."""
        pending = self._utterances.find(event.utterance)
        if pending is None:  # it has already ended
            return
        listens = pending is self._utterances.speaking
        notices = pending.on_recording(event, self._permissions, listens=listens)
        notices += pending.voice_notices(event) if listens else []
        self._show()  # first, because a new state would replace a message
        self._reporter.show_messages(notices)
        self._feedback.on_recording(event, listens=listens)
        match event:
            case Opened(journal=Path() as journal):
                self._writer.set_journal(pending.number, journal)
            case Level(user_quiet_s=quiet_s) if listens:
                if 0 < self._settings().quiet_stop_s <= quiet_s:
                    self._key_event(Input.QUIET)
            case Lost() if listens:
                self._end_by_itself(Input.FAILED)
            case Ended(error=MicaError() as error):
                self._results.fail(pending, error)
        self._show()

    def on_engine(self, event: EngineEvent) -> None:
        """Act on an event of the engine client."""
        if isinstance(event, Failed) and event.utterance is None:
            event = Failed(None, self.refusal(False) or event.error)
        if self._results.on_engine(event):
            self.tick()  # the next text may be only milliseconds away
        self._show()

    def tick(self) -> None:
        """Poll keys, replays and insertion; call every timing.POLL_S."""
        self._act(self._keys.tick(self._clock()))
        self._utterances.replay()
        self._results.tick()
        self._tell_of_delays()
        busy = self._utterances.speaking is not None or self._keys.held
        report = self.insertion.tick(self._clock(), speaking=busy)
        arrived = report is not None and self.texts.on_report(report)
        if arrived and not self._utterances.shown:
            self._reporter.show_done()
        self._show()

    def close(self) -> None:
        """The app quits: what is being said stays in its journal."""
        self._utterances.close()
        self.insertion.cancel()
        self._writer.flush()

    def _act(self, actions: Iterable[Action]) -> None:
        does: dict[Action, Callable[[], object]] = {
            Action.START: self._start,
            Action.STOP: self._utterances.release,
            Action.DISCARD: self._utterances.discard,
            Action.CANCEL: self._utterances.cancel,
            Action.UNDO: self._undo,
            Action.FORGET: self._utterances.forget,
            Action.WARN: lambda: self._reporter.warn(NEARLY),
            Action.TOO_LONG: self._end_too_long,
            Action.LATE: lambda: self._reporter.warn(LATE),
        }
        for action in actions:
            if action in does:  # latching and locking only change what is shown
                does[action]()
        self._keys.enable_escape()  # after the microphone

    def _tell_of_delays(self) -> None:
        """Tell the user what takes too long, and give up what cannot go on."""
        for pending in self._utterances:
            self._reporter.show_messages(pending.stall_notices())
            is_speaking = pending is self._utterances.speaking
            if pending.gets_late(self._clock()):
                self._reporter.show_message(STILL_TRANSCRIBING)
            if not is_speaking and pending.has_missed_microphone:
                pending.recording.cancel()
                self._results.fail(pending, NO_SOUND_SYSTEM)

    def _start(self) -> None:
        """Start recording, unless the microphone is unavailable; then stop at once if
        the model is: the disk it is on may be slow, and the user is speaking."""
        self._reporter.begin()
        if (problem := self._access.problem()) is not None:
            self._refuse(problem)
            return
        settings, to = self._settings(), self._keys.translates
        pending = self._utterances.begin(
            settings,
            self.on_recording,
            replaces_silent=not self._access.is_denied,
        )
        if (problem := self.refusal(to)) is not None:
            self._utterances.discard()
            self._refuse(problem)
            return
        self._utterances.describe(pending, settings, translated=to)
        if pending.target is not None and pending.options.spaced:
            self.insertion.look(pending.target)
        self._show()
        self._reporter.show_messages(self._clipboard_access.notices())

    def _refuse(self, problem: MicaError) -> None:
        self._reporter.show_trouble(problem.line())
        self._end_by_itself(Input.ENDED)

    def _undo(self) -> None:
        pending = self._utterances.undo()
        if pending is not None and pending.transcript is not None:
            self._results.finish(pending, pending.transcript)

    def _end_too_long(self) -> None:
        self._reporter.warn(LONG)
        self._utterances.release()

    def _end_by_itself(self, input: Input) -> None:
        """End the dictation without a key press."""
        self._utterances.release()
        self._key_event(input)

    def _key_event(self, input: Input) -> None:
        """Handle an input that does not come from the keyboard."""
        longest_s = self._settings().max_dictation_s
        self._act(self._keys.handle(input, self._clock(), longest_s))

    def _on_transcribed(self, entry: LibraryEntry) -> None:
        """A recording has its text now."""
        if self.texts.on_transcribed(entry.id):
            self._reporter.show_text(entry.text)
            self._reporter.show_message(TRANSCRIBED)
        else:
            self._reporter.clear_trouble()
            self._reporter.show_message(TRANSCRIBED_EARLIER)

    def _show(self) -> None:
        self._reporter.show(self._now())
        if not self.is_quiet:
            self.wake()

    def _now(self) -> ShownState:
        speaking = self._utterances.speaking
        if speaking is not None:
            state = State.LISTENING if speaking.is_flowing else State.ARMING
            to = speaking.recording.options.target_language
            return ShownState(state, self._keys.latch, to, self._keys.started_by)
        if self._utterances.cancelled is not None:
            return ShownState(State.CANCELLED)
        if self.is_working:
            is_retry = self.retry.busy or self._utterances.replays
            return ShownState(State.WORKING, is_retry=is_retry)
        return self._reporter.at_rest
