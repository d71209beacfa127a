"""The app's parts tied together, on a host that keeps what it is told."""

import signal

import pytest

from fakes import FakeHost
from mica import desktop as app
from mica.desktop import Desktop
from mica.host.key_names import Use
from mica.session.control import Tell


@pytest.fixture
def fake(monkeypatch):
    host = FakeHost()
    monkeypatch.setattr(app, "open_host", host.host)
    return host


@pytest.fixture
def desktop(qapp, fake):
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    desktop = Desktop(qapp)
    yield desktop
    desktop.close()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_the_chosen_keys_are_bound(home, qapp, fake, request):
    (home / "settings.toml").write_text('hold_key = "f13"\nundo_key = "ctrl+alt+z"\n')
    request.getfixturevalue("desktop")
    assert fake.hotkeys.bound == {Use.HOLD: "f13", Use.UNDO: "ctrl+alt+z"}


def test_keys_in_each_others_way_give_the_default_one(home, fake, request):
    (home / "settings.toml").write_text('hold_key = "f13"\nundo_key = "f13"\n')
    desktop = request.getfixturevalue("desktop")
    assert fake.hotkeys.bound == {Use.HOLD: "right_alt"}
    assert desktop._notes == [
        "F13 is for dictating already. Choose another key. "
        "Until then the default key is used."
    ]


def test_paused_hotkeys_are_bound_again(desktop, fake):
    desktop._tray.pause_wanted.emit(True)
    assert fake.hotkeys.bound == {}
    desktop._tray.pause_wanted.emit(False)
    assert fake.hotkeys.bound == {Use.HOLD: "right_alt"}


def test_a_pause_ends_with_the_app(home, desktop):
    desktop._tray.pause_wanted.emit(True)
    assert not (home / "settings.toml").exists()


def test_told_to_toggle_and_cancel_it_does(desktop, fake):
    desktop._told(Tell.TOGGLE)
    assert fake.hotkeys.escape_wanted and desktop._ticks.isActive()
    desktop._told(Tell.CANCEL)
    assert not fake.hotkeys.escape_wanted
