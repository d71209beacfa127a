"""Times shared by pasting, typing and undo, and the wait for held modifiers."""

from typing import Final

POLL_S: Final = 0.01  # how often a running job is polled
PROBE_S: Final = 1.0  # between two probes of a window that may be hung
UNREAD_S: Final = 8.0  # a window that has not read or answered by then is given up
MODIFIERS_S: Final = 1.0  # how long held modifiers may delay our keys


class ModifierWait:
    """The wait while the user holds a modifier, which would change our keys.

    It is timed from the first call of is_over(), or the first one after restart().
    """

    def __init__(self) -> None:
        self._since_s: float | None = None

    def is_over(self, now_s: float) -> bool:
        """Whether it has lasted MODIFIERS_S."""
        if self._since_s is None:
            self._since_s = now_s
        return now_s - self._since_s >= MODIFIERS_S

    def restart(self) -> None:
        """Restart it: the keys went through, or there is a reason to wait longer."""
        self._since_s = None
