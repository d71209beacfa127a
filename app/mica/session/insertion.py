"""The queue of texts on their way into windows, one after the other, and back out.

What is done with one is placing.py's and taking_back.py's business. It keeps, in
memory, what was inserted lately, and what the clipboard held before something was left
there.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from mica.host.ports import Host, Permission, Snapshot
from mica.session.placing import Placing, Report, Words
from mica.session.taking_back import PuttingBack, TakingBack
from mica.session.trail import Trail

MOST: Final = 3  # set aside: by one text, and by an undo before it


class Insertion:
    """Main thread only; tick() every host.paste.POLL_S while busy.

    set_aside   what the clipboard held before a text of ours, or before a copy that may
                not be the user's; oldest first
    """

    def __init__(self, host: Host) -> None:
        self.set_aside: tuple[Snapshot, ...] = ()
        self._host = host
        self._trail = Trail(host.hotkeys)
        self._waiting: deque[Placing | TakingBack | PuttingBack] = deque()
        self._left: int | None = None  # the clipboard's count with a text left there
        self._asked = False  # for the permission to paste; once is enough

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def add(self, words: Words) -> None:
        """Insert them when it is their turn."""
        self._waiting.append(Placing(words, *self._parts, self._ask))

    def take_back(self) -> None:
        """Delete the newest insertion, when it is its turn."""
        self._waiting.append(TakingBack(*self._parts))

    def make_raw(self, keywords: tuple[str, ...]) -> None:
        """Put the words alone where the newest insertion stands."""
        self._waiting.append(TakingBack(*self._parts, keywords))

    def restore_clipboard(self) -> None:
        """Put there again what was set aside last, when it is its turn."""
        board = self._host.clipboard
        self._waiting.append(PuttingBack(board, lambda: self.set_aside))

    def holds(self, utterance: int) -> bool:
        """Whether its text is on its way."""
        placings = (job for job in self._waiting if isinstance(job, Placing))
        return any(job.words.utterance == utterance for job in placings)

    def tick(self, now_s: float, *, speaking: bool) -> Report | None:
        """Do what is due; a report when one is done with.

        speaking   the hold key is down: wait for it as long as it takes
        """
        if not self._waiting:
            return None
        report = self._waiting[0].step(now_s, speaking=speaking)
        if report is not None:
            self._waiting.popleft()
            self._keep(report.replaced)
        return report

    def abandon(self) -> None:
        """The app quits, or the user went: the clipboard is put back now."""
        for job in self._waiting:
            self._keep(job.abandon())
        self._waiting.clear()

    @property
    def _parts(self) -> tuple[Host, Trail, Callable[[str], None]]:
        return self._host, self._trail, self._leave

    def _leave(self, text: str) -> None:
        """On the clipboard, for the user to paste."""
        board = self._host.clipboard
        held = board.snapshot()
        if board.change_count() != self._left:  # else it is ours
            self._keep((held,))
        board.copy(text)
        self._left = board.change_count()

    def _keep(self, replaced: tuple[Snapshot, ...]) -> None:
        new = [held for held in replaced if held.pieces]
        old = [held for held in self.set_aside if held not in new]
        self.set_aside = (*old, *new)[-MOST:]

    def _ask(self) -> None:
        if not self._asked:
            self._asked = True
            self._host.permissions.request(Permission.INSERTION)
