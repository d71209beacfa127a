"""`mica --notices`: the licenses of everything that comes with Mica.

They are read from the installed packages, so they are of the versions in use. The built
app has no package metadata; packaging/app/build.py writes the text beside its code.
packaging/audit.py checks the licenses against a list.
"""

import importlib.metadata
import re
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path
from typing import Final

from mica import paths
from mica.program import app_resources

FILE: Final = "third-party-notices.txt"
ROOT: Final = "mica-dictation"
#: mlx-audio is only measured against; the built app leaves it out with all it needs.
RIVAL: Final = frozenset({"mlx-audio", "jinja2", "huggingface-hub"})
_NAME: Final = re.compile(r"(?P<name>[\w.-]+)\s*(?:\[(?P<extras>[^]]*)\])?")
_EXTRA: Final = re.compile(r"extra == ['\"]([^'\"]+)")
_LICENSE_FILE: Final = re.compile(r"(?i)(^|/)(licen[cs]e|copying|notice|authors)[^/]*$")
_FAMILIES: Final = {  # of classifiers and older license fields
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "ISC License": "ISC",
    "LGPLv3": "LGPL-3.0-or-later",
    "LGPLv2+": "LGPL-2.1-or-later",
}
#: Native libraries inside wheels: the start of their file names, project and license.
LIBRARIES: Final = (
    ("libSvtAv1Enc", "SVT-AV1", "BSD-3-Clause"),
    ("libXau", "libXau", "MIT"),
    ("libasound", "alsa-lib", "LGPL-2.1-or-later"),
    ("libavcodec", "FFmpeg", "LGPL-3.0-or-later"),
    ("libavdevice", "FFmpeg", "LGPL-3.0-or-later"),
    ("libavfilter", "FFmpeg", "LGPL-3.0-or-later"),
    ("libavformat", "FFmpeg", "LGPL-3.0-or-later"),
    ("libavutil", "FFmpeg", "LGPL-3.0-or-later"),
    ("libswresample", "FFmpeg", "LGPL-3.0-or-later"),
    ("libswscale", "FFmpeg", "LGPL-3.0-or-later"),
    ("libblas", "LAPACK", "BSD-3-Clause"),
    ("liblapack", "LAPACK", "BSD-3-Clause"),
    ("libdav1d", "dav1d", "BSD-2-Clause"),
    ("libdrm", "libdrm", "MIT"),
    ("libgfortran", "GCC", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    ("libgomp", "GCC", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    ("libquadmath", "GCC", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    ("libgmp", "GMP", "LGPL-3.0-or-later"),
    ("libgnutls", "GnuTLS", "LGPL-2.1-or-later"),
    ("libhogweed", "Nettle", "LGPL-3.0-or-later"),
    ("libnettle", "Nettle", "LGPL-3.0-or-later"),
    ("libmp3lame", "LAME", "LGPL-2.1-or-later"),
    ("libopencore", "OpenCORE AMR", "Apache-2.0"),
    ("libopus", "Opus", "BSD-3-Clause"),
    ("libscipy_openblas", "OpenBLAS", "BSD-3-Clause"),
    ("libsharpyuv", "WebP", "BSD-3-Clause"),
    ("libwebp", "WebP", "BSD-3-Clause"),
    ("libunistring", "libunistring", "LGPL-3.0-or-later"),
    ("libvpl", "oneVPL", "MIT"),
    ("libvpx", "libvpx", "BSD-3-Clause"),
    ("libx264", "x264", "GPL-2.0-or-later"),
    ("libx265", "x265", "GPL-2.0-or-later"),
    ("libxcb", "libxcb", "MIT"),
    ("libQt6", "Qt", "LGPL-3.0-only"),
    ("libicu", "ICU", "Unicode-3.0"),
)
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Component:
    """Something of others that comes with Mica.

    license   an SPDX expression, or UNKNOWN
    text      of its license; may be empty
    """

    name: str
    license: str
    text: str


def text() -> str:
    """The notices of everything that comes with this Mica."""
    resources = app_resources()
    if resources is not None:
        return (resources / FILE).read_text("utf-8")
    return generated()


def generated(without: frozenset[str] = frozenset()) -> str:
    """The notices of the installed packages.

    without   these packages, and what only they need
    """
    found = list(components(without))
    listed = "\n".join(f"{one.name}: {one.license}" for one in found)
    texts = [f"{one.name}\n\n{one.text}" for one in found if one.text]
    common = [
        f"{file.stem}\n\n{file.read_text('utf-8').strip()}"
        for file in sorted(paths.resource("licenses").glob("*.txt"))
    ]
    line = f"\n\n{'-' * 72}\n\n"
    return line.join([f"Mica includes:\n\n{listed}", *texts, *common]) + "\n"


def components(without: frozenset[str] = frozenset()) -> Iterator[Component]:
    """Python, the packages that Mica needs, the libraries inside them, and Silero."""
    python = f"Python {sys.version.split()[0]}"
    yield Component(python, "PSF-2.0", _python_license())
    libraries = dict[str, str]()
    for package in packages(without):
        name = f"{package.name} {package.version}"
        yield Component(name, license_of(package), license_text(package))
        libraries |= libraries_in(package)
    for project, license in sorted(libraries.items()):
        yield Component(f"{project} (inside a package)", license, "")
    silero = paths.resource("silero") / "LICENSE"
    yield Component("Silero VAD", "MIT", silero.read_text("utf-8").strip())


def packages(without: frozenset[str] = frozenset()) -> list[Distribution]:
    """The installed packages that Mica needs, also through others; by name."""
    found, waiting = dict[str, Distribution](), [(ROOT, "")]
    seen = set[tuple[str, str]]()
    while waiting:
        name, extras = wanted = waiting.pop()
        if name in without or wanted in seen:
            continue
        seen.add(wanted)
        with suppress(importlib.metadata.PackageNotFoundError):  # for another system
            found[name] = importlib.metadata.distribution(name)
            waiting += _requirements(found[name], extras)
    del found[ROOT]
    return [found[name] for name in sorted(found)]


def _requirements(package: Distribution, extras: str) -> Iterator[tuple[str, str]]:
    """The names of the packages that a package needs, each with the extras needed.

    extras   of the package itself, separated by commas
    """
    for requirement in package.requires or ():
        named, only_for = _NAME.match(requirement), _EXTRA.search(requirement)
        if named and (only_for is None or only_for[1] in extras.split(",")):
            yield normalized(named["name"]), named["extras"] or ""


def normalized(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def license_of(package: Distribution) -> str:
    """A package's license, as an SPDX expression as far as its metadata allows."""

    def stated(field: str) -> list[str]:
        return [str(line) for line in package.metadata.get_all(field) or ()]

    if expression := stated("License-Expression"):
        return expression[0]
    kinds = [
        line.split(" :: ")[-1]
        for line in stated("Classifier")
        if line.startswith("License :: ") and not line.endswith("DFSG approved")
    ]
    own = [line.split("\n")[0] for line in stated("License")]
    for kind in kinds + own:
        for word, license in _FAMILIES.items():
            if word in kind:
                return license
    return own[0] if own else UNKNOWN


def license_text(package: Distribution) -> str:
    """The license files that a package brings, one after the other; may be empty."""
    files = [
        Path(str(package.locate_file(file)))
        for file in package.files or ()
        if ".dist-info/" in str(file) and _LICENSE_FILE.search(str(file))
        if file.suffix not in (".py", ".pyc")  # a wheel has a script among them
    ]
    texts = [file.read_text("utf-8", "replace").strip() for file in files]
    return "\n\n".join(dict.fromkeys(texts))


def libraries_in(package: Distribution) -> dict[str, str]:
    """The projects of the native libraries that a wheel brings, and their licenses."""
    found = dict[str, str]()
    for file in package.files or ():
        if re.search(r"\.(libs|dylibs)/|/Qt/lib/", str(file)) and file.name:
            project, license = library(file.name)
            found[project] = license
    return found


def library(file: str) -> tuple[str, str]:
    """The project and license of a library by its file name."""
    for start, project, license in LIBRARIES:
        if file.startswith(start):
            return project, license
    return file, UNKNOWN


def _python_license() -> str:
    """Python's own license file; Debian's Python has none here."""
    file = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    return file.read_text("utf-8").strip() if file.is_file() else ""
