"""What mica.spec tells PyInstaller on a Mac, tested with fakes of PyInstaller."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import PyInstaller.utils.hooks
import pytest

from mica.host.macos import contract
from support.packaging_scripts import ROOT, loaded

SPEC = ROOT / "packaging" / "app" / "mica.spec"
LEFT_OUT = ("PySide6/Qt/translations/qtbase_de.qm", "x.dist-info/direct_url.json")


class Recorder:
    """Records the arguments of each of PyInstaller's classes."""

    def __init__(self) -> None:
        self.given: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}

    def __getattr__(self, name: str) -> Any:
        def record(*words: Any, **named: Any) -> Any:
            self.given[name] = words, named
            entries = [(entry, "", "DATA") for entry in (*LEFT_OUT, "mica/a.wav")]
            return SimpleNamespace(pure=[], scripts=[], datas=entries, binaries=[])

        return record


@pytest.fixture(params=["darwin", "linux"])
def spec(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(sys, "platform", request.param)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(PyInstaller.utils.hooks, "copy_metadata", lambda name: [])
    monkeypatch.setattr(
        PyInstaller.utils.hooks,
        "collect_submodules",
        lambda name, filter=lambda module: True: [
            module
            for module in (name, f"{name}.host.macos.keys", f"{name}.host.x11.keys")
            if filter(module)
        ],
    )
    recorder = Recorder()
    names = ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE")
    values = {name: getattr(recorder, name) for name in names}
    exec(
        compile(SPEC.read_text("utf-8"), str(SPEC), "exec"),
        {**values, "SPECPATH": str(SPEC.parent)},
    )
    return recorder


def test_a_mac_gets_one_bundle_with_the_development_bundles_name_and_rights(
    spec: Recorder,
) -> None:
    if sys.platform != "darwin":
        assert "BUNDLE" not in spec.given
        return
    bundle = loaded("macos/bundle")
    _, named = spec.given["BUNDLE"]
    assert named["name"] == "Mica.app"
    assert named["bundle_identifier"] == bundle.IDENTIFIER
    version = named["info_plist"]["CFBundleShortVersionString"]
    assert named["info_plist"] == bundle.info(version) and version[0].isdigit()
    assert Path(named["icon"]) == bundle.ICON
    assert spec.given["EXE"][1]["target_arch"] == "arm64"


def test_each_system_gets_its_own_host(spec: Recorder) -> None:
    hidden = set(spec.given["Analysis"][1]["hiddenimports"])
    on_a_mac = sys.platform == "darwin"
    assert ("mica.host.macos.keys" in hidden) == on_a_mac
    assert ("mica.host.x11.keys" in hidden) != on_a_mac
    assert ("pynput.keyboard._xorg" in hidden) != on_a_mac
    frameworks = {name.split(".")[0] for name in contract.IMPORTS}
    assert frameworks <= hidden if on_a_mac else not frameworks & hidden


def test_mlx_is_left_to_the_engine_but_what_it_imports_is_not(spec: Recorder) -> None:
    _, named = spec.given["Analysis"]
    assert {"mlx", "mlx_audio", "torch", "transformers"} <= set(named["excludes"])
    assert {"math", "inspect"} & set(named["hiddenimports"])


def test_translations_and_the_checkouts_place_stay_out(spec: Recorder) -> None:
    collected = [entry[0] for entry in spec.given["COLLECT"][0][2]]
    assert collected == ["mica/a.wav"]


def test_every_resource_that_the_code_opens_is_bundled(spec: Recorder) -> None:
    sources = (ROOT / "app" / "mica").rglob("*.py")
    code = "\n".join(file.read_text("utf-8") for file in sources)
    resources = set(re.findall(r'[ .(]resource\(f?"([\w.]+)', code))
    assert len(resources) > 2
    datas = spec.given["Analysis"][1]["datas"]
    brought = {Path(source).name for source, target in datas if "resources" in target}
    assert resources <= brought
