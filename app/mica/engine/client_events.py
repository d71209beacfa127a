"""The engine client's events and deadlines, and the error for a model that is refused.

All events except Restarted are the engine's own messages.
"""

import logging
import math
from dataclasses import dataclass
from pathlib import Path

from mica.engine.messages import Committed, Failed, Finished, Hypothesis, Ready
from mica.errors import MicaError, ModelError
from mica.model.regular_file import REMEDY

__all__ = [
    "Committed",
    "Deadlines",
    "EngineEvent",
    "Failed",
    "Finished",
    "Hypothesis",
    "Ready",
    "Restarted",
    "Unresponsive",
]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restarted:
    """The engine crashed or hung and is being restarted; this utterance is replayed
    (None: none was open)."""

    utterance: int | None


@dataclass(frozen=True, slots=True)
class Unresponsive:
    """The engine has shown no sign of work for a while; it is restarted if that goes
    on."""


EngineEvent = (
    Ready | Hypothesis | Committed | Finished | Failed | Restarted | Unresponsive
)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the client waits before it considers the engine hung, in seconds.

    An engine that was merely slow gets more time at the next attempt; see Pace.

    notice_s    without a sign of work until the user is told
    start_s     from process start to the first message: Python and MLX, cold disk
    load_s      from process start to Ready or Failed, plus load_per_gb_s
    silence_s   between messages while an utterance is open; heartbeats come twice a
                second
    rest_s      between messages otherwise; heartbeats come every five seconds
    unit_s      a heartbeat's age: one block encode or one decoder pass
    owed_s      of idling while it owes an answer
    finish_s    from End or the last commit to the answer, plus finish_per_s for each
                second of audio that is not committed
    backoff_s   before the third attempt in a row; doubles up to longest_backoff_s
    close_s     for close()
    idle_s      without an utterance until the engine is ended to free its memory; the
                next one starts it again
    """

    notice_s: float = 2.5
    start_s: float = 15.0
    load_s: float = 15.0
    load_per_gb_s: float = 15.0
    silence_s: float = 6.0
    rest_s: float = 15.0
    unit_s: float = 8.0
    owed_s: float = 3.0
    finish_s: float = 5.0
    finish_per_s: float = 0.7
    backoff_s: float = 0.1
    longest_backoff_s: float = 2.0
    close_s: float = 8.0
    idle_s: float = math.inf

    def backoff(self, failures: int) -> float:
        """How long to wait after this many failures in a row."""
        if failures < 2:
            return 0.0
        return min(self.longest_backoff_s, self.backoff_s * 2.0 ** (failures - 2))


def refused(why: MicaError, folder: Path) -> MicaError:
    """The user's version of a load error. If model files are damaged, it names the
    model; the log says which file and how."""
    if not isinstance(why, ModelError) or why.remedy != REMEDY:
        return why
    _log.warning("the model was refused: %s", why.what)
    what = f"The model “{folder.name}” is damaged."
    return ModelError(what, "Install it again, or choose another.")
