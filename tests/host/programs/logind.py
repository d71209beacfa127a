"""A fake logind and screen saver: answers queries, and emits signals as told by stdin.

A line such as `sleep true`, `lock false`, `hint true` or `active false` is one signal.
"""

import os

from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, QSocketNotifier, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusObjectPath

SESSION = "/org/freedesktop/login1/session/_37"
LOGIND = "org.freedesktop.login1"
SAVER = "org.gnome.ScreenSaver"


@ClassInfo({"D-Bus Interface": f"{LOGIND}.Manager"})
class Manager(QObject):
    """A manager with one session."""

    @Slot(str, result=QDBusObjectPath)
    def GetSession(self, number: str) -> QDBusObjectPath:
        return QDBusObjectPath(SESSION)


def tell() -> None:
    lines = os.read(0, 999).decode().splitlines()
    if not lines:
        app.quit()
    for line in lines:
        signal(*line.split())


def signal(what: str, value: str) -> None:
    on = value == "true"
    if what == "sleep":
        place = ("/org/freedesktop/login1", f"{LOGIND}.Manager", "PrepareForSleep")
        send(system, place, [on])
    elif what == "lock":
        send(session, ("/org/gnome/ScreenSaver", SAVER, "ActiveChanged"), [on])
    else:
        name = {"hint": "LockedHint", "active": "Active"}[what]
        place = (SESSION, "org.freedesktop.DBus.Properties", "PropertiesChanged")
        send(system, place, [f"{LOGIND}.Session", {name: on}, ["IdleHint"]])


def send(bus: QDBusConnection, place: tuple[str, str, str], words: list) -> None:
    message = QDBusMessage.createSignal(*place)
    message.setArguments(words)
    assert bus.send(message)


app = QCoreApplication([])
system, session = QDBusConnection.systemBus(), QDBusConnection.sessionBus()
manager = Manager()
everything = QDBusConnection.RegisterOption.ExportAllSlots
assert system.registerObject("/org/freedesktop/login1", manager, everything)
assert system.registerService(LOGIND) and session.registerService(SAVER)
notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
notifier.activated.connect(tell)
print("ready", flush=True)
app.exec()
