"""Which build of MLX is chosen on which Mac, and how it is described.

The Mac's GPU is opened before MLX looks for it; tested with a fake Metal."""

import ast
import ctypes
import importlib.metadata
import inspect
import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mica.engine import worker
from mica.errors import EngineError
from mica.model import mlx_build
from mica.model.mlx_build import MATRIX_UNITS, PLAIN, Mac, MlxBuild

KERNEL = """
#include <string.h>
#include <stddef.h>
/* sysctl(3), as Apple declares it */
int sysctlbyname(
    const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen)
{
    const char *value = strcmp(name, "kern.osproductversion") == 0 ? VERSION
        : strcmp(name, "machdep.cpu.brand_string") == 0 ? "Apple M5 Max" : NULL;
    if (newp != NULL || newlen != 0 || value == NULL)
        return -1;
    if (oldp != NULL) {
        if (*oldlenp < strlen(value) + 1)
            return -1;
        memcpy(oldp, value, strlen(value) + 1);
    }
    *oldlenp = strlen(value) + 1;
    return 0;
}
"""


@pytest.mark.parametrize(
    ("macos", "chip", "build"),
    [
        ((26, 2), "Apple M5", MATRIX_UNITS),
        ((26, 4), "Apple M5 Pro", MATRIX_UNITS),
        ((27, 0), "Apple M6 Ultra", MATRIX_UNITS),
        ((30, 0), "Apple M10 Max", MATRIX_UNITS),
        ((26, 1), "Apple M5 Max", PLAIN),  # the other build enables them wrongly
        ((26, 0), "Apple M5", PLAIN),
        ((15, 7), "Apple M5", PLAIN),
        ((26, 2), "Apple M4 Max", PLAIN),
        ((27, 0), "Apple M1", PLAIN),
        ((27, 0), "Apple M5 (Virtual)", PLAIN),  # a paravirtualized GPU
        ((27, 0), "Apple A18 Pro", PLAIN),
        ((27, 0), "Apple processor", PLAIN),
        ((0, 0), "", PLAIN),
    ],
)
def test_mac_uses_the_build_for_its_macos(
    macos: tuple[int, int], chip: str, build: str
) -> None:
    assert Mac(macos, chip).suited_build == build


@pytest.mark.parametrize(
    ("version", "macos"), [("26.2", (26, 2)), ("15.7.1", (15, 7)), ("27", (27, 0))]
)
def test_the_kernel_says_which_mac_it_is(
    version: str, macos: tuple[int, int], tmp_path: Path
) -> None:
    source, library = tmp_path / "kernel.c", tmp_path / "kernel.so"
    source.write_text(KERNEL)
    given = ["-shared", "-fPIC", f'-DVERSION="{version}"', "-o", library, source]
    subprocess.run(["cc", *given], check=True)
    assert mlx_build.this_mac(str(library)) == Mac(macos, "Apple M5 Max")


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the MLX builds of a built app on a Mac."""
    folder = tmp_path / "Mica.app" / "Contents" / "Resources" / "mlx"
    for tag in (PLAIN, MATRIX_UNITS):
        (folder / tag / "mlx").mkdir(parents=True)
    executable = folder.parents[1] / "MacOS" / "Mica"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(executable))
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(mlx_build, "this_mac", lambda: Mac((26, 3), "Apple M5"))
    return folder


def test_the_built_app_imports_the_build_of_its_mac(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [*sys.path]
    mlx_build.use_suited_build()
    mlx_build.use_suited_build()
    assert sys.path == [str(built / MATRIX_UNITS), *before]
    monkeypatch.setattr(sys, "path", [*before])
    monkeypatch.setattr(mlx_build, "this_mac", lambda: Mac((26, 3), "Apple M3"))
    mlx_build.use_suited_build()
    assert sys.path == [str(built / PLAIN), *before]


def test_a_damaged_app_says_what_to_do(built: Path) -> None:
    (built / MATRIX_UNITS / "mlx").rmdir()
    with pytest.raises(EngineError) as caught:
        mlx_build.use_suited_build()
    assert caught.value.remedy == "Install Mica again."


def test_a_checkout_imports_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [*sys.path]
    monkeypatch.setattr(mlx_build, "this_mac", lambda: pytest.fail("asked"))
    mlx_build.use_suited_build()
    assert sys.path == before


def test_this_mlx_is_named_with_its_wheels_platform() -> None:
    build = mlx_build.installed_build()
    assert build is not None and not build.is_mixed
    assert build.version == importlib.metadata.version("mlx")
    assert build.tag.startswith("macosx" if sys.platform == "darwin" else "manylinux")


def test_wheels_of_two_versions_are_both_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, version in (("mlx", "0.32.4"), ("mlx_metal", "0.32.1")):
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\n"
        (info / "METADATA").write_text(f"{head}Version: {version}\n")
        (info / "WHEEL").write_text(f"Tag: py3-none-{MATRIX_UNITS}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    build = mlx_build.installed_build()
    assert build == MlxBuild("0.32.4", "0.32.1", MATRIX_UNITS) and build.is_mixed
    assert build.line() == "0.32.4, libraries 0.32.1 (macosx_26_0_arm64)"


class Create:
    """A function of a C library, as ctypes represents it."""

    def __init__(self, device: int | None) -> None:
        self.restype: object = ctypes.c_int
        self.calls = 0
        self._device = device

    def __call__(self) -> int | None:
        self.calls += 1
        return self._device


def test_mac_without_a_gpu_is_refused_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    library = SimpleNamespace(MTLCreateSystemDefaultDevice=Create(None))
    with pytest.raises(EngineError, match="no Metal GPU"):
        mlx_build.open_gpu(lambda path: library)


def test_gpu_of_a_mac_is_opened_by_the_api_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create, paths = Create(1 << 40), list[str]()

    def load(path: str) -> SimpleNamespace:
        paths.append(path)
        return SimpleNamespace(MTLCreateSystemDefaultDevice=create)

    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    mlx_build.open_gpu(load)
    assert paths == [mlx_build.METAL] and create.calls == 1
    assert create.restype is ctypes.c_void_p  # a pointer, not a 32-bit int


def test_elsewhere_no_library_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    mlx_build.open_gpu(lambda path: pytest.fail("loaded"))


def test_the_engine_opens_the_gpu_before_mlx_is_imported() -> None:
    """The first import of anything from MLX loads it, so none may precede the call."""
    loads = ast.parse(inspect.getsource(worker._loaded))
    lines = {
        "gpu": [
            n.lineno
            for n in ast.walk(loads)
            if isinstance(n, ast.Call) and ast.unparse(n.func) == "open_gpu"
        ],
        "imports": [n.lineno for n in ast.walk(loads) if isinstance(n, ast.ImportFrom)],
    }
    assert len(lines["gpu"]) == 1 and lines["gpu"][0] < min(lines["imports"])
