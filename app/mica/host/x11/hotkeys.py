"""The hold key on X11: pynput sees keys, the rules decide, a thread of ours reports.

pynput listens passively (RECORD), so the key still reaches the focused window. The
keyboard itself is asked each POLL_S whether the key is still down. Callbacks are made
on our thread and never after stop().
"""

import queue
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from pynput import keyboard
from Xlib import X  # type: ignore[import-untyped]
from Xlib.display import Display  # type: ignore[import-untyped]

from mica.errors import MicaError
from mica.host.hotkey_rules import POLL_S, Hold, HoldToTalk, Input, Output
from mica.host.ports import Callback
from mica.host.x11.keys import ESCAPE, down, keycode
from mica.host.x11.own_keys import OwnKeys

_STOP_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """A key event and when it was seen; code 0 asks our thread to end."""

    code: int
    pressed: bool
    at_s: float


class _Listener(keyboard.Listener):  # type: ignore[misc]
    """pynput's listener, giving keycodes.

    WORKAROUND: pynput hands out keysyms, and the keysym of a modifier changes with
    the other modifiers (Alt_R is Meta_R under Shift), so a release would not match
    its press. The event's own keycode does. And its stop() asks on the connection that
    is busy recording, so that the thread stays until the next key; a third one is
    heard. What is overridden has been stable through 1.8; pyproject keeps us below 1.9.
    """

    def __init__(self, seen: "queue.SimpleQueue[_Seen]") -> None:
        super().__init__()
        self._mica_seen = seen

    def _initialize(self, display: Any) -> None:
        _hush(display)

    def _handle_message(self, display: Any, event: Any, injected: bool) -> None:
        pressed = event.type == X.KeyPress
        self._mica_seen.put(_Seen(event.detail, pressed, time.monotonic()))

    def _stop_platform(self) -> None:
        display = Display()
        _hush(display)
        display.record_disable_context(self._context)
        display.sync()
        display.close()


def _hush(display: Any) -> None:
    """Ending what has ended is an X error that nobody need read."""
    display.set_error_handler(lambda *_: None)


class X11Hotkeys:
    """One hold key. start and stop on the main thread."""

    def __init__(self, hold_key: str, own: OwnKeys) -> None:
        self._code = keycode(hold_key)
        self._own = own
        self._rules = HoldToTalk()
        self._seen: queue.SimpleQueue[_Seen] = queue.SimpleQueue()
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None
        self._report: dict[Output, Callback] = {}

    def start(
        self, on_press: Callback, on_release: Callback, on_cancel: Callback
    ) -> None:
        """See ports.Hotkeys. Raises MicaError where the display cannot record."""
        display = Display()
        if not display.has_extension("RECORD"):
            display.close()
            raise MicaError(
                "This display cannot watch keys (no RECORD extension).",
                "Use “mica tell toggle” instead.",
            )
        self._report = {
            Output.PRESS: on_press,
            Output.RELEASE: on_release,
            Output.CANCEL: on_cancel,
        }
        self._listener = _Listener(self._seen)
        self._listener.start()
        self._listener.wait()
        self._thread = threading.Thread(
            target=self._watch, args=(display,), name="hotkeys", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        if self._listener is None or self._thread is None:
            return
        self._listener.stop()
        self._seen.put(_Seen(0, False, time.monotonic()))
        self._listener.join(_STOP_S)
        self._thread.join(_STOP_S)
        self._listener = self._thread = None

    def _watch(self, display: Any) -> None:
        """Our thread: events as they come; while held, each POLL_S the keyboard."""
        poll_s = time.monotonic() + POLL_S
        while True:
            is_up = self._rules.state is Hold.UP
            wait_s = None if is_up else max(0.0, poll_s - time.monotonic())
            try:
                seen = self._seen.get(timeout=wait_s)
            except queue.Empty:
                poll_s = time.monotonic() + POLL_S
                self._take(self._polled(display), time.monotonic())
                continue
            if seen.code == 0:
                break
            self._take(self._meaning(seen), seen.at_s)
        self._take(Input.UP, time.monotonic())  # held at stop counts as released
        display.close()

    def _polled(self, display: Any) -> Input:
        return Input.SEEN_DOWN if self._code in down(display) else Input.SEEN_UP

    def _meaning(self, seen: _Seen) -> Input | None:
        if seen.code == self._code:
            return Input.DOWN if seen.pressed else Input.UP
        if not seen.pressed or self._own.mine(seen.code):
            return None
        return Input.ESCAPE if seen.code == ESCAPE else Input.OTHER

    def _take(self, what: Input | None, at_s: float) -> None:
        output = None if what is None else self._rules.on(what, at_s)
        if output is not None:
            self._report[output]()
