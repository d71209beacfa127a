"""That what floats over other windows is in nobody's way."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def floats(body: QWidget, *buttons: QWidget) -> None:
    """None takes the keyboard; the mouse goes through the body and not the buttons."""
    through = Qt.WindowType.WindowTransparentForInput
    for window in (body, *buttons):
        assert not window.isActiveWindow()
        assert window.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
        assert window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
        assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        assert window.focusPolicy() is Qt.FocusPolicy.NoFocus
        assert bool(window.windowFlags() & through) is (window is body)
