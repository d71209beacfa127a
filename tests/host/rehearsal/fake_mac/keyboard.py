"""The user's keyboard: flags latched and keys counted by the HID system, and events."""

from typing import TYPE_CHECKING

from support.apple_fakes import FLAGS

if TYPE_CHECKING:
    from host.rehearsal.fake_mac.mac import Mac

FN, RIGHT_OPTION, LEFT_OPTION, RIGHT_COMMAND, SHIFT = 63, 61, 58, 54, 56
ARROWS = (123, 124, 125, 126)
ESCAPE, A = 53, 0
#: NX_DEVICE…KEYMASK (IOLLEvent.h) combined with NSEvent's general flag.
_FLAGS = {
    FN: FLAGS["SecondaryFn"],
    RIGHT_OPTION: FLAGS["Alternate"] | 0x40,
    LEFT_OPTION: FLAGS["Alternate"] | 0x20,
    RIGHT_COMMAND: FLAGS["Command"] | 0x10,
    SHIFT: FLAGS["Shift"] | 0x02,
}
_CARBON = {"Command": 0x100, "Shift": 0x200, "Alternate": 0x800, "Control": 0x1000}


class Keyboard:
    """A keyboard; held: the modifiers that are down."""

    def __init__(self, mac: "Mac") -> None:
        self._mac = mac
        self.held: set[int] = set()
        self._latched = 0
        self._typed_s = mac.clock.now_s - 60.0

    @property
    def seconds_since_typed(self) -> float:
        """CGEventSourceSecondsSinceLastEventType for keyDown."""
        return self._mac.clock.now_s - self._typed_s

    def press(self, code: int) -> None:
        self._change(code, True)

    def release(self, code: int) -> None:
        self._change(code, False)

    def tap(self, code: int) -> None:
        self.press(code)
        self.release(code)

    def arrow_with_fn(self, code: int, down: bool) -> None:
        """Press an arrow key that also sends Fn's events, as recent macOS does (HS
        Voice)."""
        if down:
            self._whole_key(code, True)
        self._modifier(FN, down)
        if not down:
            self._whole_key(code, False)

    def type(self, text: str) -> None:
        """Type text into the front program."""
        for character in text:
            code, shift = self._mac.layout.keycode(character)
            flags = FLAGS["Shift"] if shift else 0
            self._whole_key(code, True, flags)
            self._whole_key(code, False, flags)

    def _change(self, code: int, down: bool) -> None:
        if code in _FLAGS:
            self._modifier(code, down)
        else:
            self._whole_key(code, down)

    def _modifier(self, code: int, down: bool) -> None:
        (self.held.add if down else self.held.discard)(code)
        if code != FN:  # CGEventSourceKeyState does not report Fn (murmure#398)
            (self._mac.down.add if down else self._mac.down.discard)(code)
        else:
            self._latched &= ~FLAGS["SecondaryFn"]
        self._set_flags()
        if code == FN and not down and self._mac.fn_usage != 0:
            # Releasing Fn produces a keyDown of key 179, unless “Press 🌐 key to” is Do
            # Nothing (MacParakeet's HotkeyManager: within 0.1 s, before or after).
            self._count()
        self._mac.change(code, self._mac.flags)

    def _whole_key(self, code: int, down: bool, flags: int = 0) -> None:
        mac = self._mac
        (mac.down.add if down else mac.down.discard)(code)
        if code in ARROWS:
            # Fn's flag is set while an arrow key is down, and may stay set
            # (murmure#398/#399).
            self._latched |= FLAGS["SecondaryFn"]
            self._set_flags()
        if down:
            self._count()
        flags |= mac.flags
        carbon = sum(bit for name, bit in _CARBON.items() if flags & FLAGS[name])
        mac.deliver({"code": code, "down": down, "flags": flags}, carbon)

    def _count(self) -> None:
        """Count a keyDown as the HID system does (CGEventSource.h), which also counts
        macOS's own key 179 (audit 15)."""
        self._mac.typed += 1
        self._typed_s = self._mac.clock.now_s

    def _set_flags(self) -> None:
        flags = self._latched
        for code in self.held:
            flags |= _FLAGS[code]
        self._mac.flags = flags
