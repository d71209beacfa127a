"""Text as X11 key presses: by the layout's own keys, and for what it has not, by keys
of no meaning that get one for a moment.

Each of those keeps its meaning until finish(), so that a slow window does not read the
next one's; a window looks a key up only when it handles the press. Never through
pynput, which gives a key its next meaning too soon (its issue 642).
"""

from Xlib import X  # type: ignore[import-untyped]

from mica.errors import InsertionError
from mica.host.ports import Target
from mica.host.x11.sender import OwnKeys, Sender, sending


class X11Typist:
    """See ports.Typist. Main thread only."""

    def __init__(self, sender: Sender, own: OwnKeys) -> None:
        self._sender, self._own = sender, own
        self._bound: dict[int, int] = {}  # symbol by keycode

    def prepare(self, text: str, target: Target) -> int:
        self.finish()
        layout, count = self._sender.layout(), 0
        known, spare = set(layout.strokes), layout.spare
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
                "The keyboard has no free keys to type with.",
                "Choose pasting for this application.",
            )
        return count

    def type(self, text: str) -> None:
        """By the layout in force now: the user may have changed it since prepare()."""
        layout, display = self._sender.layout(), self._sender.display
        found = [layout.strokes.get(_keysym(character)) for character in text]
        strokes = [stroke for stroke in found if stroke is not None]
        if len(strokes) < len(found):
            raise InsertionError(
                "The keyboard layout changed.",
                "What was typed until then stands there.",
            )
        shift = layout.modifier(X.ShiftMask)
        with sending():
            repeats = display.get_keyboard_control().global_auto_repeat
            # Caps Lock off, too; Num Lock as it was when the keys were looked up
            with self._sender.undisturbed(layout, layout.keymap.num_lock):
                self._sender.check()
                shifts = [shift for _, shifted in strokes if shifted]
                self._own.expect([code for code, _ in strokes] + shifts)
                display.change_keyboard_control(auto_repeat_mode=X.AutoRepeatModeOff)
                for code, shifted in strokes:
                    self._press(code, shift if shifted else None)
                display.change_keyboard_control(auto_repeat_mode=repeats)

    def finish(self) -> None:
        """Only what is still ours: in another layout those keys may have a meaning."""
        if not self._bound:
            return
        display, keys = self._sender.display, self._sender.layout().keymap
        for code, symbol in self._bound.items():
            if keys.symbol(code, 0) == symbol:
                display.change_keyboard_mapping(code, [[X.NONE, X.NONE]])
        self._bound = {}
        display.sync()

    def _bind(self, code: int, symbol: int) -> None:
        # both levels alike, or a capital would be given a small letter of its own
        self._sender.display.change_keyboard_mapping(code, [[symbol, symbol]])
        self._bound[code] = symbol

    def _press(self, code: int, shift: int | None) -> None:
        press = self._sender.display.xtest_fake_input
        if shift is not None:
            press(X.KeyPress, shift)
        press(X.KeyPress, code)
        press(X.KeyRelease, code)
        if shift is not None:
            press(X.KeyRelease, shift)


def _keysym(character: str) -> int:
    """Latin-1 stands for itself, the rest of Unicode behind a mark."""
    code = ord(character)
    latin = 0x20 <= code < 0x7F or 0xA0 <= code < 0x100
    return code if latin else 0x01000000 | code
