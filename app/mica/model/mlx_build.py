"""Chooses the MLX build for this Mac and opens its GPU, before MLX is imported.

The built app includes two. The wheel for macOS 26 has kernels for the matrix units of
the M5's GPU; the one for macOS 14 does not. The former requires 26.2: on 26.0 and 26.1
it wrongly enables them (https://github.com/ml-explore/mlx/issues/4525). A checkout has
the one build that pip chose.

MLX lists devices with MTLCopyAllDevices(), which can be empty on a Mac whose GPU works;
after MTLCreateSystemDefaultDevice() the list is complete (seen on macOS 26.6:
https://github.com/iree-org/iree/issues/24834). Without a GPU, importing MLX may end the
process (https://github.com/ml-explore/mlx/issues/3397), so it is reported here. Imports
no MLX.
"""

import ctypes
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any, Final

from mica.errors import EngineError
from mica.program import app_resources

PLAIN: Final = "macosx_14_0_arm64"
MATRIX_UNITS: Final = "macosx_26_0_arm64"
FIRST_WITH_UNITS: Final = 5  # M5; MLX checks the GPU's architecture (g17) instead
FIRST_MACOS: Final = (26, 2)
_CHIP: Final = re.compile(r"Apple M(\d+)(?: (?:Pro|Max|Ultra))?")
_LIBRARIES: Final = ("mlx-metal", "mlx-cpu")  # the wheels of libmlx and its kernels
METAL: Final = "/System/Library/Frameworks/Metal.framework/Metal"


@dataclass(frozen=True, slots=True)
class Mac:
    """The properties of a Mac that determine the choice.

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
    """An installed MLX.

    version   of its Python part
    library   version of libmlx and its kernels, which have a wheel of their own
    tag       the platform that this wheel was built for
    """

    version: str
    library: str
    tag: str

    @property
    def is_mixed(self) -> bool:
        """Whether its two wheels differ in version, in which case kernels fail to load
        (https://github.com/ml-explore/mlx/issues/4389)."""
        return self.version != self.library

    def line(self) -> str:
        mixed = f", libraries {self.library}" if self.is_mixed else ""
        return f"{self.version}{mixed} ({self.tag})"


def use_suited_build() -> None:
    """Make the built app import the MLX build for this Mac; otherwise does nothing.

    Call before importing MLX. Raises EngineError if the build is missing.
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
        raise EngineError("Part of Mica is missing.", "Install Mica again.")
    if str(chosen) not in sys.path:
        sys.path.insert(0, str(chosen))


def installed_build() -> MlxBuild | None:
    """The MLX that this process imports, from its wheels' metadata; None if none."""
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
    """This Mac's properties, from the kernel: platform.mac_ver() says 16 instead of 26
    if Python was built with older tools
    (https://github.com/python/cpython/issues/135675).

    path   of the C library; None: the one already loaded
    """
    library = ctypes.CDLL(path)
    version = re.findall(r"\d+", _sysctl(library, b"kern.osproductversion"))
    major, minor = (*map(int, version), 0, 0)[:2]
    return Mac((major, minor), _sysctl(library, b"machdep.cpu.brand_string"))


def _sysctl(library: Any, name: bytes) -> str:
    """sysctlbyname(3): called for the length first, then for the value."""
    sysctl = library.sysctlbyname
    ref, size = ctypes.c_void_p, ctypes.c_size_t
    sysctl.argtypes = [ctypes.c_char_p, ref, ctypes.POINTER(size), ref, size]
    length = size(0)
    if sysctl(name, None, ctypes.byref(length), None, 0):
        return ""
    value = ctypes.create_string_buffer(length.value)
    if sysctl(name, value, ctypes.byref(length), None, 0):
        return ""
    return value.value.decode("utf-8", "replace")


def _platform(wheel: Distribution) -> str:
    """The platform of a wheel's last tag, such as "macosx_26_0_arm64"."""
    tags = re.findall(r"^Tag: \S+-(\S+)$", wheel.read_text("WHEEL") or "", re.M)
    return tags[-1] if tags else "unknown"


def open_gpu(load: Callable[[str], Any] = ctypes.CDLL) -> None:
    """Create the system's default Metal device and keep it for MLX.

    Does nothing except on a Mac. Raises EngineError if there is no GPU, as in some
    virtual machines.
    """
    if platform.system() != "Darwin":
        return
    create = load(METAL).MTLCreateSystemDefaultDevice
    create.restype = ctypes.c_void_p
    if not create():
        raise EngineError(
            "This Mac has no Metal GPU.",
            "Run Mica on the Mac itself, not in a virtual machine.",
        )
