"""What Mica asks of the operating system: small protocols and plain values.

No behaviour. `x11` and `macos` answer these; `select.open_host` chooses.
Everything here belongs to the main thread unless a docstring says otherwise. Over 300
lines: whoever adds a host reads one list of what it must answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from mica.host.hold_key import Input
from mica.host.key_names import Hotkey
from mica.host.strokes import Typed

Callback = Callable[[], None]
OnInput = Callable[[Input, float], None]
OnUse = Callable[[Hotkey], None]
Answered = Callable[[], bool | None]
SOMETHING: Final = "\ufffc"  # Unicode's object replacement character: it is no text

PUBLISHED: Final = 4  # texts that a clipboard remembers having published


@dataclass(frozen=True, slots=True)
class Piece:
    """One type of one clipboard item, as the bytes its owner gave.

    item     index of the item it belongs to; X11 has only item 0
    """

    item: int
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that was on a clipboard; empty when it was empty.

    left_out   types that could not be read: their owner hangs or is slow, they are
               over the size cap, or reading is not allowed. They cannot be put back,
               so whoever would take their place types instead, or says so.
    """

    pieces: tuple[Piece, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """The window that has the keyboard.

    window   window id on X11, a number of its own on macOS; 0 where nobody says
    name     WM_CLASS on X11 ("XTerm"), bundle id on macOS
    secure   it refuses synthetic keys now (a password field, secure input)

    Two targets are the same place when `same_place` says so.
    """

    window: int
    pid: int | None
    name: str
    secure: bool = False

    def same_place(self, other: "Target") -> bool:
        """Whether text meant for this target may go into the other."""
        windows = {self.window, other.window}
        return self.pid == other.pid and (len(windows) == 1 or 0 in windows)


@dataclass(frozen=True, slots=True)
class Surrounding:
    """The text around the caret of the focused field, as much of it as is asked for.

    before   up to the caret, or to what is selected; SOMETHING where it is not known
    after    behind it
    is_of_now   the program itself said so at that moment, of a field that shows it

    Both are empty in an empty field, and in a password field, which nobody reads.
    """

    before: str
    after: str = ""
    is_of_now: bool = field(default=False, compare=False)


@dataclass(slots=True)
class Query:
    """A question to a program about its text. Written by a thread of the host.

    found   the answer once it is done; None where Accessibility does not answer
    """

    done: bool = False
    found: Surrounding | None = None


class Grant(Enum):
    """What the system says to a permission."""

    GRANTED = "granted"
    DENIED = "denied"
    UNDETERMINED = "undetermined"
    NOT_NEEDED = "not needed"


class Permission(Enum):
    """What Mica may need to be allowed."""

    MICROPHONE = "microphone"
    INSERTION = "insertion"


class Hotkeys(Protocol):
    """Our keys and what is pressed with them, as it happens; the rules are not here."""

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        """From now on these are the keys, by the names of key_names; before start or
        after it. Raises SettingsError (no such key, two uses of one) or MicaError
        (another program has it) and leaves all as it was."""
        ...

    def start(self, on_input: OnInput, on_use: OnUse) -> None:
        """Begin to watch the keys.

        on_input   of the two keys to hold what hotkey_rules.TOLD says; OTHER or
                   ESCAPE; and when it happened (monotonic seconds). OTHER comes at
                   least while one of them is held, ESCAPE while it is wanted; repeats
                   may come.
        on_use     another key of ours was pressed; once a press

        They come on a thread of the host (X11) or the main thread (macOS) and must
        return at once: hand on by a queued signal. Raises MicaError when keys cannot
        be watched.
        """
        ...

    def learn(self, on_key: Callable[[str], None] | None) -> None:
        """Tell what is pressed by its name instead of acting on it, as on_input does;
        None: act again. Only while a window of ours has the keyboard."""
        ...

    def is_down(self, use: Hotkey) -> bool:
        """Whether this key to hold is physically down; cheap enough to ask each POLL_S.
        A host that cannot watch other keys tells of them when it is asked."""
        ...

    def want_escape(self, wanted: bool) -> None:
        """Whether Esc means something now; it may be kept from the windows then."""
        ...

    def other_presses(self) -> int | None:
        """How many presses of keys and mouse buttons there have been, but for bare
        modifiers, the keys to hold and what we sent ourselves; None where nobody
        counts."""
        ...

    def stop(self) -> None:
        """Watch no more; never called back after this returns."""
        ...


OnHeld = Callable[[Snapshot], None]


class Clipboard(Protocol):
    """One clipboard, read and written whole.

    published   the last few texts, the newest last: a clipboard manager may put one of
                them there as if it were a copy
    """

    @property
    def published(self) -> Sequence[str]: ...

    def snapshot(self) -> Snapshot:
        """All types of all items, now."""
        ...

    def publish(self, text: str) -> None:
        """Offer the text for one paste: lazily, so that each read is a receipt, and
        marked as transient so that clipboard managers skip it."""
        ...

    def copy(self, text: str) -> None:
        """Leave the text for the user to paste, as if they had copied it."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Put everything back as it was."""
        ...

    def change_count(self) -> int:
        """A number that differs whenever anyone has put something new there."""
        ...

    def read_count(self) -> int:
        """How often the last published text has been read."""
        ...

    def foreign_reads(self, target: Target) -> int | None:
        """How many of those reads are known to be of other programs than that one; None
        where nobody knows who reads."""
        ...

    def is_of(self, target: Target) -> bool | None:
        """Whether that program put there what is there now; None where nobody knows."""
        ...


class Paster(Protocol):
    """The synthetic keys around a paste."""

    def ready(self) -> bool:
        """Whether no modifier is physically down, so that the chord arrives as is."""
        ...

    def can_paste(self, target: Target) -> bool:
        """Whether the keyboard has the paste keys of that target now; where its layout
        has no V, a text is typed."""
        ...

    def chord(self, target: Target) -> None:
        """Press the paste keys of that target. Raises InsertionError (the keys
        cannot be sent) or PermissionDenied (they would be dropped)."""
        ...

    def submit(self, target: Target) -> None:
        """Press Return; raises as chord does."""
        ...


class Typist(Protocol):
    """Text as key presses. All raise as Paster.chord does."""

    def prepare(self, text: str, target: Target) -> int:
        """Get ready to type the text into that target: how many of its characters can
        be typed now, at least one of any. The keyboard may have more keys until
        finish()."""
        ...

    def type(self, text: str) -> None:
        """Press the keys of these characters, which were prepared; no controls."""
        ...

    def finish(self) -> None:
        """Leave the keyboard as it was."""
        ...


class Caret(Protocol):
    """The caret of the window with the keyboard, moved by synthetic keys. All but
    before() and selected() raise as Paster.chord does."""

    def before(self, text: str) -> str | None:
        """What stands before the caret by Accessibility, as much as this text is long;
        less where the field begins, "" where something is selected, None where it does
        not answer or knows of nothing."""
        ...

    def select_back(self, count: int) -> None:
        """Select so many more characters, as people see them, to the left."""
        ...

    def selected(self) -> str | None:
        """The selected text by Accessibility; None or "" where it does not answer."""
        ...

    def copy(self) -> None:
        """Let the window copy what is selected."""
        ...

    def delete(self) -> None:
        """Delete what is selected."""
        ...

    def let_go(self) -> None:
        """Select nothing more; the caret goes to the right end."""
        ...


class Focus(Protocol):
    """Which window would get the text."""

    def current(self) -> Target | None:
        """The window with the keyboard; None when there is none."""
        ...

    def secure_input_owner(self) -> str | None:
        """The program that keeps the keyboard to itself now, so that no keys can be
        sent: its name, "" where it is not known, None where no program does."""
        ...

    def middle(self) -> tuple[int, int] | None:
        """A point on the display of the window with the keyboard, as the system counts
        from the main display's upper left corner; None when there is none."""
        ...


class Permissions(Protocol):
    """What the system allows, and how to ask."""

    def state(self, what: Permission) -> Grant:
        """What the system says now; cheap enough to poll each second."""
        ...

    def request(self, what: Permission) -> None:
        """Let the system ask the user, or open its settings at the right page."""
        ...


class Away(Enum):
    """Why the user cannot go on speaking."""

    SLEEP = "sleep"
    LOCK = "lock"
    SWITCH = "switch"  # another user's turn


class Presence(Protocol):
    """Whether the user is at the machine."""

    def watch(self, on_away: Callable[[Away], None], on_back: Callback) -> None:
        """Tell on the main thread; each may come more than once. Before sleep there
        are only seconds."""
        ...

    def stop(self) -> None:
        """Tell no more."""
        ...


class Activity(Protocol):
    """Whether the machine may slow us down or fall asleep by itself."""

    def hold(self, wanted: bool, *, screen: bool = False) -> None:
        """Keep it awake for us, or no longer; asking twice is asking once.

        screen   its screen, too: the user reads
        """
        ...


class Login(Enum):
    """Whether Mica starts when the user logs in."""

    OFF = "off"
    ON = "on"
    ASKED = "asked"  # the user has yet to allow it in the system's settings
    UNKNOWN = "unknown"  # this system or this way of installing cannot


class LoginItem(Protocol):
    """Starting at login."""

    def state(self) -> Login: ...

    def want(self, wanted: bool) -> None:
        """Start at login from now on, or no longer. Raises MicaError."""
        ...


class FnTap(Enum):
    """What the system itself does when Fn is tapped."""

    NOTHING = "nothing"
    INPUT_SOURCE = "input source"
    EMOJI = "emoji"
    DICTATION = "dictation"  # at the second tap
    UNKNOWN = "unknown"  # whatever it does on a new machine


@dataclass(frozen=True, slots=True)
class Host:
    """The operating system behind its ports.

    clipboard       the one the user copies to
    clipboard_for   the one a target pastes from (xterm reads the X11 selection)
    ask             have a window answer once it is through with the keys sent until
                    now; what comes back is false while it hangs: it has not answered,
                    is not gone, and can be asked; None once it is gone. A Mac asks each
                    time that is called, for a quarter of a second, and orders nothing
                    behind the keys.
    strokes_since   what the presses did to a target that Hotkeys.other_presses counted
                    since it was so many, oldest first; UNKNOWN stands for those that
                    are not known, and on a Mac, where keys are counted, not watched,
                    for all; None: the latest
    composing       whether a dead or compose key of the user's waits in a target for
                    what follows; keys of ours would become part of that, or be lost
    query           begin to ask a target what stands around its caret; returns at once
    tell_held       call, each time that changes, with what of the user's the clipboard
                    holds that would go with this process; where the system keeps it,
                    never
    lift            put a window of ours, by its native id, above full-screen programs
                    and keep it from ever taking the focus
    come_forward    let windows of ours, just shown, have the keyboard
    wants_stillness whether the user has the whole system move less
    fn_tap          asked each time, for the user may change it
    """

    hotkeys: Hotkeys
    clipboard: Clipboard
    clipboard_for: Callable[[Target], Clipboard]
    paster: Paster
    typist: Typist
    caret: Caret
    focus: Focus
    permissions: Permissions
    presence: Presence
    activity: Activity
    login: LoginItem
    ask: Callable[[Target], Answered]
    strokes_since: Callable[[int | None, Target], Sequence[Typed]]
    composing: Callable[[Target], bool]
    query: Callable[[Target], Query]
    tell_held: Callable[[OnHeld], None]
    lift: Callable[[int], None]
    come_forward: Callback
    wants_stillness: Callable[[], bool]
    fn_tap: Callable[[], FnTap]
