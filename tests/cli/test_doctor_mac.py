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


def doctor_checks(code: int) -> dict[str, dict[str, Any]]:
    from mica.cli.doctor import doctor

    result = CliRunner().invoke(doctor, ["--json"], standalone_mode=False)
    assert result.return_value == code, result.output
    return {check["name"]: check for check in json.loads(result.stdout)}


def test_doctor_finds_no_problem_on_a_mac_that_allows_everything(mac: FakeMac) -> None:
    assert all(check["ok"] for check in doctor_checks(0).values())


def test_doctor_names_the_settings_page_of_a_denied_permission(mac: FakeMac) -> None:
    mac.microphone, mac.trusted = 2, False
    checks = doctor_checks(1)
    assert "Microphone" in checks["Microphone permission"]["remedy"]
    assert checks["Microphone permission"]["found"] == "denied for Mica"
    assert "Accessibility" in checks["Accessibility permission"]["remedy"]


def test_doctor_names_the_app_that_has_secure_input_on(mac: FakeMac) -> None:
    mac.carbon.secure = True
    assert "an app has it on" in doctor_checks(1)["Secure Input"]["found"]
    mac.session, mac.programs = {"kCGSSessionSecureInputPID": 9}, {9: "Terminal"}
    assert "Terminal has it on" in doctor_checks(1)["Secure Input"]["found"]


def test_doctor_counts_macos_apis_that_are_missing(mac: FakeMac) -> None:
    mac.lacking = ["NSWindow.setLevel_", "NSView"]
    found = doctor_checks(1)["macOS APIs"]["found"]
    assert found == "2 not found, first NSWindow.setLevel_"
