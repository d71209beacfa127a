"""Which program is in front, and how one gets there.

What Qt does by itself is read in qtbase, src/plugins/platforms/cocoa, and in the wheel
that Mica installs; both variables are read once (audit 1, 2).
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from host.rehearsal.fake_mac.programs import Program
from support.fake_workspace import FakeWindow

if TYPE_CHECKING:
    from host.rehearsal.fake_mac.mac import Mac

RAISE = "QT_MAC_SET_RAISE_PROCESS"
TRANSFORM = "QT_MAC_DISABLE_FOREGROUND_APPLICATION_TRANSFORM"
AUXILIARY = 1 << 0 | 1 << 8  # CanJoinAllSpaces, FullScreenAuxiliary
MENU_BAR = 24  # NSMainMenuWindowLevel
POLITE = 27  # from this macOS on, a program comes to the front only if that one yields


class Activation:
    """front: the program in front; mica: ours, whose windows are none to type into.

    known   by process, those that have been in front
    """

    def __init__(self, mac: "Mac", version: int) -> None:
        self._mac, self._version = mac, version
        self.mica = Program("Mica", "org.python.python", os.getpid(), has_field=False)
        self.front = self.mica
        self.known: dict[int, Program] = {}
        self.was_in_dock = self.has_dock_icon = False
        self._raises: bool | None = None  # Qt's static

    def bring(self, program: Program) -> None:
        """Somebody brings it to the front, mostly the user by a click."""
        self.front = program
        self.known[program.pid] = program
        if program is not self.mica:  # a menu bar app has none of its own
            self._mac.menu_bar = program.pid, program.bundle
        self.refresh()

    def refresh(self) -> None:
        """What Accessibility and NSWorkspace tell is the front program's."""
        mac, front = self._mac, self.front
        mac.front, mac.window = (front.pid, front.bundle), front.window
        mac.role, mac.password = front.role, front.is_password
        mac.accessible, mac.focused = front.is_accessible, front.field
        mac.programs[front.pid] = front.name

    def start_qt(self, environment: Mapping[str, str]) -> None:
        """QApplication is made by a Python that is no app of its own: a regular
        foreground app, activated when it has started (QCocoaApplicationDelegate
        applicationDidFinishLaunching; Wails#5897). Python’s own bundle has a Dock icon
        by itself (CPython’s Mac/Resources/app/Info.plist.in has no LSUIElement)."""
        self.has_dock_icon = self._mac.info.get("LSUIElement") != "1"
        if TRANSFORM not in environment:
            self.has_dock_icon = True
            self.bring(self.mica)
        self.was_in_dock = self.has_dock_icon

    def set_policy(self, policy: int) -> None:
        """An accessory has no Dock icon; the keyboard stays where it is (audit 2)."""
        self.has_dock_icon = policy == 0

    def shows(self, window: FakeWindow) -> bool:
        """Whether a window of a program in the background is on the space of the one in
        front. Of a full-screen program's, only with both behaviors, above the menu
        bar's level, of a program without a Dock icon (TypeWhisper#602, kitty#9476)."""
        told = window.told
        if not self.front.is_full_screen:
            return bool(told.get("front"))
        is_auxiliary = told.get("behavior", 0) & AUXILIARY == AUXILIARY
        return is_auxiliary and told["level"] > MENU_BAR and not self.has_dock_icon

    def click(self, window: FakeWindow) -> bool:
        """The user clicks into a window of ours; whether Qt's views follow the mouse:
        in the active program only (qnsview_mouse.mm), though they take the first click
        in any. AppKit heeds the mask of a non-activating panel only if the panel was
        made with it (FB16484811)."""
        if not window.told.get("prevents"):
            self.bring(self.mica)
        return self.front is self.mica

    def raise_window(self) -> None:
        """QCocoaWindow::raise: the whole app comes to the front, whatever the flags of
        the window say (ScribaDev#180)."""
        if self.raises_process:
            self.activate()

    @property
    def raises_process(self) -> bool:
        """What Qt reads at its first raise(), whoever calls that: a menu, a tooltip."""
        if self._raises is None:
            self._raises = os.environ.get(RAISE, "1") != "0"
        return self._raises

    def activate(self) -> None:
        """activateIgnoringOtherApps: on 27 it works only where the front program
        yields; Terminal does, to its own child (matplotlib#31176)."""
        if self._version < POLITE or self.front.yields:
            self.bring(self.mica)
