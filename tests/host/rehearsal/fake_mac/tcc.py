"""Privacy permissions (TCC), kept for each responsible process.

For a program started in a terminal, that is the terminal: dialogs and lists show its
name (audit 11; pynput#389). A bundle opened by launchd is responsible for itself.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from host.rehearsal.fake_mac.mac import Mac

UNDETERMINED, DENIED, GRANTED = 0, 2, 3  # AVAuthorizationStatus
Done = Callable[[bool], None]


class Tcc:
    """What the user has allowed, and what macOS reports about it.

    responsible     the responsible program, which dialogs name
    dialogs         the dialogs that macOS has shown, in order
    has_usage_text  whether its bundle says what the microphone is for: for a terminal
                    that does not, no dialog appears, and the permission stays
                    undetermined (sounddevice#574, terax-ai#727)
    keeps_answers   AXIsProcessTrusted and CGPreflightPostEventAccess keep the answers
                    they gave when the process started (screenpipe#5365)
    is_stale        the list shows it as on, but for a signature that an update has
                    replaced (PolterType#42)
    """

    def __init__(self, mac: "Mac", responsible: str) -> None:
        self._mac = mac
        self.responsible = responsible
        self.dialogs: list[str] = []
        self.has_usage_text = True
        self.caches_answers = self.is_stale = False
        self._microphone = dict[str, int]()
        self._accessibility = set[str]()
        self._pending: list[Done] = []
        self.refresh()

    @property
    def microphone(self) -> int:
        return self._microphone.get(self.responsible, UNDETERMINED)

    @property
    def may_post(self) -> bool:
        """Whether posted keys arrive and other programs answer."""
        return self.responsible in self._accessibility and not self.is_stale

    def refresh(self) -> None:
        """Update the answers of macOS's functions."""
        mac, allowed = self._mac, self.may_post
        mac.microphone = self.microphone
        mac.trusted = mac.may_post = allowed and not self.caches_answers
        mac.reads = mac.has_accessibility = allowed

    def allow_microphone(self, program: str) -> None:
        """Grant the microphone, as if the user had done so earlier."""
        self._microphone[program] = GRANTED
        self.refresh()

    def allow_accessibility(self, program: str) -> None:
        """Turn Accessibility on in System Settings."""
        self._accessibility.add(program)
        self.refresh()

    def ask_for_microphone(self, done: Done) -> None:
        """AVCaptureDevice requestAccessForMediaType: the answer arrives much later, on
        an arbitrary queue."""
        if self.microphone != UNDETERMINED:
            done(self.microphone == GRANTED)
        elif self.has_usage_text:
            if not self._pending:
                name = self.responsible
                self.dialogs.append(f"“{name}” would like to access the microphone.")
            self._pending.append(done)

    def answer_dialog(self, *, allow: bool) -> None:
        """Click Allow or Don’t Allow."""
        assert self._pending, "no dialog is shown"
        self._microphone[self.responsible] = GRANTED if allow else DENIED
        self.refresh()
        pending, self._pending = self._pending, []
        for done in pending:
            done(allow)

    def ask_for_accessibility(self) -> bool:
        """AXIsProcessTrustedWithOptions with the prompt option."""
        name = self.responsible
        if not self.may_post:
            self.dialogs.append(f"“{name}” would like to control this computer.")
        return self.may_post

    def open_settings(self, page: str) -> None:
        self.dialogs.append(f"System Settings: {page.rpartition('_')[2]}")
