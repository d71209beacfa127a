"""Checks that floating windows do not get in the user's way."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def floats(body: QWidget, *buttons: QWidget) -> None:
    """Assert that no window takes the focus, and that clicks pass through the body but
    not through the buttons."""
    through = Qt.WindowType.WindowTransparentForInput
    for window in (body, *buttons):
        assert not window.isActiveWindow()
        assert window.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
        assert window.windowFlags() & Qt.WindowType.WindowStaysOnTopHint
        assert window.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        assert window.focusPolicy() is Qt.FocusPolicy.NoFocus
        assert bool(window.windowFlags() & through) is (window is body)
