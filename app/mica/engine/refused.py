"""The error that users see for a model that the engine cannot load."""

import logging
from pathlib import Path

from mica.errors import MicaError, ModelError
from mica.model.config import REMEDY

_log = logging.getLogger(__name__)


def refused(why: MicaError, folder: str) -> MicaError:
    """The user's version of a load error. If model files are damaged, it names the
    model; the log says which file and how."""
    if not isinstance(why, ModelError) or why.remedy != REMEDY:
        return why
    _log.warning("the model was refused: %s", why.what)
    what = f"The model “{Path(folder).name}” is damaged."
    return ModelError(what, "Install it again, or choose another.")
