"""A fake Mac that keeps state the way a real one does, for the whole app to run on.

support.apple_fakes.FakeMac answers the host's calls from its state; the parts here
change that state as the user, other programs and macOS would. Each behavior cites its
source: “audit 5” is a finding of the audit of this code
(tests/host/rehearsal/mutations.py), “murmure#398” an issue of that project.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from host.rehearsal.fake_mac.activation import Activation
from host.rehearsal.fake_mac.core_audio import CoreAudio
from host.rehearsal.fake_mac.keyboard import Keyboard
from host.rehearsal.fake_mac.layouts import US, Layout
from host.rehearsal.fake_mac.pasteboard import Pasteboard
from host.rehearsal.fake_mac.programs import Program
from host.rehearsal.fake_mac.session import Session
from host.rehearsal.fake_mac.sound_card import SoundCard
from host.rehearsal.fake_mac.tcc import Tcc
from host.rehearsal.fake_mac.timers import Timers
from support.apple_fakes import FakeMac
from support.fake_workspace import FakeCentre, FakeWindow
from support.fakes import Clock


class Aborted(AssertionError):
    """An uncaught Python exception reached AppKit, which would end the process
    (audit 18; pyobjc#659)."""


@contextmanager
def may_abort() -> Iterator[None]:
    """A call from AppKit to us, in which an exception would end the process."""
    try:
        yield
    except Exception as why:
        raise Aborted(f"AppKit got {why!r}") from why


class Mac(FakeMac):
    """The whole Mac; layout: the keyboard layout, shared by all programs."""

    def __init__(
        self, temporary: Path, *, version: int = 15, responsible: str = "Terminal"
    ) -> None:
        super().__init__()
        self.clock = Clock()
        self.timers = Timers(self.clock)
        self.pasteboard = Pasteboard(self)
        self.keyboard = Keyboard(self)
        self.sound = SoundCard(self)
        self.core_audio = CoreAudio(self.sound)
        self.tcc = Tcc(self, responsible)
        self.session_of_user = Session(self, temporary)
        self.activation = Activation(self, version)
        self.over = threading.Event()  # set when the scenario ends
        self.windows: dict[int, FakeWindow] = {}
        self.screens = [(0, 0, 1440, 900)]
        self.layout = US
        self.choose_layout(US)

    # The main thread

    def wait(self, seconds: float) -> None:
        """Block the calling thread while another program makes us wait; on the main
        thread, the fake time advances."""
        if threading.current_thread() is threading.main_thread():
            self.clock.now_s += seconds
            self.timers.run()
        else:
            self.over.wait(seconds)  # real seconds

    def run(self) -> None:
        """Run the main run loop until nothing is waiting."""
        with may_abort():
            super().run()

    def notify(self, centre: FakeCentre, name: str) -> None:
        """Post a notification to the observers."""
        with may_abort():
            centre.post(name)

    # Keys

    def change(self, code: int, flags: int) -> None:
        """Queue a flagsChanged event with the current time for the main run loop."""
        event = {"code": code, "flags": flags, "at_s": self.clock.now_s}
        self.waiting.append(lambda: self.tell_monitors(event))
        down = code in self.keyboard.held
        self.activation.front.receive({**event, "down": down}, self)

    def deliver(self, event: dict[str, Any], carbon: int) -> None:
        """Deliver the event of a non-modifier key: our hot keys go only to us."""
        key = event["code"], carbon
        if (
            key in self.carbon.registered
            and event["code"] not in self.carbon.exclusive_keys
        ):
            at_s = self.clock.now_s
            self.waiting.append(lambda: self._press_hot_key(*key, event["down"], at_s))
        else:
            self.activation.front.receive(event, self)

    def _press_hot_key(
        self, code: int, modifiers: int, down: bool, at_s: float
    ) -> None:
        self.carbon.event_s = at_s
        self.carbon.key(code, down, modifiers)

    def post(self, event: dict[str, Any]) -> None:
        """Post a key event. Without permission, it is silently dropped (os-clovy#585).
        Its source is private, so the HID state does not change."""
        if self.tcc.may_post:
            super().post(event)
            self.activation.front.receive(event, self)

    def seconds_since_typed(self) -> float:
        return self.keyboard.seconds_since_typed

    def choose_layout(self, layout: Layout) -> None:
        self.layout = layout
        self.carbon.letters = layout.unshifted
        self.carbon.layers = {2: layout.shifted}  # Carbon's shiftKey >> 8
        self.carbon.dead_keys = layout.dead

    # Programs and permissions

    def hangs_at(self, element: str) -> bool:
        """Whether a program hangs; it answers Accessibility on the thread that handles
        its keys."""
        program = self.activation.front
        if element.startswith("program "):
            pid = int(element.split()[1])
            program = self.known.get(pid, program)
        return program.is_hung

    @property
    def known(self) -> dict[int, Program]:
        return self.activation.known

    def activate(self, how: str) -> None:
        self.activation.activate()

    def hand_over(self, active: int, pid: int) -> None:
        """Activate another program. The active program is always allowed to do this
        (NSApplication.h, yieldActivationToApplication:)."""
        if self.activation.front.pid == active:
            self.activation.bring(self.known[pid])

    def set_policy(self, policy: int) -> None:
        self.activation.set_policy(policy)

    def ask_for_microphone(self, media: str, done: Callable[[bool], None]) -> None:
        self.tcc.ask_for_microphone(done)

    def ask_for_accessibility(self, options: dict[str, bool]) -> bool:
        return self.tcc.ask_for_accessibility()

    def open_page(self, url: str) -> None:
        self.tcc.open_settings(url)

    def switch_secure_input(self, owner: int | None) -> None:
        """Turn Secure Input on for the whole Mac; None = off. The owner may have exited
        and left it on (VoiceInk#929)."""
        self.carbon.secure = owner is not None
        self.session = {} if owner is None else {"kCGSSessionSecureInputPID": owner}

    def open_again(self) -> None:
        """Open the app in the Finder while it runs. Launch Services starts no second
        process, but brings this one to the front, even where the app itself could not,
        and sends it a reopen event (AERegistry.h)."""
        self.activation.bring(self.activation.mica)
        with may_abort():
            self.events.reopen()

    def view(self, number: int) -> Any:
        """The NSView with this pointer, which has a window."""
        window = self.windows.setdefault(number, FakeWindow())
        return type("View", (), {"window": lambda self: window})()

    def is_seen(self, widget: QWidget) -> bool:
        """Whether the user, who is looking at the front program, can see a window."""
        window = self.windows.get(int(widget.winId()))
        is_shown = widget.isVisible() and window is not None
        return is_shown and self.activation.shows(window)

    def click(self, widget: QWidget) -> None:
        """Click in the middle of one of Mica's widgets."""
        place = QPointF(widget.rect().center())
        at = place, widget.mapToGlobal(place)
        if self.activation.click(self.window_of(widget)):
            QApplication.sendEvent(widget, QEnterEvent(place, *at))
        button, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for kind, held in (
            (QEvent.Type.MouseButtonPress, button),
            (QEvent.Type.MouseButtonRelease, none),
        ):
            modifiers = Qt.KeyboardModifier.NoModifier
            event = QMouseEvent(kind, *at, button, held, modifiers)
            QApplication.sendEvent(widget, event)

    def own_windows(self) -> list[FakeWindow]:
        """Qt's visible windows: an NSPanel for each tool window, else an NSWindow."""
        shown = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
        return [self.window_of(one) for one in shown]

    def window_of(self, widget: QWidget) -> FakeWindow:
        is_tool = widget.windowType() is Qt.WindowType.Tool
        made = FakeWindow() if is_tool else FakeWindow("NSWindow")
        return self.windows.setdefault(int(widget.winId()), made)
