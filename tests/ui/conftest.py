"""The whole app on a fake host, and its light and dark looks."""

import queue
import signal
from collections.abc import Callable, Mapping

import pytest

from mica import desktop as app
from mica.audio.microphone_pool import MicrophonePool
from mica.audio.sounds import Tone
from mica.desktop import Desktop
from mica.engine.client import EngineEvent
from mica.host.sound import NoSoundDevices, Transport
from mica.settings import KeepOpen
from mica.ui import theme
from mica.ui.early_hotkeys import EarlyHotkeys
from mica.ui.tray import Tray
from support.fakes import DESK, FakeEngine, FakeHost, FakeMicrophone
from ui.pictures import LOOKS


class FakeClient(FakeEngine):
    """An engine client whose events the test posts."""

    is_loaded = True

    def __init__(self, model, tell: Callable[[EngineEvent], None], **more) -> None:
        super().__init__()
        self.post, self.started, self.models = tell, False, [model]

    def start(self) -> None:
        self.started = True

    def use(self, model, idle_s: float) -> None:
        self.models.append(model)

    def close(self) -> None:
        """Does nothing: there is no process to end."""


class FakeMicrophones(MicrophonePool):
    """A pool of fake microphones; `leased` has those that were opened."""

    def __init__(self, keep_open: KeepOpen) -> None:
        self.leased: queue.Queue[FakeMicrophone] = queue.Queue()
        super().__init__(
            keep_open, lambda *given: FakeMicrophone(*given[:3], self.leased)
        )


class FakePlayer:
    """A player that records which sounds were played."""

    played: list[Tone]

    def play(self, tone: Tone) -> None:
        self.played.append(tone)


class FakeSound(NoSoundDevices):
    """Sound devices; the test calls change() to report a change.

    named   the devices that the system names; empty if it names none
    """

    change: Callable[[], None]
    named: Mapping[str, Transport] = {}

    def inputs(self) -> Mapping[str, Transport]:
        return self.named

    def watch(self, on_change: Callable[[], None]) -> None:
        self.change = on_change


@pytest.fixture
def sound(monkeypatch) -> FakeSound:
    sound = FakeSound()
    monkeypatch.setattr(app, "open_sound_devices", lambda: sound)
    return sound


@pytest.fixture
def played(monkeypatch) -> list[Tone]:
    """The sounds that the app has played."""
    FakePlayer.played = []
    monkeypatch.setattr(app, "Player", FakePlayer)
    return FakePlayer.played


@pytest.fixture
def fake(monkeypatch, sound, played) -> FakeHost:
    monkeypatch.setattr(app, "list_devices", lambda: [DESK])
    monkeypatch.setattr(app, "MicrophonePool", FakeMicrophones)
    monkeypatch.setattr(app, "EngineClient", FakeClient)
    return FakeHost()


@pytest.fixture
def desktop(qapp, fake):
    endings = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = {number: signal.getsignal(number) for number in endings}
    early_hotkeys = EarlyHotkeys(fake.host())
    early_hotkeys.listen()
    desktop = Desktop(qapp, Tray(), early_hotkeys)
    yield desktop
    desktop.close()
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(params=LOOKS)
def look(request, qtbot, monkeypatch) -> str:
    """Set the palette, because the offscreen platform has no color scheme."""
    monkeypatch.setattr(theme, "palette", lambda: LOOKS[request.param])
    return str(request.param)
