"""Types text as X11 key presses, using spare keycodes for what the layout lacks.

Each spare keycode keeps its symbol until finish(): a window looks a key up only when it
handles the press, and a slow one would read the next symbol. Does not use pynput, which
reassigns a key too soon (https://github.com/moses-palmer/pynput/issues/642).
"""

from Xlib import X  # type: ignore[import-untyped]

from mica.errors import InsertionError
from mica.host.values import Target
from mica.host.x11.sender import Sender, SentKeys, connection_errors


class X11Typist:
    """See ports.Typist. Main thread only."""

    def __init__(self, sender: Sender, sent_keys: SentKeys) -> None:
        self._sender, self._sent_keys = sender, sent_keys
        self._symbols: dict[int, int] = {}  # symbol by keycode

    def prepare(self, text: str, target: Target) -> int:
        self.finish()
        layout, count = self._sender.layout(), 0
        known, spare = set(layout.key_presses), layout.spare_keycodes
        for character in text:
            symbol = _keysym(character)
            if symbol not in known:
                if not spare:
                    break
                self._bind(spare.pop(), symbol)
                known.add(symbol)
            count += 1
        self._sender.display.sync()
        if text and not count:
            raise InsertionError(
                "Your keyboard has no spare keys to type this text with.",
                "Choose Paste for this app in Per-App Settings.",
            )
        return count

    def type(self, text: str) -> None:
        """See ports.Typist. The layout may have changed since prepare()."""
        layout, display = self._sender.layout(), self._sender.display
        found = [layout.key_presses.get(_keysym(character)) for character in text]
        presses = [press for press in found if press is not None]
        if len(presses) < len(found):
            raise InsertionError(
                "The keyboard layout changed while Mica was typing.",
                "Part of the text was typed. Use Paste Last to get all of it.",
            )
        shift = layout.modifier(X.ShiftMask)
        with connection_errors():
            repeats = display.get_keyboard_control().global_auto_repeat
            # Caps Lock off as well; Num Lock as it was when the keys were looked up
            with self._sender.neutral_state(layout, layout.keymap.num_lock):
                self._sender.check()
                shifts = [shift for _, shifted in presses if shifted]
                self._sent_keys.expect([code for code, _ in presses] + shifts)
                display.change_keyboard_control(auto_repeat_mode=X.AutoRepeatModeOff)
                for code, shifted in presses:
                    self._press(code, shift if shifted else None)
                display.change_keyboard_control(auto_repeat_mode=repeats)

    def finish(self) -> None:
        """Free the spare keycodes, except those to which a new layout gave a symbol."""
        if not self._symbols:
            return
        display, keys = self._sender.display, self._sender.layout().keymap
        for code, symbol in self._symbols.items():
            if keys.symbol(code, 0) == symbol:
                display.change_keyboard_mapping(code, [[X.NONE, X.NONE]])
        self._symbols = {}
        display.sync()

    def _bind(self, code: int, symbol: int) -> None:
        # the same on both levels, or a capital would get a small letter of its own
        self._sender.display.change_keyboard_mapping(code, [[symbol, symbol]])
        self._symbols[code] = symbol

    def _press(self, code: int, shift: int | None) -> None:
        press = self._sender.display.xtest_fake_input
        if shift is not None:
            press(X.KeyPress, shift)
        press(X.KeyPress, code)
        press(X.KeyRelease, code)
        if shift is not None:
            press(X.KeyRelease, shift)


def _keysym(character: str) -> int:
    """The keysym: Latin-1 as it is, the rest of Unicode with X11's marker bit."""
    code = ord(character)
    latin = 0x20 <= code < 0x7F or 0xA0 <= code < 0x100
    return code if latin else 0x01000000 | code
