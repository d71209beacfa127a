"""What Mica needs of the operating system, as small protocols.

`x11` and `macos` implement these, `select.open_host` chooses, and `values.py` has what
they exchange. Everything belongs to the main thread unless a docstring says otherwise.
Over 300 lines, since whoever adds a host reads one list of what it must implement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mica.host.hold_key import Input
from mica.host.key_names import Hotkey
from mica.host.strokes import Keystroke
from mica.host.values import (
    AwayReason,
    FnKeyAction,
    Grant,
    LoginState,
    Permission,
    Snapshot,
    SurroundingQuery,
    Target,
)

Callback = Callable[[], None]
OnInput = Callable[[Input, float], None]
OnHotkey = Callable[[Hotkey], None]
#: True: the window has handled all keys sent before the probe, or cannot be asked;
#: False: not yet; None: it is gone.
WindowProbe = Callable[[], bool | None]


class Hotkeys(Protocol):
    """Reports our hotkeys, and what else is pressed; the rules are in hold_key.py."""

    def bind(self, chosen: Mapping[Hotkey, str]) -> None:
        """Replace the hotkeys, by the names of key_names; before start or after.

        Raises SettingsError (no such key, one key twice) or MicaError (another app has
        it), and changes nothing.
        """
        ...

    def start(self, on_input: OnInput, on_hotkey: OnHotkey) -> None:
        """Start reporting keys.

        on_input   an input, and when it happened (monotonic seconds): for hold keys
                   those of hold_key.EVENTS_OF, auto-repeats included; OTHER at least
                   while one is held; ESCAPE while it is enabled
        on_hotkey  another hotkey was pressed; once a press

        They are called on a thread of the host (X11) or the main thread (macOS) and
        must return at once: post to a queue. Raises MicaError when keys cannot be
        watched.
        """
        ...

    def record_shortcut(self, on_key: Callable[[str], None] | None) -> None:
        """Report the name of each shortcut pressed, and no inputs; None: stop that.

        on_key comes on the threads of start(). Only while a window of ours has the
        keyboard.
        """
        ...

    def is_down(self, hotkey: Hotkey) -> bool:
        """Whether a hold key is physically down; cheap enough to call each POLL_S.

        A host that cannot watch other keys reports OTHER when this is called.
        """
        ...

    def enable_escape(self, enabled: bool) -> None:
        """Report Esc from now on, or no longer; it may not reach windows meanwhile."""
        ...

    def press_count(self) -> int | None:
        """How many keys and mouse buttons the user has pressed; None: not counted.

        Without bare modifiers, hold keys and the keys that we sent.
        """
        ...

    def stop(self) -> None:
        """Stop reporting; nothing is called back after this returns."""
        ...


OnHeldContent = Callable[[Snapshot], None]


class Clipboard(Protocol):
    """One clipboard, read and written whole.

    published   the last few texts published, the newest last: a clipboard manager may
                copy one of them again
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
        """A number that changes whenever anyone puts something on the clipboard."""
        ...

    def read_count(self) -> int:
        """How often the newest published text has been read."""
        ...

    def foreign_reads(self, target: Target) -> int | None:
        """How many of those reads came from other programs; None: not known."""
        ...

    def is_owned_by(self, target: Target) -> bool | None:
        """Whether that program owns the current content; None: not known."""
        ...


class Paster(Protocol):
    """Sends the synthetic keys of a paste."""

    def ready(self) -> bool:
        """Whether no modifier is physically down, which would change the keys."""
        ...

    def can_paste(self, target: Target) -> bool:
        """Whether the current layout has the paste keys of that target.

        Where it has no V, text is typed.
        """
        ...

    def press_paste_keys(self, target: Target) -> None:
        """Press the paste keys of that target.

        Raises InsertionError (the keys cannot be sent) or PermissionDenied (they would
        be dropped).
        """
        ...

    def press_return(self, target: Target) -> None:
        """Press Return; raises as press_paste_keys does."""
        ...


class Typist(Protocol):
    """Types text as key presses. All raise as Paster.press_paste_keys does."""

    def prepare(self, text: str, target: Target) -> int:
        """Get ready to type a text into that target; how many characters can be typed.

        At least one of any text. Until finish() spare keycodes may be in use.
        """
        ...

    def type(self, text: str) -> None:
        """Press the keys of these characters, which were prepared; no controls."""
        ...

    def finish(self) -> None:
        """Put the keyboard back as it was."""
        ...


class Caret(Protocol):
    """The caret of the focused window, moved by synthetic keys.

    All but text_before() and selected_text() raise as Paster.press_paste_keys does.
    """

    def text_before(self, text: str) -> str | None:
        """Read as much before the caret as this text is long, by Accessibility.

        Less at the start of the field, "" where something is selected, None where it
        does not answer.
        """
        ...

    def select_back(self, count: int) -> None:
        """Extend the selection to the left by `count` graphemes."""
        ...

    def selected_text(self) -> str | None:
        """Read the selected text by Accessibility; None or "": it does not answer."""
        ...

    def copy(self) -> None:
        """Send the keys that copy the selection."""
        ...

    def delete(self) -> None:
        """Send the key that deletes the selection."""
        ...

    def collapse_selection(self) -> None:
        """Move the caret to the right end of the selection, which ends it."""
        ...


class Focus(Protocol):
    """Which window has the keyboard."""

    def current(self) -> Target | None:
        """The focused window; None when there is none."""
        ...

    def secure_input_owner(self) -> str | None:
        """The app that has Secure Input on, so that no keys can be sent.

        Its name, "" where that is not known, None where no app has.
        """
        ...

    def focused_screen_point(self) -> tuple[int, int] | None:
        """A point on the display of the focused window; None when there is none.

        From the upper left corner of the main display, as the system counts.
        """
        ...


class Permissions(Protocol):
    """The permissions of the system, and how to request them."""

    def state(self, what: Permission) -> Grant:
        """Whether a permission is granted now; cheap enough to poll each second."""
        ...

    def holder(self) -> str:
        """The program that the system asks about and lists: Mica, or on a Mac the app
        that a terminal's Mica was started from."""
        ...

    def request(self, what: Permission) -> None:
        """Have the system ask the user, or open its settings at the right page."""
        ...


class Presence(Protocol):
    """Whether the user is at the machine."""

    def watch(self, on_away: Callable[[AwayReason], None], on_back: Callback) -> None:
        """Call on the main thread when the user leaves and returns.

        Each may be called more than once. Before sleep there are only seconds.
        """
        ...

    def stop(self) -> None:
        """Stop calling."""
        ...


class Activity(Protocol):
    """Keeps the system from throttling us and from idle sleep."""

    def keep_awake(self, wanted: bool, *, screen: bool = False) -> None:
        """Keep the machine awake from now on, or no longer; idempotent.

        screen   the display as well, since the user reads
        """
        ...


class LoginItem(Protocol):
    """Whether Mica starts at login."""

    def state(self) -> LoginState: ...

    def set_enabled(self, enabled: bool) -> None:
        """Start at login from now on, or no longer. Raises MicaError."""
        ...


@dataclass(frozen=True, slots=True)
class Host:
    """The operating system behind its ports.

    clipboard            the one the user copies to
    clipboard_for        the one a target pastes from; xterm reads X11's PRIMARY
    probe_window         ask a window to answer once it has handled every key sent
                         before; the WindowProbe says whether it has. A Mac asks each
                         time the probe is called, for a quarter of a second, and
                         orders nothing behind the keys.
    keystrokes_since     the presses in a target since Hotkeys.press_count was so many,
                         oldest first; None: the latest. UNKNOWN stands for those that
                         are not known: on a Mac all, since keys are counted there, not
                         watched.
    is_composing         whether a dead or compose key of the user's waits in a target
                         for what follows; keys of ours would become part of that
    query_surrounding    start to ask a target for the text around its caret; returns at
                         once
    watch_held_content   call with the user's content that the clipboard would lose with
                         this process, each time that changes; never where the system
                         keeps it
    raise_overlay        put a window of ours, by its native id, above full-screen
                         programs and keep it from ever taking the focus
    activate_app         let windows of ours, just shown, have the keyboard
    restore_front        the last of them is closed: give the keyboard back to the
                         program that had it before
    watch_reopening      call when the user opens Mica again while it runs, where that
                         starts no second process
    prefers_reduced_motion   whether the user has the whole system move less
    fn_key_action        what the system does at a tap of Fn; the user may change it
    function_keys_need_fn   whether F1 to F12 control the machine unless Fn is held
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
