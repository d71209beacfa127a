"""The engine's client: sends utterances, receives events, restarts a failed engine.

No call here waits for the engine. One thread reads messages and watches deadlines;
another writes. An engine that crashes, hangs or sends invalid messages is killed and
restarted, and all open utterances are replayed from their journals, starting at their
last commits; the one being worked on is replayed only once. This module imports neither
Qt nor MLX and writes no journal. Over 300 lines: everything that one lock guards.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from mica.engine import messages as m
from mica.engine.client_events import (
    Committed,
    Deadlines,
    EngineEvent,
    Failed,
    Finished,
    Hypothesis,
    Ready,
    Restarted,
    refused,
)
from mica.engine.outbox import Job, Outbox
from mica.engine.process import Child, WakePipe
from mica.engine.watchdog import Watchdog
from mica.errors import EngineError, MicaError
from mica.events import TranscribeOptions
from mica.program import own_command

__all__ = [
    "Committed",
    "Deadlines",
    "EngineClient",
    "EngineEvent",
    "Failed",
    "Finished",
    "Hypothesis",
    "Ready",
    "Restarted",
]

MAX_DEATHS: Final = 3  # in a row without an answer; then wait for the next begin()
_log = logging.getLogger(__name__)


class EngineClient:
    """Runs the engine. Call from any thread; events come on the reader thread only."""

    def __init__(
        self,
        model_folder: Path,
        on_event: Callable[[EngineEvent], None],
        *,
        command: list[str] | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._load = m.Load(str(model_folder))
        self._next: m.Load | None = None  # loaded as soon as no utterance is open
        self._on_event = on_event
        self._command = command or own_command("--engine")
        self._deadlines = deadlines or Deadlines()
        self._changed = threading.Condition(threading.RLock())
        self._jobs: dict[int, Job] = {}  # in order of begin
        self._overdue: list[EngineEvent] = []  # from callers; the reader posts them
        self._wanted = self._closing = self._loaded = False
        self._wake = WakePipe()
        self._deaths = 0
        self._at: int | None = None  # the utterance in the engine's last Working
        self._outbox = Outbox(self._changed, self._jobs, self._load)
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    @property
    def is_loaded(self) -> bool:
        """Whether an engine is running with its model in memory. Any thread."""
        return self._loaded

    def start(self) -> None:
        """Start the engine and load the model; Ready or Failed follows."""
        with self._changed:
            self._wanted = True
            self._changed.notify_all()
        self._thread.start()

    def use(self, model_folder: Path, idle_s: float) -> None:
        """Switch to another model; open utterances keep the one they began with.
        Ready or Failed follows.

        idle_s   time without an utterance until the engine is ended
        """
        with self._changed:
            self._deadlines = replace(self._deadlines, idle_s=idle_s)
            self._next = m.Load(str(model_folder))
            self._switch()
            self._changed.notify_all()
            self._wake.call()

    def begin(
        self,
        utterance: int,
        rate_hz: int,
        options: TranscribeOptions,
        journal: Path | None,
    ) -> None:
        """Begin an utterance. A model that cannot translate transcribes it instead,
        with a note.

        journal   the WAV file that a replay reads, if any
        """
        job = Job(m.Begin(utterance, rate_hz, options), journal)
        with self._changed:
            self._jobs[utterance] = job
            self._outbox.open(utterance, job)
            self._wanted = True
            self._changed.notify_all()

    def push(self, utterance: int, first: int, pcm: bytes) -> None:
        """Add samples (float32, mono) from index `first`, already in the journal."""
        with self._changed:
            job = self._jobs.get(utterance)
            if job is None:
                return
            if not job.push(first, pcm) and job.journal is None:
                why = EngineError("The engine can’t keep up.", "Close other programs.")
                self.cancel(utterance)
                self._overdue.append(Failed(utterance, why))
                self._wake.call()
            self._changed.notify_all()

    def end(self, utterance: int, last: int) -> None:
        """No more samples; the key came up at sample `last`. Finished follows."""
        with self._changed:
            job = self._jobs.get(utterance)
            if job is not None:
                job.last = last
                self._outbox.release(utterance)
                self._wake.call()  # its deadline starts now

    def cancel(self, utterance: int) -> None:
        """Forget the utterance; no event for it follows."""
        with self._changed:
            job = self._jobs.pop(utterance, None)
            if job is not None:
                self._outbox.forget(utterance, job)

    def close(self) -> None:
        """End the engine; wait for the child to exit, at most Deadlines.close_s."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            self._wake.call()
        if self._thread.ident and self._thread is not threading.current_thread():
            self._thread.join(self._deadlines.close_s)

    def _renew_outbox(self) -> None:
        """Stop serving the running engine; the next one gets all jobs from the
        start."""
        self._outbox.close()
        self._at, self._outbox = None, Outbox(self._changed, self._jobs, self._load)

    def _switch(self) -> None:
        """Switch to the requested model, if no utterance is open."""
        if self._next is not None and not self._jobs:
            self._load, self._next = self._next, None
            self._wanted, self._deaths, self._loaded = True, 0, False
            self._renew_outbox()

    def _run(self) -> None:
        while self._awaited():
            outbox = self._outbox
            try:
                child = Child(self._command, outbox, self._wake)
            except EngineError as why:
                self._ended(why, was_ready=False)
                continue
            watch = Watchdog(self._deadlines, time.monotonic())
            try:
                self._serve(child, outbox, watch)
            except EngineError as why:
                child.end(kill=True)
                self._ended(why, was_ready=watch.is_loaded)
            else:
                child.end(kill=False)
            finally:
                self._loaded = False

    def _awaited(self) -> bool:
        """Wait until an engine is wanted; False when closing."""
        with self._changed:
            while not (self._wanted or self._closing):
                self._changed.wait()
            return not self._closing

    def _serve(self, child: Child, outbox: Outbox, watch: Watchdog) -> None:
        """Serve one child until close(), the idle limit, a model change or a model
        that it cannot load. Raises EngineError if the child fails."""
        while not self._closing and self._outbox is outbox:
            with self._changed:
                due = watch.due(self._jobs)
            replies = child.read(max(0.0, due - time.monotonic()))
            if self._outbox is not outbox:
                return  # no utterance was open, so no reply matters
            now = time.monotonic()
            for reply in replies:
                age_s = reply.age_s if isinstance(reply, m.Heartbeat) else None
                watch.on_message(now, age_s)
                if isinstance(reply, Ready) or _is_about_model(reply):
                    watch.loaded()
                self._loaded |= isinstance(reply, Ready)
                self._notify(self._event(reply))
                if isinstance(reply, Failed) and reply.utterance is None:
                    self._give_up(refused(reply.error, self._load.model_folder))
                    return
            with self._changed:
                watch.check(now, self._jobs)
                overdue, self._overdue = self._overdue, []
                if watch.is_idle(now, self._jobs):
                    self._wanted = False
                    self._renew_outbox()
                self._switch()
            for event in overdue:
                self._notify(event)

    def _event(self, reply: m.Reply) -> EngineEvent | None:
        """The event that a reply means to the listener; None for no event."""
        if isinstance(reply, m.Heartbeat):
            return None
        if isinstance(reply, m.Working):
            self._at = reply.utterance
            return None
        if isinstance(reply, Ready):
            return reply
        if isinstance(reply, Failed) and reply.utterance is None:
            return Failed(None, refused(reply.error, self._load.model_folder))
        with self._changed:
            job = self._jobs.get(reply.utterance or 0)
            if job is None:
                return None  # cancelled, or from before a restart
            if isinstance(reply, m.Consumed):
                job.consumed = reply.until
                self._changed.notify_all()
                return None
            if isinstance(reply, Committed):
                job.commit(reply)
            elif isinstance(reply, Finished | Failed):
                del self._jobs[job.begin.utterance]
                self._outbox.close_job(job.begin.utterance)
                self._deaths = 0
        return reply

    def _ended(self, why: EngineError, *, was_ready: bool) -> None:
        """The engine has died: prepare the replay, or report utterances as failed."""
        _log.warning("engine: %s", why.what)
        failed = EngineError(why.what, why.remedy or m.RETRY)
        events: list[EngineEvent] = []
        with self._changed:
            self._deaths += 1
            at = self._at if self._at in self._jobs else next(iter(self._jobs), None)
            for utterance, job in list(self._jobs.items()):
                if not job.survives(was_at=utterance == at):
                    del self._jobs[utterance]
                    events.append(Failed(utterance, failed))
                elif utterance == at:
                    job.replayed = True
                    events.append(Restarted(utterance))
            self._wanted = bool(self._jobs) or (was_ready and self._deaths < MAX_DEATHS)
            if not events:  # if it was ready, nothing is lost: begin() restarts it
                fine = self._wanted or was_ready
                events = [Restarted(None) if fine else Failed(None, failed)]
            self._renew_outbox()
            self._switch()
        for event in events:
            self._notify(event)

    def _give_up(self, why: MicaError) -> None:
        """The model failed to load: fail all jobs and end the engine, which would still
        refuse the model after a repair. The next begin() starts another."""
        with self._changed:
            failed = [Failed(utterance, why) for utterance in self._jobs]
            self._jobs.clear()
            self._wanted = False
            self._renew_outbox()
            self._switch()
        for event in failed:
            self._notify(event)

    def _notify(self, event: EngineEvent | None) -> None:
        if event is None:
            return
        try:
            self._on_event(event)
        except Exception:  # noqa: BLE001 a listener's bug must not end the reader
            _log.exception("engine: the listener failed at %s", type(event).__name__)


def _is_about_model(reply: m.Reply) -> bool:
    return isinstance(reply, Failed) and reply.utterance is None
