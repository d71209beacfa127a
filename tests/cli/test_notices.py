"""`mica --notices`: everything that comes with Mica, with its license and its text."""

import sys
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from cli.conftest import Mica
from mica.cli import notices
from support.packaging_scripts import ROOT


class Package(Distribution):
    """A package with only metadata."""

    def __init__(self, **fields: str) -> None:
        self.fields = fields

    def read_text(self, filename: str) -> str | None:
        if filename != "METADATA":
            return None
        message = Message()
        for name, value in {"Name": "x", "Version": "1", **self.fields}.items():
            message[name.replace("_", "-")] = value
        return str(message)

    def locate_file(self, path: object) -> Path:
        return Path(str(path))


def test_the_notices_name_every_package_with_its_license(mica: Mica) -> None:
    result = mica("--notices")
    assert result.code == 0 and result.err == ""
    listed = result.out.split("-" * 72)[0]
    for package in notices.packages():
        assert f"\n{package.name} {package.version}: " in listed
    assert "\nSilero VAD: MIT\n" in listed and f"\nPython {sys.version[:4]}" in listed
    assert notices.UNKNOWN not in listed
    assert result.out.count("GNU LESSER GENERAL PUBLIC LICENSE") >= 2


def test_the_packages_are_those_that_mica_needs_even_indirectly() -> None:
    names = {notices.normalized(one.name) for one in notices.packages()}
    assert {"click", "pyside6-essentials", "shiboken6", "cffi", "mlx-audio"} <= names
    assert sys.platform == "darwin" or "mlx-cpu" in names, "an extra of mlx"
    assert not {"pytest", "ruff", "pip", "mica-dictation"} & names, "nothing for tests"
    own = {one.name for one in notices.packages(notices.RIVAL)}
    assert "mlx-audio" not in own and "transformers" not in own and "click" in own


def test_the_built_app_lists_what_is_in_it() -> None:
    """What the specification excludes, the notices leave out."""
    spec = (ROOT / "packaging" / "app" / "mica.spec").read_text("utf-8")
    for name in notices.RIVAL:
        assert f'"{name.replace("-", "_")}"' in spec


def test_the_built_app_prints_the_file_beside_it(
    mica: Mica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / notices.FILE).write_text("Mica includes:\n\nQt: LGPL\n")
    monkeypatch.setattr(notices, "app_resources", lambda: tmp_path)
    assert mica("--notices").out == "Mica includes:\n\nQt: LGPL\n"


@pytest.mark.parametrize(
    ("fields", "license"),
    [
        (
            {"License_Expression": "MIT OR Apache-2.0", "License": "x"},
            "MIT OR Apache-2.0",
        ),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        (
            {"Classifier": "License :: DFSG approved", "License": "LGPLv3"},
            "LGPL-3.0-or-later",
        ),
        ({"License": "Apache 2.0 License"}, "Apache-2.0"),
        ({"License": "My own\nterms"}, "My own"),
        ({}, notices.UNKNOWN),
    ],
)
def test_a_license_is_an_spdx_expression_as_far_as_it_is_known(
    fields: dict[str, str], license: str
) -> None:
    assert notices.license_of(Package(**fields)) == license


def test_an_unknown_library_in_a_wheel_has_an_unknown_license() -> None:
    assert notices.library("libx264-d6533a8d.so.165") == ("x264", "GPL-2.0-or-later")
    assert notices.library("libavcodec.62.dylib")[0] == "FFmpeg"
    assert notices.library("libnew.so")[1] == notices.UNKNOWN
