"""Builds build/Mica.app from this checkout: a bundle around its Python environment.

Permissions, the Dock and the name in dialogs follow the bundle that a process belongs
to, so on a Mac `make run` starts Mica from one. The bundle consists of a small
executable (launcher.c), an Info.plist and the icon; the code stays in the checkout.
Building takes seconds and happens only if an input has changed, because a new signature
makes the user lose the permissions granted. `make app` builds the app for distribution.

    python bundle.py [--out build/Mica.app] [--open]
"""

import argparse
import hashlib
import plistlib
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LAUNCHER = Path(__file__).with_name("launcher.c")
ICON = ROOT / "resources" / "icon.icns"
IDENTIFIER = "app.mica.Mica"
#: macOS asks the user before an app reads these folders, which this bundle must do if
#: the checkout is in one of them: https://github.com/odysseus-dev/odysseus/pull/6248
GUARDED = ("Desktop", "Documents", "Downloads")
STAMP = "built-from"  # a file in Contents/Resources: the digest of the bundle's inputs


class CannotBuildError(Exception):
    """The bundle cannot be built; the message says why and what to do."""


def info(version: str) -> dict[str, Any]:
    """The contents of Info.plist.

    NSAudioCaptureUsageDescription is for recording other programs' sound (Core Audio
    taps, from macOS 14.4 on); LSUIElement keeps Mica out of the Dock.
    """
    return {
        "CFBundleExecutable": "Mica",
        "CFBundleIconFile": ICON.stem,
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleName": "Mica",
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "LSMinimumSystemVersion": "14.0",
        "LSUIElement": True,
        "NSAppSleepDisabled": True,
        "NSAudioCaptureUsageDescription": (
            "Mica transcribes the sound of meetings on this Mac. "
            "Nothing leaves your computer."
        ),
        "NSHighResolutionCapable": True,
        "NSMicrophoneUsageDescription": (
            "Mica turns what you say into text on this Mac. "
            "Nothing leaves your computer."
        ),
        "NSPrincipalClass": "NSApplication",
    }


def plist(version: str) -> dict[str, Any]:
    """Info.plist of the bundle around a checkout, which may be in a guarded folder."""
    why = "Mica runs from the folder that you put it in, which is in this one."
    return {
        **info(version),
        **{f"NS{folder}FolderUsageDescription": why for folder in GUARDED},
    }


def guarded_folder(checkout: Path, home: Path) -> str:
    """The guarded folder that contains the checkout; "" if none does."""
    folder = (
        checkout.relative_to(home).parts[:1] if checkout.is_relative_to(home) else ()
    )
    return folder[0] if folder and folder[0] in GUARDED else ""


def compile_command(out: Path, python: Path, module: str = "mica") -> list[str]:
    """The command that compiles the launcher against the Python that runs this.

    A framework (python.org, Homebrew) is linked by its path, a shared library (uv,
    pyenv, Debian) by name and rpath. Raises CannotBuildError if there is neither.
    """
    value = sysconfig.get_config_var
    defines = [f'-DMICA_PYTHON="{python}"', f'-DMICA_MODULE="{module}"']
    include = sysconfig.get_path("include")
    common = ["cc", "-O2", "-Wall", "-Wextra", f"-I{include}", *defines, str(LAUNCHER)]
    if value("PYTHONFRAMEWORK"):
        library = Path(value("PYTHONFRAMEWORKPREFIX"), value("LDLIBRARY"))
        return [*common, str(library), "-o", str(out)]
    if not value("Py_ENABLE_SHARED"):
        raise CannotBuildError(
            f"{sys.base_prefix} has no Python library to build Mica.app with. Install "
            "Python from python.org or Homebrew, then remove .venv and try again."
        )
    folder = value("LIBDIR")
    name = f"-lpython{value('LDVERSION')}"
    return [*common, f"-L{folder}", name, f"-Wl,-rpath,{folder}", "-o", str(out)]


def build(out: Path, python: Path, version: str) -> bool:
    """Build the bundle; return False if it exists already with the same inputs.

    python    absolute path of the interpreter that the bundle runs
    """
    digest = _digest(python, version)
    stamp = out / "Contents" / "Resources" / STAMP
    if stamp.is_file() and stamp.read_text("utf-8") == digest:
        return False
    shutil.rmtree(out, ignore_errors=True)
    for folder in ("MacOS", "Resources"):
        (out / "Contents" / folder).mkdir(parents=True)
    (out / "Contents" / "Info.plist").write_bytes(plistlib.dumps(plist(version)))
    shutil.copy(ICON, out / "Contents" / "Resources" / ICON.name)
    _run(compile_command(out / "Contents" / "MacOS" / "Mica", python))
    stamp.write_text(digest, "utf-8")
    if sys.platform == "darwin":
        try:
            sign(out)
        except CannotBuildError:
            stamp.unlink()  # which is signed, too; without it the next try builds again
            raise
    return True


def sign(out: Path) -> None:
    """Sign ad hoc ("-"): arm64 requires some signature.

    What the Finder and iCloud note about files in Documents would prevent it (Apple's
    Technical Q&A QA1940).
    """
    _run(["xattr", "-cr", out])
    _run(["codesign", "--force", "--sign", "-", "--identifier", IDENTIFIER, out])


def _digest(python: Path, version: str) -> str:
    """Digest of what affects the signature. This script and patch releases of Python do
    not, since the executable finds Python's library by its path."""
    command = compile_command(Path("Mica"), python)
    made_of = hashlib.sha256()
    for part in (
        LAUNCHER.read_bytes(),
        ICON.read_bytes(),
        plistlib.dumps(plist(version)),
        "\n".join(command).encode(),
        "{}.{}".format(*sys.version_info).encode(),
    ):
        made_of.update(part)
    return made_of.hexdigest()


def open_command(app: Path) -> list[str]:
    """The command that starts the app as the Finder does, so that macOS asks for
    permissions in its name, but in the background (-g), so that the keyboard focus does
    not move. If the app is running, it gets a reopen event."""
    return ["open", "-g", str(app)]


def _run(command: list[Any]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise CannotBuildError(
            f"`{command[0]}` is missing. Run `xcode-select --install`, then try again."
        ) from None
    if done.returncode:
        raise CannotBuildError(f"`{command[0]}` failed: {done.stderr.strip()}")


def main() -> int:
    """Build the bundle if necessary; return the exit status."""
    from importlib.metadata import version

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "Mica.app")
    parser.add_argument("--open", action="store_true", help="start it afterwards")
    chosen = parser.parse_args()
    try:
        return build_and_open(chosen.out, version("mica-dictation"), opens=chosen.open)
    except CannotBuildError as why:
        print(f"mica set-up: {why}", file=sys.stderr)
        return 1


def build_and_open(out: Path, version: str, *, opens: bool) -> int:
    """The exit status; raises CannotBuildError."""
    from mica import paths
    from mica.dictation import control

    is_new = build(out, Path(sys.executable), version)
    if is_new:
        print(f"mica set-up: {out.name} is built", file=sys.stderr)
    # Launch Services would show the one that runs, of which the files are gone.
    if is_new and opens and control.listens(paths.control_socket()):
        print("mica set-up: Quit Mica, then try again.", file=sys.stderr)
        return 1
    if folder := guarded_folder(ROOT, Path.home()):
        print(
            f"mica set-up: This checkout is in your {folder} folder, which macOS asks "
            "about. Mica can't start unless you allow it, then or in System Settings › "
            "Privacy & Security › Files & Folders.",
            file=sys.stderr,
        )
    if opens:
        _run(open_command(out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
