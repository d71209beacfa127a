"""Who comes before whom at the engine, of all that record."""

import threading


class EngineQueue:
    """Who comes before whom at the engine: it has one open utterance at a time.

    Main thread only, and shared by all that record.
    """

    def __init__(self) -> None:
        self._under_way: tuple[threading.Event, ...] = ()

    @property
    def free(self) -> bool:
        """Whether no recording is under way."""
        return all(over.is_set() for over in self._under_way)

    def take(self, over: threading.Event) -> tuple[threading.Event, ...]:
        """What a recording that ends with `over` waits for: all that began before it.

        Not the last of them alone: that one may be cancelled while others go on.
        """
        before = tuple(one for one in self._under_way if not one.is_set())
        self._under_way = (*before, over)
        return before
