"""The app's start: its log, Qt and the icon. The app itself comes in behind the icon.

To import all of it takes longer than all else that a start does.
"""

import logging
import logging.handlers
import sys

from PySide6.QtWidgets import QApplication

from mica import paths
from mica.errors import MicaError
from mica.session.control import is_running
from mica.ui.theme import Tone, tray_icon
from mica.ui.tray import Tray

LOG_BYTES = 1 << 20


def main() -> int:
    """Start the app; the exit code. A second start shows the first one and ends."""
    if is_running(paths.control_socket()):
        print("mica: Mica is running already.", file=sys.stderr)
        return 0
    _keep_log()
    application = QApplication([sys.argv[0]])
    application.setApplicationName("Mica")
    application.setWindowIcon(tray_icon(Tone.QUIET))
    application.setQuitOnLastWindowClosed(False)
    tray = Tray()
    tray.icon.show()
    application.processEvents()  # it is on the screen; a click waits for what comes now

    from mica.desktop import Desktop

    try:
        desktop = Desktop(application, tray)
    except MicaError as why:
        print(f"mica: {why.line()}", file=sys.stderr)
        return why.exit_code
    desktop.start()
    code = application.exec()
    desktop.close()
    return code


def _keep_log() -> None:
    handler = logging.handlers.RotatingFileHandler(
        paths.logs_folder() / "mica.log", maxBytes=LOG_BYTES, backupCount=1
    )
    logging.basicConfig(
        handlers=[handler],
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
