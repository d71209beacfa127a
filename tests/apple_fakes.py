"""A small pretend Mac: the modules mica.host.macos imports, over one visible state.

Only what that host uses, by the names of its contract. Tests replay what was recorded
on Macs: flags with device bits, key counters, pasteboard reads.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

FLAGS = {"Shift": 1 << 17, "Control": 1 << 18, "Alternate": 1 << 19}
FLAGS |= {"Command": 1 << 20, "SecondaryFn": 1 << 23}
TEXT = "public.utf8-plain-text"


class NSObject:
    """Objective-C's two-step making."""

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
    """NSPasteboard with promises."""

    items: list[FakeItem] = field(default_factory=list)
    changes: int = 7
    owner: Any = None
    promised: list[str] = field(default_factory=list)

    def pasteboardItems(self) -> list[FakeItem]:
        return self.items

    def clearContents(self) -> None:
        self.items, self.owner, self.promised = [], None, []
        self.changes += 1

    def declareTypes_owner_(self, types: list[str], owner: Any) -> None:
        self.clearContents()
        self.items = [FakeItem()]
        self.owner, self.promised = owner, list(types)

    def setString_forType_(self, text: str, type: str) -> None:
        self.setData_forType_(text.encode(), type)

    def setData_forType_(self, data: bytes, type: str) -> None:
        self.items = self.items or [FakeItem()]
        self.items[0].setData_forType_(data, type)
        self.promised = [kept for kept in self.promised if kept != type]

    def writeObjects_(self, items: list[FakeItem]) -> None:
        self.items = items

    def changeCount(self) -> int:
        return self.changes

    def read(self, type: str = TEXT) -> bytes:
        """Another program reads: a promise is asked once, then its data stays."""
        if type in self.promised:
            self.owner.pasteboard_provideDataForType_(self, type)
        return self.items[0].held[type] or b""


class FakeCarbon:
    """The C library: hot keys, secure input, and a layout."""

    layout_property = 1

    def __init__(self) -> None:
        self.secure = False
        self.taken: set[int] = set()  # keys another program has
        self.registered: dict[int, Any] = {}
        self.letters: dict[int, str] | None = {9: "v"}
        self.released = 0
        self._handler: Any = None
        self._event = (0, 0)

    def IsSecureEventInputEnabled(self) -> bool:
        return self.secure

    def GetApplicationEventTarget(self) -> int:
        return 1

    def InstallEventHandler(self, _target: int, handler: Any, *_rest: Any) -> int:
        self._handler = handler
        return 0

    def RegisterEventHotKey(self, code: int, *rest: Any) -> int:
        if code in self.taken:
            return -9878  # eventHotKeyExistsErr
        self.registered[code] = rest[-1]._obj
        return 0

    def UnregisterEventHotKey(self, ref: Any) -> int:
        kept = {c: r for c, r in self.registered.items() if r is not ref}
        self.registered = kept
        return 0

    def GetEventParameter(self, _event: int, *rest: Any) -> int:
        rest[-1]._obj.id = self._event[0]
        return 0

    def GetEventKind(self, _event: int) -> int:
        return self._event[1]

    def key(self, code: int, pressed: bool) -> None:
        """The user presses or releases a key; ours when it is registered."""
        if code in self.registered:
            self._event = (code, 5 if pressed else 6)
            assert self._handler(1, 1, 0) == 0

    def TISCopyCurrentKeyboardLayoutInputSource(self) -> int:
        return 0 if self.letters is None else 1

    def TISGetInputSourceProperty(self, _source: int, _property: int) -> int:
        return 1 if self.letters else 0

    def CFDataGetBytePtr(self, _data: int) -> int:
        return 1

    def CFRelease(self, _source: int) -> None:
        self.released += 1

    def LMGetKbdType(self) -> int:
        return 40

    def UCKeyTranslate(self, _layout: int, code: int, *rest: Any) -> int:
        letter = (self.letters or {}).get(code, "")
        length, letters = rest[-2]._obj, rest[-1]
        length.value = len(letter)
        for place, char in enumerate(letter):
            letters[place] = ord(char)
        return 0


@dataclass
class FakeMac:
    """The state a test sees and sets."""

    carbon: FakeCarbon = field(default_factory=FakeCarbon)
    board: FakePasteboard = field(default_factory=FakePasteboard)
    flags: int = 0
    down: set[int] = field(default_factory=set)
    typed: int = 100
    trusted: bool = True
    microphone: int = 3
    front: tuple[int, str | None] | None = (42, "com.example.Editor")
    password: bool = False
    accessible: bool = True
    asked: list[str] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    monitors: list[Callable[[Any], Any]] = field(default_factory=list)
    timers: list[Any] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def run(self) -> None:
        """The main run loop does what waits."""
        while self.waiting:
            self.waiting.pop(0)()

    def tick(self) -> None:
        """The timers fire."""
        for timer in list(self.timers):
            timer.call(timer)

    def change(self, code: int, flags: int) -> None:
        """A flagsChanged event, as a Mac sends it for a modifier."""
        for monitor in self.monitors[:1]:
            monitor(SimpleNamespace(keyCode=lambda: code, modifierFlags=lambda: flags))
        self.run()


def modules(mac: FakeMac) -> dict[str, ModuleType]:
    """The five modules over this state."""
    made = {
        "AppKit": _appkit(mac),
        "Foundation": _foundation(mac),
        "Quartz": _quartz(mac),
        "ApplicationServices": _services(mac),
        "AVFoundation": _avfoundation(mac),
    }
    result = {}
    for name, content in made.items():
        result[name] = module = ModuleType(name)
        vars(module).update(content)
    return result


@contextmanager
def installed(mac: FakeMac) -> Iterator[None]:
    """mica.host.macos can be imported, and sees this Mac."""

    def ours(name: str) -> bool:
        return name.startswith("mica.host.macos.")

    before = {n: m for n, m in sys.modules.items() if ours(n)}
    fakes = modules(mac)
    for name in before:
        del sys.modules[name]
    sys.modules.update(fakes)
    try:
        yield
    finally:
        for name in [n for n in sys.modules if ours(n) or n in fakes]:
            del sys.modules[name]
        sys.modules.update(before)


def _appkit(mac: FakeMac) -> dict[str, Any]:
    def add(_mask: int, handler: Callable[[Any], Any]) -> Any:
        mac.monitors.append(handler)
        return handler

    front = mac.front and SimpleNamespace(
        processIdentifier=lambda: mac.front and mac.front[0],
        bundleIdentifier=lambda: mac.front and mac.front[1],
    )
    workspace = SimpleNamespace(
        frontmostApplication=lambda: front if mac.front else None,
        openURL_=lambda url: mac.asked.append(url),
    )
    return {
        "NSEvent": SimpleNamespace(
            addGlobalMonitorForEventsMatchingMask_handler_=add,
            addLocalMonitorForEventsMatchingMask_handler_=add,
            removeMonitor_=mac.monitors.remove,
        ),
        "NSEventMaskFlagsChanged": 1 << 12,
        "NSPasteboard": SimpleNamespace(generalPasteboard=lambda: mac.board),
        "NSPasteboardItem": FakeItem,
        "NSPasteboardTypeString": TEXT,
        "NSWorkspace": SimpleNamespace(sharedWorkspace=lambda: workspace),
    }


def _foundation(mac: FakeMac) -> dict[str, Any]:
    def schedule(
        _interval_s: float, _repeats: bool, call: Callable[[Any], None]
    ) -> Any:
        timer = SimpleNamespace(call=call)
        timer.invalidate = lambda: mac.timers.remove(timer)
        mac.timers.append(timer)
        return timer

    queue = SimpleNamespace(addOperationWithBlock_=mac.waiting.append)
    return {
        "NSObject": NSObject,
        "NSData": SimpleNamespace(
            data=FakeData,
            dataWithBytes_length_=lambda data, size: FakeData(data[:size]),
        ),
        "NSOperationQueue": SimpleNamespace(mainQueue=lambda: queue),
        "NSTimer": SimpleNamespace(
            scheduledTimerWithTimeInterval_repeats_block_=schedule
        ),
        "NSURL": SimpleNamespace(URLWithString_=str),
    }


def _quartz(mac: FakeMac) -> dict[str, Any]:
    def event(source: str, code: int, down: bool) -> dict[str, Any]:
        return {"source": source, "code": code, "down": down}

    return {
        **{f"kCGEventFlagMask{name}": bit for name, bit in FLAGS.items()},
        "kCGEventKeyDown": 10,
        "kCGEventSourceStateHIDSystemState": "hid",
        "kCGEventSourceStatePrivate": "private",
        "kCGHIDEventTap": 0,
        "CGEventCreateKeyboardEvent": event,
        "CGEventPost": lambda tap, event: mac.posted.append(event),
        "CGEventSetFlags": lambda event, flags: event.update(flags=flags),
        "CGEventSourceCounterForEventType": lambda state, kind: mac.typed,
        "CGEventSourceCreate": lambda state: state,
        "CGEventSourceFlagsState": lambda state: mac.flags,
        "CGEventSourceKeyState": lambda state, code: code in mac.down,
        "CGPreflightPostEventAccess": lambda: mac.trusted,
    }


def _services(mac: FakeMac) -> dict[str, Any]:
    def value(element: str, attribute: str, _none: None) -> tuple[int, Any]:
        if not mac.accessible:
            return -25204, None  # kAXErrorCannotComplete
        if element == "system":
            return 0, "field"
        return 0, "secure" if mac.password else "plain"

    def ask(options: dict[str, bool]) -> bool:
        mac.asked.append(f"prompt {options}")
        return mac.trusted

    return {
        "AXIsProcessTrusted": lambda: mac.trusted,
        "AXIsProcessTrustedWithOptions": ask,
        "AXUIElementCopyAttributeValue": value,
        "AXUIElementCreateSystemWide": lambda: "system",
        "kAXFocusedUIElementAttribute": "AXFocusedUIElement",
        "kAXSecureTextFieldSubrole": "secure",
        "kAXSubroleAttribute": "AXSubrole",
        "kAXTrustedCheckOptionPrompt": "prompt",
    }


def _avfoundation(mac: FakeMac) -> dict[str, Any]:
    def request(media: str, done: Callable[[bool], None]) -> None:
        mac.asked.append(media)
        done(True)

    return {
        "AVMediaTypeAudio": "audio",
        "AVCaptureDevice": SimpleNamespace(
            authorizationStatusForMediaType_=lambda media: mac.microphone,
            requestAccessForMediaType_completionHandler_=request,
        ),
    }
