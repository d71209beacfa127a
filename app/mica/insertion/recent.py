"""Recent insertions and their windows, so that the next text can continue from them.

It reads no window. What Mica inserted is known to be before the caret until something
is pressed; after that the change is derived from the key presses (caret_text.py), and
in a window without our text from those alone. The texts are kept in memory only, and
only the latest. The IDs of the latest windows are kept in one file, so that after a
restart a text is still fitted to the text in such a window.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import msgspec

from mica import paths
from mica.host.apps import is_terminal
from mica.host.ports import Hotkeys
from mica.host.values import Keystroke, SurroundingText, Target
from mica.insertion.caret_text import UNKNOWN, apply_strokes

MAX_WINDOWS: Final = 50
_log = logging.getLogger(__name__)
_Number = tuple[int, int | None]  # window and process IDs
MAX_INSERTIONS: Final = 20


class DictatedWindows:
    """path   the file they are saved in; None: not saved"""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._windows = deque(_read(path), maxlen=MAX_WINDOWS)

    def add(self, target: Target) -> bool:
        """Remember that a text went into this window; whether it is the first one."""
        number = target.window, target.pid
        if number in self._windows or not target.window:
            return False
        self._windows.append(number)
        self._save()
        return True

    def remove(self, target: Target) -> None:
        """Forget a window whose texts were all undone."""
        number = target.window, target.pid
        if number in self._windows:
            self._windows.remove(number)
            self._save()

    def has(self, target: Target) -> bool:
        return (target.window, target.pid) in self._windows

    def _save(self) -> None:
        if self._path is None:
            return
        try:
            self._path.write_bytes(msgspec.json.encode(list(self._windows)))
        except OSError as why:
            _log.warning("windows dictated into are not saved: %s", why)


def _read(path: Path | None) -> list[_Number]:
    """The saved windows; none if the file is missing or cannot be parsed."""
    try:
        saved = paths.read_own(path) if path is not None else b"[]"
        read = msgspec.json.decode(saved, type=list[_Number])
    except (OSError, msgspec.DecodeError):
        return []
    # Without a process, another program's window may have the same ID by now.
    return [number for number in read if number[1] is not None]


@dataclass(frozen=True, slots=True)
class InsertedText:
    """A text as it was inserted, including its spaces.

    presses     the user's other presses when its keys were sent; None if unknown
    after       the text after the caret at that time
    keywords    InsertRequest's
    submitted   Return was pressed after it
    is_first    nothing of Mica's was in the window before it
    """

    utterance: int
    text: str
    target: Target
    presses: int | None
    after: str = ""
    keywords: tuple[str, ...] = ()
    submitted: bool = False
    is_first: bool = field(default=False, compare=False)


class RecentInsertions:
    """The latest insertions. Threads: main thread only."""

    def __init__(
        self,
        hotkeys: Hotkeys,
        keystrokes_since: Callable[[int | None, Target], Iterable[Keystroke]],
        windows: DictatedWindows,
    ) -> None:
        """keystrokes_since   ports.Host.keystrokes_since"""
        self._hotkeys, self._strokes_since = hotkeys, keystrokes_since
        self._windows = windows
        self._inserted: deque[InsertedText] = deque(maxlen=MAX_INSERTIONS)
        self._at_caret = False  # whether the newest one ends there, as far as known

    def count_presses(self) -> int | None:
        """The number of the user's other presses so far; None if unknown."""
        return self._hotkeys.press_count()

    def add(self, inserted: InsertedText) -> None:
        """Add a text that arrived."""
        is_first = self._windows.add(inserted.target)
        self._inserted.append(replace(inserted, is_first=is_first))
        self._at_caret = True

    def remove(self, inserted: InsertedText) -> None:
        """Forget a text that was undone, and its window if nothing else was in it."""
        place = self._inserted.index(inserted)
        if self._inserted[place].is_first:
            self._windows.remove(inserted.target)
        del self._inserted[place]

    def submit(self, inserted: InsertedText) -> None:
        """Note that Return was pressed after the text that was added last."""
        is_first = self._inserted[-1].is_first
        self._inserted[-1] = replace(inserted, submitted=True, is_first=is_first)

    def move_on(self) -> None:
        """Note that the text before the caret may be another one now."""
        self._at_caret = False

    def last(self) -> InsertedText | None:
        """The newest text that was not undone; it may have been edited since."""
        return self._inserted[-1] if self._inserted else None

    def last_in(self, target: Target) -> InsertedText | None:
        """The newest text in that window."""
        texts = reversed(self._inserted)
        return next((t for t in texts if t.target.same_place(target)), None)

    def touched(self, inserted: InsertedText) -> bool:
        """Whether the user is known to have pressed anything since."""
        return self.count_presses() != inserted.presses

    def known(self, target: Target) -> SurroundingText | None:
        """The text around that window's caret, if it is still at the last insertion."""
        last = self._last_at_caret(target)
        return None if last is None or self.touched(last) else _around(last)

    def guess(self, target: Target) -> SurroundingText | None:
        """The same, derived from the keys pressed since; None if those tell nothing and
        no text of Mica's went into that window."""
        newest, last = self.last_in(target), self._last_at_caret(target)
        around = apply_strokes(
            None if last is None else _around(last),
            self._strokes_since(None if newest is None else newest.presses, target),
            in_terminal=is_terminal(target),
        )
        has_ours = newest is not None or self._windows.has(target)
        return around if has_ours or around != UNKNOWN else None

    def _last_at_caret(self, target: Target) -> InsertedText | None:
        """The last text, if only the user's presses can have moved the caret since."""
        last = self.last()
        if last is None or not self._at_caret or not last.target.same_place(target):
            return None
        return None if last.presses is None else last


def _around(inserted: InsertedText) -> SurroundingText:
    if inserted.submitted:
        return SurroundingText(f"{inserted.text}\n")
    return SurroundingText(inserted.text, inserted.after)
