"""Assembles the X11 host. Needs a QGuiApplication on the same display."""

from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QSocketNotifier
from PySide6.QtGui import QClipboard
from Xlib.display import Display  # type: ignore[import-untyped]

from mica.host.ports import Callback, Clipboard, Host
from mica.host.queries import SurroundingQueries
from mica.host.unsupported import (
    UnsupportedActivity,
    UnsupportedLogin,
    do_nothing,
    ignore_reopening,
    ignore_window,
    never,
    no_fn_key_action,
)
from mica.host.values import Grant, Permission, Target
from mica.host.x11.at_spi import AtSpi
from mica.host.x11.clipboard import SelectionRequestors, X11Clipboard
from mica.host.x11.editing import X11Editor, X11Typist, pastes_from_primary
from mica.host.x11.focus import Pings, X11Focus
from mica.host.x11.hotkeys import X11Hotkeys
from mica.host.x11.presence import X11Presence
from mica.host.x11.selection import SelectionReader
from mica.host.x11.sender import SentKeys

EventSource = TypeVar("EventSource", Pings, SelectionReader)


class X11Permissions:
    """See ports.Permissions. X11 allows everything if the display has XTEST."""

    def __init__(self) -> None:
        display = Display()
        self._xtest = bool(display.has_extension("XTEST"))
        display.close()

    def state(self, what: Permission) -> Grant:
        if what is Permission.INSERTION and not self._xtest:
            return Grant.DENIED
        return Grant.NOT_NEEDED

    def holder(self) -> str:
        return "Mica"

    def request(self, what: Permission) -> None:
        """Do nothing: X11 has no permissions to request."""


def _drain_when_readable(listener: EventSource) -> EventSource:
    """The listener, with its events processed as they come."""
    _call_when_readable(listener.fileno(), listener.drain)
    return listener


def _hotkeys(sent_keys: SentKeys) -> X11Hotkeys:
    """Hotkeys that notice a change of the layout at once."""
    hotkeys = X11Hotkeys(sent_keys)
    _call_when_readable(hotkeys.fileno(), hotkeys.process_events)
    return hotkeys


def _call_when_readable(file: int, call: Callback) -> None:
    application, kind = QCoreApplication.instance(), QSocketNotifier.Type.Read
    QSocketNotifier(file, kind, application).activated.connect(call)


def open_x11() -> Host:
    """The X11 host."""
    sent_keys = SentKeys()
    editor = X11Editor(sent_keys)
    requestors = SelectionRequestors()
    mode = QClipboard.Mode
    clipboard_reader = _drain_when_readable(SelectionReader("CLIPBOARD"))
    primary_reader = _drain_when_readable(SelectionReader("PRIMARY"))
    clipboard = X11Clipboard(mode.Clipboard, requestors, clipboard_reader)
    primary = X11Clipboard(mode.Selection, requestors, primary_reader)

    def clipboard_for(target: Target) -> Clipboard:
        return primary if pastes_from_primary(target) else clipboard

    hotkeys, queries = _hotkeys(sent_keys), SurroundingQueries(AtSpi().read)
    queries.ask(
        Target(0, None, "")
    )  # some programs join that bus only once somebody queries it
    return Host(
        hotkeys=hotkeys,
        clipboard=clipboard,
        clipboard_for=clipboard_for,
        paster=editor,
        typist=X11Typist(editor, sent_keys),
        caret=editor,
        focus=X11Focus(),
        permissions=X11Permissions(),
        presence=X11Presence(),
        activity=UnsupportedActivity(),
        login=UnsupportedLogin(),
        probe_window=_drain_when_readable(Pings()).probe,
        keystrokes_since=hotkeys.keystrokes_since,
        is_composing=hotkeys.is_composing,
        query_surrounding=queries.ask,
        watch_held_content=clipboard.watch_held_content,
        raise_overlay=ignore_window,
        activate_app=do_nothing,
        restore_front=do_nothing,
        watch_reopening=ignore_reopening,
        prefers_reduced_motion=never,
        fn_key_action=no_fn_key_action,
        function_keys_need_fn=never,
    )
