"""Which recordings are under way, of all that record."""

import threading


class ActiveRecordings:
    """Main thread only, and shared by all that record.

    Captions begin where there are none, so that no word is in two recordings.
    """

    def __init__(self) -> None:
        self._under_way: tuple[threading.Event, ...] = ()

    def add(self, over: threading.Event) -> None:
        """One begins; `over` is set when it ends."""
        before = (one for one in self._under_way if not one.is_set())
        self._under_way = (*before, over)

    @property
    def none(self) -> bool:
        """Whether no recording is under way."""
        return all(over.is_set() for over in self._under_way)
