"""The general pasteboard with its privacy, and who else reads and writes it."""

from typing import TYPE_CHECKING, Any

from support.fake_pasteboard import TEXT, FakeData, FakeItem, FakePasteboard

if TYPE_CHECKING:
    from host.rehearsal.fake_mac.mac import Mac

#: NSPasteboardAccessBehavior (NSPasteboard.h, since 15.4). Default asks, too, on what
#: Apple calls programmatic access, and is Ask from the first alert on (audit 6).
DEFAULT, ASK, ALWAYS_ALLOW, ALWAYS_DENY = range(4)


class SlowItem(FakeItem):
    """An item whose owner makes each type only when it is asked for, and takes its time
    (Maccy#217: seconds, by Excel; Talkify#41: for ever)."""

    mac: "Mac"
    takes_s = 0.0

    def dataForType_(self, type: str) -> FakeData | None:
        self.mac.wait(self.takes_s)
        return super().dataForType_(type)


class Pasteboard(FakePasteboard):
    """behavior: what the user allows the responsible process.

    alerts   how often macOS has asked the user whether we may read
    """

    def __init__(self, mac: "Mac") -> None:
        super().__init__()
        self._mac = mac
        self.behavior = DEFAULT
        self.alerts = 0
        self.asks_by_default = False  # seen enforced by nobody yet (audit 6)
        self.answer_after_s = 0.0  # how long the user looks at the alert, real seconds
        self.shared: list[str] = []  # texts of ours that other devices were offered
        self.eager_reader = False  # a clipboard manager that ignores the markers

    def accessBehavior(self) -> int:
        return self.behavior

    def pasteboardItems(self) -> list[FakeItem]:
        """As our process reads it."""
        if self.behavior == ASK or (self.behavior == DEFAULT and self.asks_by_default):
            self.alerts += 1  # a program hangs where it cannot show (FB17775671)
            self.behavior = ASK
            self._mac.over.wait(self.answer_after_s)  # “Don’t Allow”
        return [] if self.behavior in (ASK, ALWAYS_DENY) else self.items

    def addTypes_owner_(self, types: list[str], owner: Any) -> int:
        if not self.is_here_only:  # Universal Clipboard takes what is there (audit 21)
            self.shared.append(str(owner.text))
        if self.eager_reader:  # it looks at the change count (Maccy: twice a second)
            self._mac.timers.later(0.005, self._read_early)
        return super().addTypes_owner_(types, owner)

    def keep(self, text: str, after_s: float) -> None:
        """A clipboard manager puts a text there again that it has seen."""
        self._mac.timers.later(after_s, lambda: self.user_copies(text))

    def _read_early(self) -> None:
        if self.owner is not None and TEXT in self.promised:
            self.read()

    def user_copies(self, text: str) -> None:
        """In another program."""
        self.items, self.owner, self.promised = [], None, []
        self.changes += 1
        self.setString_forType_(text, TEXT)

    def user_copies_slowly(self, takes_s: float, types: int) -> None:
        """What a program offers in many types and makes when asked."""
        self.user_copies("a table")
        names = [f"com.example.type-{number}" for number in range(types)]
        item = SlowItem({name: FakeData(b"a table") for name in names})
        item.mac, item.takes_s = self._mac, takes_s
        self.items = [item]

    def read_by_program(self) -> str:
        """What a program that the user pastes into gets; no alert is shown for that."""
        if not self.items or TEXT not in {*self.items[0].held, *self.promised}:
            return ""
        return self.read().decode()

    @property
    def text(self) -> str:
        """What is on it, read by nobody; of a promise what its owner would give."""
        if TEXT in self.promised:
            owner = self.owner()
            return str(owner.text) if owner is not None else ""
        held = self.items[0].held.get(TEXT) if self.items else None
        return held.decode() if held else ""
