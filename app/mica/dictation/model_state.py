"""Whether the chosen model can be used, checked before the user speaks.

Checked at each key press: looks at the folder and remembers the engine's errors, but
loads nothing. A model that is mounted or repaired meanwhile is tried again.
"""

import os
from collections.abc import Callable
from pathlib import Path

from mica.dictation.strings import CONNECT_DISK, MODEL_MISSING
from mica.engine.client_events import EngineEvent, Failed, Ready
from mica.engine.prompt import cannot_translate
from mica.errors import MicaError, ModelError
from mica.model.config import read_config

_Stamp = tuple[tuple[str, int, int, int], ...]


class ModelState:
    """The state of the chosen model. Main thread only.

    folder      where the model is or should be
    is_loaded   whether the engine has it in memory, even if the folder is gone
    """

    def __init__(self, folder: Path, is_loaded: Callable[[], bool]) -> None:
        self._folder, self._is_loaded = folder, is_loaded
        self._refused: tuple[MicaError, _Stamp] | None = None
        self._translates: bool | None = None  # not read yet

    def choose(self, folder: Path) -> None:
        """Use another model from now on."""
        self._folder, self._refused, self._translates = folder, None, None

    def problem(self, *, translated: bool = False) -> MicaError | None:
        """Why dictation is impossible now; None if no reason is known."""
        if not self._is_loaded():
            if not self._stamp():
                return ModelError(MODEL_MISSING.format(self._folder.name), CONNECT_DISK)
            if self._refused is not None and self._refused[1] == self._stamp():
                return self._refused[0]
        if translated and not self.translates:
            return cannot_translate(self._folder.name)
        return None

    @property
    def translates(self) -> bool:
        """Whether it was trained to translate; True if only the engine can tell."""
        if self._translates is None:
            try:
                self._translates = read_config(self._folder).translates
            except ModelError:
                return True
        return self._translates

    def on_engine(self, event: EngineEvent) -> None:
        """Follow the engine's events about its model."""
        match event:
            case Ready(translates=translates):
                self._refused, self._translates = None, translates
            case Failed(None, ModelError() as why):
                self._refused = (why, self._stamp())

    def _stamp(self) -> _Stamp:
        """Changes when the folder is repaired; empty if there is no model."""
        try:
            if not (self._folder / "config.json").is_file():
                return ()
            files = [(path.name, _status(path)) for path in self._folder.iterdir()]
        except OSError:  # it is disappearing right now
            return ()
        # the last one changes even if a repair keeps size and time, as rsync does
        return tuple(
            sorted((n, at.st_size, at.st_mtime_ns, at.st_ctime_ns) for n, at in files)
        )


def _status(file: Path) -> os.stat_result:
    """The file's status; that of a link to nothing is its own."""
    try:
        return file.stat()
    except FileNotFoundError:
        return file.lstat()
