"""A private D-Bus session bus, on which the desktop's accessibility bus is started on
demand. As with X.org's, its programs end with it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from support.xserver import WAIT_S

_LAUNCHER: Final = Path("/usr/share/dbus-1/services/org.a11y.Bus.service")


def missing() -> list[str]:
    """The packages that these tests need and this machine lacks."""
    lacking = [] if shutil.which("dbus-daemon") else ["dbus-daemon"]
    return lacking if _LAUNCHER.exists() else [*lacking, "at-spi2-core"]


@contextmanager
def accessibility_bus(runtime: Path) -> Iterator[None]:
    """Start the bus, set DBUS_SESSION_BUS_ADDRESS, and turn on Qt's accessibility.

    runtime   an empty folder for the sockets
    """
    wanted = {"XDG_RUNTIME_DIR": str(runtime), "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    before = {
        name: os.environ.get(name) for name in (*wanted, "DBUS_SESSION_BUS_ADDRESS")
    }
    os.environ.update(wanted)
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert daemon.stdout is not None
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = daemon.stdout.readline().strip()
        yield
    finally:
        daemon.terminate()
        daemon.communicate(timeout=WAIT_S)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
