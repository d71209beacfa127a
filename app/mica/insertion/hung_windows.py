"""Windows that were sent keys of ours and neither acted on them nor answered since.

Such a window hangs, and acts on them when it wakes, with what the clipboard holds then.
Until it answers no text of ours should lie there for another. Pure; time comes in.
"""

from dataclasses import dataclass
from typing import Final

from mica.host.ports import Answered, Target

DEAD_S: Final = 600.0  # a window that has been silent for so long never wakes


@dataclass(frozen=True, slots=True)
class UnansweredKeys:
    """Keys that paste or copy, and were not seen to do so.

    sent_s     when
    answered   whether the target is through with them, as far as the host can tell
    """

    target: Target
    sent_s: float
    answered: Answered


class HungWindows:
    """Main thread only."""

    def __init__(self) -> None:
        self._debts: dict[Target, UnansweredKeys] = {}

    def add(self, debt: UnansweredKeys | None) -> None:
        """The newest of a window counts: whoever is through with it is through with
        those before. None: nothing is owed."""
        if debt is not None:
            self._debts[debt.target] = debt

    def any_hung(self, now_s: float) -> bool:
        """Whether a window hangs."""
        known = self._debts.items()
        self._debts = {of: debt for of, debt in known if not _is_over(debt, now_s)}
        return bool(self._debts)

    def is_hung(self, target: Target, now_s: float) -> bool:
        """Whether this one does."""
        return self.any_hung(now_s) and any(target.same_place(of) for of in self._debts)


def cannot_probe(target: Target) -> Answered:
    """ports.Host.ask, where no window can be asked."""
    return lambda: True


def _is_over(debt: UnansweredKeys, now_s: float) -> bool:
    return now_s - debt.sent_s >= DEAD_S or debt.answered() is not False
