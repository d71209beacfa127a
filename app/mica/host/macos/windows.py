"""What Qt's window flags do not do on a Mac: above full-screen programs, on every
desktop, and never a reason for our program to come to the front.

Main thread only, after the window was shown; Qt sets its own level again whenever it
changes a window's flags. Only where Qt draws with Cocoa: elsewhere the number is no
view, and this would end the process.
"""

from typing import Final

from AppKit import (
    NSApplication,
    NSApplicationActivationPolicyAccessory,
    NSPanel,
    NSStatusWindowLevel,
    NSWindowCollectionBehaviorCanJoinAllSpaces,
    NSWindowCollectionBehaviorFullScreenAuxiliary,
    NSWindowCollectionBehaviorIgnoresCycle,
    NSWindowCollectionBehaviorStationary,
    NSWindowStyleMaskNonactivatingPanel,
    NSWorkspace,
)
from objc import objc_object

# Set whole: some of the others exclude these, and AppKit raises for the pair.
_EVERYWHERE: Final = (
    NSWindowCollectionBehaviorCanJoinAllSpaces
    | NSWindowCollectionBehaviorFullScreenAuxiliary
    | NSWindowCollectionBehaviorStationary
    | NSWindowCollectionBehaviorIgnoresCycle
)


def stay_in_menu_bar() -> None:
    """No icon in the Dock; and only such a program's windows may be above those of a
    full-screen one. After Qt has made the application, which asks for a Dock icon."""
    application = NSApplication.sharedApplication()
    application.setActivationPolicy_(NSApplicationActivationPolicyAccessory)


def come_forward() -> None:
    """See ports.Host. Out of the menu bar nobody comes to the front by itself."""
    NSApplication.sharedApplication().activateIgnoringOtherApps_(True)


def wants_stillness() -> bool:
    """See ports.Host."""
    return bool(NSWorkspace.sharedWorkspace().accessibilityDisplayShouldReduceMotion())


def lift(view: int) -> None:
    """See ports.Host. `view`: the NSView that Qt calls winId()."""
    window = objc_object(c_void_p=view).window()
    if window is None:  # not shown yet
        return
    if window.isKindOfClass_(NSPanel):  # Qt makes one of a tool window
        mask = window.styleMask() | NSWindowStyleMaskNonactivatingPanel
        window.setStyleMask_(mask)
    # WORKAROUND: AppKit heeds that mask only when a panel is made, and Qt makes it
    # (Apple's FB16484811). A click on our button would bring us to the front.
    if window.respondsToSelector_(b"_setPreventsActivation:"):
        window._setPreventsActivation_(True)
    window.setLevel_(NSStatusWindowLevel)
    window.setCollectionBehavior_(_EVERYWHERE)
    window.setHidesOnDeactivate_(False)
    window.orderFrontRegardless()  # though another program is the active one
