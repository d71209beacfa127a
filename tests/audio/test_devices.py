"""When the device list is refreshed, and when the cached one is used."""

import os
from collections.abc import Mapping

import pytest
import sounddevice

from mica.audio import capture, devices
from mica.audio.capture import Microphone
from mica.audio.device_selection import Device
from mica.audio.devices import find_device, is_superseded, list_devices
from mica.errors import MicrophoneError
from mica.host.sound import LinuxSoundDevices, NoSoundDevices, Transport


class FakePortAudio:
    """Lists the devices of its last start; `plugged` are the connected ones."""

    PortAudioError = sounddevice.PortAudioError

    def __init__(self, *plugged: str) -> None:
        self.plugged = list(plugged)
        self.starts = 0
        self.opened: list[str] = []
        self._listed: list[str] = []

    def _terminate(self) -> None:
        self._listed = []

    def _initialize(self) -> None:
        self.starts += 1
        self._listed = list(self.plugged)

    def query_devices(self, kind=None):
        found = [
            {
                "index": index,
                "name": name,
                "default_samplerate": 48_000.0,
                "max_input_channels": 1,
            }
            for index, name in enumerate(self._listed)
        ]
        if kind is None:
            return found
        if not found:
            raise self.PortAudioError("none")
        return found[0]

    def RawInputStream(self, *, device, **how):
        name = self._listed[device]
        self.opened.append(name)
        if name not in self.plugged:
            raise self.PortAudioError("gone")
        return FakeStream()


class FakeStream:
    def start(self) -> None: ...

    def abort(self) -> None: ...

    def close(self) -> None: ...


class FakeSound(NoSoundDevices):
    now: object = "as it was"
    named: Mapping[str, Transport] = {}
    chosen = ""
    plays = Transport.UNKNOWN

    def inputs(self) -> Mapping[str, Transport]:
        return self.named

    def default_input(self) -> str:
        return self.chosen

    def output_transport(self) -> Transport:
        return self.plays

    def list_version(self) -> object:
        return self.now


@pytest.fixture
def sound(monkeypatch) -> FakeSound:
    sound = FakeSound()
    monkeypatch.setattr(devices, "open_sound_devices", lambda: sound)
    return sound


@pytest.fixture
def audio(monkeypatch, sound) -> FakePortAudio:
    audio = FakePortAudio("Desk", "Headset")
    for module in devices, capture:
        monkeypatch.setattr(module, "sounddevice", audio)
    devices.invalidate()
    yield audio
    devices.invalidate()


def test_the_list_is_read_once_while_nothing_changes(audio):
    assert [find_device(None).device.name for _ in range(3)] == ["Desk"] * 3
    assert audio.starts == 1


def test_a_change_of_devices_is_seen(audio, sound):
    find_device(("Headset", "Desk"))
    audio.plugged, sound.now = ["Desk"], "one less"
    assert find_device(("Headset", "Desk")).device.name == "Desk"


def test_list_is_read_each_time_if_the_system_reports_no_changes(audio, sound):
    sound.now = None
    find_device(None)
    audio.plugged = ["Other"]
    assert find_device(None).device.name == "Other"


def test_a_device_missing_from_the_last_list_is_looked_up_again(audio):
    find_device(None)
    audio.plugged.append("New")
    assert find_device("New").device.name == "New"


def test_listing_microphones_reads_the_list_again(audio):
    find_device(None)
    audio.plugged = ["Other"]
    assert [device.name for device in list_devices()] == ["Other"]


def test_removed_device_is_noticed_when_it_is_opened(audio):
    find_device(None)
    audio.plugged = ["Headset"]
    microphone = Microphone(None, lambda chunk: None)
    microphone.open()
    assert microphone.device is not None and microphone.device.name == "Headset"
    microphone.close()
    assert audio.opened == ["Desk", "Headset"] and not devices._open_streams


def test_a_device_that_refuses_is_tried_once(audio):
    audio.plugged = ["Headset"]
    find_device(None)
    audio.RawInputStream = refuses(audio)
    devices.invalidate()
    with pytest.raises(MicrophoneError, match="Headset"):
        Microphone(None, lambda chunk: None).open()
    assert audio.opened == ["Headset"]


def test_device_list_is_read_again_after_a_device_fell_silent(audio, monkeypatch):
    monkeypatch.setattr(capture, "WATCH_S", 0.001)
    lost = capture.threading.Event()
    microphone = Microphone(None, lambda chunk: None, lost.set)
    microphone.open()
    assert lost.wait(10)
    microphone.close()
    find_device(None)
    assert audio.starts == 2


def test_device_list_is_not_read_again_under_an_open_stream(audio, sound):
    microphone = Microphone(None, lambda chunk: None)
    microphone.open()
    sound.now = "one more"
    find_device(None)
    assert audio.starts == 1
    microphone.close()
    find_device(None)
    assert audio.starts == 2


def test_linux_device_changes_are_detected_by_cards_and_sound_servers(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'own'}")
    monkeypatch.setattr("mica.host.sound.CARDS", tmp_path / "snd")
    sound, stamps = LinuxSoundDevices(), set[object]()
    for made in "snd", "pulse/native", "pipewire-0", "own":
        stamps.add(sound.list_version())
        (tmp_path / made).mkdir(parents=True)
    stamps.add(sound.list_version())
    os.utime(tmp_path / "snd", ns=(1, 1))  # a sound card was added
    stamps.add(sound.list_version())
    assert len(stamps) == 6
    assert sound.list_version() in stamps


def refuses(audio):
    def stream(*, device, **how):
        audio.opened.append(audio.plugged[device])
        raise audio.PortAudioError("busy")

    return stream


BUILT_IN, AIRPODS = "MacBook", "AirPods"
USB_MICROPHONE = Device(0, "Desk", 48_000, True, Transport.USB)


@pytest.mark.parametrize(
    ("wanted", "chosen", "plays", "superseded"),
    [
        (None, "Desk", Transport.USB, False),
        (None, BUILT_IN, Transport.USB, True),  # the new default of the system
        (None, AIRPODS, Transport.USB, True),
        (None, AIRPODS, Transport.BLUETOOTH, True),  # replaced by the built-in one
        ("Desk", BUILT_IN, Transport.USB, False),
        ((AIRPODS, "Desk"), "Desk", Transport.USB, True),  # it was plugged in
        (("Desk", AIRPODS), AIRPODS, Transport.USB, False),
        (("Lamp",), "Desk", Transport.USB, False),
    ],
)
def test_is_superseded_says_whether_another_would_be_chosen(
    sound, wanted, chosen, plays, superseded
):
    sound.named = {
        BUILT_IN: Transport.BUILT_IN,
        "Desk": Transport.USB,
        AIRPODS: Transport.BLUETOOTH,
    }
    sound.chosen, sound.plays = chosen, plays
    assert is_superseded(USB_MICROPHONE, wanted) is superseded


def test_connecting_headset_does_not_replace_the_built_in_microphone(sound):
    sound.named = {BUILT_IN: Transport.BUILT_IN, AIRPODS: Transport.BLUETOOTH}
    sound.chosen, sound.plays = AIRPODS, Transport.BLUETOOTH  # now input and output
    recording = Device(0, BUILT_IN, 48_000, True, Transport.BUILT_IN)
    assert is_superseded(recording, None) is False
    sound.plays = Transport.BUILT_IN
    assert is_superseded(recording, None) is True


@pytest.mark.parametrize(
    ("wanted", "another"),
    [
        (None, False),
        ("Desk", False),
        (("Desk",), False),
        (("Lamp", "Desk"), False),
        ("Headset", True),
        (("Headset", "Desk"), True),
        ("Lamp", True),  # it may have been connected since
    ],
)
def test_a_request_may_mean_the_open_microphone(audio, wanted, another):
    microphone = Microphone(None, lambda chunk: None)
    microphone.open()
    assert microphone.matches(wanted) is not another
    microphone.close()


def test_system_decides_what_a_request_means_if_it_reports_its_default(audio, sound):
    microphone = Microphone("Desk", lambda chunk: None)
    microphone.open()
    sound.named = {"Desk": Transport.USB, BUILT_IN: Transport.BUILT_IN}
    sound.chosen = BUILT_IN  # not in PortAudio's list yet
    assert not microphone.matches(None) and microphone.matches((AIRPODS, "Desk"))
    microphone.close()


def test_an_excluded_device_is_not_chosen_again(sound):
    sound.named = {"Desk": Transport.USB, AIRPODS: Transport.BLUETOOTH}
    sound.chosen = AIRPODS
    assert is_superseded(USB_MICROPHONE, None) is True
    assert is_superseded(USB_MICROPHONE, None, {AIRPODS}) is False


def test_the_open_microphone_stays_where_the_system_names_none(sound):
    assert is_superseded(USB_MICROPHONE, None) is None
    sound.named = {AIRPODS: Transport.BLUETOOTH}  # its name in the list may differ
    assert is_superseded(USB_MICROPHONE, None) is None
    sound.named = {"Desk": Transport.USB}
    assert (
        is_superseded(USB_MICROPHONE, "Lamp") is None
    )  # the microphone that the user chose is not connected
