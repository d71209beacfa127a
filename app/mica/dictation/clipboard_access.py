"""Messages about the permission to read the clipboard.

From macOS 15.4 on the system may ask the user before an app reads what others copied
(developer.apple.com/documentation/updates/appkit, “macOS pasteboard privacy”). Mica
reads it only to restore it after a paste.
"""

from contextlib import suppress

from mica import paths
from mica.dictation.recorded_utterance import Notice
from mica.dictation.strings import CLIPBOARD_DENIED, CLIPBOARD_MAY_ASK
from mica.host.ports import Permissions
from mica.host.values import Grant, Permission


class ClipboardAccess:
    """Warns once, even across starts, that the system may ask: on many Macs it never
    does. Main thread only."""

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions
        self._is_refusal_told = False

    def notices(self) -> list[Notice]:
        """Messages for the user before a text is pasted."""
        match self._permissions.state(Permission.CLIPBOARD):
            case Grant.UNDETERMINED if not paths.clipboard_hint_file().exists():
                with suppress(OSError):  # then it is shown again next time
                    paths.clipboard_hint_file().touch()
                line = CLIPBOARD_MAY_ASK
            case Grant.DENIED if not self._is_refusal_told:
                self._is_refusal_told = True
                line = CLIPBOARD_DENIED
            case _:
                return []
        return [Notice(line.format(self._permissions.holder()), is_trouble=False)]
