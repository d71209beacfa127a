"""Which macOS the code in an app needs, by the headers of its files.

A wheel or an interpreter is made for some macOS and those after it: Homebrew's Python
for the one it was installed on. The app as a whole needs the newest of them, whatever
its Info.plist says.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

#: MLX's builds are checked by mlx_builds.py. The headers of PySide6's bindings say 15.0
#: (6.11.3), its wheel 13.0; they import no name that macOS 14 lacks, and dyld complains
#: of nothing else.
NOT_ASKED = {"mlx", "PySide6", "shiboken6"}
#: As mach-o/fat.h and mach-o/loader.h name them.
_FAT_MAGIC = b"\xca\xfe\xba\xbe"
_MH_MAGIC_64 = b"\xcf\xfa\xed\xfe"
_CPU_TYPE_ARM64 = 0x0100000C
_LC_VERSION_MIN_MACOSX, _LC_BUILD_VERSION = 0x24, 0x32
_HEADER, _COMMANDS_AT = struct.Struct("<4sIIIII"), 32
_ARCHITECTURES = 20  # a Java class has that magic, too, and a larger number there


def needed_macos(file: Path) -> tuple[int, int]:
    """The macOS that a file's arm64 code is made for; (0, 0): it has none."""
    with file.open("rb") as opened:
        if opened.read(4) not in (_FAT_MAGIC, _MH_MAGIC_64):
            return 0, 0
    data = file.read_bytes()
    return max((_version(data, start) for start in _starts(data)), default=(0, 0))


def newest_needed(app: Path) -> tuple[tuple[int, int], Path]:
    """The newest macOS that a file of the app needs, and that file."""
    files = (
        file
        for file in app.rglob("*")
        if file.is_file() and not file.is_symlink() and not NOT_ASKED & {*file.parts}
    )
    return max((needed_macos(file), file) for file in files)


def _starts(data: bytes) -> Iterator[int]:
    """Where the arm64 code begins, of a file for several processors or for one."""
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
            # LC_BUILD_VERSION has the platform first
            place = at + (12 if command == _LC_BUILD_VERSION else 8)
            (version,) = struct.unpack_from("<I", data, place)
            return version >> 16, version >> 8 & 0xFF
        at += size
    return 0, 0
