"""Tests that for each fix, a script fails if the fix is undone."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from host.rehearsal.mutations import MUTATIONS, NOT_SEEN, Mutation
from host.rehearsal.rehearse import mac_at, rehearse
from host.rehearsal.scripts import SCRIPTS

FINDINGS = range(1, 24)  # numbers in the audit


def name_of(mutation: Mutation) -> str:
    what = mutation.undo.__name__, mutation.story.__name__
    return f"{mutation.finding or ''} {' in '.join(what)}".strip().replace("_", " ")


def test_every_mend_is_on_the_list() -> None:
    seen = {m.finding for m in MUTATIONS}
    assert seen | NOT_SEEN.keys() >= {*FINDINGS}
    assert not NOT_SEEN.keys() & seen


@pytest.mark.parametrize("mutation", MUTATIONS, ids=name_of)
def test_a_script_fails_without_the_mend(
    mutation: Mutation, tmp_path: Path, qapp: QApplication
) -> None:
    """test_rehearsal.py verifies that the same script passes with the fix."""
    wanted = mutation.story, mutation.version
    [script] = [one for one in SCRIPTS if (one.story, one.version) == wanted]
    mac = mac_at(tmp_path, version=script.version)
    script.prepare(mac)
    with pytest.raises(AssertionError, match=mutation.complaint):
        rehearse(script.story, mac, qapp, mutation.undo)
