"""The app's start: its log, Qt, icon and keys. The app itself comes in behind them.

To import all of it takes longer than all else that a start does.
"""

import logging
import logging.handlers
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from mica import paths
from mica.dictation.control import is_running
from mica.errors import MicaError
from mica.host.select import prepare_launch, stay_in_menu_bar
from mica.ui.theme import StatusColor, tray_icon
from mica.ui.tray import Tray

if TYPE_CHECKING:
    from mica.desktop import Desktop

LOG_BYTES = 1 << 20
LOOK_S = 5.0


def main() -> int:
    """Start the app; the exit code. A second start shows the first one and ends."""
    try:
        socket = paths.control_socket()
    except MicaError as why:  # MICA_HOME
        print(f"mica: {why.line()}", file=sys.stderr)
        return why.exit_code
    if is_running(socket):
        print("mica: Mica is running already.", file=sys.stderr)
        return 0
    _keep_log()
    prepare_launch()
    application = QApplication([sys.argv[0]])
    stay_in_menu_bar()
    application.setApplicationName("Mica")
    application.setWindowIcon(tray_icon(StatusColor.QUIET))
    application.setQuitOnLastWindowClosed(False)
    tray = Tray()
    tray.icon.show()
    application.processEvents()  # it is on the screen; a click waits for what comes now

    looking = threading.Thread(target=_look_around, daemon=True)
    looking.start()
    try:
        desktop = _desktop(application, tray)
        desktop.start()
        code = application.exec()
        desktop.close()
    except MicaError as why:
        print(f"mica: {why.line()}", file=sys.stderr)
        code = why.exit_code
    looking.join(LOOK_S)  # the process's end would end PortAudio under it
    return code


def _desktop(application: QApplication, tray: Tray) -> "Desktop":
    """The app, whose keys are heard before it is imported."""
    from mica.host.select import open_host
    from mica.ui.early_hotkeys import EarlyHotkeys

    early_hotkeys = EarlyHotkeys(open_host())
    early_hotkeys.listen()

    from mica.desktop import Desktop

    return Desktop(application, tray, early_hotkeys)


def _look_around() -> None:
    """For what dead commands left, and for microphones: the sound system answers
    slowly, and the first dictation need not wait for it."""
    from mica.audio import scratch
    from mica.audio.devices import list_devices

    with suppress(MicaError, OSError):  # the disk is full, or will not
        scratch.sweep()
    with suppress(MicaError):  # the dictation will say so
        list_devices()


def _keep_log() -> None:
    handler = logging.handlers.RotatingFileHandler(
        paths.logs_folder() / "mica.log", maxBytes=LOG_BYTES, backupCount=1
    )
    logging.basicConfig(
        handlers=[handler],
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
