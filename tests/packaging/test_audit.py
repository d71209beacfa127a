"""`make audit`: licenses are compared with a list; advisories that can't be fetched are
never taken for none."""

import json
import subprocess
from typing import Any

import pytest

from mica.cli.notices import UNKNOWN, Component
from support.packaging_scripts import loaded

audit = loaded("audit")
CLICK = {"name": "click", "version": "8", "vulns": []}
SKIPPED = {"name": "mlx", "skip_reason": "Dependency not found on PyPI"}
BUG = {"id": "PYSEC-1", "fix_versions": ["9"], "aliases": [], "description": ""}


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What pip-audit prints; licenses are all fine."""
    given: dict[str, Any] = {"out": json.dumps({"dependencies": [CLICK]}), "err": ""}

    def run(command: list[str], **how: object) -> "subprocess.CompletedProcess[str]":
        assert command[1:3] == ["-m", "pip_audit"]
        return subprocess.CompletedProcess(command, 0, given["out"], given["err"])

    monkeypatch.setattr(subprocess, "run", run)
    fine = [Component("click 8", "BSD-3-Clause", "")]
    monkeypatch.setattr(audit.notices, "components", lambda: fine)
    return given


def test_no_known_vulnerability_passes(answer, capsys) -> None:
    assert audit.main() == 0
    assert capsys.readouterr().out.splitlines() == [
        "Licenses: 1 components, 0 not allowed.",
        "Vulnerabilities: 0 known.",
    ]


def test_a_known_vulnerability_fails_and_is_named(answer, capsys) -> None:
    answer["out"] = json.dumps({"dependencies": [{**CLICK, "vulns": [BUG]}]})
    assert audit.main() == 1
    assert "click 8: PYSEC-1, fixed in 9.\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("out", "err", "reason"),
    [
        ("", "ERROR: Max retries exceeded", "can't be fetched (ERROR: Max retries"),
        ("", "", "can't be fetched (no answer)"),
        ("{}", "", "can't be fetched"),
        (json.dumps({"dependencies": [CLICK, SKIPPED]}), "", "for 1 packages: mlx.\n"),
    ],
)
def test_failed_lookup_is_reported(answer, capsys, out, err, reason) -> None:
    answer |= {"out": out, "err": err}
    assert audit.main() == audit.UNCHECKED == 3
    printed = capsys.readouterr().out
    assert "Vulnerabilities: NOT CHECKED" in printed and reason in printed
    assert "0 known" not in printed


def test_mica_itself_is_not_looked_up(answer) -> None:
    own = {"name": "mica_dictation", "skip_reason": "distribution marked as editable"}
    answer["out"] = json.dumps({"dependencies": [CLICK, own]})
    assert audit.main() == 0


def test_a_license_that_is_not_in_the_list_fails(answer, monkeypatch, capsys) -> None:
    bad = [Component("other 1", "AGPL-3.0-only", ""), Component("new 1", UNKNOWN, "")]
    monkeypatch.setattr(audit.notices, "components", lambda: bad)
    assert audit.main() == 1
    out = capsys.readouterr().out
    assert "other 1: AGPL-3.0-only is not" in out and "new 1: unknown is not" in out


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("BSD-3-Clause AND 0BSD AND Zlib", True),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0", True),
        ("MIT AND (GPL-2.0-only OR Apache-2.0)", True),
        ("MIT AND GPL-2.0-only", False),
        ("GPL-3.0-or-later", False),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", True),
    ],
)
def test_an_expression_needs_each_part_to_be_allowed(expression, is_allowed) -> None:
    assert audit.is_allowed(expression) is is_allowed


def test_the_licenses_of_what_is_installed_are_allowed() -> None:
    from mica.cli import notices

    assert audit.license_problems(notices.components()) == []
    named = {one.name.split()[0] for one in notices.components()}
    assert set(audit.EXCEPTIONS) <= named, "no exception is left over"
