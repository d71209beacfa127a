"""A text field that does what keys say, with a clipboard it copies to."""

from dataclasses import dataclass, field

from mica.errors import MicaError
from mica.host.values import Target
from support.fake_board import TARGET, FakeBoard


@dataclass
class FakeEditor:
    """A caret in a text; `anchor` is where a selection began. See ports.Caret,
    Focus and Hotkeys.

    reports_surrounding   by Accessibility, what stands before the caret
    reports_selection     by Accessibility, what is selected
    copies                False: it ignores the keys that copy
    late                  copies waiting until finish_copy()
    presses               of the user, in any window
    """

    board: FakeBoard
    text: str
    reports_surrounding: bool = False
    reports_selection: bool = False
    copies: bool = True
    late: bool = False
    target: Target | None = TARGET
    presses: int | None = 0
    is_ready: bool = True
    why: MicaError | None = None
    deleted: list[str] = field(default_factory=list)
    queries: int = 0

    def __post_init__(self) -> None:
        self.caret = self.anchor = len(self.text)

    def text_before(self, text: str) -> str | None:
        if not self.reports_surrounding:
            return None
        first = max(0, self.caret - len(text))
        return "" if self.selection else self.text[first : self.caret]

    def select_back(self, count: int) -> None:
        self._refuse()
        self.caret = max(0, self.caret - count)

    def selected_text(self) -> str | None:
        return self.selection if self.reports_selection else None

    def copy(self) -> None:
        self._refuse()
        self.queries += 1
        if self.copies and not self.late:
            self.finish_copy()

    def finish_copy(self) -> None:
        if self.selection:
            self.board.users_copy(self.selection)

    def delete(self) -> None:
        self._refuse()
        self.deleted.append(self.selection)
        self.put("")

    def collapse_selection(self) -> None:
        self._refuse()
        if self.selection:
            self.caret = self.anchor = max(self.caret, self.anchor)
        else:
            self.caret = self.anchor = min(self.caret + 1, len(self.text))

    def put(self, text: str) -> None:
        """Typed or pasted over what is selected."""
        first, last = sorted((self.caret, self.anchor))
        self.text = self.text[:first] + text + self.text[last:]
        self.caret = self.anchor = first + len(text)

    @property
    def selection(self) -> str:
        first, last = sorted((self.caret, self.anchor))
        return self.text[first:last]

    def press_count(self) -> int | None:
        return self.presses

    def current(self) -> Target | None:
        return self.target

    def secure_input_owner(self) -> str | None:
        return None

    def focused_screen_point(self) -> tuple[int, int] | None:
        return None

    def ready(self) -> bool:
        return self.is_ready

    def can_paste(self, target: Target) -> bool:
        return True

    def press_paste_keys(self, target: Target) -> None:
        self._refuse()
        self.put(self.board.read().pieces[0].data.decode())

    def press_return(self, target: Target) -> None:
        self.put("\n")

    def _refuse(self) -> None:
        if self.why is not None:
            raise self.why
