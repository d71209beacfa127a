"""Checks that this Mac has every Apple name the host uses.

python -m mica.host.macos.check
"""

import ctypes
import importlib
import platform
import sys
from collections.abc import Iterator

from mica.host.macos import carbon, contract, core_audio


def main() -> int:
    """Print what is missing; returns the exit code."""
    absent = missing()
    for name in absent:
        print(f"missing: {name}")
    print(f"macOS {platform.mac_ver()[0]}: {len(absent)} names are missing")
    return 1 if absent else 0


def missing() -> list[str]:
    return [*_names(), *_selectors(), *_functions()]


def _names() -> Iterator[str]:
    for module, names in contract.IMPORTS.items():
        found = importlib.import_module(module)
        yield from (f"{module}.{name}" for name in names if not hasattr(found, name))


def _selectors() -> Iterator[str]:
    """The missing selectors, by the names that pyobjc and the code use."""
    modules = [importlib.import_module(module) for module in contract.IMPORTS]
    for owner, names in contract.SELECTORS.items():
        found = [getattr(m, owner) for m in modules if hasattr(m, owner)]
        if not found:
            yield owner
            continue
        yield from (f"{owner}.{name}" for name in names if not hasattr(found[0], name))


def _functions() -> Iterator[str]:
    paths = {"Carbon": carbon.LIBRARY, "CoreAudio": core_audio.LIBRARY}
    for framework, names in contract.LIBRARIES.items():
        library = ctypes.CDLL(paths[framework])
        yield from (f"{framework}: {n}" for n in names if not hasattr(library, n))
    for name, framework in contract.LIBRARY_DATA.items():
        try:
            ctypes.c_void_p.in_dll(ctypes.CDLL(paths[framework]), name)
        except ValueError:
            yield f"{framework}: {name}"


if __name__ == "__main__":
    sys.exit(main())
