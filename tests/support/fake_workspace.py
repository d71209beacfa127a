"""The fake Mac's windows, notifications, login items and power, as its host sees them.
Each records the calls it gets."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

IMMEDIATELY = 4  # NSNotificationSuspensionBehaviorDeliverImmediately
NONACTIVATING = 1 << 7
LIT = 1 << 40  # NSActivityIdleDisplaySleepDisabled
PANEL = "NSPanel"


@dataclass
class FakeWindow:
    """NSWindow, or the NSPanel that Qt creates for a tool window."""

    kind: str = PANEL
    mask: int = 1
    visible: bool = True
    knows: bool = True  # whether it has _setPreventsActivation:
    state: dict[str, Any] = field(default_factory=dict)

    def isKindOfClass_(self, kind: str) -> bool:
        return kind == self.kind

    def isVisible(self) -> bool:
        return self.visible

    def canBecomeKeyWindow(self) -> bool:
        return self.kind != PANEL

    def styleMask(self) -> int:
        return self.mask

    def setStyleMask_(self, mask: int) -> None:
        self.mask = mask

    def respondsToSelector_(self, selector: bytes) -> bool:
        return self.knows and selector == b"_setPreventsActivation:"

    def _setPreventsActivation_(self, prevents: bool) -> None:
        assert self.knows
        self.state["prevents"] = prevents

    def setLevel_(self, level: int) -> None:
        self.state["level"] = level

    def setCollectionBehavior_(self, behavior: int) -> None:
        self.state["behavior"] = behavior

    def orderFrontRegardless(self) -> None:
        self.state["front"] = True

    def setHidesOnDeactivate_(self, hides: bool) -> None:
        self.state["hides"] = hides


@dataclass
class FakeCentre:
    """NSNotificationCenter, or the distributed one, where a program in the background
    gets only notifications that are delivered immediately."""

    everywhere: bool = False
    observers: list[tuple[Any, bytes, str]] = field(default_factory=list)

    def addObserver_selector_name_object_(
        self, observer: Any, selector: bytes, name: str, _from: None
    ) -> None:
        assert not self.everywhere, "it would wait until we come to the front"
        self.observers.append((observer, selector, name))

    def addObserver_selector_name_object_suspensionBehavior_(
        self, observer: Any, selector: bytes, name: str, _from: None, how: int
    ) -> None:
        assert how == IMMEDIATELY
        self.observers.append((observer, selector, name))

    def removeObserver_(self, observer: Any) -> None:
        self.observers = [one for one in self.observers if one[0] is not observer]

    def post(self, name: str) -> None:
        note = SimpleNamespace(name=lambda: name)
        for observer, selector, wanted in list(self.observers):
            if wanted == name:
                getattr(observer, selector.decode().replace(":", "_"))(note)


@dataclass
class FakeEventManager:
    """NSAppleEventManager: each event has one handler, the last one set."""

    handlers: dict[tuple[bytes, bytes], tuple[Any, bytes]] = field(default_factory=dict)

    def setEventHandler_andSelector_forEventClass_andEventID_(
        self, handler: Any, selector: bytes, event_class: int, event_id: int
    ) -> None:
        event = event_class.to_bytes(4, "big"), event_id.to_bytes(4, "big")
        self.handlers[event] = handler, selector

    def reopen(self) -> None:
        """Send the event that Launch Services sends if the user opens the app again."""
        found = self.handlers.get((b"aevt", b"rapp"))
        if found is not None:  # else AppKit's handler runs, which shows nothing
            handler, selector = found
            getattr(handler, selector.decode().replace(":", "_"))(object(), object())


@dataclass
class FakeLoginItems:
    """SMAppService.mainAppService()."""

    state: int = 0
    refusal: str | None = None

    def status(self) -> int:
        return self.state

    def registerAndReturnError_(self, _out: None) -> tuple[bool, Any]:
        return self._become(1)

    def unregisterAndReturnError_(self, _out: None) -> tuple[bool, Any]:
        return self._become(0)

    def _become(self, state: int) -> tuple[bool, Any]:
        if self.refusal is None:
            self.state = state
            return True, None
        refusal = self.refusal
        error = SimpleNamespace(localizedDescription=lambda: refusal)
        return False, error if refusal else None


@dataclass
class FakePower:
    """NSProcessInfo's activities, which keep the machine awake."""

    held: list[str] = field(default_factory=list)
    lit: set[str] = field(default_factory=set)  # those that keep the display on too
    begun: int = 0

    def beginActivityWithOptions_reason_(self, options: int, reason: str) -> str:
        assert options & 1 << 20, "it may fall asleep by itself"
        self.begun += 1
        token = f"{reason} {self.begun}"
        self.held.append(token)
        if options & LIT:
            self.lit.add(token)
        return token

    def endActivity_(self, token: str) -> None:
        self.held.remove(token)
        self.lit.discard(token)
