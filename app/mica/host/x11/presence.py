"""Sleep, screen lock and user switch on Linux, over D-Bus.

logind announces sleep and the state of its session; the desktops' screen savers
announce the lock. Only signals that report both beginning and end are used; logind's
request to lock is not, because nothing reports its end. Without such a service (a bare
window manager with its own locker), nothing is reported.
"""

import os
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage

from mica.host.ports import Callback
from mica.host.values import AwayReason

LOGIND: Final = "org.freedesktop.login1"
_LOGIND_PATH: Final = "/org/freedesktop/login1"
SAVERS: Final = (  # the interface, which is also the service's name
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
)
_Signal = tuple[str, str, str, str]
_ASK_MS: Final = 500  # logind answers in 1 or 2 ms


class X11Presence(QObject):
    """See ports.Presence. Main thread, in Qt's loop."""

    def __init__(self) -> None:
        super().__init__()
        self._on_away: Callable[[AwayReason], None] = lambda away: None
        self._on_back: Callback = lambda: None
        self._away: set[AwayReason] = set()
        self._connections: list[tuple[QDBusConnection, _Signal, str]] = []

    def watch(self, on_away: Callable[[AwayReason], None], on_back: Callback) -> None:
        self.stop()
        self._on_away, self._on_back = on_away, on_back
        system, session = QDBusConnection.systemBus(), QDBusConnection.sessionBus()
        manager = (LOGIND, _LOGIND_PATH, f"{LOGIND}.Manager", "PrepareForSleep")
        self._connect(system, manager, "sleeps(bool)")
        session_path = _session_path(system)
        if session_path is not None:
            changes = (LOGIND, session_path, "org.freedesktop.DBus.Properties")
            slot = "changed(QString,QVariantMap,QStringList)"
            self._connect(system, (*changes, "PropertiesChanged"), slot)
        for saver in SAVERS:
            self._connect(session, (saver, "", saver, "ActiveChanged"), "locks(bool)")

    def stop(self) -> None:
        for bus, signal, slot in self._connections:
            bus.disconnect(*signal, self, slot)  # type: ignore[call-overload]
        self._connections, self._away = [], set()

    def _connect(self, bus: QDBusConnection, signal: _Signal, slot: str) -> None:
        """Connect a signal (service, path, interface, name) to a slot."""
        # "1": as the SLOT macro writes it. PySide accepts only str, its stub says
        # bytes.
        wanted = f"1{slot}"
        if bus.isConnected() and bus.connect(*signal, self, wanted):  # type: ignore[call-overload]
            self._connections.append((bus, signal, wanted))

    @Slot(bool)
    def sleeps(self, begins: bool) -> None:
        self._set_away(AwayReason.SLEEP, begins)

    @Slot(bool)
    def locks(self, begins: bool) -> None:
        self._set_away(AwayReason.LOCK, begins)

    @Slot(str, "QVariantMap", "QStringList")
    def changed(self, interface: str, now: dict[str, Any], _gone: list[str]) -> None:
        if interface != f"{LOGIND}.Session":
            return
        if "LockedHint" in now:
            self._set_away(AwayReason.LOCK, bool(now["LockedHint"]))
        if "Active" in now:
            self._set_away(AwayReason.SWITCH, not now["Active"])

    def _set_away(self, reason: AwayReason, begins: bool) -> None:
        """Add or remove a reason; when none is left, the user is back."""
        if begins and reason not in self._away:
            self._away.add(reason)
            self._on_away(reason)
        elif not begins and reason in self._away:
            self._away.remove(reason)
            if not self._away:
                self._on_back()


def _session_path(bus: QDBusConnection) -> str | None:
    """The D-Bus path of our login session, or None."""
    number = os.environ.get("XDG_SESSION_ID")
    if number is None or not bus.isConnected():
        return None
    call = QDBusMessage.createMethodCall(
        LOGIND, _LOGIND_PATH, f"{LOGIND}.Manager", "GetSession"
    )
    call.setArguments([number])
    answer = bus.call(call, timeout=_ASK_MS)
    if answer.type() is not QDBusMessage.MessageType.ReplyMessage:
        return None
    return str(answer.arguments()[0].path())
