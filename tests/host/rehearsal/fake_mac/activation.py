"""The front program, and how programs get to the front.

Qt's own behavior was read in qtbase, src/plugins/platforms/cocoa, and in the wheel that
Mica installs. Qt reads each of the two environment variables only once (audit 1, 2).
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
POLITE = 27  # from this macOS on, activation requires that the front program yields


class Activation:
    """Tracks the front program and Mica's Dock icon.

    front   the program in front
    mica    Mica itself, whose windows have no text field
    known   by process id, the programs that have been in front
    """

    def __init__(self, mac: "Mac", version: int) -> None:
        self._mac, self._version = mac, version
        self.mica = Program("Mica", "org.python.python", os.getpid(), has_field=False)
        self.front = self.mica
        self.known: dict[int, Program] = {}
        self.was_in_dock = self.has_dock_icon = False
        self._raises: bool | None = None  # Qt's static

    def bring(self, program: Program) -> None:
        """Bring a program to the front, as the user does with a click."""
        self.front = program
        self.known[program.pid] = program
        if program is not self.mica:  # Mica has no menu bar of its own
            self._mac.menu_bar = program.pid, program.bundle
        self.refresh()

    def refresh(self) -> None:
        """Make Accessibility and NSWorkspace report the front program."""
        mac, front = self._mac, self.front
        mac.front, mac.window = (front.pid, front.bundle), front.window
        mac.role, mac.password = front.role, front.is_password
        mac.accessible, mac.focused = front.is_accessible, front.field
        mac.programs[front.pid] = front.name

    def start_qt(self, environment: Mapping[str, str]) -> None:
        """Create the QApplication. Unless TRANSFORM is set, Qt makes the process a
        regular foreground app and activates it after launch (QCocoaApplicationDelegate
        applicationDidFinishLaunching; Wails#5897). Python’s own bundle has a Dock icon
        anyway (CPython’s Mac/Resources/app/Info.plist.in has no LSUIElement)."""
        self.has_dock_icon = self._mac.info.get("LSUIElement") != "1"
        if TRANSFORM not in environment:
            self.has_dock_icon = True
            self.bring(self.mica)
        self.was_in_dock = self.has_dock_icon

    def set_policy(self, policy: int) -> None:
        """Set the activation policy: an accessory app has no Dock icon. The keyboard
        focus does not move (audit 2)."""
        self.has_dock_icon = policy == 0

    def shows(self, window: FakeWindow) -> bool:
        """Whether a window of a background program is on the front program's space. On
        that of a full-screen program, it must have both collection behaviors and a
        level above the menu bar, and its app no Dock icon (TypeWhisper#602,
        kitty#9476)."""
        state = window.state
        if not self.front.is_full_screen:
            return bool(state.get("front"))
        is_auxiliary = state.get("behavior", 0) & AUXILIARY == AUXILIARY
        return is_auxiliary and state["level"] > MENU_BAR and not self.has_dock_icon

    def click(self, window: FakeWindow) -> bool:
        """Click in one of Mica's windows; return whether Qt's views track the mouse.

        They do so only in the active program (qnsview_mouse.mm), but accept the first
        click in any. AppKit respects the style mask of a non-activating panel only if
        the panel was created with it (FB16484811)."""
        if not window.state.get("prevents"):
            self.bring(self.mica)
        return self.front is self.mica

    def raise_window(self) -> None:
        """QCocoaWindow::raise: brings the whole app to the front, regardless of the
        window's flags (ScribaDev#180)."""
        if self.raises_process:
            self.activate()

    @property
    def raises_process(self) -> bool:
        """The value that Qt reads at the first raise(), even that of a tooltip."""
        if self._raises is None:
            self._raises = os.environ.get(RAISE, "1") != "0"
        return self._raises

    def activate(self) -> None:
        """activateIgnoringOtherApps: on macOS 27, it works only if the front program
        yields. Terminal does, to its own child process (matplotlib#31176)."""
        if self._version < POLITE or self.front.yields:
            self.bring(self.mica)
