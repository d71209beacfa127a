"""Assembles the Mac host. Needs a running application's main thread."""

from mica.host.macos import accessibility, carbon, layout
from mica.host.macos.accessibility import MacFocus
from mica.host.macos.clipboard import MacClipboard
from mica.host.macos.editing import MacCaret, MacPaster, MacTypist
from mica.host.macos.hotkeys import MacHotkeys
from mica.host.macos.keys import fn_key_action, function_keys_need_fn
from mica.host.macos.permissions import MacPermissions
from mica.host.macos.reopening import MacReopening
from mica.host.macos.session import MacActivity, MacLogin, MacPresence
from mica.host.macos.surrounding import surrounding_text
from mica.host.macos.windows import MacFront, prefers_reduced_motion, raise_overlay
from mica.host.ports import Host
from mica.host.queries import SurroundingQueries
from mica.host.unsupported import (
    ignore_held_content,
    never_composing,
    unknown_keystrokes,
)


def open_macos() -> Host:
    """Open every port of the Mac host."""
    library = carbon.load()
    layout.declare_functions(library)
    clipboard, keyboard, front = MacClipboard(), MacPaster(library), MacFront()
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
        probe_window=accessibility.probe_window,
        keystrokes_since=unknown_keystrokes,
        is_composing=never_composing,
        query_surrounding=SurroundingQueries(surrounding_text).ask,
        watch_held_content=ignore_held_content,  # the pasteboard server keeps it
        raise_overlay=raise_overlay,
        activate_app=front.activate_app,
        restore_front=front.restore_front,
        watch_reopening=MacReopening().watch,
        prefers_reduced_motion=prefers_reduced_motion,
        fn_key_action=fn_key_action,
        function_keys_need_fn=function_keys_need_fn,
    )
