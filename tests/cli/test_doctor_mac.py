"""`mica doctor` on a pretend Mac."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from support.apple_fakes import FakeMac, installed


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMac]:
    mac = FakeMac()
    with installed(mac):
        from mica.cli import doctor as command
        from mica.host.macos import carbon, check

        monkeypatch.setattr(carbon, "load", lambda: mac.carbon)
        monkeypatch.setattr(check, "missing", lambda: mac.lacking)
        monkeypatch.setattr(sys, "platform", "darwin")
        monkeypatch.setattr(command, "CHECKS", ())
        yield mac


def said(code: int) -> dict[str, dict[str, Any]]:
    from mica.cli.doctor import doctor

    result = CliRunner().invoke(doctor, ["--json"], standalone_mode=False)
    assert result.return_value == code, result.output
    return {check["name"]: check for check in json.loads(result.stdout)}


def test_a_mac_that_allows_everything_is_fine(mac: FakeMac) -> None:
    assert all(check["ok"] for check in said(0).values())


def test_what_a_mac_denies_is_named_with_the_page_to_allow_it(mac: FakeMac) -> None:
    mac.microphone, mac.trusted = 2, False
    checks = said(1)
    assert "Microphone" in checks["permission for microphone"]["remedy"]
    assert checks["permission for microphone"]["found"] == "denied for Mica"
    assert "Accessibility" in checks["permission for insertion"]["remedy"]


def test_who_protects_the_keyboard_is_named(mac: FakeMac) -> None:
    mac.carbon.secure = True
    assert "some program protects it" in said(1)["keyboard"]["found"]
    mac.session, mac.programs = {"kCGSSessionSecureInputPID": 9}, {9: "Terminal"}
    assert "Terminal protects it" in said(1)["keyboard"]["found"]


def test_a_name_this_macos_lacks_is_told(mac: FakeMac) -> None:
    mac.lacking = ["NSWindow.setLevel_", "NSView"]
    found = said(1)["Apple's names"]["found"]
    assert found == "2 are missing, the first is NSWindow.setLevel_"
