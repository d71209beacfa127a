"""Programs that receive text: how each interprets the key events it gets."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from host.rehearsal.fake_mac.layouts import US, Layout
from support.apple_fakes import FLAGS, MODIFIERS
from support.fake_field import FakeField

if TYPE_CHECKING:
    from host.rehearsal.fake_mac.mac import Mac

COMMAND_KEYS = {54, 55}
BACKSPACE, LEFT_ARROW, RIGHT_ARROW = 51, 123, 124
CHROMIUM = ("ChromeAXNodeId", "AXDOMIdentifier")
FIRST_PID = 90_000  # fake process ids, unrelated to this machine's processes


@dataclass(eq=False)
class Program:
    """A program with a window and, usually, a focused text field.

    has_field           whether it has a text field
    is_accessible       whether Accessibility reports its fields; not so in Electron
    follows_modifiers   accepts Command only if that key itself went down, as Flutter
                        and parts of Chromium do (flutter#184571; audit 4)
    guest               it shows another machine, to which it sends keycodes but not
                        characters (VoiceInk#758, Hammerspoon#2881; audit 3)
    reads_after_s       time from Cmd+V until it reads the clipboard
    yields              allows its own child process to come to the front
    is_full_screen      whether it has its own space
    is_hung             handles nothing until wake(), and Accessibility calls block
                        (which is why alt-tab-macos makes them on a separate thread)
    """

    name: str
    bundle: str
    pid: int
    window: int = 1
    has_field: bool = True
    is_password: bool = False
    is_accessible: bool = True
    follows_modifiers: bool = False
    guest: Layout | None = None
    reads_after_s: float = 0.02
    yields: bool = False
    role: str = "AXTextArea"
    attributes: tuple[str, ...] = ()
    field: FakeField = field(init=False)

    def __post_init__(self) -> None:
        text = "" if self.has_field else None
        self.field = FakeField(text, names=self.attributes)
        self.is_hung = self.is_full_screen = False
        self._held: set[int] = set()  # modifiers whose key-down events it saw
        self._unhandled: list[dict[str, Any]] = []

    @property
    def text(self) -> str:
        """The whole text in its field."""
        return self.field.text or ""

    def receive(self, event: dict[str, Any], mac: "Mac") -> None:
        """Handle a key event from the window server, whether the user's or posted."""
        if self.is_hung:
            self._unhandled.append(event)
        elif event["code"] in MODIFIERS:
            change = self._held.add if event["down"] else self._held.discard
            change(event["code"])
        elif event["down"] and self._is_command(event):
            self._shortcut(event, mac)
        elif event["down"]:
            self._type(event, mac)

    def wake(self, mac: "Mac") -> None:
        """Stop hanging, and handle the events that have arrived in the meantime."""
        self.is_hung = False
        unhandled, self._unhandled = self._unhandled, []
        for event in unhandled:
            self.receive(event, mac)

    def _is_command(self, event: dict[str, Any]) -> bool:
        has_flag = bool(event["flags"] & FLAGS["Command"])
        is_seen = not self.follows_modifiers or bool(self._held & COMMAND_KEYS)
        return has_flag and is_seen

    def _shortcut(self, event: dict[str, Any], mac: "Mac") -> None:
        letter = mac.layout.character(event["code"], shift=False)
        if letter == "v" and self.guest is not None:
            # The guest pastes from its own clipboard, which is synchronized with ours
            # only at the next change of focus (FluidVoice#951).
            self.insert("what the guest had copied")
        elif letter == "v" and self.has_field:
            mac.timers.later(self.reads_after_s, lambda: self._paste(mac))

    def _paste(self, mac: "Mac") -> None:
        self.insert(mac.pasteboard.read_by_program())

    def _type(self, event: dict[str, Any], mac: "Mac") -> None:
        code, shift = event["code"], bool(event["flags"] & FLAGS["Shift"])
        if self.guest is not None:
            self.insert(self.guest.character(code, shift=shift))
        elif code == BACKSPACE:
            self._delete()
        elif code in (LEFT_ARROW, RIGHT_ARROW):
            self._move(-1 if code == LEFT_ARROW else 1, extend=shift)
        else:
            text = event.get("text") or mac.layout.character(code, shift=shift)
            self.insert(text)

    def insert(self, text: str) -> None:
        """Insert text at the caret or in place of the selection."""
        if not self.has_field:
            return
        first, length = self.field.selection
        raw = self.text.encode("utf-16-le")
        added = text.encode("utf-16-le")
        raw = raw[: 2 * first] + added + raw[2 * (first + length) :]
        self.field.text = raw.decode("utf-16-le")
        self.field.select(first + len(added) // 2)

    def _delete(self) -> None:
        first, length = self.field.selection
        if not length and first:
            self.field.select(first - 1, 1)
        self.insert("")

    def _move(self, by: int, *, extend: bool) -> None:
        first, length = self.field.selection
        if extend:  # to the left, as Mica's undo does
            self.field.select(max(0, first + by), length - by if first else length)
        else:
            end = first + length if length and by > 0 else first + by
            self.field.select(max(0, min(len(self.text), end)))


def terminal() -> Program:
    return Program("Terminal", "com.apple.Terminal", FIRST_PID, yields=True)


def textedit(
    name: str = "TextEdit", pid: int = FIRST_PID + 1, *, has_field: bool = True
) -> Program:
    bundle = f"com.apple.{name}"
    return Program(name, bundle, pid, has_field=has_field)


def browser() -> Program:
    """Chromium, whose reports on web pages are ignored (host/macos/surrounding)."""
    return Program(
        "Google Chrome",
        "com.google.Chrome",
        FIRST_PID + 2,
        follows_modifiers=True,
        attributes=CHROMIUM,
    )


def remote_desktop(guest: Layout = US) -> Program:
    return Program(
        "Microsoft Remote Desktop",
        "com.microsoft.rdc.macos",
        FIRST_PID + 3,
        guest=guest,
        is_accessible=False,
    )


def password_field() -> Program:
    return Program(
        "Safari",
        "com.apple.Safari",
        FIRST_PID + 4,
        is_password=True,
        role="AXTextField",
    )
