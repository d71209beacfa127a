"""Tells the name of what is pressed in a window of ours, for the settings.

Keys that print reach us before the window and go no further; nothing is watched in
other programs. Main thread only.
"""

from collections.abc import Callable, Mapping

from mica.host.key_names import Learner
from mica.host.macos import system


class Learning:
    """From here until close()."""

    def __init__(self, names: Mapping[int, str], on_key: Callable[[str], None]) -> None:
        """names: by virtual keycode."""
        self._names, self._on_key = names, on_key
        self._learner = Learner()
        self._monitors = system.watch_our_typing(lambda code: self._on(code, True))

    def modifier(self, code: int, pressed: bool) -> None:
        """These are watched already."""
        self._on(code, pressed)

    def close(self) -> None:
        system.unwatch(self._monitors)

    def _on(self, code: int, pressed: bool) -> None:
        name = self._names.get(code)
        learnt = self._learner.on(name, pressed) if name is not None else None
        if learnt is not None:
            self._on_key(learnt)
