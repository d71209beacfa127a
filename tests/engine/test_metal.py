"""The Mac's GPU is opened before MLX looks for it; tested with a fake Metal."""

import ast
import ctypes
import inspect
import platform
from types import SimpleNamespace

import pytest

from mica.engine import metal, worker
from mica.errors import EngineError


class Create:
    """A function of a C library, as ctypes represents it."""

    def __init__(self, device: int | None) -> None:
        self.restype: object = ctypes.c_int
        self.calls = 0
        self._device = device

    def __call__(self) -> int | None:
        self.calls += 1
        return self._device


def test_a_mac_without_a_gpu_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    library = SimpleNamespace(MTLCreateSystemDefaultDevice=Create(None))
    with pytest.raises(EngineError, match="no Metal GPU"):
        metal.open_gpu(lambda path: library)


def test_a_macs_gpu_is_opened_by_apples_name(monkeypatch: pytest.MonkeyPatch) -> None:
    create, paths = Create(1 << 40), list[str]()

    def load(path: str) -> SimpleNamespace:
        paths.append(path)
        return SimpleNamespace(MTLCreateSystemDefaultDevice=create)

    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    metal.open_gpu(load)
    assert paths == [metal.LIBRARY] and create.calls == 1
    assert create.restype is ctypes.c_void_p  # a pointer, not a 32-bit int


def test_elsewhere_no_library_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    metal.open_gpu(lambda path: pytest.fail("loaded"))


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
