"""The engine client's events and deadlines, and the error for a model that is refused.

All events except Restarted are the engine's own messages.
"""

import logging
import math
from dataclasses import dataclass
from pathlib import Path

from mica.engine.messages import Committed, Failed, Finished, Hypothesis, Ready
from mica.errors import MicaError, ModelError
from mica.model.config import REMEDY

__all__ = [
    "Committed",
    "Deadlines",
    "EngineEvent",
    "Failed",
    "Finished",
    "Hypothesis",
    "Ready",
    "Restarted",
]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restarted:
    """The engine crashed or hung and is being restarted; this utterance is replayed
    (None: none was open)."""

    utterance: int | None


EngineEvent = Ready | Hypothesis | Committed | Finished | Failed | Restarted


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the client waits before it considers the engine hung, in seconds.

    start_s     from process start to the first message: Python and MLX, cold disk
    load_s      from process start to Ready or Failed: 5 GB from a slow disk
    silence_s   between messages; heartbeats come twice a second, or every five
                seconds while idle
    unit_s      a heartbeat's age: one block encode or one decoder pass
    finish_s    from End to the answer, plus finish_per_s for each second of audio
    close_s     for close()
    idle_s      without an utterance until the engine is ended to free its memory; the
                next one starts it again
    """

    start_s: float = 60.0
    load_s: float = 300.0
    silence_s: float = 15.0
    unit_s: float = 60.0
    finish_s: float = 60.0
    finish_per_s: float = 20.0
    close_s: float = 8.0
    idle_s: float = math.inf


def refused(why: MicaError, folder: str) -> MicaError:
    """The user's version of a load error. If model files are damaged, it names the
    model; the log says which file and how."""
    if not isinstance(why, ModelError) or why.remedy != REMEDY:
        return why
    _log.warning("the model was refused: %s", why.what)
    what = f"The model “{Path(folder).name}” is damaged."
    return ModelError(what, "Install it again, or choose another.")
