"""Sleep, screen lock, user switching, and the cleanup of temporary files by macOS."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from host.rehearsal.fake_mac.mac import Mac

_SESSION = "NSWorkspaceSessionDid"
SWEPT_AFTER_S = 3 * 24 * 3600.0  # unused files in /var/folders/…/T (Prowl#239)


class Session:
    """The user's login session.

    temporary   the user's $TMPDIR

    Sleep and user switching are announced by the notifications in NSWorkspace.h, the
    lock by an undocumented one from loginwindow (Hex uses it).
    """

    def __init__(self, mac: "Mac", temporary: Path) -> None:
        self._mac, self.temporary = mac, temporary

    def close_lid(self) -> None:
        """Lock the Mac and put it to sleep; open streams give only zeros afterward."""
        self._mac.notify(self._mac.everywhere, "com.apple.screenIsLocked")
        self._mac.notify(self._mac.centre, "NSWorkspaceWillSleepNotification")
        self._mac.sound.sleep()

    def open_lid(self) -> None:
        """Wake the Mac and unlock it."""
        self._mac.notify(self._mac.centre, "NSWorkspaceDidWakeNotification")
        self._mac.notify(self._mac.everywhere, "com.apple.screenIsUnlocked")

    def switch_to_another_user(self) -> None:
        self._mac.notify(self._mac.centre, f"{_SESSION}ResignActiveNotification")

    def switch_back(self) -> None:
        self._mac.notify(self._mac.centre, f"{_SESSION}BecomeActiveNotification")

    def sweep(self, days: float) -> None:
        """Let days pass: macOS removes files in $TMPDIR that nobody opened, including
        sockets in use, because listening is not an access."""
        self._mac.clock.now_s += days * 24 * 3600.0
        if days * 24 * 3600.0 >= SWEPT_AFTER_S:
            for path in self.temporary.iterdir():
                path.unlink()
