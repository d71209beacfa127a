"""Sound files as the commands open them: who waits for one is told so."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from mica.audio import files
from mica.cli.main import say

PATIENCE_S: Final = 3.0  # for the first sound of a file, pipe or device


@contextmanager
def opened(path: Path, track: int | None = None) -> Iterator[files.Sound]:
    """As audio.files.opened()."""
    with ExitStack() as stack:
        line = f"Waiting for sound from {path}. Press Control-C to stop."
        waiting = threading.Timer(PATIENCE_S, say, [line])
        waiting.start()
        try:
            sound = stack.enter_context(files.opened(path, track))
        finally:
            waiting.cancel()
        yield sound
