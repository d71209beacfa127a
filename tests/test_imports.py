"""Which process loads which modules, tested with real processes."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import mica

PACKAGE = Path(mica.__file__).parent
NEVER_IN_A_PARENT = {"mlx", "mlx_audio", "torch", "transformers", "PySide6"}


def loaded_by(statement: str) -> set[str]:
    """Top-level names of all modules that a new process has loaded after this code."""
    code = f"{statement}\nimport sys\nprint(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "never"),
    [
        ("import mica.start", {"mlx", "numpy", "sounddevice", "sqlite3", "pynput"}),
        ("import mica.desktop", {"mlx", "mlx_audio", "torch", "transformers"}),
        ("import mica.cli.transcribe, mica.cli.listen", {"mlx", "PySide6", "torch"}),
        ("import mica.cli.keywords, mica.cli.doctor", {"mlx", "PySide6", "torch"}),
        (
            "import mica.cli.bench, mica.bench.everything, mica.bench.noise",
            NEVER_IN_A_PARENT,
        ),
        ("import mica.engine.worker", {"PySide6", "transformers", "huggingface_hub"}),
        (
            "import mica.engine.transcriber, mica.model.load",
            {"PySide6", "transformers", "torch", "mlx_audio", "sounddevice"},
        ),
    ],
)
def test_processes_load_only_their_own_libraries(statement, never):
    assert not loaded_by(statement) & never


def test_every_module_outside_hosts_can_be_imported():
    parts = [
        p.relative_to(PACKAGE).with_suffix("").parts for p in PACKAGE.rglob("*.py")
    ]
    names = [".".join(("mica", *part)) for part in parts if part[-1] != "__init__"]
    here = [n for n in names if not n.startswith(("mica.host.macos", "mica.host.x11"))]
    assert len(here) > 50
    loaded_by(f"import {', '.join(here)}")


def test_package_init_files_are_empty():
    filled = [p for p in PACKAGE.rglob("__init__.py") if p.read_text()]
    assert not filled


def test_every_module_says_what_it_does():
    modules = [p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py"]
    assert len(modules) > 50
    silent = [p for p in modules if not p.read_text("utf-8").startswith('"""')]
    assert not silent


def imported_by(source: Path) -> set[Path]:
    """The files of Mica that a file of Mica imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{of.name}" for of in node.names)]
        elif isinstance(node, ast.Import):
            names = [of.name for of in node.names]
        else:
            continue
        parts = [name.split(".")[1:] for name in names if name.startswith("mica.")]
        found |= {PACKAGE.joinpath(*of).with_suffix(".py") for of in parts if of}
    return {file for file in found if file.is_file()}


def test_no_module_imports_itself_through_others() -> None:
    graph = {file: imported_by(file) for file in PACKAGE.rglob("*.py")}
    assert sum(len(of) for of in graph.values()) > 500
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the cycle


def test_mlx_audio_is_imported_only_where_it_is_needed() -> None:
    importing = {
        file.relative_to(PACKAGE).as_posix(): [
            node
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom | ast.Import)
            and "mlx_audio" in ast.unparse(node)
        ]
        for file in PACKAGE.rglob("*.py")
    }
    found = {file: nodes for file, nodes in importing.items() if nodes}
    assert set(found) == {"bench/encoder.py", "bench/rival.py"}
    for nodes in found.values():  # includes imports inside functions
        assert all(node.col_offset > 0 for node in nodes)
