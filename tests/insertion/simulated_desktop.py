"""Two simulated windows with a clipboard and focus, which handle keys late."""

import heapq
import itertools
from collections.abc import Callable
from typing import Final, NamedTuple

from mica.bench.paste import MANAGER_PID
from mica.errors import InsertionError
from mica.host.ports import WindowProbe
from mica.host.values import Target
from support.fake_editor import FakeEditor
from support.fake_paste import CountingClipboard, text_snapshot

PLACES: Final = {1: Target(1, 10, "Editor"), 2: Target(2, 20, "Browser")}


class Pasted(NamedTuple):
    """A text that was pasted or typed.

    is_offer   it was Mica's, not the clipboard's content for the user
    """

    window: int
    text: str
    is_offer: bool = True


class SimulatedDesktop:
    """Two windows that handle their keys late and in order, one clipboard, one focus.
    If they answer Accessibility, they report what they already show. Implements
    ports.Paster, Typist, Caret, Focus and Host.probe_window."""

    def __init__(self) -> None:
        self.clipboard = CountingClipboard()
        self.windows = {number: FakeEditor(self.clipboard, "") for number in PLACES}
        self.pasted: list[Pasted] = []
        self.copied: set[str] = set()  # texts copied by the windows
        self._typing = False
        self.focused: int | None = 1
        self.now_s = 0.0
        self.late_s = dict.fromkeys(PLACES, 0.0)
        self.pastes_due = dict.fromkeys(PLACES, 0)
        self.offered_to = 0  # the window that was last sent the paste keys
        self.modified = self.refuses = False
        self.takeover_s: float | None = None  # a manager's delay; None = no manager
        self.on_takeover: Callable[[], None] = lambda: None
        self._published = 0
        self.copies_due = 0
        self._numbers = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._busy_until_s = dict.fromkeys(PLACES, 0.0)

    def look(self) -> None:
        """Let a clipboard manager see what was published, and take it over later."""
        texts = self.clipboard.published
        if self.takeover_s is not None:
            for text in texts[self._published :]:
                self.clipboard.read(by_another=True)
                self._at(
                    self.now_s + self.takeover_s, lambda text=text: self._own(text)
                )
        self._published = len(texts)

    def _own(self, text: str) -> None:
        if self.takeover_s is not None:
            self.on_takeover()
            self.clipboard.hold(text_snapshot(text), MANAGER_PID)

    def advance(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self._due and self._due[0][0] <= until_s:
            self.now_s, _, act = heapq.heappop(self._due)
            act()
        self.now_s = until_s

    def send(
        self, act: Callable[[FakeEditor], None], number: int | None = None
    ) -> None:
        """Send a key to a window; without a number, to the focused one."""
        number = number or self.focused
        if number is None:
            return
        at_s = max(self._busy_until_s[number], self.now_s + self.late_s[number])
        self._busy_until_s[number] = at_s
        window = self.windows[number]
        self._at(at_s, lambda: act(window))

    def _at(self, at_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at_s, next(self._numbers), act))

    def current(self) -> Target | None:
        return PLACES[self.focused] if self.focused else None

    def secure_input_owner(self) -> str | None:
        return None

    def focused_screen_point(self) -> tuple[int, int] | None:
        return None

    def ready(self) -> bool:
        return not self.modified

    def can_paste(self, target: Target) -> bool:
        return True

    def press_paste_keys(self, target: Target) -> None:
        self._ours(self._paste)
        if self.focused is not None:
            self.pastes_due[self.focused] += 1
            self.offered_to = self.focused

    def press_return(self, target: Target) -> None:
        """Press Return, which must not reach another window."""
        assert self.focused is not None and PLACES[self.focused] == target
        self._ours(lambda window: window.put("\n"))

    def prepare(self, text: str, target: Target) -> int:
        self._typing = False
        return len(text)

    def type(self, text: str) -> None:
        self._ours(lambda window: window.put(text))
        if self.focused is None:
            return
        typed = self.pasted.pop().text if self._typing else ""
        self._typing = True
        self.pasted.append(Pasted(self.focused, typed + text))

    def layout_changed(self) -> bool:
        return False

    def finish(self) -> None:
        self._typing = False

    def probe_window(self, target: Target) -> WindowProbe:
        replies: list[bool] = []
        self.send(lambda window: replies.append(True), target.window)
        return lambda: any(replies)

    def text_before(self, text: str) -> str | None:
        return self.windows[self.focused].text_before(text) if self.focused else None

    def select_back(self, count: int) -> None:
        self._ours(lambda window: window.select_back(count))

    def selected_text(self) -> str | None:
        return self.windows[self.focused].selected_text() if self.focused else None

    def copy(self) -> None:
        self._ours(self._copy)
        self.copies_due += self.focused is not None

    def delete(self) -> None:
        self._ours(FakeEditor.delete)

    def collapse_selection(self) -> None:
        self._ours(FakeEditor.collapse_selection)

    def _ours(self, act: Callable[[FakeEditor], None]) -> None:
        assert not self.modified, "a key of ours under a modifier"
        if self.refuses:
            raise InsertionError("No keys.")
        self.send(act)

    def _paste(self, window: FakeEditor) -> None:
        is_offer = self.clipboard.ours is not None
        pieces = self.clipboard.read().pieces
        text = pieces[0].data.decode() if pieces else ""
        number = next(n for n, known in self.windows.items() if known is window)
        self.pastes_due[number] -= 1
        self.pasted.append(Pasted(number, text, is_offer))
        window.put(text)

    def _copy(self, window: FakeEditor) -> None:
        self.copies_due -= 1
        self.copied.add(window.selection)
        window.finish_copy()
