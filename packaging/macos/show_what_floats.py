"""Shows the floating windows as the app does, and prints which program is in front.

Prints the process id of the front program before the start, after it, after showing the
overlay and after showing captions; then its own process id. test_on_a_mac.py runs this
in a separate process because Qt reads its environment variables only once.
"""

import os
import time

from AppKit import NSWorkspace
from PySide6.QtWidgets import QApplication

from mica.dictation.captions import Phase
from mica.host.macos.windows import prepare_launch, raise_overlay, stay_in_menu_bar
from mica.ui.captions_window import CaptionsWindow
from mica.ui.overlay import Overlay
from mica.ui.theme import StatusColor

SETTLE_S = 1.0


def front() -> int:
    """The process id of the front program; 0 = none."""
    found = NSWorkspace.sharedWorkspace().frontmostApplication()
    return int(found.processIdentifier()) if found is not None else 0


def main() -> None:
    seen = [front()]
    prepare_launch()
    application = QApplication([])
    stay_in_menu_bar()

    def settle() -> None:
        end_s = time.monotonic() + SETTLE_S
        while time.monotonic() < end_s:
            application.processEvents()
        seen.append(front())

    settle()
    overlay = Overlay(raise_above=raise_overlay)
    overlay.show_message("Listening", StatusColor.LISTENING)
    overlay.show_message("Canceled", StatusColor.QUIET, undoable=True)
    overlay.message("Something went wrong.", StatusColor.TROUBLE)
    settle()
    captions = CaptionsWindow(raise_above=raise_overlay)
    captions.show_phase(Phase.LISTENING)
    captions.set_words("What is heard.", "")
    settle()
    print(*seen, os.getpid())


if __name__ == "__main__":
    main()
