"""Watches the hotkeys before the rest of the app is imported.

Importing takes most of the start-up time. Keys pressed meanwhile wait in Qt's queue,
with the time of the press, until the app's loop runs.
"""

import logging
from collections.abc import Callable
from contextlib import suppress

from mica import settings
from mica.dictation.hold_keys import KeySettings
from mica.host.hold_key import Input
from mica.host.key_names import Hotkey
from mica.host.ports import Host
from mica.settings import Settings
from mica.ui import strings
from mica.ui.qt_loop import Bridge
from mica.unhandled import reason, user_line

_log = logging.getLogger(__name__)


class EarlyHotkeys:
    """Binds the hotkeys and queues their events. Main thread only.

    chosen           the settings at start
    notes            problems to tell the user
    on_key, on_use   set before the loop runs
    """

    def __init__(self, host: Host) -> None:
        self.host, self.bridge = host, Bridge()
        self.chosen, self.notes = settings.load()
        self.bindings = KeySettings(host.hotkeys)
        self.on_key: Callable[[Input, float], None]
        self.on_use: Callable[[Hotkey], None]
        self._bind()

    def listen(self) -> None:
        """Start reporting keys; if that fails, the menu can still start a dictation."""
        post = self.bridge.post
        try:
            self.host.hotkeys.start(
                lambda what, at_s: post(lambda: self.on_key(what, at_s)),
                lambda use: post(lambda: self.on_use(use)),
            )
        except Exception as why:  # noqa: BLE001 the menu works
            _log.warning("no hotkeys: %s", reason(why))
            self.notes.append(user_line(why))

    def _bind(self) -> None:
        """Bind the chosen keys; if one is unavailable, only the default hold key."""
        try:
            self.bindings.bind(self.chosen)
        except Exception as why:  # noqa: BLE001 the default may work
            self.notes.append(f"{user_line(why)} {strings.DEFAULT_KEY}")
            with suppress(Exception):
                self.bindings.bind(Settings())
