"""Builds the app that can be given to others: build/Mica.app on a Mac, else build/Mica.

    python packaging/app/build.py [--out FOLDER]

PyInstaller collects Python, Qt and Mica (mica.spec), then MLX is laid beside
(mlx_builds.py). On a Mac the app is signed last, from inside out: ad hoc, unless
MICA_SIGN_IDENTITY names a certificate (packaging/macos/sign.sh). It is built again only
if something it is made of has changed.
"""

import argparse
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import mlx_builds

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ON_A_MAC = sys.platform == "darwin"
MADE_OF = ("app/mica", "resources", "packaging/app", "packaging/macos/bundle.py")
IDENTITY = os.environ.get("MICA_SIGN_IDENTITY") or "-"
STAMP = "built-from"  # beside MLX: a digest of what the app is made of


def build(out: Path) -> tuple[Path, bool]:
    """The app, and whether it had to be built."""
    app = out / ("Mica.app" if ON_A_MAC else "Mica")
    resources = app / "Contents" / "Resources" if ON_A_MAC else app
    stamp, now = resources / STAMP, digest()
    if stamp.is_file() and stamp.read_text("utf-8") == now:
        return app, False
    shutil.rmtree(app, ignore_errors=True)
    work = out / "pyinstaller"
    # What is preloaded, as `make test` does OpenBLAS, would be taken for a library that
    # ours need. pynput's other backends cannot be imported without a display.
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
    mlx_builds.lay(resources / "mlx", out / "wheels")
    stamp.write_text(now, "utf-8")
    if ON_A_MAC:
        sign = ROOT / "packaging" / "macos" / "sign.sh"
        subprocess.run([str(sign), str(app), IDENTITY], check=True)
    return app, True


def digest() -> str:
    """Of every file of ours in it, everybody else's versions, and who signs it."""
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
    """Python's library without what debuggers read, some 17 MB. Not the others: wheels'
    libraries were changed by patchelf, and strip breaks them."""
    if shutil.which("strip"):
        for library in app.glob("_internal/libpython*.so*"):
            subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)


def size_mb(folder: Path) -> float:
    """What its files take, links not followed."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files if not file.is_symlink()) / 1e6


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build")
    start_s = time.monotonic()
    try:
        app, is_new = build(parser.parse_args().out.resolve())
    except (mlx_builds.WrongBuildError, subprocess.CalledProcessError) as why:
        print(f"mica: The app couldn't be built: {why}", file=sys.stderr)
        return 1
    took = f"built in {time.monotonic() - start_s:.0f} s" if is_new else "is up to date"
    print(f"mica: {app} {took}, {size_mb(app):.0f} MB", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
