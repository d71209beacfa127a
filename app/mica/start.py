"""Starts the app: log, Qt, icon and hotkeys first, then the app itself.

Importing the app takes longer than the rest of the start. Until it is imported, the
icon is visible and hotkeys are queued (ui/early_hotkeys.py).

Only a missing display ends the start. Any other step that fails leaves one thing off,
and the user is told which.
"""

import logging
import logging.handlers
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QMessageBox

from mica import paths
from mica.dictation.control import is_running, single_instance
from mica.errors import MicaError
from mica.host.select import prepare_launch, stay_in_menu_bar
from mica.log_format import ContentFreeFormatter
from mica.ui.theme import StatusColor, disc_icon
from mica.ui.tray import Tray
from mica.unhandled import UnhandledExceptions, reason, trace, user_line

if TYPE_CHECKING:
    from mica.desktop import Desktop

LOG_BYTES = 1 << 20
CANNOT_START = "Mica can’t start."
PREPARE_S = 5.0
END_S = 5.0  # for Python and its libraries, once the app is closed
NO_HOME = "Until that is solved, Mica uses default settings and keeps nothing."
NO_LOG = "Mica can’t write its log ({}). Check the disk and the folder’s permissions."
_log = logging.getLogger(__name__)


def main() -> int:
    """Run the app; returns its exit code. If Mica already runs, it shows itself."""
    with ExitStack() as closing:
        notes = []
        try:
            lock, socket = paths.instance_lock(), paths.control_socket()
        except OSError as error:  # the folder of all files can't be made
            folder = closing.enter_context(TemporaryDirectory(prefix="mica-"))
            os.environ["MICA_HOME"] = folder
            lock, socket = paths.instance_lock(), paths.control_socket()
            line = error.what if isinstance(error, MicaError) else user_line(error)
            notes.append(f"{line} {NO_HOME}")
        if closing.enter_context(_only_instance(lock, socket)):
            return _run(notes)
    print("mica: Mica is already running.", file=sys.stderr)
    return 0


@contextmanager
def _only_instance(lock: Path, socket: Path) -> Iterator[bool]:
    """single_instance(); on a disk that is full or read-only without the lock."""
    try:
        instance = single_instance(lock, socket)
        is_first = instance.__enter__()
    except OSError:
        yield not is_running(socket)
        return
    try:
        yield is_first
    finally:
        instance.__exit__(None, None, None)


def _run(notes: Sequence[str] = ()) -> int:
    """Run the app, as the only instance; returns its exit code."""
    unhandled = UnhandledExceptions()
    unhandled.lines.extend(notes)
    unhandled.install()
    _start_log(unhandled.tell)
    prepare_launch()
    application = QApplication([sys.argv[0]])
    stay_in_menu_bar()
    application.setApplicationName("Mica")
    application.setWindowIcon(disc_icon(StatusColor.QUIET))
    application.setQuitOnLastWindowClosed(False)
    tray = Tray()
    tray.icon.show()
    application.processEvents()  # shows the icon; clicks wait until the app is ready

    preparing = threading.Thread(target=_prepare, name="prepare", daemon=True)
    preparing.start()
    try:
        desktop = _desktop(application, tray, unhandled)
        desktop.start()
        code = application.exec()
        desktop.close()
    except Exception as error:  # noqa: BLE001 the user must see why
        _log.error("the start failed: %s", trace(error))
        code = _cannot_start(error)
    preparing.join(PREPARE_S)  # PortAudio must not be in use when the process ends
    _end_by_force(code)
    return code


def _cannot_start(error: Exception) -> int:
    """Show why the app cannot start, in a window: it may not run in a terminal."""
    line = user_line(error)
    print(f"mica: {line}", file=sys.stderr)
    if QApplication.instance() is None:
        prepare_launch()
        QApplication([sys.argv[0]])
    box = QMessageBox(QMessageBox.Icon.Critical, "Mica", CANNOT_START)
    box.setInformativeText(line)
    box.exec()
    return error.exit_code if isinstance(error, MicaError) else 1


def _end_by_force(code: int) -> None:
    """End the process in a few seconds even if a library hangs at its end, as PortAudio
    does with a sound server that does not respond."""
    timer = threading.Timer(END_S, os._exit, [code])
    timer.daemon = True
    timer.start()


def _desktop(
    application: QApplication, tray: Tray, unhandled: UnhandledExceptions
) -> "Desktop":
    """The app; its hotkeys are watched before it is imported."""
    from mica.host.select import open_host
    from mica.ui.early_hotkeys import EarlyHotkeys

    early_hotkeys = EarlyHotkeys(open_host())
    early_hotkeys.listen()

    from mica.desktop import Desktop

    return Desktop(application, tray, early_hotkeys, unhandled)


def _prepare() -> None:
    """Make files private, and list the microphones: the sound system is slow to start,
    and the first dictation should not wait for it."""
    from mica.audio.devices import list_devices

    for step in (paths.close_to_others, list_devices):
        try:
            step()
        except Exception as why:  # noqa: BLE001 reported by what needs it
            _log.warning("not prepared: %s", reason(why))


def _start_log(tell: Callable[[str], None]) -> None:
    handler: logging.Handler
    try:
        file = paths.logs_folder() / "mica.log"
        paths.refuse_special(file)
        handler = logging.handlers.RotatingFileHandler(
            file, maxBytes=LOG_BYTES, backupCount=1
        )
    except OSError as why:
        tell(NO_LOG.format(why.strerror))
        handler = logging.StreamHandler()
    logging.raiseExceptions = False  # a disk that gets full must not print tracebacks
    handler.setFormatter(ContentFreeFormatter())
    logging.basicConfig(handlers=[handler], level=logging.INFO)
