"""Stand-ins for what a system does not have: they ask for nothing, change nothing."""

from mica.errors import MicaError
from mica.host.ports import Callback, OnHeldContent
from mica.host.strokes import EditKey, Keystroke
from mica.host.values import FnKeyAction, LoginState, SurroundingQuery, Target


class UnsupportedActivity:
    """Activity where nothing slows us down."""

    def keep_awake(self, wanted: bool, *, screen: bool = False) -> None:
        """Nothing to hold."""


class UnsupportedLogin:
    """LoginItem where there is no way to start at login."""

    def state(self) -> LoginState:
        return LoginState.UNSUPPORTED

    def set_enabled(self, enabled: bool) -> None:
        raise MicaError(
            "Mica can’t start at login on this system.",
            "Add it to the startup applications of your desktop.",
        )


def unknown_keystrokes(count: int | None, target: Target) -> list[Keystroke]:
    """keystrokes_since where keys are not watched."""
    return [EditKey.UNKNOWN]


def never_composing(target: Target) -> bool:
    """is_composing where dead keys are not seen."""
    return False


def unanswered_query(target: Target) -> SurroundingQuery:
    """query_surrounding where there is no Accessibility."""
    return SurroundingQuery(done=True)


def ignore_held_content(call: OnHeldContent) -> None:
    """watch_held_content where the clipboard's content outlives this process."""


def ignore_reopening(call: Callback) -> None:
    """watch_reopening where a second start is a process, which finds the first."""


def ignore_window(window: int) -> None:
    """raise_overlay where Qt's window flags are enough."""


def do_nothing() -> None:
    """activate_app and restore_front where the window manager does it."""


def never() -> bool:
    """prefers_reduced_motion where the system does not say, and
    function_keys_need_fn where the keyboard decides that by itself."""
    return False


def no_fn_key_action() -> FnKeyAction:
    """fn_key_action where no system acts on Fn."""
    return FnKeyAction.NOTHING
