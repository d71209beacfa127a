"""Words on their way into the window they were spoken for, one after the other.

Checks that the window is still there, waits for held modifiers, then leaves the paste
to host/paste. Text that cannot be inserted goes to the clipboard, and it is said. It
writes no history and keeps no text after its report.
"""

from collections import deque
from dataclasses import dataclass

from mica.errors import MicaError, PermissionDenied
from mica.history.store import Status
from mica.host.paste import MODIFIERS_S, Fate, Outcome, PasteTransaction
from mica.host.ports import Host, Permission, Target

_COPIED = "The text is on the clipboard."


@dataclass(frozen=True, slots=True)
class Words:
    """A text and the window it is for; None where there was none."""

    utterance: int
    text: str
    target: Target | None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of them; `message` for the user, None where all went well."""

    utterance: int
    status: Status
    message: str | None = None


class Insertion:
    """Main thread only; tick() every host.paste.POLL_S while busy."""

    def __init__(self, host: Host, *, restore: bool) -> None:
        """`restore`: put back what was on the clipboard."""
        self._host, self._restore = host, restore
        self._waiting: deque[Words] = deque()
        self._paste: PasteTransaction | None = None
        self._held_since_s: float | None = None
        self._asked = False  # for the permission to paste; once is enough

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def add(self, words: Words) -> None:
        self._waiting.append(words)

    def tick(self, now_s: float, *, speaking: bool) -> Report | None:
        """Do what is due; a report when a text is done with.

        speaking   the hold key is down: wait for it as long as it takes
        """
        if not self._waiting:
            return None
        words = self._waiting[0]
        try:
            report = self._advance(words, now_s, speaking)
        except MicaError as why:
            report = self._copied(words, why.line())
        if report is not None:
            self._waiting.popleft()
            self._paste = self._held_since_s = None
        return report

    def abandon(self) -> None:
        """The app quits: the clipboard is put back now."""
        if self._paste is not None:
            self._paste.abandon()
        self._waiting.clear()
        self._paste = None

    def _advance(self, words: Words, now_s: float, speaking: bool) -> Report | None:
        if self._paste is None:
            if not self._host.paster.ready():
                return self._held(words, now_s, speaking)
            problem = self._problem(words.target)
            if problem is not None or words.target is None:
                return self._copied(words, problem or "")
            self._paste = PasteTransaction(
                words.text,
                words.target,
                self._host.clipboard_for(words.target),
                self._host.paster,
                restore=self._restore,
            )
        outcome = self._paste.evaluate(now_s)
        return None if outcome is None else self._report(words, outcome)

    def _held(self, words: Words, now_s: float, speaking: bool) -> Report | None:
        if speaking or self._held_since_s is None:
            self._held_since_s = now_s
        if now_s - self._held_since_s < MODIFIERS_S:
            return None
        return self._copied(words, "A modifier key is held down.")

    def _problem(self, target: Target | None) -> str | None:
        """Why the text may not go into the window; None when it may."""
        if target is None:
            return "No window had the keyboard."
        current = self._host.focus.current()
        if current is None or not current.same_place(target):
            return "Another window has the keyboard now."
        return "This field takes no text from programs." if current.secure else None

    def _report(self, words: Words, outcome: Outcome) -> Report:
        if outcome.fate is Fate.INSERTED:
            return Report(words.utterance, Status.INSERTED)
        if outcome.fate is Fate.UNREAD:
            message = "The window did not take the text. It is in the history."
            return Report(words.utterance, Status.WRITTEN, message)
        if isinstance(outcome.why, PermissionDenied) and not self._asked:
            self._asked = True
            self._host.permissions.request(Permission.INSERTION)
        why = outcome.why.line() if outcome.why else "A modifier key is held down."
        return self._copied(words, why)

    def _copied(self, words: Words, why: str) -> Report:
        self._host.clipboard.copy(words.text)
        return Report(words.utterance, Status.COPIED, f"{why} {_COPIED}")
