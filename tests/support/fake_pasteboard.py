"""A fake NSPasteboard with promised data, as mica.host.macos sees it."""

import weakref
from dataclasses import dataclass, field
from typing import Any

HERE_ONLY = 1  # NSPasteboardContentsCurrentHostOnly
TEXT = "public.utf8-plain-text"


class NSObject:
    """Objective-C's two-step construction: alloc, then init."""

    @classmethod
    def alloc(cls) -> Any:
        return cls()

    def init(self) -> Any:
        return self

    def respondsToSelector_(self, name: str) -> bool:
        return hasattr(self, name)


class FakeData(bytes):
    """NSData."""

    def length(self) -> int:
        return len(self)


@dataclass
class FakeItem(NSObject):
    """NSPasteboardItem."""

    held: dict[str, FakeData | None] = field(default_factory=dict)

    def types(self) -> list[str]:
        return list(self.held)

    def dataForType_(self, type: str) -> FakeData | None:
        return self.held[type]

    def setData_forType_(self, data: bytes, type: str) -> None:
        self.held[type] = FakeData(data)


@dataclass
class FakePasteboard(NSObject):
    """NSPasteboard with promised data."""

    items: list[FakeItem] = field(default_factory=list)
    changes: int = 7
    owner: Any = None
    promised: list[str] = field(default_factory=list)
    is_here_only: bool = False  # not offered to the user's other devices

    def pasteboardItems(self) -> list[FakeItem]:
        return self.items

    def clearContents(self) -> None:
        assert self.owner is None or self.owner() is not None, "it would be told"
        self.items, self.owner, self.promised = [], None, []
        self.is_here_only = False
        self.changes += 1

    def prepareForNewContentsWithOptions_(self, options: int) -> int:
        self.clearContents()
        self.is_here_only = options == HERE_ONLY
        return self.changes

    def addTypes_owner_(self, types: list[str], owner: Any) -> int:
        assert self.items == [], "only behind a clear are they ours"
        self.items = [FakeItem()]
        self.owner, self.promised = weakref.ref(owner), list(types)
        return self.changes

    def setString_forType_(self, text: str, type: str) -> None:
        self.setData_forType_(text.encode(), type)

    def setData_forType_(self, data: bytes, type: str) -> None:
        self.items = self.items or [FakeItem()]
        self.items[0].setData_forType_(data, type)
        self.promised = [other for other in self.promised if other != type]

    def writeObjects_(self, items: list[FakeItem]) -> None:
        self.items = items

    def changeCount(self) -> int:
        return self.changes

    def read(self, type: str = TEXT) -> bytes:
        """Read as another program: the owner of a promise is asked only once."""
        if type in self.promised:
            owner = self.owner()
            assert owner is not None, "whom to ask is gone"
            owner.pasteboard_provideDataForType_(self, type)
        return self.items[0].held[type] or b""
