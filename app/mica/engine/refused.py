"""What is said of a model that the engine cannot load."""

import logging
from pathlib import Path

from mica.errors import MicaError, ModelError
from mica.model.config import REMEDY

_log = logging.getLogger(__name__)


def refused(why: MicaError, folder: str) -> MicaError:
    """What the user is told where a model cannot be loaded. Where its files are damaged
    the model is named; which file and how is in the log."""
    if not isinstance(why, ModelError) or why.remedy != REMEDY:
        return why
    _log.warning("the model was refused: %s", why.what)
    what = f"The model “{Path(folder).name}” is damaged."
    return ModelError(what, "Install it again, or choose another.")
