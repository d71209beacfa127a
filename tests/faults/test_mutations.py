"""For each part that keeps the laws, a run breaks one if that part is undone."""

import pytest
from PySide6.QtWidgets import QApplication

from faults.mutations import MUTATIONS, Mutation
from faults.runs import case, play


def name_of(mutation: Mutation) -> str:
    return f"{mutation.undo.__name__.replace('_', ' ')} in {mutation.run}"


@pytest.mark.parametrize("mutation", MUTATIONS, ids=name_of)
def test_a_law_breaks_without_the_mend(mutation: Mutation, qapp: QApplication) -> None:
    """The tests of faults run the same with the mend."""
    broken = play(case(mutation.run), qapp, mutation.undo)
    assert mutation.law in {one.law for one in broken}, broken
