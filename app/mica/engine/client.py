"""The engine's client: sends utterances, receives events, restarts a failed engine.

No call here waits for the engine. One thread reads messages and watches deadlines;
another writes. An engine that crashes, hangs, fails or sends invalid messages is killed
and restarted, and all open utterances are replayed from their journals, starting at
their last commits; the one being worked on is given up only after MAX_FAILURES without
a commit. This module imports neither Qt nor MLX and writes no journal. Over 300 lines:
everything that one lock guards.
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
    Unresponsive,
    refused,
)
from mica.engine.job import Job
from mica.engine.outbox import Outbox
from mica.engine.process import Child, WakePipe
from mica.engine.watchdog import Pace, Watchdog
from mica.errors import EngineError, MicaError
from mica.events import TranscribeOptions
from mica.program import own_command
from mica.unhandled import reason, trace

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
    "Unresponsive",
]

MAX_DEATHS: Final = 3  # in a row without an answer; then wait for the next begin()
GUARD_S: Final = 1.0  # before the next engine after an error of the client itself
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
        self._load = m.Load(model_folder)
        self._next: m.Load | None = None  # loaded as soon as no utterance is open
        self._on_event = on_event
        self._command = command or own_command("--engine")
        self._deadlines = deadlines or Deadlines()
        self._changed = threading.Condition(threading.RLock())
        self._jobs: dict[int, Job] = {}  # in order of begin
        self._wanted = self._closing = self._loaded = False
        self._wake = WakePipe()
        self._deaths = 0  # since the last commit or answer
        self._not_before_s = 0.0  # when the next engine is started after a failure
        self._pace = Pace()
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
            self._next = m.Load(model_folder)
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
        job.is_saved = journal is not None
        with self._changed:
            self._not_before_s = 0.0
            self._jobs[utterance] = job
            self._outbox.open(utterance, job)
            self._wanted = True
            self._changed.notify_all()

    def push(self, utterance: int, first: int, pcm: bytes) -> None:
        """Add samples (float32, mono) from index `first`, already in the journal unless
        unsaved() was called."""
        with self._changed:
            job = self._jobs.get(utterance)
            if job is not None:
                job.push(first, pcm)
                self._changed.notify_all()

    def unsaved(self, utterance: int) -> None:
        """From now on its samples are in no journal; they are kept in memory until they
        are committed, up to job.MAX_KEPT_BYTES."""
        with self._changed:
            job = self._jobs.get(utterance)
            if job is not None:
                job.is_saved = False

    def end(self, utterance: int, last: int) -> None:
        """No more samples; the key came up at sample `last`. Finished follows."""
        with self._changed:
            job = self._jobs.get(utterance)
            if job is not None:
                job.last = last
                self._not_before_s = 0.0
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
            self._pace = Pace()
            self._renew_outbox()

    def _run(self) -> None:
        while self._awaited():
            try:
                self._serve_next()
            except Exception as why:  # noqa: BLE001 the reader must go on
                _log.error("engine: %s", trace(why))
                with self._changed:
                    self._not_before_s = time.monotonic() + GUARD_S

    def _serve_next(self) -> None:
        """Start an engine and serve it to its end; replay if it fails."""
        outbox, size_gb = self._outbox, _size_gb(Path(self._load.model_folder))
        watch = Watchdog(self._deadlines, time.monotonic(), self._pace, size_gb)
        child: Child | None = None
        try:
            child = Child(self._command, outbox, self._wake)
            self._serve(child, outbox, watch)
        except Exception as why:  # noqa: BLE001 whatever it is, the engine is replaced
            self._loaded = False
            if child is not None:
                child.end(kill=True)
            self._ended(_as_engine_error(why), was_ready=watch.is_loaded)
        else:
            child.end(kill=False)
        finally:
            self._loaded = False

    def _awaited(self) -> bool:
        """Wait until an engine is wanted and due; False when closing."""
        with self._changed:
            while not self._closing:
                wait_s = self._not_before_s - time.monotonic()
                if self._wanted and wait_s <= 0:
                    return True
                self._changed.wait(wait_s if self._wanted else None)
            return False

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
                    watch.loaded(now)
                self._loaded |= isinstance(reply, Ready)
                if isinstance(reply, Failed):
                    self._check_failure(reply)
                self._notify(self._event(reply, watch, now))
                if isinstance(reply, Failed) and reply.utterance is None:
                    self._give_up(refused(reply.error, self._load.model_folder))
                    return
            with self._changed:
                watch.check(now, self._jobs)
                is_unresponsive = watch.is_unresponsive(now, self._jobs)
                if watch.is_idle(now, self._jobs):
                    self._wanted = False
                    self._renew_outbox()
                self._switch()
            if is_unresponsive:
                self._notify(Unresponsive())

    def _check_failure(self, failed: Failed) -> None:
        """Raises the error of a failure that another engine may not repeat; such an
        engine is replaced like one that died."""
        if not isinstance(failed.error, EngineError):
            return
        if failed.utterance is None or failed.utterance in self._jobs:
            self._at = failed.utterance
            raise failed.error

    def _event(self, reply: m.Reply, watch: Watchdog, now: float) -> EngineEvent | None:
        """The event that a reply means to the listener; None for no event. Raises
        EngineError if it cannot be true."""
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
                job.consume(reply.until)
                self._changed.notify_all()
                return None
            if isinstance(reply, Finished) and not job.is_ended:
                raise EngineError("The engine answered before the end.")
            if isinstance(reply, Committed):
                job.commit(reply)
            if isinstance(reply, Committed | Finished):
                watch.progressed(job, now)
                self._deaths = 0
            if isinstance(reply, Finished | Failed):
                self._pace.answered()
                del self._jobs[job.begin.utterance]
                self._outbox.close_job(job.begin.utterance)
        return reply

    def _ended(self, why: EngineError, *, was_ready: bool) -> None:
        """The engine has died: prepare the replay, or report utterances as failed."""
        _log.warning("engine: %s", why.what)
        failed = EngineError(why.what, why.remedy or m.RETRY)
        events: list[EngineEvent] = []
        with self._changed:
            self._deaths += 1
            wait_s = self._deadlines.backoff(self._deaths)
            self._not_before_s = time.monotonic() + wait_s
            at = self._at if self._at in self._jobs else next(iter(self._jobs), None)
            if at is not None:
                job = self._jobs[at]
                job.failures += 1
                if job.is_hopeless:
                    del self._jobs[at]
                    events.append(Failed(at, failed))
                elif job.failures == 1:
                    events.append(Restarted(at))
            self._wanted = bool(self._jobs) or (was_ready and self._deaths < MAX_DEATHS)
            if not events and not self._jobs:  # if it was ready, begin() restarts it
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


def _as_engine_error(why: Exception) -> EngineError:
    if isinstance(why, EngineError):
        return why
    _log.error("engine: %s", trace(why))
    return EngineError(f"The engine could not be served ({reason(why)}).", m.RETRY)


def _size_gb(folder: Path) -> float:
    """The size of a model's files, in 10^9 bytes; 0 if it cannot be read."""
    try:
        return sum(file.stat().st_size for file in folder.iterdir()) / 1e9
    except OSError:
        return 0.0
