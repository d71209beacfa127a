"""The host of a machine without a display: complete, and nothing shows.

No key is ever pressed; the clipboard is a value in memory; nothing is focused.
"""

from dataclasses import dataclass, field

from mica.errors import InsertionError
from mica.host.ports import (
    Grant,
    Host,
    OnInput,
    Permission,
    Piece,
    Snapshot,
    Target,
)


class NullHotkeys:
    """No keys."""

    def start(self, on_input: OnInput) -> None:
        """Nothing will ever be pressed."""

    def is_down(self) -> bool:
        return False

    def want_escape(self, wanted: bool) -> None:
        """Nothing to watch."""

    def other_presses(self) -> int | None:
        return None

    def stop(self) -> None:
        """Nothing to stop."""


@dataclass(slots=True)
class NullClipboard:
    """A clipboard only this process sees."""

    _held: Snapshot = field(default_factory=Snapshot)
    _changes: int = 0

    def snapshot(self) -> Snapshot:
        return self._held

    def publish(self, text: str) -> None:
        self.copy(text)

    def copy(self, text: str) -> None:
        self.restore(Snapshot((Piece(0, "text/plain", text.encode()),)))

    def restore(self, snapshot: Snapshot) -> None:
        self._held = snapshot
        self._changes += 1

    def change_count(self) -> int:
        return self._changes

    def receipts(self) -> int:
        """Nobody else can read it."""
        return 0


class NullPaster:
    """No window to press keys in."""

    def ready(self) -> bool:
        return True

    def chord(self, target: Target) -> None:
        raise InsertionError(
            "There is no display to insert into.", "The text is in the history."
        )


class NullFocus:
    """Nothing has the keyboard."""

    def current(self) -> Target | None:
        return None

    def middle(self) -> tuple[int, int] | None:
        return None


class NullPermissions:
    """Nothing to ask for."""

    def state(self, what: Permission) -> Grant:
        return Grant.NOT_NEEDED

    def request(self, what: Permission) -> None:
        """Nothing to ask."""


def open_null() -> Host:
    """A host for a machine without a display."""
    clipboard = NullClipboard()
    return Host(
        name="null",
        hotkeys=NullHotkeys(),
        clipboard=clipboard,
        clipboard_for=lambda target: clipboard,
        paster=NullPaster(),
        focus=NullFocus(),
        permissions=NullPermissions(),
    )
