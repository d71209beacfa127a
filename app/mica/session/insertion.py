"""The queue of texts on their way into windows, one after the other, and back out.

What is done with one is placing.py's and taking_back.py's business. It keeps, in
memory, what was inserted lately, and what the clipboard held before something was left
there.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mica.host.owed import Owed
from mica.host.ports import Host, Permission, Snapshot, Target
from mica.host.takeback import text_of
from mica.session.context import Context
from mica.session.placing import Placing, Report, Words
from mica.session.taking_back import PuttingBack, TakingBack
from mica.session.trail import Trail

MOST: Final = 4  # set aside: by one text, an undo before it, and what is put back
WITHDRAWN: Final = (
    "The text left on the clipboard was taken off it; it is in the history."
)


class Insertion:
    """Main thread only; tick() every host.paste.POLL_S while busy.

    set_aside   what the clipboard held before a text of ours, or before a copy that may
                not be the user's; oldest first
    """

    def __init__(self, host: Host) -> None:
        self.set_aside: tuple[Snapshot, ...] = ()
        self._host = host
        trail = Trail(host.hotkeys, host.last_blank)
        self._context = Context(host.query, host.hotkeys, trail)
        self._waiting: deque[Placing | TakingBack | PuttingBack] = deque()
        self._left: str | None = None  # the text of ours that was left there last
        self._owed = Owed()
        self._now_s = 0.0
        self._withdrew = False  # and it was not said yet
        self._asked = False  # for the permission to paste; once is enough

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def add(self, words: Words) -> None:
        """Insert them when it is their turn."""
        host, owed = self._host, self._owed
        placing = Placing(words, host, self._context, owed, self._leave, self._ask)
        self._waiting.append(placing)

    def look(self, target: Target) -> None:
        """A text for it is being spoken: find out what stands there."""
        self._context.look(target)

    def take_back(self) -> None:
        """Delete the newest insertion, when it is its turn."""
        self._waiting.append(TakingBack(*self._parts))

    def make_raw(self, keywords: tuple[str, ...]) -> None:
        """Put the words alone where the newest insertion stands."""
        self._waiting.append(TakingBack(*self._parts, keywords))

    def restore_clipboard(self) -> None:
        """Put there again what was set aside last, when it is its turn."""
        self._waiting.append(PuttingBack(self._host.clipboard, self._exchange))

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
        self._now_s = now_s
        report = self._waiting[0].step(now_s, speaking=speaking)
        if report is not None:
            self._keep(report.replaced)
        self._withdraw()
        if report is None:
            return None
        self._waiting.popleft()
        self._context.forget()
        if not self._withdrew:
            return report
        self._withdrew = False
        said = f"{report.message} {WITHDRAWN}" if report.message else WITHDRAWN
        return replace(report, message=said)

    def abandon(self) -> None:
        """The app quits, or the user went: the clipboard is put back now."""
        for job in self._waiting:
            self._keep(job.abandon())
        self._waiting.clear()
        self._withdraw()
        self._withdrew = False  # nobody is here to be told

    @property
    def _parts(self) -> tuple[Host, Trail, Owed, Callable[[str], bool]]:
        return self._host, self._context.trail, self._owed, self._leave

    def _leave(self, text: str) -> bool:
        """On the clipboard, for the user to paste; False where it must not be."""
        if self._owed.is_any(self._now_s):
            return False
        board = self._host.clipboard
        held = board.snapshot()
        if not self._is_left(held):
            self._keep((held,))
        board.copy(text)
        self._left = text
        return True

    def _withdraw(self) -> None:
        """A text that was left on the clipboard, lest a window that hangs paste it."""
        if self._left is None or not self._owed.is_any(self._now_s):
            return
        board = self._host.clipboard
        if self._is_left(board.snapshot()):
            aside = [held for held in self.set_aside if not self._is_left(held)]
            self.set_aside = tuple(aside)
            board.restore(aside[-1] if aside else Snapshot())
            self._withdrew = True
        self._left = None

    def _is_left(self, held: Snapshot) -> bool:
        return self._left is not None and text_of(held) == self._left

    def _keep(self, replaced: tuple[Snapshot, ...]) -> None:
        new = [held for held in replaced if held.pieces]
        old = [held for held in self.set_aside if held not in new]
        self.set_aside = (*old, *new)[-MOST:]

    def _exchange(self, held: Snapshot) -> Snapshot | None:
        """The newest that was set aside, for what the clipboard holds; that becomes the
        oldest, so that asked again and again each comes in turn. None: there is none.
        It stays set aside too: a window may yet copy over it.
        """
        others = [other for other in self.set_aside if other != held]
        if not others:
            return None
        first = (held,) if held.pieces else ()
        self.set_aside = (*first, *others[1 - MOST :])
        return others[-1]

    def _ask(self) -> None:
        if not self._asked:
            self._asked = True
            self._host.permissions.request(Permission.INSERTION)
