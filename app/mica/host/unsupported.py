"""Ports of what a system does not have: each asks for nothing and changes nothing."""

from mica.errors import MicaError
from mica.host.ports import FnTap, Login, OnHeld, Query, Target
from mica.host.strokes import Stroke, Typed


class NullActivity:
    """Nothing slows us down."""

    def hold(self, wanted: bool, *, screen: bool = False) -> None:
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


def no_held(call: OnHeld) -> None:
    """Where the clipboard's content outlives this process."""


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
