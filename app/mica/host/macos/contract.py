"""Every Apple name this host uses, by where it comes from. Data only.

Tests hold the list to the code in both directions, and to what pyobjc's tables say;
`python -m mica.host.macos.check` holds it to the Mac it runs on.
"""

from typing import Final

IMPORTS: Final = {
    "AppKit": (
        "NSApplication",
        "NSApplicationActivationPolicyAccessory",
        "NSEvent",
        "NSEventMaskFlagsChanged",
        "NSEventMaskKeyDown",
        "NSPanel",
        "NSPasteboard",
        "NSPasteboardAccessBehaviorAlwaysDeny",
        "NSPasteboardAccessBehaviorAsk",
        "NSPasteboardItem",
        "NSPasteboardTypeString",
        "NSRunningApplication",
        "NSScreen",
        "NSStatusWindowLevel",
        "NSWindowCollectionBehaviorCanJoinAllSpaces",
        "NSWindowCollectionBehaviorFullScreenAuxiliary",
        "NSWindowCollectionBehaviorIgnoresCycle",
        "NSWindowCollectionBehaviorStationary",
        "NSWindowStyleMaskNonactivatingPanel",
        "NSWorkspace",
        "NSWorkspaceDidWakeNotification",
        "NSWorkspaceSessionDidBecomeActiveNotification",
        "NSWorkspaceSessionDidResignActiveNotification",
        "NSWorkspaceWillSleepNotification",
    ),
    "Foundation": (
        "NSActivityUserInitiated",
        "NSBundle",
        "NSData",
        "NSDistributedNotificationCenter",
        "NSNotificationSuspensionBehaviorDeliverImmediately",
        "NSObject",
        "NSOperationQueue",
        "NSProcessInfo",
        "NSURL",
    ),
    "Quartz": (
        "CGEventCreateKeyboardEvent",
        "CGEventKeyboardSetUnicodeString",
        "CGEventPost",
        "CGEventSetFlags",
        "CGEventSourceCounterForEventType",
        "CGEventSourceCreate",
        "CGEventSourceFlagsState",
        "CGEventSourceKeyState",
        "CGPreflightPostEventAccess",
        "CGSessionCopyCurrentDictionary",
        "kCGEventFlagMaskAlternate",
        "kCGEventFlagMaskCommand",
        "kCGEventFlagMaskControl",
        "kCGEventFlagMaskNumericPad",
        "kCGEventFlagMaskSecondaryFn",
        "kCGEventFlagMaskShift",
        "kCGEventKeyDown",
        "kCGEventLeftMouseDown",
        "kCGEventOtherMouseDown",
        "kCGEventRightMouseDown",
        "kCGEventSourceStateHIDSystemState",
        "kCGEventSourceStatePrivate",
        "kCGHIDEventTap",
    ),
    "ApplicationServices": (
        "AXIsProcessTrusted",
        "AXIsProcessTrustedWithOptions",
        "AXUIElementCopyAttributeValue",
        "AXUIElementCopyParameterizedAttributeValue",
        "AXUIElementCreateApplication",
        "AXUIElementCreateSystemWide",
        "AXUIElementSetMessagingTimeout",
        "AXValueCreate",
        "AXValueGetValue",
        "AXValueRef",
        "kAXErrorCannotComplete",
        "kAXFocusedUIElementAttribute",
        "kAXFocusedWindowAttribute",
        "kAXSecureTextFieldSubrole",
        "kAXSelectedTextAttribute",
        "kAXSelectedTextRangeAttribute",
        "kAXStringForRangeParameterizedAttribute",
        "kAXSubroleAttribute",
        "kAXTrustedCheckOptionPrompt",
        "kAXValueTypeCFRange",
    ),
    "AVFoundation": ("AVCaptureDevice", "AVMediaTypeAudio"),
    "ServiceManagement": (
        "SMAppService",
        "SMAppServiceStatusEnabled",
        "SMAppServiceStatusNotFound",
        "SMAppServiceStatusNotRegistered",
        "SMAppServiceStatusRequiresApproval",
    ),
    "objc": ("objc_object",),
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
    "NSData": ("data", "dataWithBytes_length_", "length"),
    "NSObject": ("alloc", "init", "isKindOfClass_", "respondsToSelector_"),
    "NSApplication": (
        "activateIgnoringOtherApps_",
        "setActivationPolicy_",
        "sharedApplication",
    ),
    "NSView": ("window",),
    "NSWindow": (
        "orderFrontRegardless",
        "setCollectionBehavior_",
        "setHidesOnDeactivate_",
        "setLevel_",
        "setStyleMask_",
        "styleMask",
    ),
    "NSBundle": ("bundlePath", "mainBundle"),
    "NSError": ("localizedDescription",),
    "NSNotification": ("name",),
    "NSNotificationCenter": ("addObserver_selector_name_object_", "removeObserver_"),
    "NSDistributedNotificationCenter": (
        "addObserver_selector_name_object_suspensionBehavior_",
        "defaultCenter",
    ),
    "NSProcessInfo": (
        "beginActivityWithOptions_reason_",
        "endActivity_",
        "processInfo",
    ),
    "SMAppService": (
        "mainAppService",
        "registerAndReturnError_",
        "status",
        "unregisterAndReturnError_",
    ),
    "NSOperationQueue": ("addOperationWithBlock_", "mainQueue"),
    "NSURL": ("URLWithString_",),
    "NSWorkspace": (
        "accessibilityDisplayShouldReduceMotion",
        "frontmostApplication",
        "notificationCenter",
        "openURL_",
        "sharedWorkspace",
    ),
    "NSScreen": ("frame", "mainScreen", "screens"),
    "NSRunningApplication": (
        "bundleIdentifier",
        "localizedName",
        "processIdentifier",
        "runningApplicationWithProcessIdentifier_",
    ),
    "AVCaptureDevice": (
        "authorizationStatusForMediaType_",
        "requestAccessForMediaType_completionHandler_",
    ),
}
#: Called by the system on our own classes, by whom one may read of them.
CALLBACKS: Final = {"NSPasteboardTypeOwner": ("pasteboard_provideDataForType_",)}
#: Not Apple's public word; asked for before they are used.
PRIVATE: Final = ("_setPreventsActivation_",)
#: Selectors of our own making.
OURS: Final = ("told_",)
#: C functions called through ctypes, by framework; pyobjc knows none of Carbon's.
LIBRARIES: Final = {
    "Carbon": (
        "CFDataGetBytePtr",
        "CFRelease",
        "CopySymbolicHotKeys",
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
    ),
    "CoreAudio": (
        "AudioObjectAddPropertyListener",
        "AudioObjectGetPropertyData",
        "AudioObjectGetPropertyDataSize",
        "CFRelease",
        "CFStringGetCString",
    ),
}
LIBRARY_DATA: Final = {"kTISPropertyUnicodeKeyLayoutData": "Carbon"}
#: Numbers that the code writes out, as pyobjc's tables have them or, where they hold
#: none, Apple's headers (HIToolbox, IOKit's IOLLEvent.h, UnicodeUtilities).
NUMBERS: Final = {
    "NSEventModifierFlagCommand": 1 << 20,
    "NSEventModifierFlagControl": 1 << 18,
    "NSEventModifierFlagFunction": 1 << 23,
    "NSEventModifierFlagOption": 1 << 19,
    "NSEventModifierFlagShift": 1 << 17,
    "NX_DEVICELALTKEYMASK": 0x20,
    "NX_DEVICELCMDKEYMASK": 0x8,
    "NX_DEVICELCTLKEYMASK": 0x1,
    "NX_DEVICELSHIFTKEYMASK": 0x2,
    "NX_DEVICERALTKEYMASK": 0x40,
    "NX_DEVICERCMDKEYMASK": 0x10,
    "NX_DEVICERCTLKEYMASK": 0x2000,
    "NX_DEVICERSHIFTKEYMASK": 0x4,
    "NX_SECONDARYFNMASK": 0x800000,
    "cmdKey": 0x100,
    "controlKey": 0x1000,
    "kAudioObjectSystemObject": 1,
    "kCFStringEncodingUTF8": 0x08000100,
    "kEventClassKeyboard": int.from_bytes(b"keyb", "big"),
    "kEventHotKeyExclusive": 1,
    "kEventHotKeyPressed": 5,
    "kEventHotKeyReleased": 6,
    "kEventParamDirectObject": int.from_bytes(b"----", "big"),
    "kUCKeyActionDisplay": 3,
    "kUCKeyTranslateNoDeadKeysMask": 1,
    "optionKey": 0x800,
    "shiftKey": 0x200,
    "typeEventHotKeyID": int.from_bytes(b"hkid", "big"),
}
#: Words that Apple's programs and headers use and no framework exports.
WORDS: Final = (
    "com.apple.screenIsLocked",
    "com.apple.screenIsUnlocked",
    "kCGSSessionSecureInputPID",
    "kHISymbolicHotKeyCode",
    "kHISymbolicHotKeyEnabled",
    "kHISymbolicHotKeyModifiers",
    "x-apple.systempreferences:com.apple.preference.security?Privacy_",
)
_PLACES: Final = """
    A S D F H G Z X C V - B Q W E R Y T 1 2 3 4 6 5 Equal 9 7 Minus 8 0 RightBracket O U
    LeftBracket I P - L J Quote K Semicolon Backslash Comma Slash N M Period - - Grave
"""  # as the codes go on from 0; - is none of these
#: Virtual keycodes by HIToolbox's names, kVK_ left out; ANSI_ is a key's place.
KEYS: Final = {
    **{f"ANSI_{name}": code for code, name in enumerate(_PLACES.split())},
    "Return": 36, "Tab": 48, "Space": 49, "Delete": 51, "Escape": 53, "Command": 55,
    "RightCommand": 54, "Shift": 56, "Option": 58, "Control": 59, "RightShift": 60,
    "RightOption": 61, "RightControl": 62, "Function": 63, "F17": 64, "F18": 79,
    "F19": 80, "F20": 90, "F5": 96, "F6": 97, "F7": 98, "F3": 99, "F8": 100, "F9": 101,
    "F11": 103, "F13": 105, "F16": 106, "F14": 107, "F10": 109, "F12": 111, "F15": 113,
    "Help": 114, "Home": 115, "PageUp": 116, "ForwardDelete": 117, "F4": 118,
    "End": 119, "F2": 120, "PageDown": 121, "F1": 122, "LeftArrow": 123,
    "RightArrow": 124, "DownArrow": 125, "UpArrow": 126,
}  # fmt: skip
del KEYS["ANSI_-"]
#: Numbers that Core Audio writes as four letters.
LETTERS: Final = {
    "kAudioDevicePropertyStreams": b"stm#",
    "kAudioDevicePropertyTransportType": b"tran",
    "kAudioDeviceTransportTypeAggregate": b"grup",
    "kAudioDeviceTransportTypeBluetooth": b"blue",
    "kAudioDeviceTransportTypeBluetoothLE": b"blea",
    "kAudioDeviceTransportTypeBuiltIn": b"bltn",
    "kAudioDeviceTransportTypeUSB": b"usb ",
    "kAudioDeviceTransportTypeVirtual": b"virt",
    "kAudioHardwarePropertyDefaultInputDevice": b"dIn ",
    "kAudioHardwarePropertyDefaultOutputDevice": b"dOut",
    "kAudioHardwarePropertyDevices": b"dev#",
    "kAudioObjectPropertyName": b"lnam",
    "kAudioObjectPropertyScopeGlobal": b"glob",
    "kAudioObjectPropertyScopeInput": b"inpt",
}
