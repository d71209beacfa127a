"""A window with a text field, and the clipboard of the user."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from faults.world import World
from mica.bench.simulated_clipboard import SimulatedClipboard, text_snapshot
from mica.errors import MicaError
from mica.host.values import Target

EDITOR: Final = Target(1, 100, "Editor")
LATE_S: Final = 0.06  # after the keys, the window reads the clipboard


@dataclass
class WindowFaults:
    """What goes wrong; a test changes it at any time.

    hung      it handles no keys; those that it got are handled later
    gone      no window has the focus
    refusal   no keys can be sent
    """

    hung: bool = False
    gone: bool = False
    refusal: MicaError | None = None


class Window:
    """The focused window. Implements the paster, the typist and the focus.

    text       what is in its field
    theirs     what the user has copied
    on_keys    called when it is sent keys
    """

    def __init__(self, world: World) -> None:
        self.faults, self.text = WindowFaults(), ""
        self.theirs = "what the user had copied"
        self.clipboard = SimulatedClipboard(text_snapshot(self.theirs))
        self.on_keys: Callable[[], None] = lambda: None
        self._world = world

    @property
    def clipboard_text(self) -> str:
        return b"".join(piece.data for piece in self.clipboard.held.pieces).decode()

    def current(self) -> Target | None:
        return None if self.faults.gone else EDITOR

    def secure_input_owner(self) -> str | None:
        return None

    def focused_screen_point(self) -> tuple[int, int] | None:
        return None

    def ready(self) -> bool:
        return True

    def can_paste(self, target: Target) -> bool:
        return True

    def press_paste_keys(self, target: Target) -> None:
        self._keys()
        self._world.later(LATE_S, self._paste)

    def press_return(self, target: Target) -> None:
        self._keys()

    def prepare(self, text: str, target: Target) -> int:
        return len(text)

    def type(self, text: str) -> None:
        self._keys()
        self.text += text

    def layout_changed(self) -> bool:
        return False

    def finish(self) -> None:
        """Nothing to restore."""

    def probe(self, target: Target) -> Callable[[], bool | None]:
        return lambda: not self.faults.hung

    def _keys(self) -> None:
        self.on_keys()
        if self.faults.refusal is not None:
            raise self.faults.refusal

    def _paste(self) -> None:
        if self.faults.hung:
            self._world.later(LATE_S, self._paste)
        elif not self.faults.gone:
            pieces = self.clipboard.read().pieces
            self.text += b"".join(piece.data for piece in pieces).decode()
