"""The keys, heard before the rest of the app is there to do what they say.

The rest takes most of a start to import. What is pressed meanwhile waits in Qt's queue
with the time it was pressed at, until the app's loop runs.
"""

from collections.abc import Callable
from contextlib import suppress

from mica import settings
from mica.dictation.hold_keys import KeySettings
from mica.errors import MicaError
from mica.host.hold_key import Input
from mica.host.key_names import Hotkey
from mica.host.ports import Host
from mica.settings import Settings
from mica.ui import strings
from mica.ui.qt_loop import Bridge


class EarlyHotkeys:
    """Main thread only.

    chosen           the settings as they were at the start
    notes            what went wrong, for the user
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
        """Without keys the menu starts a dictation all the same."""
        post = self.bridge.post
        try:
            self.host.hotkeys.start(
                lambda what, at_s: post(lambda: self.on_key(what, at_s)),
                lambda use: post(lambda: self.on_use(use)),
            )
        except MicaError as why:
            self.notes.append(why.line())

    def _bind(self) -> None:
        """The chosen keys; where one cannot be had, the default hold key alone."""
        try:
            self.bindings.bind(self.chosen)
        except MicaError as why:
            self.notes.append(f"{why.line()} {strings.DEFAULT_KEY}")
            with suppress(MicaError):
                self.bindings.bind(Settings())
