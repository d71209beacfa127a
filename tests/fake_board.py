"""A clipboard, a target and a clock that tests can make slow, eager or dead."""

from dataclasses import dataclass, field

from mica.errors import MicaError
from mica.host.ports import Piece, Snapshot, Target

TARGET = Target(window=1, pid=2, name="Editor")
USERS = Snapshot((Piece(0, "text/plain", b"theirs"), Piece(0, "text/html", b"<b>")))


def plain(text: str) -> Snapshot:
    return Snapshot((Piece(0, "text/plain", text.encode()),))


@dataclass
class FakeBoard:
    """Holds one value; knows whether it is our offer."""

    held: Snapshot = USERS
    offered: str | None = None
    changes: int = 0
    reads: int = 0
    others: int = 0
    is_blind: bool = False
    snapshots: int = 0

    def snapshot(self) -> Snapshot:
        self.snapshots += 1
        return self.held

    def publish(self, text: str) -> None:
        self._put(plain(text))
        self.offered, self.reads, self.others = text, 0, 0

    def copy(self, text: str) -> None:
        self._put(plain(text))

    def restore(self, snapshot: Snapshot) -> None:
        self._put(snapshot)

    def change_count(self) -> int:
        return self.changes

    def receipts(self) -> int:
        return self.reads

    def strangers(self, target: Target) -> int | None:
        return None if self.is_blind else self.others

    def read(self, *, by_stranger: bool = False) -> Snapshot:
        """Another program reads; a receipt when it gets our offer."""
        if self.offered is not None:
            self.reads += 1
            self.others += by_stranger
        return self.held

    def users_copy(self, text: str) -> None:
        self._put(plain(text))

    def _put(self, snapshot: Snapshot) -> None:
        self.held, self.offered = snapshot, None
        self.changes += 1


@dataclass
class FakePaster:
    """Counts its chords; `why` makes them fail."""

    is_ready: bool = True
    why: MicaError | None = None
    chords: list[Target] = field(default_factory=list)

    def ready(self) -> bool:
        return self.is_ready

    def chord(self, target: Target) -> None:
        if self.why is not None:
            raise self.why
        self.chords.append(target)

    def submit(self, target: Target) -> None:
        """A transaction submits nothing."""
