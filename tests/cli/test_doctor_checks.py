"""`mica doctor` on a fake Mac."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from mica.cli.doctor_checks import matrix_units_check
from mica.model.mlx_build import MATRIX_UNITS, PLAIN, Mac, MlxBuild
from support.apple_fakes import FakeMac, installed


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMac]:
    mac = FakeMac()
    with installed(mac):
        from mica.cli import doctor as command
        from mica.cli import doctor_checks
        from mica.host.macos import carbon, check

        monkeypatch.setattr(carbon, "load", lambda: mac.carbon)
        monkeypatch.setattr(check, "missing", lambda: mac.lacking)
        monkeypatch.setattr(sys, "platform", "darwin")
        monkeypatch.setattr(command, "CHECKS", ())
        monkeypatch.setattr(command, "PROBES", ())
        m2 = Mac((15, 0), "Apple M2")
        monkeypatch.setattr(doctor_checks, "this_mac", lambda: m2)
        yield mac


def checks_found(code: int) -> dict[str, dict[str, Any]]:
    from mica.cli.doctor import doctor

    result = CliRunner().invoke(doctor, ["--json"], standalone_mode=False)
    assert result.return_value == code, result.output
    return {check["name"]: check for check in json.loads(result.stdout)}


def test_doctor_finds_no_problem_on_a_mac_that_allows_everything(mac: FakeMac) -> None:
    assert all(check["ok"] for check in checks_found(0).values())


def test_doctor_names_the_settings_page_of_a_denied_permission(mac: FakeMac) -> None:
    mac.microphone, mac.trusted = 2, False
    checks = checks_found(1)
    assert "Microphone" in checks["Microphone permission"]["remedy"]
    assert checks["Microphone permission"]["found"] == "denied for Mica"
    assert "Accessibility" in checks["Accessibility permission"]["remedy"]


def test_doctor_names_the_app_that_has_secure_input_on(mac: FakeMac) -> None:
    mac.carbon.secure = True
    assert "an app has it on" in checks_found(1)["Secure Input"]["found"]
    mac.session, mac.programs = {"kCGSSessionSecureInputPID": 9}, {9: "Terminal"}
    assert "Terminal has it on" in checks_found(1)["Secure Input"]["found"]


def test_doctor_counts_macos_apis_that_are_missing(mac: FakeMac) -> None:
    mac.lacking = ["NSWindow.setLevel_", "NSView"]
    found = checks_found(1)["macOS APIs"]["found"]
    assert found == "2 not found; the first is NSWindow.setLevel_"


def test_doctor_finds_a_grant_that_has_no_effect(mac: FakeMac) -> None:
    """Doctor asks another program, because the grant may be for an older version."""
    mac.reads = False
    check = checks_found(1)["Accessibility permission"]
    assert check["found"] == "granted for Mica, but macOS doesn’t apply it"
    assert "Remove Mica in System Settings" in check["remedy"]


def test_doctor_names_the_terminal_that_holds_the_permissions(mac: FakeMac) -> None:
    mac.bundle, mac.microphone = "/usr/local/Python.app", 2
    mac.running = {"com.googlecode.iterm2": ["iTerm2"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("__CFBundleIdentifier", "com.googlecode.iterm2")
        check = checks_found(1)["Microphone permission"]
    assert check["found"] == "denied for iTerm2"
    assert "Allow iTerm2 in System Settings" in check["remedy"]


@pytest.mark.parametrize(
    ("macos", "chip", "tag", "is_ok", "found"),
    [
        ((26, 2), "Apple M5 Pro", MATRIX_UNITS, True, "used"),
        ((26, 2), "Apple M5 Pro", PLAIN, False, "not used: MLX is the wrong build"),
        ((26, 1), "Apple M5", PLAIN, True, "not used before macOS 26.2"),
        ((26, 1), "Apple M5", MATRIX_UNITS, False, "not used: MLX is the wrong build"),
        ((26, 2), "Apple M4 Max", MATRIX_UNITS, True, "none"),
        ((15, 0), "Apple M1", PLAIN, True, "none"),
    ],
)
def test_doctor_prints_whether_the_matrix_units_are_used(
    macos: tuple[int, int], chip: str, tag: str, is_ok: bool, found: str
) -> None:
    build = MlxBuild("0.32.4", "0.32.4", tag)
    check = matrix_units_check(Mac(macos, chip), build)
    assert check.ok is is_ok and check.found.startswith(found)
    assert bool(check.remedy) is not is_ok
