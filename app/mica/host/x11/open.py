"""What X11 allows: everything, where the display has XTEST.

Puts the X11 host together. Needs a QGuiApplication on the same display.
"""

from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QSocketNotifier
from PySide6.QtGui import QClipboard
from Xlib.display import Display  # type: ignore[import-untyped]

from mica.host.ports import Callback, Clipboard, Grant, Host, Permission, Target
from mica.host.queries import Queries
from mica.host.unsupported import (
    NullActivity,
    NullLogin,
    no_call,
    no_fn,
    no_lift,
    unknown,
)
from mica.host.x11.at_spi import AtSpi
from mica.host.x11.clipboard import SelectionReaders, X11Clipboard
from mica.host.x11.editing import X11Editor, pastes_from_primary
from mica.host.x11.focus import Pings, X11Focus
from mica.host.x11.hotkeys import X11Hotkeys
from mica.host.x11.presence import X11Presence
from mica.host.x11.selection import SelectionReader
from mica.host.x11.sender import OwnKeys
from mica.host.x11.typist import X11Typist


class X11Permissions:
    """See ports.Permissions."""

    def __init__(self) -> None:
        display = Display()
        self._xtest = bool(display.has_extension("XTEST"))
        display.close()

    def state(self, what: Permission) -> Grant:
        if what is Permission.INSERTION and not self._xtest:
            return Grant.DENIED
        return Grant.NOT_NEEDED

    def request(self, what: Permission) -> None:
        """X11 has nobody to ask."""


Drained = TypeVar("Drained", Pings, SelectionReader)


def _drained(listener: Drained) -> Drained:
    """As answers come."""
    _when_read(listener.fileno(), listener.drain)
    return listener


def _hotkeys(own: OwnKeys) -> X11Hotkeys:
    """They learn of another layout as it is chosen."""
    hotkeys = X11Hotkeys(own)
    _when_read(hotkeys.fileno(), hotkeys.take_in)
    return hotkeys


def _when_read(file: int, call: Callback) -> None:
    application, kind = QCoreApplication.instance(), QSocketNotifier.Type.Read
    QSocketNotifier(file, kind, application).activated.connect(call)


def open_x11() -> Host:
    """The X11 host."""
    own = OwnKeys()
    editor = X11Editor(own)
    readers = SelectionReaders()
    mode = QClipboard.Mode
    of_clipboard = _drained(SelectionReader("CLIPBOARD"))
    of_primary = _drained(SelectionReader("PRIMARY"))
    clipboard = X11Clipboard(mode.Clipboard, readers, of_clipboard)
    primary = X11Clipboard(mode.Selection, readers, of_primary)

    def clipboard_for(target: Target) -> Clipboard:
        return primary if pastes_from_primary(target) else clipboard

    hotkeys, queries = _hotkeys(own), Queries(AtSpi().read)
    queries.ask(
        Target(0, None, "")
    )  # others come to that bus once somebody asks for it
    return Host(
        hotkeys=hotkeys,
        clipboard=clipboard,
        clipboard_for=clipboard_for,
        paster=editor,
        typist=X11Typist(editor, own),
        caret=editor,
        focus=X11Focus(),
        permissions=X11Permissions(),
        presence=X11Presence(),
        activity=NullActivity(),
        login=NullLogin(),
        ask=_drained(Pings()).ask,
        strokes_since=hotkeys.strokes_since,
        composing=hotkeys.composing,
        query=queries.ask,
        tell_held=clipboard.tell_held,
        lift=no_lift,
        come_forward=no_call,
        wants_stillness=unknown,
        fn_tap=no_fn,
    )
