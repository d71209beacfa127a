"""The recordings in progress, of dictation and captions alike."""

import threading


class ActiveRecordings:
    """The recordings in progress. Main thread only; shared by dictation and captions.

    Captions begin only if there are none, so that no word is recorded twice.
    """

    def __init__(self) -> None:
        self._under_way: tuple[threading.Event, ...] = ()

    def add(self, over: threading.Event) -> None:
        """Add a recording; `over` is set when it ends."""
        before = (one for one in self._under_way if not one.is_set())
        self._under_way = (*before, over)

    @property
    def none(self) -> bool:
        """Whether no recording is in progress."""
        return all(over.is_set() for over in self._under_way)
