"""A simulation of Mica on the fake Mac: user actions, and checks of their effects.

Time advances only when the scenario advances it, in steps of 10 ms. In each step, sound
flows, programs act, the main run loop runs and the app's timers fire.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

from PySide6.QtWidgets import QApplication

from host.rehearsal.fake_mac.keyboard import ESCAPE, RIGHT_OPTION
from host.rehearsal.fake_mac.mac import Mac
from host.rehearsal.fake_mac.programs import Program, terminal
from host.rehearsal.scripted_engine import ScriptedEngine
from mica.desktop import Desktop

STEP_S = 0.01
REAL_STEP_S = 0.0003  # for the app's threads
THEIRS = "what the user had copied"


class ScenarioFailed(AssertionError):
    """The app did not do what the scenario expects."""


class Simulation:
    """What a scenario acts on: the Mac, its user and the app.

    app      set once the app has started
    terminal the program in which Mica was started
    messages shown by Mica since the scenario last checked them
    engine   transcribes the user's words, provided that any sound arrived
    failure  the exception that ended the scenario
    limit_s  how long wait_for() waits before it fails
    """

    def __init__(self, mac: Mac, application: QApplication) -> None:
        self.mac = mac
        self.app: Desktop
        self.engine = ScriptedEngine()
        self.terminal = terminal()
        self.messages: list[str] = []
        self.application = application
        self.has_quit = False
        self.limit_s = 30.0
        self.failure: BaseException | None = None
        self._pause = threading.Event()

    # Time

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self._step()

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        for _ in range(round(self.limit_s / STEP_S)):
            if condition():
                return
            self._step()
        raise ScenarioFailed(f"{what}: it never happened; messages {self.messages}")

    def be_busy(self, seconds: float) -> None:
        """Block the main thread for this long while everything else continues."""
        for _ in range(round(seconds / STEP_S)):
            self._pass()

    def _pass(self) -> None:
        self.mac.clock.now_s += STEP_S
        self.mac.sound.run(STEP_S)
        self.mac.timers.run()

    def _step(self) -> None:
        self._pass()
        self.mac.run()
        self.application.processEvents()
        for timer in (self.app._timer, self.app._captions_timer):
            if timer.going:
                timer._tick()
        self._pause.wait(REAL_STEP_S)
        _wait_for_accessibility()

    # What the user does

    def click_into(self, program: Program) -> None:
        self.mac.activation.bring(program)

    def dictate(
        self, words: str, key: int = RIGHT_OPTION, seconds: float = 1.2
    ) -> None:
        """Hold the key, speak and release it; return when the dictation is over."""
        self.hold(key)
        self.speak(words, seconds)
        self.release(key)

    def hold(self, key: int = RIGHT_OPTION) -> None:
        before = len(self.messages)
        streams = self.mac.sound.streams
        self.mac.keyboard.press(key)
        self.wait_for(
            lambda: bool(streams) or len(self.messages) > before, "a microphone opens"
        )

    def speak(self, words: str, seconds: float = 1.2) -> None:
        self.engine.words = words
        self.mac.sound.is_speaking = True
        self.wait(seconds)
        self.mac.sound.is_speaking = False

    def cancel(self, words: str) -> None:
        """Dictate words, but press Esc before the key is released."""
        self.hold()
        self.speak(words)
        self.mac.keyboard.tap(ESCAPE)
        self.release()

    def release(self, key: int = RIGHT_OPTION) -> None:
        self.mac.keyboard.release(key)
        self.settle()

    def settle(self) -> None:
        """Wait until the dictation is over."""
        self.wait(2 * STEP_S)
        dictation = self.app._dictation
        self.wait_for(lambda: not dictation.is_working, "the dictation is over")

    def patched(self, part: object, name: str, instead: object) -> Any:
        """Temporarily replace a method of the app."""
        return mock.patch.object(part, name, instead)

    # What the user finds

    def expect(
        self,
        *,
        front: Program,
        holds: str,
        messages: Sequence[str] = (),
        clipboard: str = THEIRS,
    ) -> None:
        """Check the front program and its text, the messages shown since the last check
        (a part of each line), and the clipboard."""
        found = self.mac.activation.front
        if found is not front:
            raise ScenarioFailed(f"{found.name} is in front, not {front.name}")
        if front.text != holds:
            raise ScenarioFailed(f"{front.name} holds {front.text!r}, not {holds!r}")
        if self.mac.pasteboard.text != clipboard:
            raise ScenarioFailed(f"the clipboard holds {self.mac.pasteboard.text!r}")
        self.expect_messages(*messages)

    def expect_messages(self, *parts: str) -> None:
        shown, self.messages = self.messages, []
        matches = len(shown) == len(parts) and all(
            part in line for part, line in zip(parts, shown, strict=True)
        )
        if not matches:
            raise ScenarioFailed(f"messages {shown}, not {list(parts)}")

    def expect_dialogs(self, *lines: str) -> None:
        """Check all dialogs that macOS itself has shown so far."""
        if self.mac.tcc.dialogs != list(lines):
            raise ScenarioFailed(
                f"macOS showed {self.mac.tcc.dialogs}, not {list(lines)}"
            )


def _wait_for_accessibility() -> None:
    """Let other programs answer before time advances, unless they hang."""
    for thread in threading.enumerate():
        if thread.name == "accessibility":
            thread.join()
