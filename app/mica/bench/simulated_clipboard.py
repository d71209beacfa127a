"""A simulated clipboard that counts its reads; needs no display.

Implements `ports.Clipboard`, and lets other simulated programs read, copy and take
ownership.
"""

from dataclasses import dataclass, field

from mica.host.values import Piece, Snapshot, Target


@dataclass
class SimulatedClipboard:
    """A clipboard that can tell the target's reads from others', as on X11.

    is_blind   it cannot, as on a Mac
    """

    held: Snapshot
    is_blind: bool = False
    ours: str | None = None
    changes: int = 0
    reads: int = 0
    others: int = 0
    owner: int | None = None  # a process; None: unknown
    published: list[str] = field(default_factory=list)

    def snapshot(self) -> Snapshot:
        return self.held

    def publish(self, text: str) -> None:
        self._put(text_snapshot(text))
        self.ours, self.reads, self.others = text, 0, 0
        self.published.append(text)

    def copy(self, text: str) -> None:
        self._put(text_snapshot(text))

    def restore(self, snapshot: Snapshot) -> None:
        self._put(Snapshot(snapshot.pieces))

    def hold(self, snapshot: Snapshot, owner: int | None = None) -> None:
        """Another program copies; formats in `left_out` cannot be read."""
        self._put(snapshot)
        self.owner = owner

    def change_count(self) -> int:
        return self.changes

    def read_count(self) -> int:
        return self.reads

    def foreign_reads(self, target: Target) -> int | None:
        return None if self.is_blind else self.others

    def is_owned_by(self, target: Target) -> bool | None:
        return None if self.owner is None else self.owner == target.pid

    def read(self, *, by_another: bool = False) -> Snapshot:
        """Another program reads; counts as a receipt if it gets our text."""
        if self.ours is not None:
            self.reads += 1
            self.others += by_another
        return self.held

    def _put(self, snapshot: Snapshot) -> None:
        self.held, self.ours, self.owner = snapshot, None, None
        self.changes += 1


def text_snapshot(text: str) -> Snapshot:
    return Snapshot((Piece(0, "text/plain", text.encode()),))
