"""Mica.app: its launcher is compiled and run here with this machine's Python."""

import os
import plistlib
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from support.packaging_scripts import loaded

PYTHON = Path(sys.executable)


bundle = loaded("macos/bundle")
needs_library = pytest.mark.skipif(
    not sysconfig.get_config_var("Py_ENABLE_SHARED"),
    reason="this Python has no shared library",
)


def compiled(folder: Path, module: str) -> Path:
    launcher = folder / "Mica"
    subprocess.run(bundle.compile_command(launcher, PYTHON, module), check=True)
    return launcher


def run(*command: object, **more: object) -> "subprocess.CompletedProcess[str]":
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, **more)


@needs_library
def test_the_launcher_runs_mica_of_the_checkouts_environment(tmp_path: Path) -> None:
    launcher = compiled(tmp_path, "mica")
    ours = run(launcher, "--version", "-psn_0_1", cwd="/")
    expected = run(PYTHON, "-m", "mica", "--version")
    assert ours.returncode == 0 and ours.stdout == expected.stdout != ""
    wrong = run(launcher, "nonsense", "grüße", env={"PATH": "/nowhere"})
    assert wrong.returncode == 2 and "nonsense" in wrong.stderr


@needs_library
def test_the_engine_is_started_by_the_environments_python(tmp_path: Path) -> None:
    (tmp_path / "shows.py").write_text("import sys\nprint(sys.executable, sys.prefix)")
    hostile = {"PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nowhere"}
    launcher = compiled(tmp_path, "shows")
    assert run(launcher, cwd=tmp_path, env=hostile).returncode != 0  # both are ignored
    launcher = compiled(tmp_path, "sysconfig")
    shown = run(launcher, env=hostile)
    assert shown.returncode == 0 and str(sys.prefix) in shown.stdout


@needs_library
def test_the_launcher_links_to_nothing_but_python(tmp_path: Path) -> None:
    clean = {"PATH": os.environ["PATH"]}  # no other libraries before ours
    launcher = compiled(tmp_path, "mica")
    ask = ["otool", "-L"] if sys.platform == "darwin" else ["ldd"]
    listed = run(*ask, launcher, env=clean).stdout.split("\n")
    files = [line.split()[0].split("/")[-1] for line in listed if line.startswith("\t")]
    names = {re.split(r"\.so|(?:\.B)?\.dylib", file)[0] for file in files}
    system = {"linux-vdso", "libc", "libm", "libdl", "libpthread", "libutil", "librt"}
    system |= {"libSystem"}
    others = {name for name in names - system if not name.startswith("ld-linux")}
    assert len(others) == 1 and others.pop().startswith(("libpython", "Python"))


@needs_library
def test_bundle_is_complete_and_rebuilt_only_after_a_change(tmp_path: Path) -> None:
    app = tmp_path / "Mica.app"
    assert bundle.build(app, PYTHON, "1.2")
    plist = plistlib.loads((app / "Contents" / "Info.plist").read_bytes())
    assert plist["CFBundleIdentifier"] == "app.mica.Mica" and plist["LSUIElement"]
    assert plist["CFBundleShortVersionString"] == "1.2"
    descriptions = ("NSMicrophoneUsageDescription", "NSAudioCaptureUsageDescription")
    assert all("Nothing leaves" in plist[key] for key in descriptions)
    assert run(app / "Contents/MacOS" / plist["CFBundleExecutable"], "--version").stdout
    icon = app / "Contents/Resources" / f"{plist['CFBundleIconFile']}.icns"
    assert icon.read_bytes()[:4] == b"icns"
    assert not bundle.build(app, PYTHON, "1.2")  # not rebuilt: permissions are kept
    assert bundle.build(app, PYTHON, "1.3")
    (app / "Contents" / "Resources" / bundle.STAMP).unlink()  # an interrupted build
    assert bundle.build(app, PYTHON, "1.3")


@needs_library
def test_patch_release_of_python_keeps_the_permissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new signature would, since macOS identifies an ad-hoc signed app by it."""
    assert bundle.build(tmp_path / "Mica.app", PYTHON, "1.2")
    monkeypatch.setattr(sys, "version", "3.99.99 (Homebrew)")
    assert not bundle.build(tmp_path / "Mica.app", PYTHON, "1.2")


def test_a_python_without_a_library_is_refused_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: None)
    with pytest.raises(bundle.CannotBuildError, match=r"python\.org or Homebrew"):
        bundle.compile_command(tmp_path / "Mica", PYTHON)


def test_a_framework_is_linked_by_its_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the sysconfig values of Python from python.org and Homebrew."""
    variables = {
        "PYTHONFRAMEWORK": "Python",
        "PYTHONFRAMEWORKPREFIX": "/Library/Frameworks",
        "LDLIBRARY": "Python.framework/Versions/3.12/Python",
    }
    monkeypatch.setattr(sysconfig, "get_config_var", variables.get)
    command = bundle.compile_command(tmp_path / "Mica", PYTHON)
    assert "/Library/Frameworks/Python.framework/Versions/3.12/Python" in command


def test_a_bundle_is_signed_without_what_the_finder_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(bundle, "_run", commands.append)
    bundle.sign(tmp_path)
    assert [command[0] for command in commands] == ["xattr", "codesign"]
    assert all(tmp_path in command for command in commands)


@needs_library
def test_a_bundle_that_could_not_be_signed_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unsigned, it would not run on arm64, and look like a finished one."""
    run_command = bundle._run

    def fails(command: list[object]) -> None:
        if command[0] == "codesign":
            raise bundle.CannotBuildError("`codesign` failed: no space left")
        if command[0] != "xattr":
            run_command(command)

    app = tmp_path / "Mica.app"
    monkeypatch.setattr(bundle, "_run", fails)
    monkeypatch.setattr(bundle.sys, "platform", "darwin")
    with pytest.raises(bundle.CannotBuildError, match="no space"):
        bundle.build(app, PYTHON, "1.2")
    monkeypatch.undo()
    assert bundle.build(app, PYTHON, "1.2")


@needs_library
def test_running_bundle_is_quit_before_the_new_one_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[list[str]] = []
    run_command = bundle._run
    monkeypatch.setattr(
        bundle, "_run", lambda c: opened.append(c) if c[0] == "open" else run_command(c)
    )
    monkeypatch.setattr("mica.dictation.control.listens", lambda address: True)
    out = str(tmp_path / "Mica.app")
    monkeypatch.setattr(sys, "argv", ["bundle.py", "--out", out, "--open"])
    assert bundle.main() == 1 and opened == []
    assert "Quit Mica" in capsys.readouterr().err
    assert bundle.main() == 0, "it shows itself"
    assert opened == [["open", "-g", out]]


@pytest.mark.parametrize(
    ("checkout", "asks"),
    [
        ("Documents/mica", "Documents"),
        ("Desktop/a/b/mica", "Desktop"),
        ("Downloads", "Downloads"),
        ("Developer/Documents/mica", ""),
        ("", ""),
        ("../other/Documents/mica", ""),
    ],
)
def test_folder_protected_by_macos_is_named(
    tmp_path: Path, checkout: str, asks: str
) -> None:
    """If the user refused, the launcher would silently fail to load Python."""
    home = tmp_path / "home"
    assert bundle.guarded_folder((home / checkout).resolve(), home) == asks
    assert not asks or f"NS{asks}FolderUsageDescription" in bundle.plist("1")
    assert (
        not set(bundle.plist("1"))
        - set(bundle.info("1"))
        - {f"NS{folder}FolderUsageDescription" for folder in bundle.GUARDED}
    )


def test_bundle_is_started_in_the_background(tmp_path: Path) -> None:
    """open(1): with -g, the application is not brought to the foreground."""
    assert bundle.open_command(tmp_path) == ["open", "-g", str(tmp_path)]


def test_a_missing_compiler_names_apples_tools(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(bundle.CannotBuildError, match="xcode-select --install"):
        bundle.build(tmp_path / "Mica.app", PYTHON, "1")
    assert shutil.which("cc") is None


def test_icon_equals_its_rendered_drawing(qapp: object) -> None:
    icon = loaded("macos/icon")
    renderer = icon.QSvgRenderer(str(icon.RESOURCES / "icon.svg"))
    stored = (icon.RESOURCES / "icon.icns").read_bytes()
    sizes, at = [], 8
    while at < len(stored):
        length = int.from_bytes(stored[at + 4 : at + 8], "big")
        image = icon.QImage.fromData(stored[at + 8 : at + length])
        sizes.append(image.width())
        rendered = icon.QImage.fromData(icon.picture(renderer, image.width()))
        assert image.size() == rendered.size()
        middle = image.width() // 2
        assert image.pixelColor(middle, middle) == rendered.pixelColor(middle, middle)
        at += length
    assert at == len(stored) == int.from_bytes(stored[4:8], "big")
    assert sorted(set(sizes)) == [16, 32, 64, 128, 256, 512, 1024]
