"""Reads the macOS version that the code in an app requires from its Mach-O headers.

A wheel or an interpreter is built for a minimum macOS version; for Homebrew's Python,
that is the version it was installed on. The app as a whole requires the newest of them,
whatever its Info.plist says.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

#: MLX's builds are checked by mlx_builds.py. The headers of PySide6's bindings say 15.0
#: (6.11.3) although its wheel says 13.0. They import no name that macOS 14 lacks, and
#: that is all that dyld checks.
NOT_ASKED = {"mlx", "PySide6", "shiboken6"}
#: Names as in mach-o/fat.h and mach-o/loader.h.
_FAT_MAGIC = b"\xca\xfe\xba\xbe"
_MH_MAGIC_64 = b"\xcf\xfa\xed\xfe"
_CPU_TYPE_ARM64 = 0x0100000C
_LC_VERSION_MIN_MACOSX, _LC_BUILD_VERSION = 0x24, 0x32
_HEADER, _COMMANDS_AT = struct.Struct("<4sIIIII"), 32
_ARCHITECTURES = 20  # Java classes have the same magic, but a larger number there


def needed_macos(file: Path) -> tuple[int, int]:
    """The macOS version that a file's arm64 code requires; (0, 0) if it has none."""
    with file.open("rb") as opened:
        if opened.read(4) not in (_FAT_MAGIC, _MH_MAGIC_64):
            return 0, 0
    data = file.read_bytes()
    return max((_version(data, start) for start in _starts(data)), default=(0, 0))


def newest_needed(app: Path) -> tuple[tuple[int, int], Path]:
    """The newest macOS version that any file of the app requires, and that file."""
    files = (
        file
        for file in app.rglob("*")
        if file.is_file() and not file.is_symlink() and not NOT_ASKED & {*file.parts}
    )
    return max((needed_macos(file), file) for file in files)


def _starts(data: bytes) -> Iterator[int]:
    """Offsets of the arm64 code in a universal file or a file for one processor."""
    if data[:4] == _MH_MAGIC_64:
        yield 0
        return
    (count,) = struct.unpack_from(">I", data, 4)
    for number in range(count if count < _ARCHITECTURES else 0):
        kind, _, start = struct.unpack_from(">III", data, 8 + 20 * number)
        if kind == _CPU_TYPE_ARM64:
            yield start


def _version(data: bytes, start: int) -> tuple[int, int]:
    magic, kind, _, _, count, _ = _HEADER.unpack_from(data, start)
    if magic != _MH_MAGIC_64 or kind != _CPU_TYPE_ARM64:
        return 0, 0
    at = start + _COMMANDS_AT
    for _ in range(count):
        command, size = struct.unpack_from("<II", data, at)
        if command in (_LC_BUILD_VERSION, _LC_VERSION_MIN_MACOSX):
            # In LC_BUILD_VERSION, the platform comes before the version.
            place = at + (12 if command == _LC_BUILD_VERSION else 8)
            (version,) = struct.unpack_from("<I", data, place)
            return version >> 16, version >> 8 & 0xFF
        at += size
    return 0, 0
