"""What the engine refused, as an error of errors.py."""

import logging
from pathlib import Path
from typing import Final

from mica import errors
from mica.engine import messages as m
from mica.errors import EngineError, MicaError, ModelError
from mica.model.config import REMEDY

RETRY: Final = "Try again."
_log = logging.getLogger(__name__)


def error_of(reply: m.Failed) -> MicaError:
    """The error of errors.py the engine names; with a remedy, whatever it is."""
    kind = getattr(errors, reply.kind, EngineError)
    known = isinstance(kind, type) and issubclass(kind, MicaError)
    error: MicaError = (kind if known else EngineError)(
        reply.what, reply.remedy or RETRY
    )
    return error


def refused(reply: m.Failed, folder: str) -> MicaError:
    """The same of a model that was to be loaded. Where its files are damaged the model
    is named; which file and how is in the log."""
    why = error_of(reply)
    if not isinstance(why, ModelError) or why.remedy != REMEDY:
        return why
    _log.warning("the model was refused: %s", why.what)
    what = f"The model “{Path(folder).name}” is damaged."
    return ModelError(what, "Install it again, or choose another.")
