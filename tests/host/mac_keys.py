"""Keys on a fake Mac that replays what real Macs send: flags with device bits, the
count of key presses, Carbon's hot keys. Where time matters, with the real state table.
"""

from collections.abc import Mapping

from mica.host.hold_key import POLL_S, Action, HoldKey, Input, Mode
from mica.host.key_names import Hotkey
from support.apple_fakes import FakeMac

R_ALT, L_ALT, R_SHIFT, FN, LEFT_ARROW, ESCAPE, F13 = 61, 58, 60, 63, 123, 53, 105
ALT, FN_FLAG, R_ALT_BIT, L_ALT_BIT = 0x80000, 0x800000, 0x40, 0x20
CAPS_LOCK, A, V, SPACE = 57, 0, 9, 49
CMD, SHIFT, OPTION, CTRL = 0x100, 0x200, 0x800, 0x1000  # Carbon's flags
CTRL_ALT = CTRL | OPTION


class RecordedHotkeys:
    """Started hotkeys and what they reported; the test advances time."""

    def __init__(
        self, mac: FakeMac, hold: str = "right_alt", uses: Mapping[Hotkey, str] = {}
    ) -> None:
        from mica.host.macos.hotkeys import MacHotkeys

        self.reports: list[str] = []
        self.times: list[float] = []
        self.now_s = 0.0
        self.keys = MacHotkeys(mac.carbon, clock=lambda: self.now_s)
        self.keys.bind({Hotkey.HOLD: hold, **uses})
        self.keys.start(self.on_input, lambda use: self.reports.append(use.name))

    def on_input(self, what: Input, at_s: float) -> None:
        self.reports.append(what.value)
        self.times.append(at_s)


class SimulatedSession(RecordedHotkeys):
    """The same, with the hold key's rules and polling as in a dictation."""

    def __init__(
        self, mac: FakeMac, hold: str = "right_alt", uses: Mapping[Hotkey, str] = {}
    ) -> None:
        self.rules, self.actions = HoldKey(longest_s=300.0), list[Action]()
        self.listening = False
        super().__init__(mac, hold, uses)
        mac.run()

    def on_input(self, what: Input, at_s: float) -> None:
        self._do(self.rules.handle(what, at_s))

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / POLL_S)):
            self.now_s += POLL_S
            down = self.keys.is_down(self.rules.pressed) if self.rules.down else None
            self._do(self.rules.tick(self.now_s, down))

    def _do(self, actions: list[Action]) -> None:
        """Perform actions; Esc is enabled while listening, as in a dictation."""
        self.actions += actions
        listening = self.rules.mode is not Mode.IDLE
        if listening is not self.listening:
            self.listening = listening
            self.keys.enable_escape(listening)
