"""Finds what other users could read in Mica's data folder."""

import stat
from collections.abc import Iterator
from pathlib import Path

from mica import paths


def _own(home: Path) -> Iterator[Path]:
    for pattern in paths.OWN_NAMES:
        for place in home.glob(pattern):
            yield place
            yield from place.rglob("*") if place.is_dir() else ()


def open_to_others(home: Path) -> list[str]:
    """Mica's files and folders that others may use, with their permissions."""
    found = []
    for place in _own(home):
        mode = stat.S_IMODE(place.lstat().st_mode)
        if mode & 0o077 and not place.is_symlink():
            found.append(f"{place.relative_to(home)} {mode:o}")
    return found
