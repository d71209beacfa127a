"""Puts the Mac host together. Needs a running application's main thread."""

from mica.host.macos import accessibility, carbon, layout
from mica.host.macos.accessibility import MacFocus
from mica.host.macos.clipboard import MacClipboard
from mica.host.macos.editing import MacCaret, MacPaster, MacTypist
from mica.host.macos.hotkeys import MacHotkeys
from mica.host.macos.keys import fn_tap
from mica.host.macos.permissions import MacPermissions
from mica.host.macos.session import MacActivity, MacLogin, MacPresence
from mica.host.macos.surrounding import around
from mica.host.macos.windows import (
    come_forward,
    lift,
    wants_stillness,
)
from mica.host.ports import Host
from mica.host.queries import Queries
from mica.host.unsupported import no_composing, no_held, no_strokes


def open_macos() -> Host:
    """The Mac host."""
    library = carbon.load()
    layout.prepare(library)
    clipboard, keyboard = MacClipboard(), MacPaster(library)
    return Host(
        hotkeys=MacHotkeys(library),
        clipboard=clipboard,
        clipboard_for=lambda target: clipboard,
        paster=keyboard,
        caret=MacCaret(keyboard),
        typist=MacTypist(keyboard),
        focus=MacFocus(library),
        permissions=MacPermissions(),
        presence=MacPresence(),
        activity=MacActivity(),
        login=MacLogin(),
        ask=accessibility.ask,
        strokes_since=no_strokes,
        composing=no_composing,
        query=Queries(around).ask,
        tell_held=no_held,  # the pasteboard server keeps it
        lift=lift,
        come_forward=come_forward,
        wants_stillness=wants_stillness,
        fn_tap=fn_tap,
    )
