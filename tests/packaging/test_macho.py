"""The macOS version that an app requires is read from its Mach-O headers."""

import plistlib
import struct
import sys
from pathlib import Path

import pytest

from mica.model.mlx_build import PLAIN
from support.packaging_scripts import ROOT, loaded

macho = loaded("app/macho")
ARM64, X86_64, UUID, MIN, BUILD = 0x0100000C, 0x01000007, 0x1B, 0x24, 0x32


def code(macos: tuple[int, int], *, kind: int = ARM64, command: int = BUILD) -> bytes:
    """A Mach-O file's header and its load commands."""
    version = macos[0] << 16 | macos[1] << 8
    load_command = struct.pack("<4I", command, 16, version, 0)
    if command == BUILD:
        load_command = struct.pack("<6I", command, 24, 1, version, 0, 0)
    commands = struct.pack("<2I16s", UUID, 24, b"") + load_command
    head = struct.pack("<4s7I", b"\xcf\xfa\xed\xfe", kind, 0, 6, 2, len(commands), 0, 0)
    return head + commands


def fat(**parts: bytes) -> bytes:
    """A universal file for several processors, as `lipo -create` writes it."""
    kinds = {"arm64": ARM64, "x86_64": X86_64}
    head, body, at = struct.pack(">4sI", b"\xca\xfe\xba\xbe", len(parts)), b"", 4096
    for name, part in parts.items():
        head += struct.pack(">5I", kinds[name], 0, at + len(body), len(part), 12)
        body += part
    return head.ljust(at, b"\0") + body


@pytest.mark.parametrize(
    ("data", "macos"),
    [
        (code((14, 0)), (14, 0)),
        (code((26, 2)), (26, 2)),
        (code((10, 13), command=MIN), (10, 13)),
        (code((15, 0), kind=X86_64), (0, 0)),
        (fat(x86_64=code((15, 0), kind=X86_64), arm64=code((11, 0))), (11, 0)),
        (fat(x86_64=code((15, 0), kind=X86_64)), (0, 0)),
        (struct.pack(">4sHH", b"\xca\xfe\xba\xbe", 0, 52), (0, 0)),  # a Java class
        (b"", (0, 0)),
        (b"RIFF....", (0, 0)),
    ],
)
def test_the_macos_of_a_file_is_that_of_its_code(
    tmp_path: Path, data: bytes, macos: tuple[int, int]
) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    assert macho.needed_macos(file) == macos


@pytest.fixture
def app(tmp_path: Path) -> Path:
    app = tmp_path / "Mica.app"
    frameworks = app / "Contents" / "Frameworks"
    mlx = f"Contents/Resources/mlx/{PLAIN}/mlx/core.so"
    for place, macos in {
        "Contents/MacOS/Mica": (11, 0),
        "Contents/Frameworks/PySide6/QtCore.abi3.so": (15, 0),
        mlx: (26, 2),
    }.items():
        (app / place).parent.mkdir(parents=True, exist_ok=True)
        (app / place).write_bytes(code(macos))
    (frameworks / "link").symlink_to("PySide6/QtCore.abi3.so")
    plist = plistlib.dumps({"LSMinimumSystemVersion": "14.0", "CFBundleName": "Mica"})
    (app / "Contents" / "Info.plist").write_bytes(plist)
    return app


def stated(app: Path) -> str:
    plist = plistlib.loads((app / "Contents" / "Info.plist").read_bytes())
    assert plist["CFBundleName"] == "Mica"
    return str(plist["LSMinimumSystemVersion"])


@pytest.fixture
def state_macos(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.syspath_prepend(ROOT / "packaging" / "app")
    yield loaded("app/build").state_macos
    for name in ("macho", "mlx_builds"):
        sys.modules.pop(name, None)


def test_an_app_of_wheels_needs_the_oldest_macos(app: Path, state_macos) -> None:
    state_macos(app, is_release=True)
    assert stated(app) == "14.0"


def test_a_newer_python_makes_an_app_for_this_mac_alone(app: Path, state_macos) -> None:
    (app / "Contents" / "Frameworks" / "Python").write_bytes(code((15, 0)))
    with pytest.raises(Exception, match=r"Python needs macOS 15\.0\. Use Python from"):
        state_macos(app, is_release=True)
    assert stated(app) == "14.0"
    state_macos(app, is_release=False)
    assert stated(app) == "15.0"
