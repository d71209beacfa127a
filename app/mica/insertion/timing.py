"""The times that paste, typing and undo share, and the wait for held modifiers."""

from typing import Final

POLL_S: Final = 0.01  # how often whatever is under way is polled
PROBE_S: Final = 1.0  # between two probes of a window that may hang
UNREAD_S: Final = 8.0  # a window that has not read or answered by now never will
MODIFIERS_S: Final = 1.0  # how long held modifiers may delay our keys


class ModifierWait:
    """Our keys wait while the user holds a modifier, which would change them.

    The time runs from the first call of is_over(), or the first since restart().
    """

    def __init__(self) -> None:
        self._since_s: float | None = None

    def is_over(self, now_s: float) -> bool:
        """Whether it has lasted MODIFIERS_S."""
        if self._since_s is None:
            self._since_s = now_s
        return now_s - self._since_s >= MODIFIERS_S

    def restart(self) -> None:
        """The keys went through, or there is a reason to wait longer."""
        self._since_s = None
