"""The overlay in each of its states."""

from mica.settings import OverlayStyle
from mica.ui.overlay import Overlay
from mica.ui.theme import StatusColor

LONG = "and so the committee agreed to meet again on the last Thursday of May " * 40
TROUBLE = "The microphone gives only silence. Check that it isn’t muted."
PATH = f"Not saved: /Users/someone/{'very-long-folder-name/' * 8}settings.toml"


def arming(overlay: Overlay) -> None:
    overlay.show_message("Getting ready…", StatusColor.QUIET)


def listening(overlay: Overlay) -> None:
    overlay.show_message("Listening", StatusColor.LISTENING, metered=True)
    for number in range(9):
        overlay.level((number * 5 % 9) / 9)
        overlay._advance()


def latched(overlay: Overlay) -> None:
    hint = "Tap Right Alt to finish."
    overlay.show_message("Listening…", StatusColor.LISTENING, metered=True, hint=hint)


def locked(overlay: Overlay) -> None:
    message = {"hint": "Locked. Tap Right Alt to finish.", "locked": True}
    overlay.show_message("Listening…", StatusColor.LISTENING, metered=True, **message)


def locked_live(overlay: Overlay) -> None:
    locked(overlay)
    overlay.live(LONG)


def spoken_through(overlay: Overlay) -> None:
    """A message while the user is speaking."""
    locked_live(overlay)
    overlay.message("Speech engine restarted. Nothing was lost.", StatusColor.QUIET)


def live(overlay: Overlay) -> None:
    listening(overlay)
    overlay.live("so the committee agreed")


def long_live(overlay: Overlay) -> None:
    listening(overlay)
    overlay.live(LONG)


def endless_word(overlay: Overlay) -> None:
    listening(overlay)
    overlay.live("日本語" * 300)


def working(overlay: Overlay) -> None:
    overlay.show_message("Transcribing…", StatusColor.WORKING)


def working_live(overlay: Overlay) -> None:
    live(overlay)
    working(overlay)


def done(overlay: Overlay) -> None:
    overlay.show_message("1,024 words", StatusColor.DONE)


def cancelled(overlay: Overlay) -> None:
    overlay.show_message("Canceled", StatusColor.QUIET, undoable=True)


def error(overlay: Overlay) -> None:
    overlay.message(TROUBLE, StatusColor.TROUBLE)


def long_error(overlay: Overlay) -> None:
    overlay.message(f"{TROUBLE}\n{PATH}", StatusColor.TROUBLE)


def message(overlay: Overlay) -> None:
    overlay.message("The last transcript is on the clipboard.", StatusColor.QUIET)


STATES = [
    arming, listening, latched, locked, live, long_live, endless_word, working,
    working_live, done, cancelled, error, long_error, message, locked_live,
    spoken_through,
]  # fmt: skip


def made(qtbot, style: OverlayStyle = OverlayStyle.LIVE, **more) -> Overlay:
    overlay = Overlay(style, **more)
    qtbot.addWidget(overlay)
    qtbot.addWidget(overlay.notice)
    qtbot.addWidget(overlay.undo)
    qtbot.addWidget(overlay.dismiss)
    return overlay
