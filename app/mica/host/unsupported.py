"""Stand-ins for what a system lacks: they request nothing and change nothing."""

from mica.errors import MicaError
from mica.host.ports import Callback, OnHeldContent
from mica.host.values import (
    EditKey,
    FnKeyAction,
    Keystroke,
    LoginState,
    SurroundingQuery,
    Target,
)


class UnsupportedActivity:
    """Activity on a system that does not throttle us."""

    def keep_awake(self, wanted: bool, *, screen: bool = False) -> None:
        """Do nothing."""


class UnsupportedLogin:
    """LoginItem on a system without login items."""

    def state(self) -> LoginState:
        return LoginState.UNSUPPORTED

    def set_enabled(self, enabled: bool) -> None:
        raise MicaError(
            "Mica can’t start at login on this system.",
            "Add it to the startup applications of your desktop.",
        )


def unknown_keystrokes(count: int | None, target: Target) -> list[Keystroke]:
    """keystrokes_since for a host that does not watch keys."""
    return [EditKey.UNKNOWN]


def never_composing(target: Target) -> bool:
    """is_composing for a host that does not see dead keys."""
    return False


def unanswered_query(target: Target) -> SurroundingQuery:
    """query_surrounding for a host without Accessibility."""
    return SurroundingQuery(done=True)


def ignore_held_content(call: OnHeldContent) -> None:
    """watch_held_content if the clipboard's content outlives this process."""


def ignore_reopening(call: Callback) -> None:
    """watch_reopening if a second start is a process that finds the first."""


def ignore_window(window: int) -> None:
    """raise_overlay if Qt's window flags suffice."""


def do_nothing() -> None:
    """activate_app and restore_front if the window manager does that."""


def never() -> bool:
    """prefers_reduced_motion if the system does not report it, and
    function_keys_need_fn if the keyboard decides that itself."""
    return False


def no_fn_key_action() -> FnKeyAction:
    """fn_key_action if the system does nothing on Fn."""
    return FnKeyAction.NOTHING
