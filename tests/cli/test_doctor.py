"""`mica doctor`: the problems it finds and the remedies it suggests."""

import json
import sys
from functools import partial

import numpy as np
import pytest

from cli.conftest import Mica
from mica import paths
from mica.cli import doctor, doctor_checks
from mica.cli.self_test import SAID, SelfTest
from mica.errors import EngineError
from mica.host.values import Grant, Permission
from mica.model.mlx_build import Mac, MlxBuild
from support import virtual_microphone
from support.fakes import FakePermissions


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """`mica doctor` without its recording and dictation tests."""
    monkeypatch.setattr(doctor, "PROBES", ())


def test_doctor_as_json_has_a_remedy_for_each_failed_check(
    quick: None,
    mica: Mica,
) -> None:
    result = mica("doctor", "--json")
    checks = json.loads(result.out)
    names = {check["name"] for check in checks}
    assert names >= {"Python", "MLX", "BLAS", "computer", "model", "data folder"}
    assert all(check["ok"] or check["remedy"] for check in checks)
    assert result.code == (0 if all(check["ok"] for check in checks) else 1)


def test_doctor_reports_problems_with_settings_and_keywords_once(
    quick: None, mica: Mica
) -> None:
    paths.settings_file().write_text('sounds = 3\nhold_key = "banana"\n')
    paths.keywords_file().write_bytes(bytes(range(256)))
    result = mica("doctor", "--json")
    found = {check["name"]: check for check in json.loads(result.out)}
    assert result.code == 1 and result.err == ""
    assert found["settings"]["found"].count("sounds") == 1
    assert "“banana”" in found["settings"]["found"]
    assert "isn’t a text file" in found["keywords"]["found"]
    assert found["settings"]["remedy"] and found["keywords"]["remedy"]


def test_doctor_shows_each_problem_with_the_settings_in_a_line(
    quick: None, mica: Mica
) -> None:
    file = paths.settings_file()
    file.write_text('sounds = 3\nhold_key = "banana"\n')
    lines = mica("doctor").out.splitlines()
    start = lines.index("problem settings:")
    sounds, banana, remedy = lines[start + 1 : start + 4]
    assert "sounds" in sounds and "“banana”" in banana
    assert remedy.strip() == f"Correct {file}."
    assert " keywords: " in lines[start + 4]


def test_doctor_names_the_settings_file_only_if_there_is_one(
    quick: None, mica: Mica
) -> None:
    assert "settings: defaults (no settings file yet)\n" in mica("doctor").out
    paths.settings_file().write_text("")
    assert f"settings: {paths.settings_file()}\n" in mica("doctor").out


def test_doctor_reports_a_missing_model_once(quick: None, mica: Mica) -> None:
    paths.settings_file().write_text('model = "granite"\n')
    (line,) = (one for one in mica("doctor").out.splitlines() if " model: " in one)
    problem = "problem model: There is no model “granite”. To see the available models,"
    assert line.startswith(problem)


def test_doctor_as_text_has_a_line_for_each_check(quick: None, mica: Mica) -> None:
    lines = mica("doctor").out.splitlines()
    assert all(line.startswith(("ok ", "problem ")) for line in lines)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere MLX brings a fast one")
def test_doctor_names_the_package_of_a_missing_openblas(
    quick: None, mica: Mica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mica.engine.process._FOLDERS", ())
    [line] = [x for x in mica("doctor").out.splitlines() if " BLAS: " in x]
    assert line.startswith("problem BLAS: not installed. Install libopenblas")


@pytest.mark.parametrize("build", [None, MlxBuild("0.32.4", "0.32.1", "macosx_26_0")])
def test_doctor_finds_an_mlx_that_is_missing_or_of_two_versions(
    quick: None, mica: Mica, monkeypatch: pytest.MonkeyPatch, build: MlxBuild | None
) -> None:
    monkeypatch.setattr("mica.cli.doctor.installed_build", lambda: build)
    [line] = [x for x in mica("doctor").out.splitlines() if " MLX: " in x]
    assert line.startswith("problem") and line.endswith("Install Mica again.")


def test_doctor_prints_the_computer_and_its_memory(quick: None, mica: Mica) -> None:
    [line] = [x for x in mica("doctor").out.splitlines() if " computer: " in x]
    assert line.startswith("ok") and line.endswith("GB of memory")


@pytest.mark.parametrize(
    ("mac", "is_ok"),
    [
        (Mac((14, 0), "Apple M1"), True),
        (Mac((26, 1), "Apple M5 Max"), True),
        (Mac((13, 7), "Apple M2"), False),
        (Mac((15, 0), "Intel(R) Core(TM) i7"), False),
    ],
)
def test_a_mac_that_is_too_old_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, mac: Mac, is_ok: bool
) -> None:
    monkeypatch.setattr(doctor_checks.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(doctor_checks, "this_mac", lambda: mac)
    check = doctor_checks.machine_check()
    assert check.ok is is_ok and mac.chip in check.found
    assert bool(check.remedy) is not is_ok


@pytest.mark.parametrize("muted", [False, True])
def test_doctor_measures_the_microphone_level(
    muted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if virtual_microphone.missing():
        pytest.skip("needs PulseAudio")
    monkeypatch.setattr(doctor_checks, "PROBE_S", 1.5)
    with virtual_microphone.virtual_microphone(muted=muted) as microphone:
        for name, value in microphone.environment.items():
            monkeypatch.setenv(name, value)
        if not muted:
            microphone.play(np.full(1600, 2000, np.int16))
        check = doctor_checks.microphone_check()
    assert check.ok is not muted
    assert ("silence" if muted else "sound") in check.found


@pytest.mark.parametrize("grant", [Grant.DENIED, Grant.UNDETERMINED])
def test_a_microphone_that_is_not_allowed_is_not_opened(
    grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening it would show macOS's dialog or give zeros."""
    permissions = FakePermissions()
    permissions.grants[Permission.MICROPHONE] = grant
    monkeypatch.setattr(doctor_checks, "open_permissions", lambda: permissions)
    monkeypatch.setattr(doctor_checks, "Microphone", None)
    assert grant.value in doctor_checks.microphone_check().found
    assert permissions.requested == []


def test_doctor_dictates_a_recording(
    mica: Mica, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_no_time = partial(doctor_checks.dictate_recording, pace=0)
    monkeypatch.setattr(doctor_checks, "dictate_recording", in_no_time)
    monkeypatch.setattr(doctor, "PROBES", (doctor_checks.dictation_check,))
    [line] = [x for x in mica("doctor").out.splitlines() if " dictation: " in x]
    assert line.startswith("ok") and "ms after the last word" in line


def test_a_dictation_that_fails_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> SelfTest:
        raise EngineError("The engine ended.", "Try again.")

    monkeypatch.setattr(doctor_checks, "dictate_recording", fail)
    check = doctor_checks.dictation_check()
    assert (check.ok, check.found, check.remedy) == (
        *(False, "The engine ended.", "Try again."),
    )
    for text, is_ok in ((SAID, True), ("banana", False)):
        result = SelfTest(text, "pebble", "0.32.4 (any)", 150.4)
        monkeypatch.setattr(doctor_checks, "dictate_recording", lambda r=result: r)
        check = doctor_checks.dictation_check()
        assert check.ok is is_ok and "text 150 ms after" in check.found
