"""Builds the app for distribution: build/Mica.app on a Mac, build/Mica elsewhere.

    python packaging/app/build.py [--out FOLDER]

PyInstaller collects Python, Qt and Mica (mica.spec); then MLX is copied in
(mlx_builds.py). On a Mac, signing is the last step and goes from the inside out; the
signature is ad hoc unless MICA_SIGN_IDENTITY names a certificate
(packaging/macos/sign.sh). The app is rebuilt only if one of its inputs has changed.
"""

import argparse
import hashlib
import importlib.metadata
import os
import plistlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import macho
import mlx_builds

from mica.cli import notices

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ON_A_MAC = sys.platform == "darwin"
MADE_OF = ("app/mica", "resources", "packaging/app", "packaging/macos/bundle.py")
IDENTITY = os.environ.get("MICA_SIGN_IDENTITY") or "-"
STAMP = "built-from"  # a file next to MLX: the digest of the app's inputs


def build(out: Path) -> tuple[Path, bool]:
    """Build the app if necessary; return its path and whether it was built."""
    app = out / ("Mica.app" if ON_A_MAC else "Mica")
    resources = app / "Contents" / "Resources" if ON_A_MAC else app
    stamp, now = resources / STAMP, digest()
    if stamp.is_file() and stamp.read_text("utf-8") == now:
        return app, False
    shutil.rmtree(app, ignore_errors=True)
    work = out / "pyinstaller"
    # PyInstaller would collect preloaded libraries (`make test` preloads OpenBLAS) as
    # dependencies. pynput's other backends cannot be imported without a display.
    clean = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    clean["PYNPUT_BACKEND"] = "dummy"
    subprocess.run(
        [
            *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=ERROR"),
            *("--distpath", str(work / "made"), "--workpath", str(work)),
            str(HERE / "mica.spec"),
        ],
        check=True,
        env=clean,
    )
    shutil.move(work / "made" / app.name, app)
    if not ON_A_MAC:
        _strip(app)
    write_notices(resources)
    mlx_builds.lay(resources / "mlx", out / "wheels")
    if ON_A_MAC:
        state_macos(app, is_release=IDENTITY != "-")
    stamp.write_text(now, "utf-8")
    if ON_A_MAC:
        sign = ROOT / "packaging" / "macos" / "sign.sh"
        subprocess.run([str(sign), str(app), IDENTITY], check=True)
    return app, True


def write_notices(resources: Path) -> None:
    """Write the licenses of what is in the app, for `mica --notices`."""
    found = notices.generated(without=notices.RIVAL)
    (resources / notices.FILE).write_text(found, "utf-8")


def state_macos(app: Path, *, is_release: bool) -> None:
    """Raise the minimum macOS version in Info.plist to what the app's code requires.

    Homebrew's Python requires the macOS version that it was installed on, so an app
    built with it is only for this Mac. For a release, this raises WrongBuildError.
    """
    needed, file = macho.newest_needed(app)
    place = app / "Contents" / "Info.plist"
    info = plistlib.loads(place.read_bytes())
    stated = tuple(map(int, info["LSMinimumSystemVersion"].split(".")))
    if needed <= stated:
        return
    version = ".".join(map(str, needed))
    if is_release:
        raise mlx_builds.WrongBuildError(
            f"{file.name} needs macOS {version}. Use Python from python.org."
        )
    info["LSMinimumSystemVersion"] = version
    place.write_bytes(plistlib.dumps(info))


def digest() -> str:
    """Digest of our files in the app, the installed packages and the signer."""
    made_of = hashlib.sha256(f"{sys.version}\n{IDENTITY}\n".encode())
    for file in sorted(_sources()):
        made_of.update(f"{file.relative_to(ROOT)}\n".encode())
        made_of.update(hashlib.sha256(file.read_bytes()).digest())
    installed = importlib.metadata.distributions()
    for line in sorted({f"{each.name} {each.version}\n" for each in installed}):
        made_of.update(line.encode())
    return made_of.hexdigest()


def _sources() -> Iterator[Path]:
    for name in MADE_OF:
        place = ROOT / name
        for file in place.rglob("*") if place.is_dir() else [place]:
            if file.is_file() and "__pycache__" not in file.parts:
                yield file


def _strip(app: Path) -> None:
    """Strip debug symbols from Python's library, about 17 MB. The libraries of wheels
    are left alone: they were modified by patchelf, and strip would break them."""
    if shutil.which("strip"):
        for library in app.glob("_internal/libpython*.so*"):
            subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)


def size_mb(folder: Path) -> float:
    """Total size of the files in a folder; symbolic links are not followed."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files if not file.is_symlink()) / 1e6


def main() -> int:
    """Build the app; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build")
    start_s = time.monotonic()
    try:
        app, is_new = build(parser.parse_args().out.resolve())
    except (mlx_builds.WrongBuildError, subprocess.CalledProcessError) as why:
        print(f"mica: The app couldn't be built: {why}", file=sys.stderr)
        return 1
    result = (
        f"built in {time.monotonic() - start_s:.0f} s" if is_new else "is up to date"
    )
    print(f"mica: {app} {result}, {size_mb(app):.0f} MB", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
