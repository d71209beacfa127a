"""A fake clipboard and paste keys that tests can make slow, eager or broken."""

from dataclasses import dataclass, field

from mica.bench.paste import TARGET
from mica.bench.simulated_clipboard import SimulatedClipboard, text_snapshot
from mica.errors import MicaError
from mica.host.values import Piece, Snapshot, Target

__all__ = ["TARGET", "USERS", "CountingClipboard", "FakePaster", "text_snapshot"]

USERS = Snapshot((Piece(0, "text/plain", b"theirs"), Piece(0, "text/html", b"<b>")))


@dataclass
class CountingClipboard(SimulatedClipboard):
    """The benchmark's simulated clipboard; counts the snapshots taken of it."""

    held: Snapshot = USERS
    snapshots: int = 0

    def snapshot(self) -> Snapshot:
        self.snapshots += 1
        return super().snapshot()

    def users_copy(self, text: str) -> None:
        self.copy(text)


@dataclass
class FakePaster:
    """Records the paste shortcuts pressed; if `why` is set, raises it instead."""

    is_ready: bool = True
    why: MicaError | None = None
    chords: list[Target] = field(default_factory=list)

    def ready(self) -> bool:
        return self.is_ready

    def can_paste(self, target: Target) -> bool:
        return True

    def press_paste_keys(self, target: Target) -> None:
        if self.why is not None:
            raise self.why
        self.chords.append(target)

    def press_return(self, target: Target) -> None:
        """Ignored: a paste transaction never submits."""
