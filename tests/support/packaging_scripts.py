"""Imports scripts from packaging/, which is not a package."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Final

ROOT: Final = Path(__file__).parents[2]
MACOS: Final = ROOT / "packaging" / "macos"


def loaded(name: str) -> ModuleType:
    """Import a script by its path below packaging/, without suffix."""
    file = ROOT / "packaging" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
