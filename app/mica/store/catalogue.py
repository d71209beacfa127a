"""Which models there are: the embedded one, installed ones, and the published ones.

Finds folders; it downloads nothing and looks at no tensor.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mica import paths
from mica.errors import ModelError

EMBEDDED: Final = "pebble"


@dataclass(frozen=True, slots=True)
class Published:
    """A model Mica can convert.

    repository   where its makers publish the original
    size_gb      of our 8-bit folder
    """

    name: str
    repository: str
    licence: str
    size_gb: float
    what: str


PUBLISHED: Final = (
    Published(
        "granite-speech-4.1-2b",
        "ibm-granite/granite-speech-4.1-2b",
        "Apache-2.0",
        2.9,
        "English and five more languages, with punctuation",
    ),
    Published(
        "granite-4.0-1b-speech",
        "ibm-granite/granite-4.0-1b-speech",
        "Apache-2.0",
        2.9,
        "English and five more languages, lower case",
    ),
)


def folder(model: str) -> Path:
    """The folder of a model: embedded, installed, or a path. ModelError if none."""
    where = place(model)
    if where.is_dir():
        return where
    raise ModelError(f"There is no model “{model}”.", "See `mica models list`.")


def place(model: str) -> Path:
    """Where a model's folder is, or would be: its disk may be connected later."""
    if model == EMBEDDED:
        return paths.embedded_model()
    if Path(model).is_dir() or Path(model).name != model:
        return Path(model).resolve()
    return paths.models_folder() / model


def installed() -> list[str]:
    """Names usable as they are, the embedded one first."""
    own = paths.models_folder().iterdir()
    return [EMBEDDED, *sorted(p.name for p in own if (p / "config.json").exists())]
