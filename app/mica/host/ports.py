"""What Mica needs from the operating system, as small protocols.

`x11` and `macos` implement these, `select.open_host` chooses one, and `values.py` has
the values they exchange. Everything belongs to the main thread unless a docstring says
otherwise. Over 300 lines, so that a new host has one list of what to implement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mica.host.hold_key import Input
from mica.host.key_names import Hotkey
from mica.host.values import (
    AwayReason,
    FnKeyAction,
    Grant,
    Keystroke,
    LoginState,
    Permission,
    Snapshot,
    SurroundingQuery,
    Target,
)

Callback = Callable[[], None]
OnInput = Callable[[Input, float], None]
OnHotkey = Callable[[Hotkey], None]
#: True: the window has handled all keys sent before the probe, or cannot be probed;
#: False: not yet; None: it is closed.
WindowProbe = Callable[[], bool | None]


class Hotkeys(Protocol):
    """Reports our hotkeys and other presses; the rules are in hold_key.py."""

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        """Replace the hotkeys, given by key name; before or after start().

        Raises SettingsError (no such key, or a key used twice) or MicaError (another
        app has it), and then changes nothing.
        """
        ...

    def start(self, on_input: OnInput, on_hotkey: OnHotkey) -> None:
        """Start reporting keys.

        on_input   called with an input and when it happened (monotonic seconds): for
                   hold keys those of hold_key.EVENTS_OF, auto-repeats included; OTHER
                   at least while one is held; ESCAPE while it is enabled
        on_hotkey  called when another hotkey is pressed, once per press

        They are called on a thread of the host (X11) or the main thread (macOS) and
        must return at once: post to a queue. Raises MicaError if keys cannot be
        watched.
        """
        ...

    def record_shortcut(self, on_key: Callable[[str], None] | None) -> None:
        """Report the name of each shortcut pressed instead of inputs; None: stop that.

        on_key is called on the same thread as start()'s callbacks. Only while a window
        of Mica's has the focus.
        """
        ...

    def is_down(self, hotkey: Hotkey) -> bool:
        """Whether a hold key is physically down; cheap enough to call each POLL_S.

        A host that cannot watch other keys reports OTHER when this is called.
        """
        ...

    def enable_escape(self, enabled: bool) -> None:
        """Report Esc or stop reporting it; while enabled it may not reach windows."""
        ...

    def press_count(self) -> int | None:
        """The number of keys and mouse buttons the user has pressed; None: not counted.

        Excludes bare modifiers, hold keys and the keys that Mica sent.
        """
        ...

    def stop(self) -> None:
        """Stop reporting; no callback is called after this returns."""
        ...


OnHeldContent = Callable[[Snapshot], None]


class Clipboard(Protocol):
    """One clipboard, read and written as a whole.

    published   the last few texts published, newest last: a clipboard manager may copy
                one of them again
    """

    @property
    def published(self) -> Sequence[str]: ...

    def snapshot(self) -> Snapshot:
        """Read all types of all items now."""
        ...

    def publish(self, text: str) -> None:
        """Offer a text for one paste.

        Rendered on demand, so that each read is a receipt, and marked as transient, so
        that clipboard managers skip it.
        """
        ...

    def copy(self, text: str) -> None:
        """Put a text on the clipboard as if the user had copied it."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Put the content of a snapshot back."""
        ...

    def change_count(self) -> int:
        """A number that changes with each change of the clipboard, by any program."""
        ...

    def read_count(self) -> int:
        """The number of reads of the newest published text."""
        ...

    def foreign_reads(self, target: Target) -> int | None:
        """The number of those reads by other programs; None: not known."""
        ...

    def is_owned_by(self, target: Target) -> bool | None:
        """Whether that program owns the current content; None: not known."""
        ...


class Paster(Protocol):
    """Sends the synthetic keys of a paste."""

    def ready(self) -> bool:
        """Whether no modifier, which would change the keys, is physically down."""
        ...

    def can_paste(self, target: Target) -> bool:
        """Whether the current layout has the keys that paste into that target.

        If it has no V, the text is typed.
        """
        ...

    def press_paste_keys(self, target: Target) -> None:
        """Press the paste keys of that target.

        Raises InsertionError (the keys cannot be sent) or PermissionDenied (they would
        be dropped).
        """
        ...

    def press_return(self, target: Target) -> None:
        """Press Return; raises like press_paste_keys."""
        ...


class Typist(Protocol):
    """Types text as key presses. All methods raise like Paster.press_paste_keys."""

    def prepare(self, text: str, target: Target) -> int:
        """Get ready to type a text into that target; returns how many characters can be
        typed.

        At least one of any text. Spare keycodes may be in use until finish().
        """
        ...

    def type(self, text: str) -> None:
        """Press the keys of these prepared characters; no control characters."""
        ...

    def layout_changed(self) -> bool:
        """Whether the layout changed since prepare(), so that a slow window may have
        read other characters. Never raises."""
        ...

    def finish(self) -> None:
        """Restore the keyboard."""
        ...


class Caret(Protocol):
    """The caret of the focused window, moved by synthetic keys.

    All but text_before() and selected_text() raise like Paster.press_paste_keys.
    """

    def text_before(self, text: str) -> str | None:
        """Read as many characters before the caret as this text has, by Accessibility.

        Fewer at the start of the field, "" if something is selected, None if there is
        no answer.
        """
        ...

    def select_back(self, count: int) -> None:
        """Extend the selection to the left by `count` graphemes."""
        ...

    def selected_text(self) -> str | None:
        """Read the selected text by Accessibility; None or "" if there is no answer."""
        ...

    def copy(self) -> None:
        """Send the keys that copy the selection."""
        ...

    def delete(self) -> None:
        """Send the key that deletes the selection."""
        ...

    def collapse_selection(self) -> None:
        """Deselect, with the caret at the right end of the selection."""
        ...


class Focus(Protocol):
    """The focused window."""

    def current(self) -> Target | None:
        """The focused window; None if there is none."""
        ...

    def secure_input_owner(self) -> str | None:
        """The app that has Secure Input on, which blocks synthetic keys.

        Its name, "" if that is not known, None if no app has.
        """
        ...

    def focused_screen_point(self) -> tuple[int, int] | None:
        """A point on the display of the focused window; None if there is none.

        From the upper left corner of the main display, in the system's coordinates.
        """
        ...


class Permissions(Protocol):
    """The system's permissions, and how to request them."""

    def state(self, what: Permission) -> Grant:
        """Whether a permission is granted now; cheap enough to poll each second."""
        ...

    def holder(self) -> str:
        """The program the system asks about and lists: Mica, or on a Mac the app whose
        terminal started Mica."""
        ...

    def request(self, what: Permission) -> None:
        """Make the system ask the user, or open its settings at the right page."""
        ...


class Presence(Protocol):
    """Whether the user is at the machine."""

    def watch(self, on_away: Callable[[AwayReason], None], on_back: Callback) -> None:
        """Call back on the main thread when the user leaves and returns.

        Each may be called more than once. Before sleep only seconds remain.
        """
        ...

    def stop(self) -> None:
        """Stop calling back."""
        ...


class Activity(Protocol):
    """Prevents idle sleep, and the system's throttling of Mica."""

    def keep_awake(self, wanted: bool, *, screen: bool = False) -> None:
        """Keep the machine awake, or stop doing so; idempotent.

        screen   keep the display on too, since the user reads it
        """
        ...


class LoginItem(Protocol):
    """Whether Mica starts at login."""

    def state(self) -> LoginState: ...

    def set_enabled(self, enabled: bool) -> None:
        """Start at login, or stop doing so. Raises MicaError."""
        ...


@dataclass(frozen=True, slots=True)
class Host:
    """The operating system behind its ports.

    clipboard            the one the user copies to
    clipboard_for        the one a target pastes from; xterm reads X11's PRIMARY
    probe_window         ask a window to answer once it has handled every key sent
                         before; the WindowProbe says whether it has. A Mac asks anew at
                         each call of the probe, for a quarter of a second, and does not
                         order the question after the keys.
    keystrokes_since     the presses in a target since Hotkeys.press_count had that
                         value, oldest first; None: the latest. UNKNOWN stands for
                         unknown ones: on a Mac all, since keys are counted there, not
                         watched.
    is_composing         whether a dead or compose key of the user's in a target is
                         waiting for its next character, which ours would become
    query_surrounding    start asking a target for the text around its caret; returns at
                         once
    watch_held_content   call back with the user's content that the clipboard would lose
                         with this process, whenever that changes; never if the system
                         keeps it
    raise_overlay        keep a window of Mica's, given by native id, above full-screen
                         programs and without the focus
    activate_app         give the focus to windows of Mica's that were just shown
    restore_front        the last of them is closed: return the focus to the program
                         that had it before
    watch_reopening      call when the user opens Mica again while it runs, if that
                         starts no second process
    prefers_reduced_motion   whether the user reduces motion system-wide
    fn_key_action        what the system does on a tap of Fn; the user may change it
    function_keys_need_fn   whether F1 to F12 are media keys unless Fn is held
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
    probe_window: Callable[[Target], WindowProbe]
    keystrokes_since: Callable[[int | None, Target], Sequence[Keystroke]]
    is_composing: Callable[[Target], bool]
    query_surrounding: Callable[[Target], SurroundingQuery]
    watch_held_content: Callable[[OnHeldContent], None]
    raise_overlay: Callable[[int], None]
    activate_app: Callback
    restore_front: Callback
    watch_reopening: Callable[[Callback], None]
    prefers_reduced_motion: Callable[[], bool]
    fn_key_action: Callable[[], FnKeyAction]
    function_keys_need_fn: Callable[[], bool]
