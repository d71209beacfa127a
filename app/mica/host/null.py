"""The host of a machine without a display: complete, and nothing shows.

No key is ever pressed; the clipboard is a value in memory; nothing is focused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mica.errors import InsertionError, MicaError
from mica.host.key_names import Use, bound
from mica.host.owed import cannot_ask
from mica.host.ports import (
    Away,
    Callback,
    FnTap,
    Grant,
    Host,
    Login,
    OnInput,
    OnUse,
    Permission,
    Piece,
    Query,
    Snapshot,
    Target,
)
from mica.host.strokes import Stroke, Typed


class NullHotkeys:
    """No keys."""

    def bind(self, chosen: Mapping[Use, str]) -> None:
        bound(chosen)

    def start(self, on_input: OnInput, on_use: OnUse) -> None:
        """Nothing will ever be pressed."""

    def learn(self, on_key: Callable[[str], None] | None) -> None:
        """Nothing to learn from."""

    def is_down(self, use: Use) -> bool:
        return False

    def want_escape(self, wanted: bool) -> None:
        """Nothing to watch."""

    def other_presses(self) -> int | None:
        return None

    def stop(self) -> None:
        """Nothing to stop."""


@dataclass(slots=True)
class NullClipboard:
    """A clipboard only this process sees."""

    _held: Snapshot = field(default_factory=Snapshot)
    _changes: int = 0
    published: tuple[str, ...] = ()  # nobody takes it over

    def snapshot(self) -> Snapshot:
        return self._held

    def publish(self, text: str) -> None:
        self.copy(text)

    def copy(self, text: str) -> None:
        self.restore(Snapshot((Piece(0, "text/plain", text.encode()),)))

    def restore(self, snapshot: Snapshot) -> None:
        self._held = snapshot
        self._changes += 1

    def change_count(self) -> int:
        return self._changes

    def receipts(self) -> int:
        """Nobody else can read it."""
        return 0

    def strangers(self, target: Target) -> int | None:
        return 0

    def is_of(self, target: Target) -> bool | None:
        return None


class NullPaster:
    """No window to press keys in."""

    def ready(self) -> bool:
        return True

    def can_paste(self, target: Target) -> bool:
        return True

    def chord(self, target: Target) -> None:
        raise InsertionError(
            "There is no display to insert into.", "The text is in the history."
        )

    def submit(self, target: Target) -> None:
        self.chord(target)


class NullTypist:
    """No keys to type with."""

    def prepare(self, text: str) -> int:
        raise InsertionError(
            "Mica cannot type here.", "Choose pasting for this application."
        )

    def type(self, text: str) -> None:
        """Nothing was prepared."""

    def finish(self) -> None:
        """Nothing to finish."""


class NullCaret:
    """No caret to move."""

    def before(self, text: str) -> str | None:
        return None

    def select_back(self, count: int) -> None:
        raise InsertionError(
            "Mica cannot move the cursor here.", "Use the program's own undo."
        )

    def selected(self) -> str | None:
        return None

    def copy(self) -> None:
        self.select_back(0)

    def delete(self) -> None:
        self.select_back(0)

    def let_go(self) -> None:
        self.select_back(0)


class NullFocus:
    """Nothing has the keyboard."""

    def current(self) -> Target | None:
        return None

    def guardian(self) -> str | None:
        return None

    def middle(self) -> tuple[int, int] | None:
        return None


class NullPermissions:
    """Nothing to ask for."""

    def state(self, what: Permission) -> Grant:
        return Grant.NOT_NEEDED

    def request(self, what: Permission) -> None:
        """Nothing to ask."""


class NullPresence:
    """Nobody tells when the user goes."""

    def watch(self, on_away: Callable[[Away], None], on_back: Callback) -> None:
        """Nothing is ever told."""

    def stop(self) -> None:
        """Nothing to stop."""


class NullActivity:
    """Nothing slows us down."""

    def hold(self, wanted: bool) -> None:
        """Nothing to hold."""


class NullLogin:
    """No way to be started at login."""

    def state(self) -> Login:
        return Login.UNKNOWN

    def want(self, wanted: bool) -> None:
        raise MicaError(
            "This system does not start Mica at login.", "Add it to your session."
        )


def no_strokes(count: int | None, target: Target) -> list[Typed]:
    """Where nobody watches what is typed."""
    return [Stroke.UNKNOWN]


def no_composing(target: Target) -> bool:
    """Where nobody knows of dead keys."""
    return False


def no_query(target: Target) -> Query:
    """Where there is no Accessibility."""
    return Query(done=True)


def no_lift(window: int) -> None:
    """Where the toolkit's own flags are enough."""


def no_call() -> None:
    """Where the window manager does it."""


def unknown() -> bool:
    """Where the system does not say."""
    return False


def no_fn() -> FnTap:
    """Where no system acts on Fn."""
    return FnTap.NOTHING


def open_null() -> Host:
    """A host for a machine without a display."""
    clipboard = NullClipboard()
    return Host(
        hotkeys=NullHotkeys(),
        clipboard=clipboard,
        clipboard_for=lambda target: clipboard,
        paster=NullPaster(),
        typist=NullTypist(),
        caret=NullCaret(),
        focus=NullFocus(),
        permissions=NullPermissions(),
        presence=NullPresence(),
        activity=NullActivity(),
        login=NullLogin(),
        ask=cannot_ask,
        strokes_since=no_strokes,
        composing=no_composing,
        query=no_query,
        lift=no_lift,
        come_forward=no_call,
        wants_stillness=unknown,
        fn_tap=no_fn,
    )
