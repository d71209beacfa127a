"""Starts the app: log, Qt, icon and hotkeys first, then the app itself.

Importing the app takes longer than the rest of the start. Until it is imported, the
icon is visible and hotkeys are queued (ui/early_hotkeys.py).
"""

import logging
import logging.handlers
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from mica import paths
from mica.dictation.control import single_instance
from mica.errors import MicaError
from mica.host.select import prepare_launch, stay_in_menu_bar
from mica.log_format import ContentFreeFormatter
from mica.ui.theme import StatusColor, disc_icon
from mica.ui.tray import Tray

if TYPE_CHECKING:
    from mica.desktop import Desktop

LOG_BYTES = 1 << 20
PREPARE_S = 5.0


def main() -> int:
    """Run the app; returns its exit code. If Mica already runs, it shows itself."""
    try:
        lock, socket = paths.instance_lock(), paths.control_socket()
    except MicaError as error:  # about MICA_HOME
        print(f"mica: {error.line()}", file=sys.stderr)
        return error.exit_code
    with single_instance(lock, socket) as is_first:
        if is_first:
            return _run()
    print("mica: Mica is already running.", file=sys.stderr)
    return 0


def _run() -> int:
    """Run the app, as the only instance; returns its exit code."""
    _start_log()
    prepare_launch()
    application = QApplication([sys.argv[0]])
    stay_in_menu_bar()
    application.setApplicationName("Mica")
    application.setWindowIcon(disc_icon(StatusColor.QUIET))
    application.setQuitOnLastWindowClosed(False)
    tray = Tray()
    tray.icon.show()
    application.processEvents()  # shows the icon; clicks wait until the app is ready

    preparing = threading.Thread(target=_prepare, daemon=True)
    preparing.start()
    try:
        desktop = _desktop(application, tray)
        desktop.start()
        code = application.exec()
        desktop.close()
    except MicaError as error:
        print(f"mica: {error.line()}", file=sys.stderr)
        code = error.exit_code
    preparing.join(PREPARE_S)  # PortAudio must not be in use when the process ends
    return code


def _desktop(application: QApplication, tray: Tray) -> "Desktop":
    """The app; its hotkeys are watched before it is imported."""
    from mica.host.select import open_host
    from mica.ui.early_hotkeys import EarlyHotkeys

    early_hotkeys = EarlyHotkeys(open_host())
    early_hotkeys.listen()

    from mica.desktop import Desktop

    return Desktop(application, tray, early_hotkeys)


def _prepare() -> None:
    """Make files private, and list the microphones: the sound system is slow to start,
    and the first dictation should not wait for it."""
    from mica.audio.devices import list_devices

    with suppress(MicaError, OSError):  # the disk is read-only
        paths.close_to_others()
    with suppress(MicaError):  # reported by the next dictation
        list_devices()


def _start_log() -> None:
    handler = logging.handlers.RotatingFileHandler(
        paths.logs_folder() / "mica.log", maxBytes=LOG_BYTES, backupCount=1
    )
    handler.setFormatter(ContentFreeFormatter())
    logging.basicConfig(handlers=[handler], level=logging.INFO)
