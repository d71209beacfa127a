"""What the app does once when it starts."""

import os
import sys
from pathlib import Path

import pytest

from mica import paths, start
from mica.audio import devices
from mica.engine import process
from support.apple_fakes import FakeMac, installed


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    monkeypatch.setenv("MICA_HOME", str(tmp_path))
    calls: list[str] = []
    monkeypatch.setattr(devices, "list_devices", lambda: calls.append("microphones"))
    return calls


def test_the_start_lists_the_microphones(looked: list[str]) -> None:
    start._prepare()
    assert looked == ["microphones"]


class Shown(Exception):
    """Raised to end the start when the tray icon is shown."""


def test_start_on_a_mac_keeps_the_keyboard_focus(
    looked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables that Qt and AppKit read only once are set before the QApplication is
    created; the Dock icon is removed before anything is shown."""
    mac, qt = FakeMac(), list[tuple[object, ...]]()
    raises, transforms = (
        "QT_MAC_SET_RAISE_PROCESS",
        "QT_MAC_DISABLE_FOREGROUND_APPLICATION_TRANSFORM",
    )
    for name in (raises, transforms):
        monkeypatch.setenv(name, "")

    class Application:
        def __init__(self, arguments: list[str]) -> None:
            read = os.environ[raises], os.environ[transforms]
            qt.append((*read, mac.info.get("LSUIElement")))

        def __getattr__(self, name: str) -> object:
            return lambda *_: None

    class Tray:
        @property
        def icon(self) -> object:
            raise Shown

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(start, "QApplication", Application)
    monkeypatch.setattr(start, "Tray", Tray)
    monkeypatch.setattr(start, "_start_log", lambda tell: None)
    monkeypatch.setattr(start.UnhandledExceptions, "install", lambda self: None)
    monkeypatch.setattr(start, "disc_icon", lambda color: None)
    with installed(mac), pytest.raises(Shown):
        start.main()
    assert qt == [("0", "1", "1")]
    assert mac.requests == ["policy 1"], "accessory, and nobody came to the front"


def test_a_pipe_for_a_log_does_not_hold_up_the_start(home: Path) -> None:
    folder = paths.logs_folder()
    os.mkfifo(folder / "mica.log")
    os.mkfifo(folder / "engine.log")
    told: list[str] = []
    start._start_log(told.append)
    assert "log" in told[0]
    assert process._open_log() is None
