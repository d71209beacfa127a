"""Sleep, a locked screen and the turn of another user on Linux, by D-Bus.

logind tells of sleep and of its session's state, the desktops' screen savers of the
lock. Only what says both its beginning and its end is listened to: logind's request to
lock is not, for nobody says when it is over. Where no such service runs (a bare window
manager with its own locker) nothing is told.
"""

import os
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage

from mica.host.ports import Away, Callback

LOGIND: Final = "org.freedesktop.login1"
_LOGIND_PATH: Final = "/org/freedesktop/login1"
SAVERS: Final = (  # interface, which is the service's name too
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
)
_Signal = tuple[str, str, str, str]
_ASK_MS: Final = 500  # logind answers in one or two


class X11Presence(QObject):
    """See ports.Presence. Main thread, in Qt's loop."""

    def __init__(self) -> None:
        super().__init__()
        self._on_away: Callable[[Away], None] = lambda away: None
        self._on_back: Callback = lambda: None
        self._away: set[Away] = set()
        self._heard: list[tuple[QDBusConnection, _Signal, str]] = []

    def watch(self, on_away: Callable[[Away], None], on_back: Callback) -> None:
        self.stop()
        self._on_away, self._on_back = on_away, on_back
        system, session = QDBusConnection.systemBus(), QDBusConnection.sessionBus()
        manager = (LOGIND, _LOGIND_PATH, f"{LOGIND}.Manager", "PrepareForSleep")
        self._hear(system, manager, "sleeps(bool)")
        own = _own_session(system)
        if own is not None:
            changes = (LOGIND, own, "org.freedesktop.DBus.Properties")
            slot = "changed(QString,QVariantMap,QStringList)"
            self._hear(system, (*changes, "PropertiesChanged"), slot)
        for saver in SAVERS:
            self._hear(session, (saver, "", saver, "ActiveChanged"), "locks(bool)")

    def stop(self) -> None:
        for bus, signal, slot in self._heard:
            bus.disconnect(*signal, self, slot)  # type: ignore[call-overload]
        self._heard, self._away = [], set()

    def _hear(self, bus: QDBusConnection, signal: _Signal, slot: str) -> None:
        """Its service, path, interface and name; nothing where nobody is there."""
        # As the SLOT macro writes it. PySide takes text only, its stub says bytes.
        wanted = f"1{slot}"
        if bus.isConnected() and bus.connect(*signal, self, wanted):  # type: ignore[call-overload]
            self._heard.append((bus, signal, wanted))

    @Slot(bool)
    def sleeps(self, begins: bool) -> None:
        self._is(Away.SLEEP, begins)

    @Slot(bool)
    def locks(self, begins: bool) -> None:
        self._is(Away.LOCK, begins)

    @Slot(str, "QVariantMap", "QStringList")
    def changed(self, interface: str, now: dict[str, Any], _gone: list[str]) -> None:
        if interface != f"{LOGIND}.Session":
            return
        if "LockedHint" in now:
            self._is(Away.LOCK, bool(now["LockedHint"]))
        if "Active" in now:
            self._is(Away.SWITCH, not now["Active"])

    def _is(self, reason: Away, begins: bool) -> None:
        """Back only once nothing is left that keeps the user away."""
        if begins and reason not in self._away:
            self._away.add(reason)
            self._on_away(reason)
        elif not begins and reason in self._away:
            self._away.remove(reason)
            if not self._away:
                self._on_back()


def _own_session(bus: QDBusConnection) -> str | None:
    """The path of our login session; None where nobody knows."""
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
