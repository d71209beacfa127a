"""What X11 allows: everything, where the display has XTEST."""

from Xlib.display import Display  # type: ignore[import-untyped]

from mica.host.ports import Grant, Permission


class X11Permissions:
    """See ports.Permissions."""

    def __init__(self) -> None:
        display = Display()
        self._xtest = bool(display.has_extension("XTEST"))
        display.close()

    def state(self, what: Permission) -> Grant:
        if what is Permission.INSERTION and not self._xtest:
            return Grant.DENIED
        return Grant.NOT_NEEDED

    def request(self, what: Permission) -> None:
        """X11 has nobody to ask."""
