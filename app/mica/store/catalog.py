"""Lists models: the bundled one, installed ones, and published ones.

It finds folders; it downloads nothing and reads no tensors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mica import paths
from mica.errors import ModelError

EMBEDDED: Final = "pebble"


@dataclass(frozen=True, slots=True)
class Published:
    """A model that Mica can convert.

    repository   of the original on Hugging Face
    size_gb      of the converted 8-bit folder
    punctuates   whether it writes punctuated text, too
    """

    name: str
    repository: str
    license: str
    size_gb: float
    punctuates: bool


PUBLISHED: Final = (
    Published(
        "granite-speech-4.1-2b",
        "ibm-granite/granite-speech-4.1-2b",
        "Apache-2.0",
        2.9,
        punctuates=True,
    ),
    Published(
        "granite-4.0-1b-speech",
        "ibm-granite/granite-4.0-1b-speech",
        "Apache-2.0",
        2.9,
        punctuates=False,
    ),
)


def folder(model: str, *, typed: bool = False) -> Path:
    """The folder of a model, given by name or path. ModelError if there is none.

    typed   the user typed it in the current folder, where it may be a folder's name
    """
    where = place(model)
    if typed and model != EMBEDDED and not _is(where.is_dir):
        where = Path(model).resolve()
    if _is(where.is_dir):
        return where
    if any(model == one.name for one in PUBLISHED):
        raise ModelError(
            f"The model “{model}” isn’t installed.",
            "To get it, see `mica models convert --help`.",
        )
    raise ModelError(
        f"There is no model “{model}”.",
        "To see the available models, run `mica models list`.",
    )


def place(model: str) -> Path:
    """The path of a model's folder, which need not exist: its disk may be connected
    later. Until then, no folder that happens to have its name takes its place."""
    if model == EMBEDDED:
        return paths.embedded_model()
    if Path(model).name != model:
        return Path(model).resolve()
    return paths.models_folder() / model


def installed() -> list[str]:
    """Names of the models that can be used, the bundled one first."""
    own = paths.models_folder().glob("*")  # none if the folder is missing
    return [EMBEDDED, *sorted(p.name for p in own if _is((p / "config.json").exists))]


def _is(answer: Callable[[], bool]) -> bool:
    """The answer; False where a name is too long or a folder can't be looked into."""
    try:
        return answer()
    except OSError:
        return False
