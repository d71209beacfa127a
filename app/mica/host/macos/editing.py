"""Pastes, types and moves the caret on a Mac, by posting key events.

Shortcuts use the key that has the letter in the user's layout; typed text is carried by
the events themselves, whatever the layout. But apps that show another machine mostly
forward key codes (https://github.com/Beingpax/VoiceInk/issues/758,
https://github.com/Hammerspoon/hammerspoon/issues/2881, QEMU's ui/cocoa.m), so text for
them is typed with the layout's own keys. Accessibility reports the selection and the
text before the caret, if it answers. Main thread only.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from Quartz import (
    kCGEventFlagMaskAlternate,
    kCGEventFlagMaskCommand,
    kCGEventFlagMaskNumericPad,
    kCGEventFlagMaskSecondaryFn,
    kCGEventFlagMaskShift,
)

from mica.errors import InsertionError
from mica.host.apps import is_remote, shows_mac
from mica.host.macos import accessibility
from mica.host.macos.keyboard import BETWEEN_S, NO_KEY, Keyboard
from mica.host.macos.layout import OPTION, SHIFT, key_presses, keycode_for
from mica.host.values import Target
from mica.text.words import grapheme_count

_RETURN: Final = 36
#: On Windows, Option (Alt there) opens a menu or changes the layout, and gives other
#: characters, so it is used only for programs that show a Mac.
_LAYERS: Final = (0, SHIFT)
_MAC_LAYERS: Final = (0, SHIFT, OPTION, OPTION | SHIFT)
_FLAGS: Final = {
    0: 0,
    SHIFT: kCGEventFlagMaskShift,
    OPTION: kCGEventFlagMaskAlternate,
    OPTION | SHIFT: kCGEventFlagMaskAlternate | kCGEventFlagMaskShift,
}
#: Typewriter substitutes for characters that the layout lacks.
_TYPEWRITTEN: Final = {
    "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...",
    "\u00a0": " ", "\u202f": " ",
}  # fmt: skip
PIECE_UNITS: Final = 20  # UTF-16 units; some programs cut off the rest (enigo, espanso)
_LEFT: Final = 123
_RIGHT: Final = 124
_BACKSPACE: Final = 51
_ARROW: Final = kCGEventFlagMaskNumericPad | kCGEventFlagMaskSecondaryFn  # as real ones
_BETWEEN_S: Final = 0.001  # short, because the main thread waits for many in a row


def shortcut(keyboard: Keyboard, letter: str) -> None:
    """Press Command and the key that has this letter in the current layout.

    Raises like Keyboard.press, and posts nothing if no key has the letter.
    """
    code = keycode_for(keyboard.library, letter)
    if code is None:
        raise InsertionError(
            f"Your keyboard layout has no {letter.upper()} key.",
            "Choose another keyboard layout.",
        )
    keyboard.press(code, kCGEventFlagMaskCommand)


class MacPaster(Keyboard):
    """See ports.Paster. A subclass of Keyboard, so that nothing only forwards to it."""

    def ready(self) -> bool:
        return self.no_modifier_down()

    def can_paste(self, target: Target) -> bool:
        return keycode_for(self.library, "v") is not None

    def press_paste_keys(self, target: Target) -> None:
        shortcut(self, "v")

    def press_return(self, target: Target) -> None:
        self.press(_RETURN, 0)


class MacTypist:
    """See ports.Typist. Main thread only."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard
        # keycode and modifiers by character, while typing into another machine
        self._key_presses: dict[str, tuple[int, int]] | None = None

    def prepare(self, text: str, target: Target) -> int:
        """See ports.Typist. Any character can be typed.

        For another machine, of letters and digits only those that the layout has.
        """
        self._keyboard.ensure_allowed()
        self._key_presses = None
        if is_remote(target):
            layers = _MAC_LAYERS if shows_mac(target) else _LAYERS
            self._key_presses = key_presses(self._keyboard.library, layers)
            missing = [c for c in text if c.isalnum() and c not in self._key_presses]
            if missing:
                raise InsertionError(
                    f"Your keyboard layout has no key for “{missing[0]}”.",
                    "Choose the layout that the other computer uses.",
                )
        return len(text)

    def type(self, text: str) -> None:
        if self._key_presses is None:
            for piece in _pieces(text):
                self._keyboard.type_text(piece, utf16_units(piece))
            return
        for character in _characters(text):
            parts = character
            if character not in self._key_presses:
                parts = _TYPEWRITTEN.get(character, character)
            if set(parts) <= self._key_presses.keys():
                self._press([self._key_presses[part] for part in parts])
            else:  # some clients do forward characters
                self._keyboard.type_text(character, utf16_units(character), NO_KEY)

    def layout_changed(self) -> bool:
        """False: characters are sent as such, or by keys that another machine reads in
        its own layout."""
        return False

    def finish(self) -> None:
        """Do nothing, because nothing was changed."""

    def _press(self, presses: Iterable[tuple[int, int]]) -> None:
        for code, layer in presses:
            self._keyboard.press(code, _FLAGS[layer], between_s=BETWEEN_S / 2)


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces of whole graphemes, as many as fit PIECE_UNITS."""
    piece = ""
    for character in _characters(text):
        if piece and utf16_units(piece + character) > PIECE_UNITS:
            yield piece
            piece = ""
        piece += character
        while utf16_units(piece) > PIECE_UNITS:  # one grapheme of many code points
            yield piece[: PIECE_UNITS // 2]
            piece = piece[PIECE_UNITS // 2 :]
    if piece:
        yield piece


def _characters(text: str) -> Iterator[str]:
    character = ""
    for part in text:
        if character and grapheme_count(character + part) > 1:
            yield character
            character = ""
        character += part
    if character:
        yield character


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class MacCaret:
    """See ports.Caret. Main thread only."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard

    def text_before(self, text: str) -> str | None:
        return accessibility.text_before_caret(utf16_units(text))

    def select_back(self, count: int) -> None:
        flags = _ARROW | kCGEventFlagMaskShift
        self._keyboard.press(_LEFT, flags, times=count, between_s=_BETWEEN_S)

    def selected_text(self) -> str | None:
        return accessibility.selected_text()

    def copy(self) -> None:
        shortcut(self._keyboard, "c")

    def delete(self) -> None:
        self._keyboard.press(_BACKSPACE, 0)

    def collapse_selection(self) -> None:
        self._keyboard.press(_RIGHT, _ARROW)
