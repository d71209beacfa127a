"""An utterance without its end, and what there is to say of its microphone.

A dictation's utterances without their end, and how each of them ends.

One is spoken into, one may stand cancelled, any number are worked on. What becomes of
them is in the ledger at once. It knows no keys, and shows and inserts nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from mica.dictation.engine_queue import EngineQueue
from mica.dictation.recording import Engine, Recording
from mica.errors import MicaError
from mica.events import Transcript
from mica.host.ports import Grant, Host, Permission, Permissions, Target
from mica.insertion.options import InsertOptions, options_for, transcribe_options
from mica.library.store import EntryStatus
from mica.library.writer import LibraryWriter
from mica.settings import OverlayStyle, Settings

SILENT = "{} gives only silence. Check that it is not muted."
DENIED = (
    "Mica may not use the microphone. "
    "Allow it in System Settings › Privacy & Security › Microphone."
)
ASKED = (
    "Mica needs the microphone.",
    "Allow it in the dialog, then dictate again.",
)
LOST = "The microphone was lost. What was said is being written."
News = tuple[str, bool]  # a line, and whether it is trouble


@dataclass(slots=True)
class PendingUtterance:
    """It is spoken, worked on, or on its way in.

    told       messages given already; each is said once
    withheld   its words, come while it stands cancelled
    kept       the user left: its words go to the history only
    committed  its final words so far
    failure    the engine failed at it; it is heard out and played to it once more
    replayed   that was done
    """

    recording: Recording
    target: Target | None
    options: InsertOptions
    told: set[str] = field(default_factory=set)
    journalled: bool = False
    withheld: Transcript | None = None
    kept: bool = False
    committed: list[str] = field(default_factory=list)
    failure: MicaError | None = None
    replayed: bool = False

    def note_journal(self, writer: LibraryWriter) -> None:
        """In its row, once it has one."""
        recording = self.recording
        if recording.journal is not None and not self.journalled:
            self.journalled = True
            writer.set_journal(recording.utterance, recording.journal)

    def late_news(self) -> list[News]:
        """Changes of the microphone that no moment was right for."""
        return self._fresh(self.recording.device_changes)

    def news(
        self, permissions: Permissions, *, listens: bool, steady: bool
    ) -> list[News]:
        """What the user has not been told yet.

        listens   it is the one that is spoken into
        steady    no change of state is due, which would replace the message
        """
        return self._fresh(self._lines(permissions, listens, steady))

    def _fresh(self, lines: Iterable[str]) -> list[News]:
        fresh = [line for line in dict.fromkeys(lines) if line not in self.told]
        self.told.update(fresh)
        return [(line, line not in self.recording.user_requested) for line in fresh]

    def _lines(
        self, permissions: Permissions, listens: bool, steady: bool
    ) -> Iterator[str]:
        recording = self.recording
        if recording.trouble is not None:
            yield recording.trouble.line()
        if not listens:
            return
        device_changes = tuple(
            recording.device_changes
        )  # first: behind a seam health is the next one's
        health = recording.health
        if health is not None and health.silent:
            # without the permission macOS gives zeros, not an error
            denied = permissions.state(Permission.MICROPHONE) is Grant.DENIED
            yield DENIED if denied else _silent(recording)
        if steady and health is not None and health.flowing:
            yield from device_changes
        if recording.lost:
            yield LOST


class MicrophoneAccess:
    """Has the system ask the user before a microphone is opened: one that is open by
    then gives zeros for as long as it stays open (BasedHardware/omi#11477).
    """

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions
        self._is_asked = False

    def problem(self) -> MicaError | None:
        """Why none may be opened yet; None when one may. From the second time on one
        is opened whatever the user has answered, for some terminals have no dialog."""
        if self._permissions.state(Permission.MICROPHONE) is not Grant.UNDETERMINED:
            return None
        self._permissions.request(Permission.MICROPHONE)
        before, self._is_asked = self._is_asked, True
        return None if before else MicaError(*ASKED)


def _silent(recording: Recording) -> str:
    name = recording.device.name if recording.device is not None else ""
    return SILENT.format(f"The microphone “{name}”" if name else "The microphone")


class Utterances:
    """Main thread only.

    speaking    the one that is spoken into
    cancelled   while it can be taken back
    """

    def __init__(
        self,
        host: Host,
        client: Engine,
        writer: LibraryWriter,
        keywords: Callable[[], list[str]],
        turns: EngineQueue,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
    ) -> None:
        self.speaking: PendingUtterance | None = None
        self.cancelled: PendingUtterance | None = None
        self._host, self._keywords = host, keywords
        self._client, self._writer, self._turns = client, writer, turns
        self._clock, self._wall_clock = clock, wall_clock
        self._pending: dict[int, PendingUtterance] = {}

    def __iter__(self) -> Iterator[PendingUtterance]:
        """Those of now, whatever becomes of them meanwhile."""
        return iter(list(self._pending.values()))

    def find(self, utterance: int) -> PendingUtterance | None:
        """None where it has its end, or never was one of these."""
        return self._pending.get(utterance)

    @property
    def busy(self) -> bool:
        """Whether one is spoken into or worked on."""
        return len(self._pending) > (self.cancelled is not None)

    @property
    def shown(self) -> bool:
        """Whether one is spoken into or can be taken back, which the user sees."""
        return self.speaking is not None or self.cancelled is not None

    @property
    def waits_for_replay(self) -> bool:
        """Whether one is played to the engine once more, or is to be."""
        return any(pending.failure is not None for pending in self)

    def begin(self, settings: Settings, *, translated: bool) -> Recording:
        """Of one that is spoken from now on, for what has the keyboard now; it is
        still to be started."""
        target = self._host.focus.current()
        options = options_for(settings, target)
        name = target.name if target is not None else ""
        to = settings.translate_to if translated else None
        number = self._writer.begin(self._wall_clock(), options.style, name, to=to)
        wanted = replace(
            transcribe_options(settings, options, self._keywords()),
            target_language=to,
            live=settings.overlay is OverlayStyle.LIVE,
        )
        recording = Recording(number, wanted, self._client, self._turns, self._clock)
        self.speaking = PendingUtterance(recording, target, options)
        self._pending[number] = self.speaking
        return recording

    def release(self) -> None:
        """What was said becomes text."""
        if self.speaking is not None:
            self.speaking.recording.release()
            self._mark(self.speaking, EntryStatus.WORKING)
            self.speaking = None

    def discard(self) -> None:
        """A chord: it was never meant."""
        if self.speaking is not None:
            self._drop(self.speaking)
            self._mark(self.speaking, EntryStatus.CANCELLED)
            self.speaking = None

    def cancel(self) -> None:
        """Heard out and worked on as if released, but its words are withheld."""
        if self.speaking is not None:
            self.speaking.recording.release()
            self._mark(self.speaking, EntryStatus.CANCELLED)
            self.cancelled, self.speaking = self.speaking, None

    def undo(self) -> PendingUtterance | None:
        """The cancelled one, as if released and never cancelled."""
        pending, self.cancelled = self.cancelled, None
        if pending is not None:
            self._mark(pending, EntryStatus.WORKING)
        return pending

    def forget(self) -> None:
        """Cancelled for good; the journal stays."""
        pending, self.cancelled = self.cancelled, None
        if pending is not None:
            self._drop(pending)

    def commit(self, pending: PendingUtterance, text: str) -> None:
        """Words of it are final; they are kept though more may never come."""
        pending.committed.append(text)
        so_far = " ".join(pending.committed)
        self._writer.set_committed(pending.recording.utterance, so_far)

    def finish(self, pending: PendingUtterance, transcript: Transcript) -> bool:
        """Whether its text goes on: not while it stands cancelled."""
        if pending is self.cancelled:
            pending.withheld = transcript
            return False
        number = pending.recording.utterance
        del self._pending[number]
        notes = (*transcript.notes, *pending.recording.device_changes)
        self._writer.set_text(number, replace(transcript, notes=notes))
        return True

    def replay(self, turns_free: bool) -> None:
        """Those at which the engine failed are played to it once more, when they were
        heard out and nobody records."""
        for pending in self:
            waits = pending.failure is not None and not pending.replayed
            if waits and turns_free and pending.recording.over.is_set():
                pending.replayed = True
                pending.committed.clear()
                pending.recording.replay()

    def fail(self, pending: PendingUtterance, error: MicaError) -> None:
        """There will be no text; nothing is recorded any more."""
        del self._pending[pending.recording.utterance]
        if pending is self.cancelled:
            self.cancelled = None
        if pending is self.speaking:
            self.speaking = None
        self._mark(pending, EntryStatus.FAILED, error.line())

    def close(self) -> None:
        """The app quits: what is being said stays in its journal."""
        for pending in self:
            pending.recording.cancel()
        for pending in self:
            pending.recording.over.wait(1.0)

    def _drop(self, pending: PendingUtterance) -> None:
        """No more of it is heard or worked on."""
        number = pending.recording.utterance
        pending.recording.cancel()
        if pending.recording.over.is_set():
            self._client.cancel(number)
        del self._pending[number]
        self._writer.set_committed(number, "")

    def _mark(
        self, pending: PendingUtterance, status: EntryStatus, error: str | None = None
    ) -> None:
        self._writer.mark(pending.recording.utterance, status, error)
