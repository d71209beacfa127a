"""MLX's builds in the app are complete, of one version, and for the right macOS."""

import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mica.model.mlx_build import MATRIX_UNITS, PLAIN
from support.packaging_scripts import loaded

builds = loaded("app/mlx_builds")
VERSION = builds.distribution("mlx").version


def metallib(macos: tuple[int, int], body: bytes = b"kernels") -> bytes:
    """A Metal library's header, as in the wheels of 0.32.4."""
    head = struct.pack("<4s4H", b"MTLB", 0x8001, 2, 9, 0x8100)
    return head + struct.pack("<HHQ", *macos, 24 + len(body)) + body


def write_wheel(
    folder: Path, name: str, tag: str, version: str, files: dict[str, bytes]
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-cp3-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    metadata = {
        f"{info}/METADATA": f"Name: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": f"Root-Is-Purelib: false\nTag: cp3-cp3-{tag}\n".encode(),
        f"{info}/RECORD": b"",
        f"{info}/licenses/LICENSE": b"MIT",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, data in {**metadata, **files}.items():
            archive.writestr(path, data)
    return wheel


def write_wheels(folder: Path, tag: str, **changed: str) -> None:
    """Write fake wheels of MLX.

    changed   wrong versions of `library` and `binary`, or platform of `code`
    """
    macos = {PLAIN: (14, 0), MATRIX_UNITS: (26, 2)}[tag]
    code = {"mlx/core.so": b"", "mlx/nn/a.py": b"A = 1\n", "mlx/include/a.h": b""}
    library = {
        "mlx/lib/mlx.metallib": metallib(macos),
        "mlx/lib/libmlx.dylib": f"\0{changed.get('binary', VERSION)}\0".encode(),
        "mlx/lib/cmake/a.cmake": b"",
    }
    version = changed.get("library", VERSION)
    write_wheel(folder / tag, "mlx", changed.get("code", tag), VERSION, code)
    write_wheel(folder / tag, "mlx_metal", tag, version, library)


@pytest.fixture
def on_a_mac(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("downloads"))


@pytest.mark.usefixtures("on_a_mac")
def test_both_builds_stand_side_by_side_with_their_kernels(tmp_path: Path) -> None:
    for tag in (PLAIN, MATRIX_UNITS):
        write_wheels(tmp_path / "wheels", tag)
    builds.lay(tmp_path / "mlx", tmp_path / "wheels")
    for tag in (PLAIN, MATRIX_UNITS):
        files = {
            str(file.relative_to(tmp_path / "mlx" / tag))
            for file in (tmp_path / "mlx" / tag).rglob("*")
            if file.is_file() and file.suffix != ".pyc"
        }
        assert files == {
            *("mlx/core.so", "mlx/nn/a.py"),
            *("mlx/lib/mlx.metallib", "mlx/lib/libmlx.dylib"),
            *(f"mlx-{VERSION}.dist-info/{name}" for name in builds.METADATA),
            *(f"mlx_metal-{VERSION}.dist-info/{name}" for name in builds.METADATA),
        }
        (compiled,) = (tmp_path / "mlx" / tag).rglob("*.pyc")
        assert compiled.read_bytes()[4] == 1  # unchecked hash: never rewritten
        assert str(tmp_path).encode() not in compiled.read_bytes()


@pytest.mark.usefixtures("on_a_mac")
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"library": "0.1.0"}, "mlx_metal.* is not MLX"),
        ({"binary": "0.1.0"}, "libmlx.* is not MLX"),
        ({"code": "macosx_15_0_arm64"}, "is not built for"),
    ],
)
def test_wheels_that_do_not_belong_together_are_refused(
    tmp_path: Path, changed: dict[str, str], message: str
) -> None:
    write_wheels(tmp_path, PLAIN, **changed)
    for wheel in (tmp_path / PLAIN).glob("*.whl"):
        builds.unpack(wheel, tmp_path / "out")
    with pytest.raises(builds.WrongBuildError, match=message):
        builds.check(tmp_path / "out", VERSION, PLAIN)


@pytest.mark.parametrize(
    ("kernels", "message"),
    [
        (metallib((15, 0)), "need macOS 15.0"),
        (metallib((14, 0))[:-1], "cut off"),
        (b"\xcf\xfa\xed\xfe" + bytes(40), "not a Metal library"),
        (b"MTLB", "not a Metal library"),
        (None, "missing"),
    ],
)
def test_kernels_that_would_not_load_are_refused(
    tmp_path: Path, kernels: bytes | None, message: str
) -> None:
    write_wheels(tmp_path, PLAIN)
    for wheel in (tmp_path / PLAIN).glob("*.whl"):
        builds.unpack(wheel, tmp_path / "out")
    builds.check(tmp_path / "out", VERSION, PLAIN)
    file = tmp_path / "out" / builds.KERNELS
    if kernels is None:
        file.unlink()
    else:
        file.write_bytes(kernels)
    with pytest.raises(builds.WrongBuildError, match=message):
        builds.check(tmp_path / "out", VERSION, PLAIN)


def test_a_build_without_its_library_is_refused(tmp_path: Path) -> None:
    write_wheels(tmp_path, PLAIN)
    builds.unpack(next((tmp_path / PLAIN).glob("mlx-*.whl")), tmp_path / "out")
    with pytest.raises(builds.WrongBuildError, match="not complete"):
        builds.check(tmp_path / "out", VERSION, PLAIN)


def test_each_build_is_downloaded_for_its_own_macos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regardless of this system; by default, pip takes the newest that runs here."""
    commands: list[list[str]] = []

    def pip(command: list[str], check: bool) -> None:
        assert check
        commands.append(command)
        write_wheels(tmp_path, command[command.index("--platform") + 1])

    monkeypatch.setattr(subprocess, "run", pip)
    (tmp_path / PLAIN).mkdir()
    (tmp_path / PLAIN / "mlx-0.1.0-cp3-any.whl").touch()  # an earlier version
    for _ in range(2):  # the second time, the wheels exist
        found = builds.download(tmp_path / PLAIN, PLAIN, VERSION)
        assert [wheel.name.split("-")[:2] for wheel in found] == [
            ["mlx", VERSION],
            ["mlx_metal", VERSION],
        ]
    (command,) = commands
    assert {"--no-deps", "--only-binary=:all:"} <= set(command)
    assert command[-2:] == [f"mlx=={VERSION}", f"mlx-metal=={VERSION}"]


@pytest.mark.skipif(sys.platform == "darwin", reason="there they are downloaded")
def test_elsewhere_the_installed_build_is_copied(tmp_path: Path) -> None:
    builds.lay(tmp_path / "mlx", tmp_path)
    (build,) = (tmp_path / "mlx").iterdir()
    assert build.name.startswith("manylinux") and (build / "mlx/nn/utils.py").is_file()
    code = (
        f"import sys; sys.path.insert(0, {str(build)!r}); import mlx.core as mx; "
        "print(mx.array([1, 2]).sum().item(), mx.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    total, file = done.stdout.split()
    assert total == "3" and file.startswith(str(build))
