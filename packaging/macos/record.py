"""Records what pyobjc's macOS wheels contain about the Apple names that the host uses.

Downloads the wheels with pip, unpacks them and reads their tables without running any
of their code, so it works on any machine. Writes tests/host/recorded/pyobjc.json; tests
compare host/macos/contract.py and the calls in host/macos with it. Run it when the
contract or pyobjc changes:

    .venv/bin/python packaging/macos/record.py [--wheels FOLDER]

A function that pyobjc implements by hand has its arguments in its docstring. What the
tables do not contain (classes, and selectors whose types the Objective-C runtime
provides) is listed as `unlisted`: only a Mac can verify that it exists, with
`python -m mica.host.macos.check`.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "app"), str(Path(__file__).parent)]

from tables import Tables, read_tables  # noqa: E402

from mica.host.macos import contract  # noqa: E402

FOUND = ROOT / "tests" / "host" / "recorded" / "pyobjc.json"
#: For each module, its wheel and the folder of its tables in that wheel.
TABLES = {
    "AppKit": ("Cocoa", "AppKit"),
    "Foundation": ("Cocoa", "Foundation"),
    "Quartz": ("Quartz", "CoreGraphics"),
    "ApplicationServices": ("ApplicationServices", "HIServices"),
    "AVFoundation": ("AVFoundation", "AVFoundation"),
    "ServiceManagement": ("ServiceManagement", "ServiceManagement"),
    "CoreAudio": ("CoreAudio", "CoreAudio"),
    "CoreFoundation": ("Cocoa", "CoreFoundation"),
}
BY_HAND = re.compile(rb"(\w+)\(/, ([^()]*)\) -> ")  # docstrings of such functions
PLATFORMS = ("macosx_11_0_arm64", "macosx_10_13_universal2", "macosx_10_9_universal2")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--wheels", type=Path, help="where they lie already")
    given = options.parse_args().wheels
    with tempfile.TemporaryDirectory() as scratch:
        folder = given or download(Path(scratch) / "wheels")
        found = extract(folder, Path(scratch) / "unpacked")
    FOUND.parent.mkdir(exist_ok=True)
    text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False)
    FOUND.write_text(f"{text}\n", "utf-8")


def download(folder: Path) -> Path:
    """Download the wheels that a Mac with Apple silicon would install."""
    names = sorted({wheel for wheel, _table in TABLES.values()})
    wanted = [f"--platform={platform}" for platform in PLATFORMS]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *wanted]
    pip += ["--only-binary=:all:", "--python-version=3.13", f"--dest={folder}"]
    wheels = [f"pyobjc-framework-{name}>=12,<13" for name in names]
    subprocess.run([*pip, *wheels], check=True)
    return folder


def extract(wheels: Path, scratch: Path) -> dict[str, Any]:
    """The entries for the contract's names in the tables of these wheels."""
    versions = {}
    for wheel in sorted(wheels.glob("pyobjc_framework_*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(scratch)
        name, version = wheel.name.split("-")[:2]
        versions[name] = version
    tables = {
        module: read_tables(next(scratch.rglob(f"{table}/_metadata.py")))
        for module, (_wheel, table) in TABLES.items()
    }
    for library in scratch.rglob("HIServices/*.so"):
        tables["ApplicationServices"].names |= by_hand(library)
    names, nameless = of_names(tables)
    selectors, speechless = of_selectors(tables)
    return {
        "wheels": versions,
        "names": names,
        "selectors": selectors,
        "libraries": of_libraries(tables),
        "letters": {name: tables["CoreAudio"].entry(name) for name in contract.LETTERS},
        "numbers": of_numbers(tables),
        "unlisted": {"names": nameless, "selectors": speechless},
    }


def by_hand(library: Path) -> dict[str, Any]:
    """The functions that a C module of pyobjc implements by hand."""
    return {
        name.decode(): {"kind": "by hand", "arguments": arguments.count(b",") + 1}
        for name, arguments in BY_HAND.findall(library.read_bytes())
    }


def of_names(tables: dict[str, Tables]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The kind of each imported name, and the names that are in no table."""
    known: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for module, names in contract.IMPORTS.items():
        for name in names:
            entry = tables[module].entry(name) if module in tables else None
            where = unknown if entry is None else known
            if entry is None:
                where.setdefault(module, []).append(name)
            else:
                where.setdefault(module, {})[name] = entry
    return known, unknown


def of_libraries(tables: dict[str, Tables]) -> dict[str, Any]:
    """The types of the C functions called through ctypes, as far as pyobjc has them."""
    names = {name for group in contract.LIBRARIES.values() for name in group}
    known = (tables["CoreAudio"], tables["CoreFoundation"])
    entries = {
        name: table.names[name] for table in known for name in names & {*table.names}
    }
    return {name: one["types"] for name, one in entries.items()}


def of_numbers(tables: dict[str, Tables]) -> dict[str, Any]:
    """The values of the constants that the code spells as numbers, as far as pyobjc has
    them."""
    values = {
        name: table.names[name]["value"]
        for table in tables.values()
        for name in contract.NUMBERS.keys() & table.names.keys()
    }
    return dict(sorted(values.items()))


def of_selectors(tables: dict[str, Tables]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The registered types of each selector, and the selectors that are in no table."""
    known: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for owner, names in {**contract.SELECTORS, **contract.CALLBACKS}.items():
        # Callbacks, which the system may call on any object, are listed under NSObject.
        place = "NSObject" if owner in contract.CALLBACKS else owner
        for name in names:
            key = (place, name.replace("_", ":"))
            types = [t.selectors[key] for t in tables.values() if key in t.selectors]
            if types:
                known.setdefault(owner, {})[name] = types[0]
            else:
                unknown.setdefault(owner, []).append(name)
    return known, unknown


if __name__ == "__main__":
    main()
