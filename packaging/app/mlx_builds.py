"""Copies MLX into the app as its wheels contain it, and checks that the builds fit.

On a Mac, two builds are downloaded, for macOS 14 and for macOS 26, regardless of the
system this runs on; Mica's engine chooses the one that suits the Mac
(app/mica/model/mlx_build.py). Elsewhere, the installed build is copied. Each build is a
folder for sys.path, named by its wheel's platform tag, without MLX's headers and build
files.
"""

import compileall
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath
from py_compile import PycInvalidationMode

from mica.model.mlx_build import FIRST_MACOS, MATRIX_UNITS, PLAIN

#: The version of macOS from which the engine chooses each build.
CHOSEN_FROM = {PLAIN: (14, 0), MATRIX_UNITS: FIRST_MACOS}
LEFT_OUT = {"include", "share", "cmake", "__pycache__"}
METADATA = {"METADATA", "WHEEL"}  # all that is kept of a .dist-info
LIBRARY = PurePosixPath("mlx/lib/libmlx.dylib")
KERNELS = LIBRARY.with_name("mlx.metallib")


class WrongBuildError(Exception):
    """A build of MLX does not fit; the message is one sentence that names it."""


def lay(target: Path, wheels: Path) -> None:
    """Write target/TAG/ for each build; `wheels` caches the downloads."""
    shutil.rmtree(target, ignore_errors=True)
    version = distribution("mlx").version
    if sys.platform == "darwin":
        for tag in CHOSEN_FROM:
            for wheel in download(wheels / tag, tag, version):
                unpack(wheel, target / tag)
            check(target / tag, version, tag)
    else:
        copy_installed(target, version)
    # The files of a signed app must not change, so Python must never recompile them,
    # whatever their modification times are.
    mode = PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(
        target, quiet=1, invalidation_mode=mode, stripdir=target
    ):
        raise WrongBuildError("MLX's Python files could not be compiled.")


def download(folder: Path, tag: str, version: str) -> list[Path]:
    """The two wheels of a build, downloaded unless `folder` has them; wheels of another
    version are removed."""
    names = [f"mlx=={version}", f"mlx-metal=={version}"]
    found = sorted(folder.glob(f"*-{version}-*.whl"))
    if len(found) < len(names):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet"),
                *("--disable-pip-version-check", "--no-deps", "--only-binary=:all:"),
                *("--platform", tag, "--dest", str(folder), *names),
            ],
            check=True,
        )
        found = sorted(folder.glob("*.whl"))
    return found


def unpack(wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if is_included(PurePosixPath(member.filename)) and not member.is_dir():
                archive.extract(member, target)


def copy_installed(target: Path, version: str) -> None:
    """Copy the installed build into a folder named by its wheel's tag."""
    wheels = [distribution("mlx"), distribution("mlx-cpu")]
    tags = re.findall(r"^Tag: \S+-(\S+)$", wheels[-1].read_text("WHEEL") or "", re.M)
    for wheel in wheels:
        for source, name in _files(wheel):
            copy = target / tags[-1] / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
    check(target / tags[-1], version, tags[-1])


def check(build: Path, version: str, tag: str) -> None:
    """Raise WrongBuildError unless a build is complete and has this version and tag.

    For macOS, the library and its kernels are checked too: they do not load if they
    have another version or require a newer macOS.
    """
    for info in sorted(build.glob("*.dist-info")):
        found = re.search(r"^Version: (\S+)", (info / "METADATA").read_text(), re.M)
        if found is None or found[1] != version:
            raise WrongBuildError(f"{info.name} is not MLX {version}.")
        if f"-{tag}\n" not in (info / "WHEEL").read_text():
            raise WrongBuildError(f"{info.name} is not built for {tag}.")
    if len(list(build.glob("*.dist-info"))) != 2 or not list(build.glob("mlx/core.*")):
        raise WrongBuildError(f"MLX for {tag} is not complete.")
    if tag.startswith("macosx"):
        if version.encode() not in (build / LIBRARY).read_bytes():
            raise WrongBuildError(f"{LIBRARY.name} for {tag} is not MLX {version}.")
        needed = metallib_macos(build / KERNELS)
        if needed > CHOSEN_FROM[tag]:
            version = ".".join(map(str, needed))
            raise WrongBuildError(f"MLX's kernels for {tag} need macOS {version}.")


def metallib_macos(file: Path) -> tuple[int, int]:
    """The macOS version a Metal library requires, from its header: "MTLB", platform,
    version of the format, kind, system (0x81: macOS), that system's version, length
    (https://github.com/YuAo/MetalLibraryArchive)."""
    if not file.is_file():
        raise WrongBuildError(f"{file} is missing.")
    header = file.open("rb").read(24)
    if len(header) < 24 or header[:4] != b"MTLB":
        raise WrongBuildError(f"{file} is not a Metal library.")
    major, minor, length = struct.unpack_from("<HHQ", header, 12)
    if length != file.stat().st_size:
        raise WrongBuildError(f"{file} is cut off.")
    return major, minor


def is_included(name: PurePosixPath) -> bool:
    """Whether a file from a wheel goes into the app."""
    if name.parts[0].endswith(".dist-info"):
        return name.name in METADATA and len(name.parts) == 2
    return not LEFT_OUT & set(name.parts)


def _files(wheel: Distribution) -> Iterator[tuple[Path, PurePosixPath]]:
    """Installed files and their names, without commands (`../../bin/...`)."""
    for file in wheel.files or ():
        if ".." not in file.parts and is_included(file):
            yield Path(str(wheel.locate_file(file))), file
