"""Which build of MLX runs on this Mac, decided before MLX is imported.

The built app brings two. The wheel for macOS 26 has kernels for the matrix units of the
M5's GPU; the one for macOS 14 has none. The former is made for 26.2: on 26.0 and 26.1
it switches them on wrongly (https://github.com/ml-explore/mlx/issues/4525). A checkout
has the one build that pip chose. Imports no MLX.
"""

import ctypes
import re
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any, Final

from mica.errors import EngineError
from mica.program import app_resources

PLAIN: Final = "macosx_14_0_arm64"
MATRIX_UNITS: Final = "macosx_26_0_arm64"
FIRST_WITH_UNITS: Final = 5  # M5; MLX asks the GPU itself for its architecture, g17
FIRST_MACOS: Final = (26, 2)
_CHIP: Final = re.compile(r"Apple M(\d+)(?: (?:Pro|Max|Ultra))?")
_LIBRARIES: Final = ("mlx-metal", "mlx-cpu")  # the wheels of libmlx and its kernels


@dataclass(frozen=True, slots=True)
class Mac:
    """What the choice depends on.

    macos   major and minor version
    chip    "Apple M5 Pro"; in a virtual machine "Apple M5 (Virtual)", whose GPU has no
            matrix units
    """

    macos: tuple[int, int]
    chip: str

    @property
    def has_matrix_units(self) -> bool:
        found = _CHIP.fullmatch(self.chip)
        return found is not None and int(found[1]) >= FIRST_WITH_UNITS

    @property
    def suited_build(self) -> str:
        """The platform tag of the wheel to run."""
        new_enough = self.macos >= FIRST_MACOS
        return MATRIX_UNITS if self.has_matrix_units and new_enough else PLAIN


@dataclass(frozen=True, slots=True)
class MlxBuild:
    """An MLX that can be imported.

    version   of its Python part
    library   version of libmlx and its kernels, which come in a wheel of their own
    tag       the platform that wheel was built for
    """

    version: str
    library: str
    tag: str

    @property
    def is_mixed(self) -> bool:
        """Whether its two wheels are of different versions: kernels fail to load then
        (https://github.com/ml-explore/mlx/issues/4389)."""
        return self.version != self.library

    def line(self) -> str:
        mixed = f", libraries {self.library}" if self.is_mixed else ""
        return f"{self.version}{mixed} ({self.tag})"


def use_suited_build() -> None:
    """Let the built app import the MLX that suits this Mac; elsewhere nothing happens.

    For processes that import MLX, before they do. Raises EngineError if it is missing.
    """
    resources = app_resources()
    if resources is None:
        return
    folder = resources / "mlx"
    if sys.platform == "darwin":
        chosen = folder / this_mac().suited_build
    else:
        chosen = next(iter(sorted(folder.glob("*"))), folder)
    if not (chosen / "mlx").is_dir():
        raise EngineError("A part of Mica is missing.", "Install Mica again.")
    if str(chosen) not in sys.path:
        sys.path.insert(0, str(chosen))


def installed_build() -> MlxBuild | None:
    """The MLX that this process imports, by its wheels' metadata; None: none."""
    try:
        version = distribution("mlx").version
    except PackageNotFoundError:
        return None
    for name in _LIBRARIES:
        try:
            library = distribution(name)
        except PackageNotFoundError:
            continue
        return MlxBuild(version, library.version, _platform(library))
    return MlxBuild(version, version, "unknown")


def this_mac(path: str | None = None) -> Mac:
    """Asked of the kernel: platform.mac_ver() says 16 for 26 in a Python that was built
    with older tools (https://github.com/python/cpython/issues/135675).

    path   of the C library; None: the one that is loaded
    """
    library = ctypes.CDLL(path)
    version = re.findall(r"\d+", _sysctl(library, b"kern.osproductversion"))
    major, minor = (*map(int, version), 0, 0)[:2]
    return Mac((major, minor), _sysctl(library, b"machdep.cpu.brand_string"))


def _sysctl(library: Any, name: bytes) -> str:
    """sysctlbyname(3): called for the length, then for the value."""
    ask = library.sysctlbyname
    ref, size = ctypes.c_void_p, ctypes.c_size_t
    ask.argtypes = [ctypes.c_char_p, ref, ctypes.POINTER(size), ref, size]
    length = size(0)
    if ask(name, None, ctypes.byref(length), None, 0):
        return ""
    value = ctypes.create_string_buffer(length.value)
    if ask(name, value, ctypes.byref(length), None, 0):
        return ""
    return value.value.decode("utf-8", "replace")


def _platform(wheel: Distribution) -> str:
    """Of its last tag, such as "macosx_26_0_arm64"."""
    tags = re.findall(r"^Tag: \S+-(\S+)$", wheel.read_text("WHEEL") or "", re.M)
    return tags[-1] if tags else "unknown"
