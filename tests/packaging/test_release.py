"""Signing, notarizing, disk image and cask: the commands that the scripts would run.

With --dry-run, the scripts print their commands, so none of Apple's tools is needed.
"""

import hashlib
import operator
import plistlib
import re
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import platformdirs.macos
import pytest
from PySide6.QtWidgets import QApplication

from support.packaging_scripts import MACOS, ROOT, loaded

IDENTITY = "Developer ID Application: Ann Doe (TEAM123456)"
MACH_O, FAT = b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"
LIBRARY = "Contents/Resources/mlx/macosx_26_0_arm64/mlx/lib/libmlx.dylib"
QT = "Contents/Frameworks/PySide6/Qt/lib/QtCore.framework"
INNER = f"{QT}/Versions/A/Frameworks/Inner.framework"
CODE = {
    "Contents/MacOS/Mica": MACH_O,
    LIBRARY: MACH_O,
    "Contents/Frameworks/numpy/core.so": FAT,
    f"{QT}/Versions/A/QtCore": MACH_O,
    f"{INNER}/Inner": MACH_O,
}
SCRIPTS = sorted(
    [*(ROOT / "packaging").rglob("*.sh"), ROOT / ".ci" / "run"], key=lambda file: file
)


def run(script: str, *words: object) -> "subprocess.CompletedProcess[str]":
    command = ["bash", MACOS / script, *words]
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=60
    )


def commands(script: str, *words: object) -> list[list[str]]:
    """The commands that a script would run."""
    done = run(script, "--dry-run", *words)
    assert done.returncode == 0, done.stderr
    return [shlex.split(line) for line in done.stdout.splitlines()]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A bundle with code and other files at several levels."""
    app = tmp_path / "new app" / "Mica.app"
    for name, head in {
        **CODE,
        "Contents/Info.plist": b"<?xml",
        "Contents/Resources/demo.wav": b"RIFF",
        "Contents/Resources/empty": b"",
    }.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_bytes(head)
    (app / QT / "QtCore").symlink_to("Versions/A/QtCore")
    return app


@pytest.fixture
def image(tmp_path: Path) -> Path:
    (tmp_path / "Mica.dmg").write_bytes(b"koly")
    return tmp_path / "Mica.dmg"


def test_all_code_is_signed_from_inside_out_and_nothing_else(app: Path) -> None:
    cleaned, *signed, verified = commands("sign.sh", app, IDENTITY)
    assert cleaned == ["xattr", "-cr", str(app)]
    paths = [command[-1].removeprefix(f"{app}/") for command in signed]
    libraries = set(CODE) - {"Contents/MacOS/Mica"}  # covered by the app's signature
    assert sorted(paths) == sorted([*libraries, INNER, QT, str(app)])
    for place, path in enumerate(paths):
        inside = [p for p in paths if p.startswith(f"{path}/") or path == str(app)]
        assert all(paths.index(part) <= place for part in inside), path
    for command in signed:
        assert command[0] == "codesign" and IDENTITY in command
        assert "--timestamp" in command and "runtime" in command
        assert "--deep" not in command
    assert verified[1:3] == ["--verify", "--deep"]


def test_only_the_app_has_entitlements_and_few(app: Path) -> None:
    _, *signed, _ = commands("sign.sh", app, IDENTITY)
    given = [command for command in signed if "--entitlements" in command]
    assert [command[-1] for command in given] == [str(app)]
    file = Path(given[0][given[0].index("--entitlements") + 1])
    assert plistlib.loads(file.read_bytes()) == {
        "com.apple.security.device.audio-input": True,
        "com.apple.security.cs.allow-unsigned-executable-memory": True,
    }


def test_an_ad_hoc_signature_has_no_hardened_runtime(app: Path) -> None:
    """Library validation would reject our own libraries, which have no team."""
    _, *signed, _ = commands("sign.sh", app, "-")
    assert not any({"runtime", "--timestamp"} & set(command) for command in signed)


def test_an_app_is_notarized_zipped_by_ditto_and_stapled(app: Path) -> None:
    zipped, sent, stapled, removed, assessed = commands("notarize.sh", app, "release")
    archive = str(app.with_suffix(".zip"))
    assert zipped == ["ditto", "-c", "-k", "--keepParent", str(app), archive]
    assert sent[:4] == ["xcrun", "notarytool", "submit", archive] and "--wait" in sent
    assert stapled == ["xcrun", "stapler", "staple", str(app)]
    assert removed[-1] == archive and assessed[-1] == str(app)


def test_an_image_is_notarized_as_it_is(image: Path) -> None:
    sent, stapled, assessed = commands("notarize.sh", image, "release")
    assert sent[3] == stapled[-1] == assessed[-1] == str(image)


def test_the_image_is_laid_out_and_signed(app: Path, image: Path) -> None:
    background, made, signed = commands("dmg.sh", app, image, IDENTITY)
    assert background[-1] == str(image.parent)
    assert f"app={app}" in made and made[-2:] == ["Mica", str(image)]
    assert f"background={image.parent}/dmg-background.png" in made
    assert signed[:-1] == ["codesign", "--force", "--sign", IDENTITY, "--timestamp"]
    assert signed[-1] == str(image)
    assert "--timestamp" not in commands("dmg.sh", app, image, "-")[-1]
    assert all(Path(word).is_file() for word in made if word.endswith("settings.py"))


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("sign.sh", []),
        ("sign.sh", ["{app}"]),
        ("sign.sh", ["{app}", "nobody"]),
        ("sign.sh", ["{app}", ""]),
        ("sign.sh", ["/nowhere/Mica.app", "-"]),
        ("sign.sh", ["{image}", "-"]),
        ("notarize.sh", ["{app}", ""]),
        ("notarize.sh", ["/nowhere.dmg", "release"]),
        ("notarize.sh", ["/nowhere.app", "release"]),
        ("dmg.sh", ["{app}", "Mica.img", "-"]),
        ("dmg.sh", ["{app}", "Mica.dmg", "nobody"]),
        ("cask.sh", ["1.0", "https://a/b.dmg", "https://a", "/nowhere.dmg", "out"]),
        ("cask.sh", ["v1", "https://a/b.dmg", "https://a", "{image}", "out"]),
        ("cask.sh", ["1.0", "http://a/b.dmg", "https://a", "{image}", "out"]),
        ("cask.sh", ["1.0", 'https://a/"b.dmg', "https://a", "{image}", "out"]),
        ("cask.sh", ["1.0", "https://a/b.dmg", "a", "{image}", "out"]),
    ],
)
@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_wrong_input_is_reported_before_anything_runs(
    script: str, words: list[str], dry: list[str], app: Path, image: Path
) -> None:
    given = [word.format(app=app, image=image) for word in words]
    done = run(script, *dry, *given)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f"{script}: ") and done.stderr.count("\n") == 1


def test_the_cask_is_filled_in(image: Path, tmp_path: Path) -> None:
    out, url = tmp_path / "mica.rb", "https://example.org/v1/Mica.dmg"
    done = run("cask.sh", "1.2", url, "https://example.org", image, out)
    assert done.returncode == 0, done.stderr
    cask = out.read_text("utf-8")
    stanzas = dict(re.findall(r'^  (\w+) "([^"]*)"', cask, re.M))
    assert stanzas["version"] == "1.2" and stanzas["url"] == url and "@" not in cask
    assert stanzas["sha256"] == hashlib.sha256(image.read_bytes()).hexdigest()
    bundle = loaded("macos/bundle")
    assert f'quit: "{bundle.IDENTIFIER}"' in cask
    folder = platformdirs.macos.MacOS("Mica", False).user_data_dir
    assert f'zap trash: "{folder.replace(str(Path.home()), "~")}"' in cask


def test_both_names_on_the_disk_image_are_legible(qapp: QApplication) -> None:
    """Finder draws the names in black or, in dark mode, in white."""
    settings = (MACOS / "dmg_settings.py").read_text("utf-8")
    defines = {"app": "b/Mica.app", "background": "b.png"}
    values: dict[str, Any] = {"defines": defines}
    exec(compile(settings, "dmg_settings.py", "exec"), values)
    places, (_, size) = values["icon_locations"], values["window_rect"]
    assert set(places) == {"Mica.app", "Applications"}
    picture = loaded("macos/dmg_background").picture(2)
    assert (picture.width(), picture.height()) == (2 * size[0], 2 * (size[1] - 28))
    for x, y in places.values():
        below = y + values["icon_size"] // 2 + values["text_size"]
        light = luminance(picture.pixelColor(2 * x, 2 * below).getRgb()[:3])
        assert (light + 0.05) / 0.05 > 4.5 and 1.05 / (light + 0.05) > 4.5


def luminance(color: tuple[int, ...]) -> float:
    """Relative luminance as defined in WCAG 2."""
    parts = [value / 255 for value in color]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return sum(map(operator.mul, (0.2126, 0.7152, 0.0722), linear))


def test_the_drawings_are_vectors() -> None:
    for drawing in (ROOT / "resources").glob("*.svg"):
        tags = {element.tag.split("}")[1] for element in ET.parse(drawing).iter()}
        assert not tags & {"image", "text"}, drawing


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_of_the_shell_is_sound(script: Path) -> None:
    done = subprocess.run(
        ["shellcheck", "-x", script], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout
