"""A fake text field that obeys keys and copies to a fake clipboard."""

from dataclasses import dataclass, field

from mica.errors import MicaError
from mica.host.values import Target
from support.fake_paste import TARGET, CountingClipboard


@dataclass
class FakeEditor:
    """A text with a caret; `anchor` is where the selection began. Implements
    ports.Caret, Focus and parts of Hotkeys.

    reports_surrounding   Accessibility reports the text before the caret
    reports_selection     Accessibility reports the selection
    copies                False: the copy shortcut is ignored
    late                  copying is delayed until finish_copy()
    presses               number of the user's key presses, in any window
    """

    clipboard: CountingClipboard
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
            self.clipboard.users_copy(self.selection)

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
        """Replace the selection, as typing or pasting does."""
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
        self.put(self.clipboard.read().pieces[0].data.decode())

    def press_return(self, target: Target) -> None:
        self.put("\n")

    def _refuse(self) -> None:
        if self.why is not None:
            raise self.why
