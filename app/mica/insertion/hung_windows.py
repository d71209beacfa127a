"""Windows that were sent keys of ours and neither acted on them nor answered since.

Such a window hangs, and acts on the keys when it wakes, with what the clipboard holds
then. Until it answers no text of ours may lie there for another window. Pure; time
comes in.

    0.0   Ctrl+V is sent to the editor, which hangs
    8.0   the paste gives up: add(UnansweredKeys(editor, 0.0, answered))
    9.0   a text for the browser: any_hung() is true, so it is typed, not pasted
          a text for the editor: is_hung(editor), so it is not sent at all
    20.0  the editor wakes, pastes what the user has on the clipboard, and answers
    20.1  any_hung() is false: texts are pasted again
"""

from dataclasses import dataclass
from typing import Final

from mica.host.ports import WindowProbe
from mica.host.values import Target

DEAD_S: Final = 600.0  # a window that has been silent for so long never wakes


@dataclass(frozen=True, slots=True)
class UnansweredKeys:
    """Keys that paste or copy, and were not seen to do so.

    sent_s   when
    probe    whether the target has handled them, as far as the host can tell; None once
             it is closed
    """

    target: Target
    sent_s: float
    probe: WindowProbe


class HungWindows:
    """Main thread only."""

    def __init__(self) -> None:
        self._unanswered: dict[Target, UnansweredKeys] = {}

    def add(self, keys: UnansweredKeys | None) -> None:
        """The newest keys of a window count: one that has handled those has handled all
        before them. None: the window answered."""
        if keys is not None:
            self._unanswered[keys.target] = keys

    def any_hung(self, now_s: float) -> bool:
        """Whether any window hangs."""
        known = self._unanswered.items()
        self._unanswered = {of: keys for of, keys in known if _may_act(keys, now_s)}
        return bool(self._unanswered)

    def is_hung(self, target: Target, now_s: float) -> bool:
        """Whether this window hangs."""
        is_any = self.any_hung(now_s)
        return is_any and any(target.same_place(of) for of in self._unanswered)


def cannot_probe(target: Target) -> WindowProbe:
    """ports.Host.probe_window, where no window can be probed."""
    return lambda: True


def _may_act(keys: UnansweredKeys, now_s: float) -> bool:
    """Whether the window may yet do what the keys say."""
    return now_s - keys.sent_s < DEAD_S and keys.probe() is False
