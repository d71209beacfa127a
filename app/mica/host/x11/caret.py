"""The caret on X11, by the keys most programs agree on. Accessibility is not asked."""

from Xlib import X  # type: ignore[import-untyped]

from mica.host.x11.sender import Sender


class X11Caret:
    """See ports.Caret. Main thread only."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def before(self, text: str) -> str | None:
        return None

    def select_back(self, count: int) -> None:
        self._sender.press("Left", X.ShiftMask, times=count)

    def selected(self) -> str | None:
        return None

    def copy(self) -> None:
        self._sender.press("c", X.ControlMask)

    def delete(self) -> None:
        self._sender.press("BackSpace")

    def let_go(self) -> None:
        self._sender.press("Right")
