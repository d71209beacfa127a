"""A small fake Mac: the modules that mica.host.macos imports, all backed by FakeMac.

Contains only what that host uses, under the names in its contract. Tests replay what
was recorded on Macs: flags with device bits, key counters, pasteboard reads.
"""

import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

from support.fake_carbon import FakeCarbon
from support.fake_field import FakeField, FakeValue, values
from support.fake_pasteboard import (
    HERE_ONLY,
    TEXT,
    FakeData,
    FakeItem,
    FakePasteboard,
    NSObject,
)
from support.fake_workspace import (
    IMMEDIATELY,
    LIT,
    NONACTIVATING,
    PANEL,
    FakeCentre,
    FakeEventManager,
    FakeLoginItems,
    FakePower,
    FakeWindow,
)

FLAGS = {"Shift": 1 << 17, "Control": 1 << 18, "Alternate": 1 << 19}
HARDWARE, PRIVATE = 1, -1  # CGEventSourceStateID
SECURE = "AXSecureTextField"
TEXT_ATTRIBUTES = ("AXNumberOfCharacters", "AXSelectedText", "AXSelectedTextRange")
KEY_DOWN = 1 << 10  # NSEventMaskKeyDown
PID, USER_DATA = 41, 42  # CGEventField
MODIFIERS = range(54, 64)  # keycodes whose events are flagsChanged
FLAGS |= {"Command": 1 << 20, "SecondaryFn": 1 << 23}


class FakeObjCError(Exception):
    """objc.error."""


@dataclass
class FakeMac:
    """The Mac's state, which tests read and set."""

    carbon: FakeCarbon = field(default_factory=FakeCarbon)
    pasteboard: FakePasteboard = field(default_factory=FakePasteboard)
    flags: int = 0
    down: set[int] = field(default_factory=set)
    typed: int = 100
    typed_ago_s: float = 0.0
    trusted: bool = True
    may_post: bool | None = None  # None: the same as trusted
    reads: bool | None = None  # whether other programs answer; None: as trusted
    microphone: int = 3
    front: tuple[int, str | None] | None = (42, "com.example.Editor")
    menu_bar: tuple[int, str | None] | None = None  # the program that owns it
    ended: set[int] = field(default_factory=set)  # programs that have ended
    screens: list[tuple[int, int, int, int]] = field(default_factory=list)
    main_screen: int = 0
    password: bool = False
    role: str = "AXTextField"  # of the focused field
    window: int = 0  # of the front program; 0: unknown
    hangs: bool = False  # whether the front program hangs
    waited_s: float = 0.0  # time spent waiting for it
    has_accessibility: bool = True  # whether other programs answer at all
    accessible: bool = True  # whether the field is; Electron's are not
    patience_s: float | None = None
    focused: FakeField = field(default_factory=FakeField)
    session: dict[str, Any] | None = field(default_factory=dict)
    running: dict[str, list[str]] = field(default_factory=dict)  # by bundle
    programs: dict[int, str | None] = field(default_factory=dict)
    bundle: str = "/Applications/Mica.app"
    responsible: int = 0  # process responsible for permissions; 0: macOS does not say
    info: dict[str, str] = field(default_factory=dict)  # the bundle's Info.plist
    login: FakeLoginItems = field(default_factory=FakeLoginItems)
    power: FakePower = field(default_factory=FakePower)
    centre: FakeCentre = field(default_factory=FakeCentre)
    everywhere: FakeCentre = field(default_factory=lambda: FakeCentre(True))
    views: dict[int, FakeWindow | None] = field(default_factory=dict)
    still: bool = False  # whether Reduce Motion is on
    fn_usage: object = None  # the user's setting; None: never set
    sticky: object = None  # likewise for Sticky Keys
    standard_function_keys: object = None  # likewise for F1 to F12
    requests: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)  # names missing from this macOS
    posted: list[dict[str, Any]] = field(default_factory=list)
    marks: bool = True  # the window server records which process posted a key
    whole: bool = True  # AppKit's events still have the window server's event
    clicked: int = 40
    monitors: list[Callable[[Any], Any]] = field(default_factory=list)
    events: FakeEventManager = field(default_factory=FakeEventManager)
    typing: list[Callable[[Any], Any]] = field(default_factory=list)
    waiting: list[Callable[[], None]] = field(default_factory=list)

    # Methods that host/rehearsal/fake_mac overrides.

    def wait(self, seconds: float) -> None:
        """Block as long as another program makes us wait."""
        time.sleep(seconds)

    def hangs_at(self, element: str) -> bool:
        """Whether the program that owns this element hangs."""
        return self.hangs

    def activate(self, how: str) -> None:
        """Record that we asked to become the front program."""
        self.requests.append(how)

    def hand_over(self, active: int, pid: int) -> None:
        """Record that the active process activated another one."""
        self.requests.append(f"{active} to {pid}")

    def set_policy(self, policy: int) -> None:
        self.requests.append(f"policy {policy}")

    def ask_for_microphone(self, media: str, done: Callable[[bool], None]) -> None:
        self.requests.append(media)
        done(True)

    def ask_for_accessibility(self, options: dict[str, bool]) -> bool:
        self.requests.append(f"prompt {options}")
        return self.trusted

    def open_page(self, url: str) -> None:
        self.requests.append(url)

    def seconds_since_typed(self) -> float:
        return self.typed_ago_s

    def own_windows(self) -> list[FakeWindow]:
        return [window for window in self.views.values() if window]

    def run(self) -> None:
        """Run the main run loop until nothing is waiting."""
        while self.waiting:
            self.waiting.pop(0)()

    def change(self, code: int, flags: int) -> None:
        """Deliver a flagsChanged event, as a Mac does for a modifier."""
        self.tell_monitors({"code": code, "flags": flags})
        self.run()

    def tell_monitors(self, posted: dict[str, Any]) -> None:
        for monitor in self.monitors[:1]:
            monitor(flags_changed(posted, whole=self.whole))

    def post(self, event: dict[str, Any]) -> None:
        """Pass an event to the window server, which adds the id of our process."""
        self.posted.append(event)
        if self.marks:
            event["pid"] = os.getpid()
        if event["code"] in MODIFIERS:
            self.tell_monitors(event)

    def key(self, code: int, pressed: bool, modifiers: int = 0) -> bool:
        """Press or release a non-modifier key; return whether our window sees it."""
        self.typed += pressed
        if self.carbon.key(code, pressed, modifiers) or not pressed:
            return False
        event = SimpleNamespace(keyCode=lambda: code)
        return all(monitor(event) is event for monitor in list(self.typing))


def flags_changed(posted: dict[str, Any], *, whole: bool = True) -> SimpleNamespace:
    """An NSEvent for a modifier.

    whole   whether it still has the window server's event
    """
    return SimpleNamespace(
        keyCode=lambda: posted["code"],
        modifierFlags=lambda: posted["flags"],
        timestamp=lambda: posted.get("at_s", math.inf),
        CGEvent=lambda: posted if whole else None,
    )


def modules(mac: FakeMac) -> dict[str, ModuleType]:
    """Apple's modules, backed by this state."""
    made = {
        "AppKit": _appkit(mac),
        "Foundation": _foundation(mac),
        "CoreFoundation": _core_foundation(mac),
        "Quartz": _quartz(mac),
        "ApplicationServices": _services(mac),
        "AVFoundation": _avfoundation(mac),
        "ServiceManagement": _service_management(mac),
        "objc": {
            "autorelease_pool": nullcontext,
            "error": FakeObjCError,
            "objc_object": lambda c_void_p: _object(mac, c_void_p),
        },
    }
    result = {}
    for name, content in made.items():
        result[name] = module = ModuleType(name)
        vars(module).update(content)
    return result


@contextmanager
def installed(mac: FakeMac) -> Iterator[None]:
    """Make mica.host.macos importable, with this Mac under it."""
    with pretended(modules(mac)):
        _answer_for_libsystem(mac)
        yield


def _answer_for_libsystem(mac: FakeMac) -> None:
    from mica.host.macos import permissions

    real = permissions.responsible_pid
    vars(permissions)["responsible_pid"] = lambda library=None: (
        mac.responsible if library is None else real(library)
    )


@contextmanager
def pretended(fakes: dict[str, ModuleType]) -> Iterator[None]:
    """Replace Apple's modules by these; on a Mac, restore the real ones afterwards."""
    real = {name: sys.modules.get(name) for name in fakes}
    _forget_host()
    sys.modules.update(fakes)
    try:
        yield
    finally:
        _forget_host()
        for name, module in real.items():
            sys.modules.pop(name)
            if module is not None:
                sys.modules[name] = module


def _forget_host() -> None:
    """Unload the host's modules, including the attributes of their package."""
    package = sys.modules.get("mica.host.macos")
    for name in [n for n in sys.modules if n.startswith("mica.host.macos.")]:
        del sys.modules[name]
        vars(package).pop(name.rpartition(".")[2], None)


def _appkit(mac: FakeMac) -> dict[str, Any]:
    def add(mask: int, handler: Callable[[Any], Any]) -> Any:
        (mac.typing if mask == KEY_DOWN else mac.monitors).append(handler)
        return handler

    def remove(handler: Any) -> None:
        (mac.typing if handler in mac.typing else mac.monitors).remove(handler)

    def application_of(found: tuple[int, str | None] | None) -> Any:
        if found is None:
            return None
        pid, bundle = found
        return SimpleNamespace(
            processIdentifier=lambda: pid,
            bundleIdentifier=lambda: bundle,
            isTerminated=lambda: pid in mac.ended,
            activateFromApplication_options_=lambda active, options: mac.hand_over(
                active.processIdentifier(), pid
            ),
        )

    workspace = SimpleNamespace(
        frontmostApplication=lambda: application_of(mac.front),
        menuBarOwningApplication=lambda: application_of(mac.menu_bar),
        openURL_=lambda url: mac.open_page(url),
        notificationCenter=lambda: mac.centre,
        accessibilityDisplayShouldReduceMotion=lambda: mac.still,
    )

    def program(pid: int) -> Any:
        if pid not in mac.programs:
            return None
        return SimpleNamespace(localizedName=lambda: mac.programs[pid])

    def running(identifier: str) -> list[Any]:
        names = mac.running.get(identifier, ())
        return [SimpleNamespace(localizedName=lambda n=name: n) for name in names]

    def screen(number: int) -> Any:
        x, y, width, height = mac.screens[number]
        origin, size = SimpleNamespace(x=x, y=y), SimpleNamespace(width=width)
        size.height = height
        return SimpleNamespace(frame=lambda: SimpleNamespace(origin=origin, size=size))

    screens = SimpleNamespace(
        mainScreen=lambda: screen(mac.main_screen) if mac.screens else None,
        screens=lambda: [screen(number) for number in range(len(mac.screens))],
    )
    application = SimpleNamespace(
        activate=lambda: mac.activate("activate"),
        activateIgnoringOtherApps_=lambda ignoring: mac.activate("front"),
        windows=lambda: mac.own_windows(),
        yieldActivationToApplication_=lambda app: mac.requests.append(
            f"yield to {app.processIdentifier()}"
        ),
        setActivationPolicy_=lambda policy: mac.set_policy(policy),
    )
    return {
        "NSApplication": SimpleNamespace(sharedApplication=lambda: application),
        "NSApplicationActivationPolicyAccessory": 1,
        "NSScreen": screens,
        "NSEvent": SimpleNamespace(
            addGlobalMonitorForEventsMatchingMask_handler_=add,
            addLocalMonitorForEventsMatchingMask_handler_=add,
            modifierFlags=lambda: mac.flags,
            removeMonitor_=remove,
        ),
        "NSEventMaskFlagsChanged": 1 << 12,
        "NSEventMaskKeyDown": KEY_DOWN,
        "NSPanel": PANEL,
        "NSPasteboardAccessBehaviorDefault": 0,
        "NSPasteboardAccessBehaviorAsk": 1,
        "NSPasteboardAccessBehaviorAlwaysAllow": 2,
        "NSPasteboardContentsCurrentHostOnly": HERE_ONLY,
        "NSPasteboardAccessBehaviorAlwaysDeny": 3,
        "NSRunningApplication": SimpleNamespace(
            runningApplicationsWithBundleIdentifier_=running,
            runningApplicationWithProcessIdentifier_=program,
        ),
        "NSStatusWindowLevel": 25,
        "NSWindowCollectionBehaviorCanJoinAllSpaces": 1 << 0,
        "NSWindowCollectionBehaviorStationary": 1 << 4,
        "NSWindowCollectionBehaviorIgnoresCycle": 1 << 6,
        "NSWindowCollectionBehaviorFullScreenAuxiliary": 1 << 8,
        "NSWindowStyleMaskNonactivatingPanel": NONACTIVATING,
        "NSPasteboard": SimpleNamespace(generalPasteboard=lambda: mac.pasteboard),
        "NSPasteboardItem": FakeItem,
        "NSPasteboardTypeString": TEXT,
        "NSWorkspace": SimpleNamespace(sharedWorkspace=lambda: workspace),
        **{
            f"NSWorkspace{what}Notification": f"NSWorkspace{what}Notification"
            for what in (
                "DidWake",
                "SessionDidBecomeActive",
                "SessionDidResignActive",
                "WillSleep",
            )
        },
    }


def _foundation(mac: FakeMac) -> dict[str, Any]:
    queue = SimpleNamespace(addOperationWithBlock_=mac.waiting.append)
    bundle = SimpleNamespace(
        bundlePath=lambda: mac.bundle, infoDictionary=lambda: mac.info
    )
    return {
        "NSActivityIdleDisplaySleepDisabled": LIT,
        "NSActivityUserInitiated": 0xFFFFFF,
        "NSAppleEventManager": SimpleNamespace(
            sharedAppleEventManager=lambda: mac.events
        ),
        "NSBundle": SimpleNamespace(mainBundle=lambda: bundle),
        "NSDistributedNotificationCenter": SimpleNamespace(
            defaultCenter=lambda: mac.everywhere
        ),
        "NSNotificationSuspensionBehaviorDeliverImmediately": IMMEDIATELY,
        "NSProcessInfo": SimpleNamespace(processInfo=lambda: mac.power),
        "NSObject": NSObject,
        "NSData": SimpleNamespace(
            data=FakeData,
            dataWithBytes_length_=lambda data, size: FakeData(data[:size]),
        ),
        "NSOperationQueue": SimpleNamespace(mainQueue=lambda: queue),
        "NSURL": SimpleNamespace(URLWithString_=str),
    }


def _core_foundation(mac: FakeMac) -> dict[str, Any]:
    def read(key: str, owner: str) -> object:
        if owner == "com.apple.universalaccess":
            assert key == "stickyKey"
            return mac.sticky
        assert owner == "com.apple.HIToolbox"
        if key == "com.apple.keyboard.fnState":
            return mac.standard_function_keys
        assert key == "AppleFnUsageType"
        return mac.fn_usage

    return {
        "CFPreferencesAppSynchronize": lambda owner: True,
        "CFPreferencesCopyAppValue": read,
    }


def _quartz(mac: FakeMac) -> dict[str, Any]:
    def count(state: int, kind: int) -> int:
        assert state == HARDWARE
        return mac.typed if kind == 10 else mac.clicked if kind == 1 else 0

    def write(event: dict[str, Any], units: int, text: str) -> None:
        event["text"] = text.encode("utf-16-le")[: 2 * units].decode("utf-16-le")

    def event(source: dict[str, int], code: int, down: bool) -> dict[str, Any]:
        return {**source, "code": code, "down": down}

    def integer_field(event: dict[str, Any], field: int) -> int:
        return int(event.get({PID: "pid", USER_DATA: "tag"}[field], 0))

    return {
        **{f"kCGEventFlagMask{name}": bit for name, bit in FLAGS.items()},
        "kCGEventFlagMaskNumericPad": 1 << 21,
        "kCGEventKeyDown": 10,
        "kCGEventLeftMouseDown": 1,
        "kCGEventRightMouseDown": 3,
        "kCGEventOtherMouseDown": 25,
        "kCGEventSourceStateHIDSystemState": HARDWARE,
        "kCGEventSourceStatePrivate": PRIVATE,
        "kCGEventSourceUnixProcessID": PID,
        "kCGEventSourceUserData": USER_DATA,
        "kCGHIDEventTap": 0,
        "CGEventCreateKeyboardEvent": event,
        "CGEventKeyboardSetUnicodeString": write,
        "CGEventPost": lambda tap, event: mac.post(event),
        "CGEventGetIntegerValueField": integer_field,
        "CGEventSetFlags": lambda event, flags: event.update(flags=flags),
        "CGEventSourceCounterForEventType": count,
        "CGEventSourceCreate": lambda state: {"source": state},
        "CGEventSourceSecondsSinceLastEventType": lambda state, kind: (
            mac.seconds_since_typed()
        ),
        "CGEventSourceSetUserData": lambda source, tag: source.update(tag=tag),
        "CGEventSourceFlagsState": lambda state: mac.flags,
        "CGEventSourceKeyState": lambda state, code: code in mac.down,
        "CGSessionCopyCurrentDictionary": lambda: mac.session,
        "CGPreflightPostEventAccess": lambda: (
            mac.trusted if mac.may_post is None else mac.may_post
        ),
    }


def _services(mac: FakeMac) -> dict[str, Any]:
    def value(element: str, attribute: str, _none: None) -> tuple[int, Any]:
        assert mac.patience_s is not None, "a hanging program would hold us up"
        if not mac.has_accessibility:
            return -25211, None  # kAXErrorAPIDisabled
        if mac.hangs_at(element):
            mac.waited_s += mac.patience_s
            mac.wait(mac.patience_s)
            return -25204, None  # kAXErrorCannotComplete
        if attribute == "AXFocusedApplication":
            allowed = mac.trusted if mac.reads is None else mac.reads
            return (0, mine()) if allowed else (-25211, None)  # kAXErrorAPIDisabled
        if attribute == "AXFocusedWindow":
            return (0, f"{element} {mac.window}") if mac.window else (-25212, None)
        if not mac.accessible:
            return -25204, None
        if attribute == "AXFocusedUIElement":
            return (0, "field") if element in ("system", mine()) else (-25212, None)
        if attribute in TEXT_ATTRIBUTES:
            return mac.focused.attribute(attribute)
        if attribute == "AXRole":
            return 0, mac.role
        return (0, SECURE) if mac.password else (-25212, None)

    def mine() -> str:
        return f"program {mac.front[0]}" if mac.front is not None else ""

    def names(element: str, _none: None) -> tuple[int, Any]:
        assert element == "field"
        return 0, ("AXRole", *mac.focused.names)

    def part(
        element: str, attribute: str, where: FakeValue, _none: None
    ) -> tuple[int, Any]:
        assert (element, attribute) == ("field", "AXStringForRange")
        return mac.focused.part(where)

    def be_patient(element: str, seconds: float) -> int:
        mac.patience_s = seconds
        return 0

    return {
        "AXIsProcessTrusted": lambda: mac.trusted,
        "AXIsProcessTrustedWithOptions": lambda options: mac.ask_for_accessibility(
            options
        ),
        "AXUIElementCopyAttributeNames": names,
        "AXUIElementCopyAttributeValue": value,
        "AXUIElementCopyParameterizedAttributeValue": part,
        "AXUIElementCreateApplication": lambda pid: f"program {pid}",
        "AXUIElementCreateSystemWide": lambda: "system",
        "kAXErrorAPIDisabled": -25211,
        "kAXErrorCannotComplete": -25204,
        "kAXFocusedApplicationAttribute": "AXFocusedApplication",
        "kAXFocusedUIElementAttribute": "AXFocusedUIElement",
        "kAXFocusedWindowAttribute": "AXFocusedWindow",
        "kAXComboBoxRole": "AXComboBox",
        "kAXRoleAttribute": "AXRole",
        "kAXSecureTextFieldSubrole": SECURE,
        "kAXTextAreaRole": "AXTextArea",
        "kAXTextFieldRole": "AXTextField",
        "AXUIElementSetMessagingTimeout": be_patient,
        "kAXNumberOfCharactersAttribute": "AXNumberOfCharacters",
        "kAXSelectedTextAttribute": "AXSelectedText",
        "kAXSelectedTextRangeAttribute": "AXSelectedTextRange",
        "kAXStringForRangeParameterizedAttribute": "AXStringForRange",
        "kAXSubroleAttribute": "AXSubrole",
        "kAXTrustedCheckOptionPrompt": "prompt",
        **values(),
    }


def _avfoundation(mac: FakeMac) -> dict[str, Any]:
    return {
        "AVMediaTypeAudio": "audio",
        "AVCaptureDevice": SimpleNamespace(
            authorizationStatusForMediaType_=lambda media: mac.microphone,
            requestAccessForMediaType_completionHandler_=lambda media, done: (
                mac.ask_for_microphone(media, done)
            ),
        ),
    }


def _service_management(mac: FakeMac) -> dict[str, Any]:
    states = ("NotRegistered", "Enabled", "RequiresApproval", "NotFound")
    return {
        "SMAppService": SimpleNamespace(mainAppService=lambda: mac.login),
        **{f"SMAppServiceStatus{name}": n for n, name in enumerate(states)},
    }


def _object(mac: FakeMac, number: int) -> Any:
    """The view with this pointer, or else the list from CopySymbolicHotKeys."""
    if number not in mac.views:
        return mac.carbon.symbolic
    return SimpleNamespace(window=lambda: mac.views[number])
