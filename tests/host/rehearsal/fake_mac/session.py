"""Sleep, lock, other users, and what macOS clears away by and by."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from host.rehearsal.fake_mac.mac import Mac

_SESSION = "NSWorkspaceSessionDid"
SWEPT_AFTER_S = 3 * 24 * 3600.0  # files of /var/folders/…/T not accessed (Prowl#239)


class Session:
    """temporary: the user's $TMPDIR.

    Sleep and user switching are NSWorkspace.h's notifications; that of the lock is
    loginwindow's, undocumented (Hex listens to it).
    """

    def __init__(self, mac: "Mac", temporary: Path) -> None:
        self._mac, self.temporary = mac, temporary

    def close_lid(self) -> None:
        """The Mac sleeps, locked; the built-in microphone is off from now on."""
        self._mac.notify(self._mac.everywhere, "com.apple.screenIsLocked")
        self._mac.notify(self._mac.centre, "NSWorkspaceWillSleepNotification")
        self._mac.sound.sleep()

    def open_lid(self) -> None:
        """It wakes, and the user unlocks it."""
        self._mac.notify(self._mac.centre, "NSWorkspaceDidWakeNotification")
        self._mac.notify(self._mac.everywhere, "com.apple.screenIsUnlocked")

    def switch_to_another_user(self) -> None:
        self._mac.notify(self._mac.centre, f"{_SESSION}ResignActiveNotification")

    def switch_back(self) -> None:
        self._mac.notify(self._mac.centre, f"{_SESSION}BecomeActiveNotification")

    def sweep(self, days: float) -> None:
        """So many days pass: macOS removes what nobody opened in $TMPDIR, a socket that
        is listened on as well, for that is no access."""
        self._mac.clock.now_s += days * 24 * 3600.0
        if days * 24 * 3600.0 >= SWEPT_AFTER_S:
            for path in self.temporary.iterdir():
                path.unlink()
