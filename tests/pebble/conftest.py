"""Access to the scripts that train pebble, which are not a package."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "packaging" / "pebble"


@pytest.fixture(scope="module")
def script() -> Iterator[Callable[[str], ModuleType]]:
    """A function that imports a script by name; afterward, the scripts are unloaded."""
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module
    sys.path.remove(str(FOLDER))
    ours = {file.stem for file in FOLDER.glob("*.py")}
    for name in (set(sys.modules) - before) & ours:
        del sys.modules[name]
