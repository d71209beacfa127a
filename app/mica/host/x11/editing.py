"""Paste, Return, caret keys and typed text on X11, as most programs understand them.

Terminals have their own paste keys. Accessibility is not queried. Typing uses spare
keycodes for what the layout lacks. Each keeps its symbol until finish(): a window looks
a key up only when it handles the press, and a slow one would read the next symbol. Does
not use pynput, which reassigns a key too soon
(https://github.com/moses-palmer/pynput/issues/642).
"""

from enum import Enum
from typing import Final

from Xlib import X  # type: ignore[import-untyped]

from mica.errors import InsertionError
from mica.host.apps import is_terminal
from mica.host.values import Target
from mica.host.x11.sender import Sender, SentKeys, connection_errors
from mica.host.x11.xkb import ActiveLayout, KeyPress

_PRIMARY: Final = {"xterm", "uxterm", "urxvt", "rxvt", "st", "st-256color"}


class X11Chord(Enum):
    """Paste shortcuts: a key by its X name, and the modifiers held with it."""

    CTRL_V = ("v", X.ControlMask)
    CTRL_SHIFT_V = ("v", X.ControlMask, X.ShiftMask)
    SHIFT_INSERT = ("Insert", X.ShiftMask)


def pastes_from_primary(target: Target) -> bool:
    """Whether this target pastes from PRIMARY instead of CLIPBOARD."""
    return target.name.lower() in _PRIMARY


def chord_of(target: Target) -> X11Chord:
    """The paste shortcut of this target."""
    if pastes_from_primary(target):
        return X11Chord.SHIFT_INSERT
    return X11Chord.CTRL_SHIFT_V if is_terminal(target) else X11Chord.CTRL_V


class X11Editor(Sender):
    """See ports.Paster and Caret. Main thread only."""

    def can_paste(self, target: Target) -> bool:
        symbol, *modifiers = chord_of(target).value
        try:
            self.layout().chord(symbol, tuple(modifiers))
        except InsertionError:
            return False
        return True

    def press_paste_keys(self, target: Target) -> None:
        self.press(*chord_of(target).value)

    def press_return(self, target: Target) -> None:
        self.press("Return")

    def text_before(self, text: str) -> str | None:
        return None

    def select_back(self, count: int) -> None:
        self.press("Left", X.ShiftMask, times=count)

    def selected_text(self) -> str | None:
        return None

    def copy(self) -> None:
        self.press("c", X.ControlMask)

    def delete(self) -> None:
        self.press("BackSpace")

    def collapse_selection(self) -> None:
        self.press("Right")


class X11Typist:
    """See ports.Typist. Main thread only."""

    def __init__(self, sender: Sender, sent_keys: SentKeys) -> None:
        self._sender, self._sent_keys = sender, sent_keys
        self._symbols: dict[int, int] = {}  # symbol by keycode
        self._sent: dict[int, KeyPress] = {}  # key and Shift by symbol
        self._has_layout_changed = False

    def prepare(self, text: str, target: Target) -> int:
        self._compare(self._sender.layout())
        self._free_keys()
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
        self._compare(layout)
        found = [layout.key_presses.get(_keysym(character)) for character in text]
        presses = [press for press in found if press is not None]
        if len(presses) < len(found):
            raise InsertionError(
                "The keyboard layout changed while Mica was typing.",
                "Part of the text was typed. Use Paste Last Dictation to get it all.",
            )
        self._sent.update(zip(map(_keysym, text), presses, strict=True))
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

    def layout_changed(self) -> bool:
        """See ports.Typist."""
        try:
            self._compare(self._sender.layout())
        except InsertionError:  # the server is gone, or gives no map
            return True
        return self._has_layout_changed

    def _compare(self, layout: ActiveLayout) -> None:
        """Note whether a key that was sent means another character now."""
        self._has_layout_changed |= any(
            layout.key_presses.get(symbol) != press
            for symbol, press in self._sent.items()
        )

    def finish(self) -> None:
        """See ports.Typist."""
        self._has_layout_changed = False
        self._free_keys()

    def _free_keys(self) -> None:
        """Free the spare keycodes, except those to which a new layout gave a symbol."""
        self._sent = {}
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
