"""Live text by the running app, where this terminal may not use the microphone.

On a Mac the permission is that of the terminal app, and the dialog would be in its
name. Mica.app has its own, so it listens, shows captions, and the text comes from the
library.
"""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from mica import paths
from mica.cli import strings
from mica.cli.reporting import report
from mica.dictation import control
from mica.dictation.control import OFF, ON, ControlCommand
from mica.host.ports import Permissions
from mica.host.values import Grant, Permission
from mica.library.store import EntryStatus, Library

TEXT_S: Final = 60.0  # the last words may still be transcribed
_POLL_S: Final = 0.1
_IN_PROGRESS: Final = (EntryStatus.SPEAKING, EntryStatus.WORKING)


def can_hand_over(permissions: Permissions | None, address: Path) -> bool:
    """Whether the running app is to listen instead of this command.

    permissions   None: this system asks for none
    address       the app's control socket
    """
    if permissions is None:
        return False
    if permissions.state(Permission.MICROPHONE) is Grant.GRANTED:
        return False
    return control.listens(address)


def text_from_app(address: Path, wait: Callable[[], None]) -> str:
    """What the app hears until `wait` returns; its captions are shown meanwhile."""
    started_s = time.time()
    control.send_command(address, ControlCommand.CAPTIONS, ON)
    report(strings.APP_LISTENS)
    try:
        wait()
    finally:
        control.send_command(address, ControlCommand.CAPTIONS, OFF)
    return _text_since(started_s)


def _text_since(started_s: float) -> str:
    end_s = time.monotonic() + TEXT_S
    with closing(Library(paths.history_file())) as library:
        while True:
            found = library.captions_since(started_s)
            in_progress = any(entry.status in _IN_PROGRESS for entry in found)
            if not in_progress or time.monotonic() > end_s:
                return "\n".join(entry.text for entry in found if entry.text)
            time.sleep(_POLL_S)
