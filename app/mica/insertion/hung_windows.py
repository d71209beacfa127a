"""Windows that were sent keys and have neither acted on them nor answered since.

Such a window is hung; when it wakes, it acts on the keys with what the clipboard holds
then. Until it answers, no text for another window may be on the clipboard. Pure; the
caller supplies the time.

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

DEAD_S: Final = 600.0  # a window silent for this long is presumed dead


@dataclass(frozen=True, slots=True)
class UnansweredKeys:
    """Keys that paste or copy, without evidence that they did.

    sent_s   when they were sent
    probe    whether the target has handled them, as far as the host can tell; None once
             it is closed
    """

    target: Target
    sent_s: float
    probe: WindowProbe


class HungWindows:
    """The windows with unanswered keys. Threads: main thread only."""

    def __init__(self) -> None:
        self._unanswered: dict[Target, UnansweredKeys] = {}

    def add(self, keys: UnansweredKeys | None) -> None:
        """Record a window's newest keys, which supersede earlier ones: a window handles
        keys in order. None: the window answered."""
        if keys is not None:
            self._unanswered[keys.target] = keys

    def any_hung(self, now_s: float) -> bool:
        """Whether any window hangs."""
        known = self._unanswered.items()
        self._unanswered = {of: keys for of, keys in known if _may_act(keys, now_s)}
        return bool(self._unanswered)

    def is_hung(self, target: Target, now_s: float) -> bool:
        """Whether this window hangs; False if none does."""
        is_any = self.any_hung(now_s)
        return is_any and any(target.same_place(of) for of in self._unanswered)


def cannot_probe(target: Target) -> WindowProbe:
    """A ports.Host.probe_window for hosts that cannot probe windows."""
    return lambda: True


def _may_act(keys: UnansweredKeys, now_s: float) -> bool:
    """Whether the window may yet act on the keys."""
    return now_s - keys.sent_s < DEAD_S and keys.probe() is False
