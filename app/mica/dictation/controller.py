"""Hold, speak, release: one key press from the microphone to the window.

Ties hotkey, recording, engine, history and insertion together and says what is going
on. It reads no audio and knows no window toolkit: callers marshal every call to the
main thread and call tick() from wake() until it is quiet. Over 300 lines: all that a
user can ask of a dictation stands in one list.
"""

import logging
import time
from collections.abc import Callable, Iterable

from mica import paths
from mica.audio.capture import Microphone
from mica.audio.device_selection import WantedDevice
from mica.audio.failover import MakeSource
from mica.audio.journal import prune
from mica.audio.tones import Tone
from mica.dictation.engine_queue import EngineQueue
from mica.dictation.feedback import Feedback
from mica.dictation.final_text import FinalTexts
from mica.dictation.keys import Keys
from mica.dictation.recording import Engine, Recording
from mica.dictation.retry import Retry, failure
from mica.dictation.state import LEGAL, ShownState, State
from mica.dictation.utterances import MicrophoneAccess, PendingUtterance, Utterances
from mica.engine.client import (
    Committed,
    EngineEvent,
    Failed,
    Finished,
    Ready,
    Restarted,
)
from mica.errors import MicaError
from mica.events import Transcript
from mica.host.hold_key import BEGINS, Action, Input
from mica.host.ports import Host
from mica.insertion.queue import open_queue
from mica.insertion.request import InsertRequest
from mica.library.store import Library, LibraryEntry
from mica.library.writer import LibraryWriter
from mica.settings import Settings

_log = logging.getLogger(__name__)

DONE_S = 0.8  # how long a success is shown
LONG = "This is the longest dictation. What was said is being written."
NEARLY = "One minute left; then this dictation ends by itself."
NOTHING = "No speech detected."
RESTARTED = "The speech engine restarted."
WHOLE = "Nothing was lost."
LATE = "Dictation had already stopped. Press again to start a new one."


class Dictation:
    """Main thread only.

    on_state      what to show
    on_level      0 to 1, while listening, 30 times a second
    on_text       an utterance's final text, in history already
    on_message    a line for the user, and whether it is trouble
    play          a sound: it listens now, or no longer; returns at once
    settings      those in force
    insertion     texts on their way into windows; the user may ask there, too
    texts         the last dictation, for the user to ask for
    retry         failed ones once more
    refusal       why nothing can be dictated now; told whether it is to be translated
    wake          called while something is under way; ticks are needed from then on
    """

    def __init__(
        self,
        *,
        host: Host,
        client: Engine,
        history: Library,
        settings: Callable[[], Settings],
        keywords: Callable[[], list[str]],
        on_state: Callable[[ShownState], None],
        on_level: Callable[[float], None],
        on_text: Callable[[str], None],
        on_message: Callable[[str, bool], None],
        microphone: MakeSource = Microphone,
        play: Callable[[Tone], None] = lambda tone: None,
        turns: EngineQueue | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self.wake: Callable[[], None] = lambda: None
        self.refusal: Callable[[bool], MicaError | None] = lambda translated: None
        self._permissions = host.permissions
        self._access = MicrophoneAccess(host.permissions)
        self._writer = LibraryWriter(
            history, lambda line: self._say(line, trouble=True)
        )
        self._turns = turns or EngineQueue()
        self._utterances = Utterances(
            host, client, self._writer, keywords, self._turns, clock, wall_clock
        )
        self.insertion = open_queue(host, self._show)
        self.texts = FinalTexts(
            host.focus, self._writer, self.insertion, settings, keywords, self._say
        )
        self.retry = Retry(
            client,
            self._turns,
            self._writer,
            settings,
            keywords,
            self._offer,
            lambda line, trouble: self._say(line, trouble=trouble),
        )
        self._microphone = microphone
        self._on_state, self._on_text = on_state, on_text
        self._on_message, self._clock = on_message, clock
        self._feedback = Feedback(on_level, play, clock)
        self._keys = Keys(host.hotkeys)
        self._shown = ShownState(State.IDLE)
        self._trouble = ""  # the reason; until a success or the user is through with it
        self._engine_trouble = False  # it is the engine's own: over when that is ready
        self._done_until_s = 0.0
        prune(paths.journal_folder())

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way, so that no tick is needed."""
        is_done = self._shown.state is State.DONE
        at_rest = self._keys.at_rest and not is_done and not self._working
        return at_rest and not self.insertion.is_ticking

    def key(self, what: Input, at_s: float) -> None:
        """What was pressed or chosen, and when."""
        if self.texts.away and what in BEGINS:
            return  # into a locked screen
        self._act(self._keys.on(what, at_s, self._settings().max_dictation_s))
        self._show()

    def toggle(self) -> None:
        """Begin as a tap does, or end what was begun."""
        self.key(Input.TOGGLE, self._clock())

    def start_or_stop(self) -> None:
        """The same, by somebody who sees which of both it does."""
        self._keys.forget_end()
        self.toggle()

    def lock(self) -> None:
        """Listen until toggled, as after two taps; begin where nobody listens."""
        if self._utterances.speaking is None:
            self.toggle()
        self.key(Input.LOCK, self._clock())

    def translate(self) -> None:
        """As toggle, into another language."""
        self.key(Input.TRANSLATE_TOGGLE, self._clock())

    def cancel(self) -> None:
        """As Esc does."""
        self.key(Input.ESCAPE, self._clock())

    def undo(self) -> None:
        """Take the last Esc back, while it can be."""
        self.key(Input.UNDO, self._clock())

    def change_microphone(self, wanted: WantedDevice) -> None:
        """What is being said goes on with another one, where that means one."""
        speaking = self._utterances.speaking
        if speaking is not None:
            speaking.recording.listen_by(wanted)

    def leave(self) -> None:
        """The user went: sleep, a locked screen, another user's turn.

        What was said is worked on and kept, and nothing is inserted or begun until
        come_back(): whatever has the keyboard now, they did not speak to it.
        """
        self.texts.leave(self._working)
        for pending in self._utterances:
            pending.kept = True
        if self._utterances.speaking is not None:
            self._end_by_itself(Input.ENDED)
        self._show()

    def come_back(self) -> None:
        """The user is here again."""
        self.texts.come_back()
        self._show()

    def try_again(self) -> None:
        """Make text of the newest recording that has none."""
        self.retry.refusal = lambda: self.refusal(False)
        self.retry.begin()
        self._show()

    def report(self, trouble: str) -> None:
        """Trouble that the user was told elsewhere; shown until it is over."""
        self._trouble, self._engine_trouble = trouble, False
        self._show()

    def dismiss(self) -> None:
        """The user is through with the trouble."""
        self._keys.forget_end()
        self._trouble = ""
        self._show()

    def on_engine(self, event: EngineEvent) -> None:
        """What the engine client tells."""
        if self.retry.on_engine(event):
            self._show()
            return
        match event:
            case Ready(model, load_s):
                _log.info("the model is ready: %s, %.1f s", model, load_s)
                self._trouble = "" if self._engine_trouble else self._trouble
            case Committed(utterance, text=text):
                spoken = self._utterances.find(utterance)
                if spoken is not None:
                    self._utterances.commit(spoken, text)
            case Finished(utterance, transcript):
                finished = self._utterances.find(utterance)
                # what ended it comes first
                if finished is not None and self._look_at(finished):
                    self._finished(finished, transcript)
                    self.tick()  # the next one may be some milliseconds away
            case Failed(int(utterance), error):
                failed = self._utterances.find(utterance)
                if failed is not None:
                    self._failed_once(failed, error)
            case Failed(None, error):
                line = (self.refusal(False) or error).line()
                if line not in self._trouble:  # nor was it said at the start
                    self._say(line, trouble=True)
                    self._engine_trouble = True
            case Restarted(int(utterance)):
                at = self._utterances.find(utterance)
                is_whole = at is not None and at.recording.trouble is None
                self._say(f"{RESTARTED} {WHOLE}" if is_whole else RESTARTED)
        self._show()

    def tick(self) -> None:
        """Look after key, recordings and insertion; every timing.POLL_S."""
        self._act(self._keys.tick(self._clock()))
        for pending in self._utterances:
            self._look_at(pending)
        self._utterances.replay(self._turns.free)
        self.retry.tick()
        busy = self._utterances.speaking is not None or self._keys.held
        report = self.insertion.tick(self._clock(), speaking=busy)
        arrived = report is not None and self.texts.on_report(report)
        if arrived and not self._utterances.shown:
            self._done_until_s = self._clock() + DONE_S
        self._show()

    def close(self) -> None:
        """The app quits: what is being said stays in its journal."""
        self._utterances.close()
        self.insertion.cancel()
        self._writer.settle()

    @property
    def _working(self) -> bool:
        return self._utterances.busy or self.insertion.working or self.retry.busy

    def _act(self, actions: Iterable[Action]) -> None:
        does: dict[Action, Callable[[], object]] = {
            Action.START: self._start,
            Action.STOP: self._utterances.release,
            Action.DISCARD: self._utterances.discard,
            Action.CANCEL: self._utterances.cancel,
            Action.UNDO: self._undo,
            Action.FORGET: self._utterances.forget,
            Action.WARN: lambda: self._warn(NEARLY),
            Action.TOO_LONG: self._end_too_long,
            Action.LATE: lambda: self._warn(LATE),
        }
        for action in actions:
            if action in does:  # a latch or a lock is only shown
                does[action]()

    def _start(self) -> None:
        """Listen, unless nothing could come of it."""
        self._done_until_s = 0.0
        problem = self.refusal(self._keys.translates) or self._access.problem()
        if problem is not None:
            self._say(problem.line(), trouble=True)
            self._end_by_itself(Input.ENDED)
            return
        self.retry.pause_for_dictation()
        settings = self._settings()
        recording = self._utterances.begin(settings, translated=self._keys.translates)
        arming = self._now()  # it comes first, however quick the microphone is
        recording.start(settings.microphone, self._microphone, paths.journal_folder())
        speaking = self._utterances.speaking
        assert speaking is not None
        if speaking.target is not None and speaking.options.spaced:
            self.insertion.look(speaking.target)
        self._show(arming)  # takes longer than a microphone to open

    def _undo(self) -> None:
        pending = self._utterances.undo()
        if pending is not None and pending.withheld is not None:
            self._finished(pending, pending.withheld)

    def _end_too_long(self) -> None:
        self._warn(LONG)
        self._utterances.release()

    def _end_by_itself(self, how: Input) -> None:
        """Nobody pressed anything, and yet it is over."""
        self._utterances.release()
        self._act(self._keys.on(how, self._clock(), self._settings().max_dictation_s))

    def _look_at(self, pending: PendingUtterance) -> bool:
        """Whether there may be a text of it."""
        recording = pending.recording
        if recording.error is not None:
            self._failed(pending, recording.error)
            return False
        pending.note_journal(self._writer)
        listens = pending is self._utterances.speaking
        steady = self._shown.state is State.LISTENING
        news = pending.news(self._permissions, listens=listens, steady=steady)
        for line, trouble in news:
            self._say(line, trouble=trouble)
        self._feedback.look(recording, listens=listens, audible=self._settings().sounds)
        if listens:
            self._listen_to(recording)
        return True

    def _listen_to(self, recording: Recording) -> None:
        if 0 < self._settings().quiet_stop_s <= recording.quiet_s:
            longest_s = self._settings().max_dictation_s
            self._act(self._keys.on(Input.QUIET, self._clock(), longest_s))
        if recording.lost:
            self._end_by_itself(Input.FAILED)

    def _finished(self, pending: PendingUtterance, transcript: Transcript) -> None:
        """History first, then the window."""
        if not self._utterances.finish(pending, transcript):
            return
        for line, trouble in pending.late_news():
            self._say(line, trouble=trouble)
        for note in transcript.notes:
            self._say(note)
        if not transcript.text:
            self._say(NOTHING)
            return
        self._trouble = ""
        self.texts.offer(None)
        number = pending.recording.utterance
        if pending.kept:
            self.texts.mark_missed(number)
        else:
            keywords = pending.recording.options.keywords
            place = pending.target, pending.options, keywords
            self.insertion.add(InsertRequest(number, transcript.text, *place))
        self._on_text(transcript.text)

    def _offer(self, entry: LibraryEntry) -> None:
        """One that had failed has its text now."""
        self._trouble = ""
        self.texts.offer(entry)
        self._on_text(entry.text)

    def _failed_once(self, pending: PendingUtterance, error: MicaError) -> None:
        """Only the key ends a recording: it is heard out, and then played to the engine
        once more."""
        _log.warning("the engine failed: %s", error.line())
        if pending.failure is not None:
            self._failed(pending, error)
        pending.failure = error

    def _failed(self, pending: PendingUtterance, error: MicaError) -> None:
        spoken = pending is self._utterances.speaking
        self._utterances.fail(pending, error)
        if spoken:
            self._end_by_itself(Input.FAILED)
        self._say(failure(error, kept=pending.recording.is_kept), trouble=True)

    def _say(self, text: str, *, trouble: bool = False) -> None:
        if trouble:
            self._trouble, self._engine_trouble = text, False
        _log.info("told: %s", text)  # never what was dictated
        self._on_message(text, trouble)

    def _warn(self, text: str) -> None:
        """Shown as trouble is, also where the overlay is off; yet nothing failed."""
        _log.info("told: %s", text)
        self._on_message(text, True)

    def _show(self, shown: ShownState | None = None) -> None:
        shown = shown or self._now()
        if shown != self._shown:
            before = self._shown.state
            legal = shown.state is before or shown.state in LEGAL[before]
            assert legal, (before, shown.state)
            self._shown = shown
            self._on_state(shown)
        if not self.is_quiet:
            self.wake()

    def _now(self) -> ShownState:
        speaking = self._utterances.speaking
        if speaking is not None:
            health = speaking.recording.health
            flowing = health is not None and health.flowing
            state = State.LISTENING if flowing else State.ARMING
            to = speaking.recording.options.target_language
            return ShownState(state, self._keys.latch, to, self._keys.began_by)
        if self._utterances.cancelled is not None:
            return ShownState(State.CANCELLED)
        if self._working:
            again = self.retry.busy or self._utterances.waits_for_replay
            return ShownState(State.WORKING, again=again)
        if self._trouble:
            return ShownState(State.TROUBLE, reason=self._trouble)
        is_done = self._clock() < self._done_until_s
        return ShownState(State.DONE if is_done else State.IDLE)
