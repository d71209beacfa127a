"""Window behavior that Qt's flags lack on a Mac: floating above full-screen apps.

Also on every desktop, and without activating our app. Main thread only, after the
window was shown; Qt resets the level whenever it changes a window's flags. Only if Qt
draws with Cocoa: otherwise the number is not a view, and this would crash.
"""

import os
from contextlib import suppress
from typing import Any, Final

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
from Foundation import NSBundle
from objc import error as ObjCError
from objc import objc_object

# Set as a whole: some other flags exclude these, and AppKit raises for the pair.
_EVERYWHERE: Final = (
    NSWindowCollectionBehaviorCanJoinAllSpaces
    | NSWindowCollectionBehaviorFullScreenAuxiliary
    | NSWindowCollectionBehaviorStationary
    | NSWindowCollectionBehaviorIgnoresCycle
)


def prepare_launch() -> None:
    """Keep the focus where it is; call before Qt's application is made.

    Qt reads both variables once (qtbase, plugins/platforms/cocoa). Without the first,
    every raise_() makes Mica the front program, although the window takes no focus
    (QCocoaWindow::raise); without the second, the start does (QCocoaApplicationDelegate
    applicationDidFinishLaunching). AppKit reads LSUIElement when its application is
    made; otherwise Python's own bundle appears in the Dock.
    """
    os.environ["QT_MAC_SET_RAISE_PROCESS"] = "0"
    os.environ["QT_MAC_DISABLE_FOREGROUND_APPLICATION_TRANSFORM"] = "1"
    info = NSBundle.mainBundle().infoDictionary()
    with suppress(TypeError, ObjCError):  # a bundle whose dictionary is read-only
        info["LSUIElement"] = "1"


def stay_in_menu_bar() -> None:
    """Run as a menu bar app, without a Dock icon.

    Only such an app's windows may float above a full-screen app's. Call it right after
    Qt has made the application: a window shown earlier belongs to an app with a Dock
    icon.
    """
    application = NSApplication.sharedApplication()
    application.setActivationPolicy_(NSApplicationActivationPolicyAccessory)


class MacFront:
    """Brings the app to the front, then the previous one back. Main thread only."""

    def __init__(self) -> None:
        self._before: Any = None  # the app that was in front

    def activate_app(self) -> None:
        """See ports.Host. A menu bar app does not come to the front automatically.

        macOS may refuse both ways if the user did nothing here (AppKit's release notes
        for 14 deprecate the second, and newer systems ignore it: SwiftBar#495). Then
        the window is at least in front of the others.
        """
        front = NSWorkspace.sharedWorkspace().frontmostApplication()
        if not _is_this(front):
            self._before = front
        application = NSApplication.sharedApplication()
        application.activate()
        application.activateIgnoringOtherApps_(True)
        for window in application.windows():
            if window.isVisible() and window.canBecomeKeyWindow():
                window.orderFrontRegardless()

    def restore_front(self) -> None:
        """See ports.Host. An app without windows stays in front, and keys go nowhere.

        If Launch Services brought us to the front, we did not see the previous app, but
        it still owns the menu bar, because we have none (measured by others on 26.6).
        NSApplication.hide would work too, but it also hides the overlay. From macOS 14
        on an app comes to the front only if the active one yields to it (AppKit's
        release notes for 14).
        """
        workspace = NSWorkspace.sharedWorkspace()
        before = self._before or workspace.menuBarOwningApplication()
        self._before = None
        front = workspace.frontmostApplication()
        if before is None or before.isTerminated() or not _is_this(front):
            return
        NSApplication.sharedApplication().yieldActivationToApplication_(before)
        before.activateFromApplication_options_(front, 0)


def _is_this(app: Any) -> bool:
    return app is not None and app.processIdentifier() == os.getpid()


def prefers_reduced_motion() -> bool:
    """See ports.Host."""
    return bool(NSWorkspace.sharedWorkspace().accessibilityDisplayShouldReduceMotion())


def raise_overlay(view: int) -> None:
    """See ports.Host. `view`: the NSView that Qt calls winId()."""
    window = objc_object(c_void_p=view).window()
    if window is None:  # not shown yet
        return
    if window.isKindOfClass_(NSPanel):  # Qt uses one for a tool window
        mask = window.styleMask() | NSWindowStyleMaskNonactivatingPanel
        window.setStyleMask_(mask)
    # WORKAROUND: AppKit heeds that mask only when a panel is created, and Qt creates it
    # (Apple's FB16484811). A click on our button would bring us to the front.
    # https://philz.blog/nspanel-nonactivating-style-mask-flag
    if window.respondsToSelector_(b"_setPreventsActivation:"):
        window._setPreventsActivation_(True)
    window.setLevel_(NSStatusWindowLevel)
    window.setCollectionBehavior_(_EVERYWHERE)
    window.setHidesOnDeactivate_(False)
    window.orderFrontRegardless()  # even if another program is active
