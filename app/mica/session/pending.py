"""An utterance without its end, and what there is to say of its microphone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mica.errors import MicaError
from mica.events import Transcript
from mica.host.ports import Grant, Permission, Permissions, Target
from mica.insertion.options import Manner
from mica.session.ledger import Ledger
from mica.session.recording import Recording

SILENT = "{} gives only silence. Check that it is not muted."
DENIED = (
    "Mica may not use the microphone. "
    "Allow it in System Settings › Privacy & Security › Microphone."
)
LOST = "The microphone was lost. What was said is being written."
News = tuple[str, bool]  # a line, and whether it is trouble


@dataclass(slots=True)
class Pending:
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
    manner: Manner
    keywords: tuple[str, ...]
    told: set[str] = field(default_factory=set)
    journalled: bool = False
    withheld: Transcript | None = None
    kept: bool = False
    committed: list[str] = field(default_factory=list)
    failure: MicaError | None = None
    replayed: bool = False

    def note_journal(self, ledger: Ledger) -> None:
        """In its row, once it has one."""
        recording = self.recording
        if recording.journal is not None and not self.journalled:
            self.journalled = True
            ledger.set_journal(recording.utterance, recording.journal)

    def late_news(self) -> list[News]:
        """Changes of the microphone that no moment was right for."""
        return self._fresh(self.recording.seams)

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
        return [(line, line not in self.recording.wished) for line in fresh]

    def _lines(
        self, permissions: Permissions, listens: bool, steady: bool
    ) -> Iterator[str]:
        recording = self.recording
        if recording.trouble is not None:
            yield recording.trouble.line()
        if not listens:
            return
        seams = tuple(recording.seams)  # first: behind a seam health is the next one's
        health = recording.health
        if health is not None and health.silent:
            # without the permission macOS gives zeros, not an error
            denied = permissions.state(Permission.MICROPHONE) is Grant.DENIED
            yield DENIED if denied else _silent(recording)
        if steady and health is not None and health.flowing:
            yield from seams
        if recording.lost:
            yield LOST


def ask_to_hear(permissions: Permissions) -> None:
    """Have the system ask the user, where nobody has yet."""
    if permissions.state(Permission.MICROPHONE) is Grant.UNDETERMINED:
        permissions.request(Permission.MICROPHONE)


def _silent(recording: Recording) -> str:
    name = recording.device.name if recording.device is not None else ""
    return SILENT.format(f"The microphone “{name}”" if name else "The microphone")
