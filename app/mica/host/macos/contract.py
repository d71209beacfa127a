"""Every Apple name this host uses, by where it comes from. Data only.

A test holds the list to the code in both directions; a machine with macOS can hold it
to the system.
"""

from typing import Final

IMPORTS: Final = {
    "AppKit": (
        "NSEvent",
        "NSEventMaskFlagsChanged",
        "NSPasteboard",
        "NSPasteboardItem",
        "NSPasteboardTypeString",
        "NSScreen",
        "NSWorkspace",
    ),
    "Foundation": ("NSData", "NSObject", "NSOperationQueue", "NSURL"),
    "Quartz": (
        "CGEventCreateKeyboardEvent",
        "CGEventPost",
        "CGEventSetFlags",
        "CGEventSourceCounterForEventType",
        "CGEventSourceCreate",
        "CGEventSourceFlagsState",
        "CGEventSourceKeyState",
        "CGPreflightPostEventAccess",
        "kCGEventFlagMaskAlternate",
        "kCGEventFlagMaskCommand",
        "kCGEventFlagMaskControl",
        "kCGEventFlagMaskSecondaryFn",
        "kCGEventFlagMaskShift",
        "kCGEventKeyDown",
        "kCGEventSourceStateHIDSystemState",
        "kCGEventSourceStatePrivate",
        "kCGHIDEventTap",
    ),
    "ApplicationServices": (
        "AXIsProcessTrusted",
        "AXIsProcessTrustedWithOptions",
        "AXUIElementCopyAttributeValue",
        "AXUIElementCreateSystemWide",
        "kAXFocusedUIElementAttribute",
        "kAXSecureTextFieldSubrole",
        "kAXSubroleAttribute",
        "kAXTrustedCheckOptionPrompt",
    ),
    "AVFoundation": ("AVCaptureDevice", "AVMediaTypeAudio"),
}
SELECTORS: Final = {
    "NSEvent": (
        "addGlobalMonitorForEventsMatchingMask_handler_",
        "addLocalMonitorForEventsMatchingMask_handler_",
        "keyCode",
        "modifierFlags",
        "removeMonitor_",
    ),
    "NSPasteboard": (
        "accessBehavior",
        "changeCount",
        "clearContents",
        "declareTypes_owner_",
        "generalPasteboard",
        "pasteboardItems",
        "setData_forType_",
        "setString_forType_",
        "writeObjects_",
    ),
    "NSPasteboardItem": ("alloc", "dataForType_", "init", "setData_forType_", "types"),
    "NSPasteboardTypeOwner": ("pasteboard_provideDataForType_",),
    "NSData": ("data", "dataWithBytes_length_", "length"),
    "NSObject": ("alloc", "init", "respondsToSelector_"),
    "NSOperationQueue": ("addOperationWithBlock_", "mainQueue"),
    "NSURL": ("URLWithString_",),
    "NSWorkspace": ("frontmostApplication", "openURL_", "sharedWorkspace"),
    "NSScreen": ("frame", "mainScreen", "screens"),
    "NSRunningApplication": ("bundleIdentifier", "processIdentifier"),
    "AVCaptureDevice": (
        "authorizationStatusForMediaType_",
        "requestAccessForMediaType_completionHandler_",
    ),
}
CARBON: Final = (
    "CFDataGetBytePtr",
    "CFRelease",
    "GetApplicationEventTarget",
    "GetEventKind",
    "GetEventParameter",
    "InstallEventHandler",
    "IsSecureEventInputEnabled",
    "LMGetKbdType",
    "RegisterEventHotKey",
    "TISCopyCurrentKeyboardLayoutInputSource",
    "TISGetInputSourceProperty",
    "UCKeyTranslate",
    "UnregisterEventHotKey",
)
CARBON_DATA: Final = ("kTISPropertyUnicodeKeyLayoutData",)
