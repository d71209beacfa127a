"""The general pasteboard with its privacy alerts, and other programs that use it."""

from typing import TYPE_CHECKING, Any

from support.fake_pasteboard import TEXT, FakeData, FakeItem, FakePasteboard

if TYPE_CHECKING:
    from host.rehearsal.fake_mac.mac import Mac

#: NSPasteboardAccessBehavior (NSPasteboard.h, since 15.4). Default also asks, on what
#: Apple calls programmatic access, and becomes Ask with the first alert (audit 6).
DEFAULT, ASK, ALWAYS_ALLOW, ALWAYS_DENY = range(4)


class SlowItem(FakeItem):
    """An item whose owner produces each type only on request, and slowly (Maccy#217:
    seconds, with Excel; Talkify#41: forever)."""

    mac: "Mac"
    delay_s = 0.0

    def dataForType_(self, type: str) -> FakeData | None:
        self.mac.wait(self.delay_s)
        return super().dataForType_(type)


class Pasteboard(FakePasteboard):
    """The general pasteboard.

    behavior   what the user allows the responsible process
    alerts     how often macOS has asked the user whether we may read
    """

    def __init__(self, mac: "Mac") -> None:
        super().__init__()
        self._mac = mac
        self.behavior = DEFAULT
        self.alerts = 0
        self.asks_by_default = False  # not yet observed on any macOS (audit 6)
        self.answer_after_s = 0.0  # how long the alert is shown, in real seconds
        self.shared: list[str] = []  # our texts that were offered to other devices
        self.eager_reader = False  # a clipboard manager that ignores the markers

    def accessBehavior(self) -> int:
        return self.behavior

    def pasteboardItems(self) -> list[FakeItem]:
        """The items as our process can read them."""
        if self.behavior == ASK or (self.behavior == DEFAULT and self.asks_by_default):
            self.alerts += 1  # if it cannot be shown, the program hangs (FB17775671)
            self.behavior = ASK
            self._mac.over.wait(self.answer_after_s)  # “Don’t Allow”
        return [] if self.behavior in (ASK, ALWAYS_DENY) else self.items

    def addTypes_owner_(self, types: list[str], owner: Any) -> int:
        if not self.is_here_only:  # Universal Clipboard offers everything (audit 21)
            self.shared.append(str(owner.text))
        if self.eager_reader:  # it polls the change count (Maccy: twice a second)
            self._mac.timers.later(0.005, self._read_early)
        return super().addTypes_owner_(types, owner)

    def copy_again(self, text: str, after_s: float) -> None:
        """Let a clipboard manager copy a text again that it has seen."""
        self._mac.timers.later(after_s, lambda: self.user_copies(text))

    def _read_early(self) -> None:
        if self.owner is not None and TEXT in self.promised:
            self.read()

    def user_copies(self, text: str) -> None:
        """Copy text as the user does in another program."""
        self.items, self.owner, self.promised = [], None, []
        self.changes += 1
        self.setString_forType_(text, TEXT)

    def user_copies_slowly(self, delay_s: float, types: int) -> None:
        """Copy something that a program offers in many types, produced on request."""
        self.user_copies("a table")
        names = [f"com.example.type-{number}" for number in range(types)]
        item = SlowItem({name: FakeData(b"a table") for name in names})
        item.mac, item.delay_s = self._mac, delay_s
        self.items = [item]

    def read_by_program(self) -> str:
        """The text that a program gets if the user pastes; this shows no alert."""
        if not self.items or TEXT not in {*self.items[0].held, *self.promised}:
            return ""
        return self.read().decode()

    @property
    def text(self) -> str:
        """The text, without counting as a read; for a promise, its owner's text."""
        if TEXT in self.promised:
            owner = self.owner()
            return str(owner.text) if owner is not None else ""
        held = self.items[0].held.get(TEXT) if self.items else None
        return held.decode() if held else ""
