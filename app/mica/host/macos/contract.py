"""Every Apple name this host uses, by where it comes from. Data only.

Tests hold the list to the code in both directions, and to what pyobjc's tables say;
`python -m mica.host.macos.check` holds it to the Mac it runs on.
"""

from typing import Final

IMPORTS: Final = {
    "AppKit": (
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
        "AXUIElementCreateSystemWide",
        "AXUIElementSetMessagingTimeout",
        "kAXFocusedUIElementAttribute",
        "kAXSecureTextFieldSubrole",
        "kAXSelectedTextAttribute",
        "kAXSubroleAttribute",
        "kAXTrustedCheckOptionPrompt",
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
    "NSView": ("window",),
    "NSWindow": (
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
