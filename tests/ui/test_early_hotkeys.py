"""Keys that are pressed while the rest of the app is still being imported."""

import threading

import pytest

from mica.errors import MicaError
from mica.host.hold_key import Input
from mica.host.key_names import Hotkey
from mica.ui.early_hotkeys import EarlyHotkeys
from support.fakes import FakeHost, FakeHotkeys


class Hotkeys(FakeHotkeys):
    """A keyboard that the test presses on a separate thread, as hosts do."""

    deaf: MicaError | None = None

    def start(self, on_input, on_use):
        if self.deaf is not None:
            raise self.deaf
        self.on_input, self.on_use = on_input, on_use

    def pressed(self, listener, *what):
        thread = threading.Thread(target=listener, args=what)
        thread.start()
        thread.join()


@pytest.fixture
def fake():
    host = FakeHost()
    host.hotkeys = Hotkeys()
    return host


def test_keys_pressed_during_startup_arrive_in_order(home, qapp, fake, qtbot):
    early_hotkeys, events = EarlyHotkeys(fake.host()), list[object]()
    early_hotkeys.listen()
    fake.hotkeys.pressed(fake.hotkeys.on_input, Input.PRESS, 1.5)
    fake.hotkeys.pressed(fake.hotkeys.on_input, Input.RELEASE, 1.7)
    fake.hotkeys.pressed(fake.hotkeys.on_use, Hotkey.UNDO)
    early_hotkeys.on_key = lambda *both: events.append(both)
    early_hotkeys.on_use = events.append
    assert events == []
    qtbot.waitUntil(lambda: len(events) == 3, timeout=2_000)
    assert events == [(Input.PRESS, 1.5), (Input.RELEASE, 1.7), Hotkey.UNDO]


def test_unavailable_hotkeys_are_reported(home, qapp, fake):
    fake.hotkeys.deaf = MicaError("This display cannot watch keys.", "Use the menu.")
    early_hotkeys = EarlyHotkeys(fake.host())
    early_hotkeys.listen()
    assert early_hotkeys.notes == ["This display cannot watch keys. Use the menu."]
