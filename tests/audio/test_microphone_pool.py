"""Which microphone is kept open, for how long, and that idle audio is not kept."""

import math
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import pytest

from mica.audio.device_selection import Device, WantedDevice
from mica.audio.keep_open import SHORT_S, call_later, keep_open_s
from mica.audio.microphone_pool import SETTLE_S, MicrophonePool, MicrophoneUse
from mica.audio.microphone_source import MicrophoneSource
from mica.errors import MicrophoneError
from mica.events import Chunk
from mica.host.sound import Transport
from mica.settings import KeepOpen, Settings
from support.fakes import DESK, LIMIT_S, FakeMicrophone, FakeMicrophones

HEADSET = replace(DESK, name="Headset", transport=Transport.BLUETOOTH)


class Simulation:
    """A pool of fake microphones whose timers the test fires."""

    def __init__(
        self, keep_open: KeepOpen = KeepOpen.SHORT, device: Device = DESK
    ) -> None:
        self.microphones = FakeMicrophones(device)
        self.opened = self.microphones.opened
        self.alarms: list[tuple[float, Callable[[], None]]] = []
        self.cancelled: list[int] = []
        self.invalidated: list[bool] = []
        self.superseded: dict[tuple[WantedDevice, ...], bool] = {}
        self.pool = MicrophonePool(
            keep_open,
            self.microphones,
            self.later,
            self.is_superseded,
            lambda: self.invalidated.append(True),
        )
        self.chunks: list[Chunk] = []
        self.losses = 0

    def later(self, delay_s: float, call: Callable[[], None]) -> Callable[[], None]:
        self.alarms.append((delay_s, call))
        number = len(self.alarms) - 1
        return lambda: self.cancelled.append(number)

    def is_superseded(
        self, device: Device, wanted: WantedDevice, excluded: Collection[str]
    ) -> bool | None:
        return self.superseded.get((device.name, wanted, *excluded))

    def lost(self) -> None:
        self.losses += 1

    def lease(
        self, wanted: WantedDevice = None, excluded: Collection[str] = ()
    ) -> MicrophoneSource:
        source = self.pool.source(wanted, self.chunks.append, self.lost, excluded)
        source.open()
        return source

    def alarms_and_let_go(self) -> None:
        """Fire all timers and close idle microphones."""
        for _, call in self.alarms:
            call()
        self.pool.close_idle()

    def used(self) -> FakeMicrophone:
        """Make one dictation and return its microphone."""
        source = self.lease()
        microphone = self.opened.get(block=False)
        microphone.speak(0.1)
        source.close()
        self.chunks.clear()
        return microphone


def test_the_next_dictation_takes_over_what_stayed_open() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    assert not microphone.closed
    source = simulation.lease()
    assert simulation.opened.empty()
    assert (source.rate_hz, source.device) == (DESK.rate_hz, DESK)
    microphone.speak(0.04)
    assert [chunk.first for chunk in simulation.chunks] == [0, 320]
    assert simulation.cancelled == [0]


@pytest.mark.parametrize(
    ("device", "zeros_s", "reused"),
    [
        (DESK, 0.98, True),
        (DESK, 1.02, False),
        (HEADSET, 2.9, True),
        (HEADSET, 3.1, False),
    ],
)
def test_a_microphone_that_gave_only_zeros_is_opened_again(
    device: Device, zeros_s: float, reused: bool
) -> None:
    """macOS gives only zeros to a stream that was opened before the permission."""
    simulation = Simulation(KeepOpen.ALWAYS, device)
    source = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.speak(zeros_s, level=0.0)
    source.close()
    assert microphone.closed is not reused
    assert simulation.invalidated == ([] if reused else [True])
    simulation.lease()
    assert simulation.opened.empty() is reused


def test_discarded_microphone_is_closed_and_not_shared() -> None:
    """Even if the pool has not seen a chunk of the silence that the recording saw."""
    simulation = Simulation(KeepOpen.ALWAYS)
    source = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.speak(0.9, level=0.0)
    source.discard()
    assert microphone.closed and simulation.invalidated == [True]
    source.discard()  # like close(), it may be called again
    simulation.lease()
    assert not simulation.opened.empty()


def test_a_microphone_that_falls_silent_later_is_kept() -> None:
    simulation = Simulation()
    source = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.speak(0.02)
    microphone.speak(2.0, level=0.0)  # a noise gate between words
    source.close()
    assert not microphone.closed


def test_a_microphone_is_known_to_have_worked_once_it_gave_sound() -> None:
    simulation = Simulation(KeepOpen.OFF)
    source = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.speak(0.5, level=0.0)
    assert not source.has_worked
    microphone.speak(0.1)
    source.close()
    assert simulation.lease().has_worked, "also after it was opened again"


def test_a_microphone_that_gives_only_zeros_is_not_shared() -> None:
    simulation = Simulation()
    simulation.lease()
    simulation.opened.get(block=False).speak(1.1, level=0.0)
    simulation.lease()
    assert not simulation.opened.empty()


def test_a_new_microphone_is_chosen_after_devices_changed() -> None:
    simulation = Simulation()
    source = simulation.lease()
    before = simulation.opened.get(block=False)
    simulation.pool.devices_changed()
    assert not before.closed  # it is in use
    other = simulation.lease()
    after = simulation.opened.get(block=False)
    source.close()
    assert before.closed
    other.close()
    assert not after.closed  # the new microphone is kept open
    simulation.pool.devices_changed()
    assert after.closed


def test_recordings_fail_over_where_another_device_would_be_chosen() -> None:
    simulation = Simulation()
    source = simulation.lease(("Lamp", "Desk"), {"Lamp"})
    microphone = simulation.opened.get(block=False)
    simulation.pool.devices_changed()
    simulation.pool.devices_changed()  # reported again later
    assert [delay_s for delay_s, _ in simulation.alarms] == [SETTLE_S] * 2
    assert simulation.cancelled == [0]
    look = simulation.alarms[-1][1]
    look()
    assert simulation.losses == 0
    simulation.superseded["Desk", ("Lamp", "Desk"), "Lamp"] = True
    look()
    assert simulation.losses == 1 and not microphone.closed
    source.close()
    assert microphone.closed


def test_a_microphone_that_is_still_the_choice_is_shared_and_kept_open() -> None:
    simulation = Simulation()
    source = simulation.lease()
    microphone = simulation.opened.get(block=False)
    simulation.pool.devices_changed()
    simulation.superseded["Desk", None] = False
    simulation.alarms[-1][1]()
    other = simulation.lease()
    assert simulation.opened.empty() and simulation.losses == 0
    for one in (source, other):
        one.close()
    assert not microphone.closed


def test_a_stream_that_matches_another_request_serves_it_from_then_on() -> None:
    simulation = Simulation()
    source = simulation.lease()
    assert not source.matches("Lamp") and source.matches("Desk")
    other = simulation.lease("Desk")
    assert simulation.opened.qsize() == 1
    simulation.superseded["Desk", None] = True  # a headset became the default
    simulation.pool.devices_changed()
    simulation.alarms[-1][1]()
    assert simulation.losses == 0
    source.close()
    other.close()


def test_samples_of_an_idle_microphone_are_dropped() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    microphone.speak(1.0)
    assert simulation.chunks == []


def test_an_idle_microphone_closes_when_its_time_is_over() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    [(delay_s, over)] = simulation.alarms
    assert delay_s == SHORT_S
    over()
    assert microphone.closed
    simulation.lease()
    assert simulation.opened.qsize() == 1


def test_a_late_timer_closes_no_microphone_in_use() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    simulation.lease()
    simulation.alarms[0][1]()
    assert not microphone.closed


@pytest.mark.parametrize(
    ("keep_open", "device", "open_s"),
    [
        (KeepOpen.OFF, DESK, 0),
        (KeepOpen.SHORT, DESK, SHORT_S),
        (KeepOpen.SHORT, HEADSET, 0),
        (KeepOpen.ALWAYS, DESK, math.inf),
        (KeepOpen.ALWAYS, HEADSET, math.inf),
        (KeepOpen.OFF, HEADSET, 0),
    ],
)
def test_a_microphone_stays_open_as_the_setting_says(
    keep_open: KeepOpen, device: Device, open_s: float
) -> None:
    assert keep_open_s(keep_open, device.transport) == open_s
    simulation = Simulation(keep_open, device)
    assert simulation.used().closed == (open_s == 0)
    assert [delay for delay, _ in simulation.alarms] == [SHORT_S] * (open_s == SHORT_S)


def test_an_idle_microphone_closes_before_another_one_opens() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    simulation.lease("Desk")
    assert microphone.closed and simulation.opened.qsize() == 1


def test_an_excluded_microphone_is_not_shared() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    simulation.lease(None, {"Desk"})
    assert microphone.closed and simulation.opened.qsize() == 1


def test_a_microphone_lost_while_idle_is_not_used() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    microphone.lose()
    assert microphone.closed and simulation.losses == 0
    simulation.lease()
    assert simulation.opened.qsize() == 1


def test_a_microphone_lost_in_use_is_reported_and_not_kept_open() -> None:
    simulation = Simulation()
    source = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.lose()
    source.close()
    source.close()
    assert simulation.losses == 1 and microphone.closed and simulation.alarms == []


def test_a_microphone_lost_while_it_is_acquired_is_reported() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    source = simulation.pool.source(None, simulation.chunks.append, simulation.lost)
    acquire = simulation.pool.acquire

    def lost_meanwhile(*given: Any) -> object:
        stream = acquire(*given)
        stream.leases = ()  # as if it was lost before this lease existed
        microphone.lose()
        return stream

    simulation.pool.acquire = lost_meanwhile  # type: ignore[method-assign, assignment]
    source.open()
    assert simulation.losses == 1


def test_two_recordings_share_a_microphone_each_from_its_own_start() -> None:
    simulation = Simulation()
    captions = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.speak(0.02)
    mine: list[Chunk] = []
    dictation = simulation.pool.source(None, mine.append, simulation.lost)
    dictation.open()
    assert simulation.opened.empty() and dictation.rate_hz == captions.rate_hz
    assert dictation.device == captions.device
    microphone.speak(0.02)
    assert [chunk.first for chunk in mine] == [0]
    assert [chunk.first for chunk in simulation.chunks] == [0, 320]


@pytest.mark.parametrize("keep_open", KeepOpen)
@pytest.mark.parametrize("first", [0, 1])
def test_a_shared_microphone_stays_open_for_the_other_recording(
    keep_open: KeepOpen, first: int
) -> None:
    simulation = Simulation(keep_open)
    sources = [simulation.lease(), simulation.lease()]
    microphone = simulation.opened.get(block=False)
    sources[first].close()
    sources[first].close()
    assert not microphone.closed and simulation.alarms == []
    simulation.alarms_and_let_go()
    microphone.speak(0.02)
    assert len(simulation.chunks) == 1
    sources[1 - first].close()
    assert microphone.closed is (keep_open is KeepOpen.OFF)


def test_two_requests_open_two_microphones() -> None:
    simulation = Simulation(KeepOpen.OFF)
    one, two = simulation.lease(), simulation.lease("Desk")
    first, second = (
        simulation.opened.get(block=False),
        simulation.opened.get(block=False),
    )
    one.close()
    assert first.closed and not second.closed
    two.close()
    assert second.closed


def test_only_the_newest_of_two_microphones_is_kept_open() -> None:
    simulation = Simulation()
    one, two = simulation.lease(), simulation.lease("Desk")
    first, second = (
        simulation.opened.get(block=False),
        simulation.opened.get(block=False),
    )
    one.close()
    assert not first.closed
    two.close()
    assert first.closed and not second.closed


def test_a_failover_does_not_get_the_microphone_in_use() -> None:
    simulation = Simulation()
    simulation.lease()
    simulation.lease(None, {"Desk"})
    assert simulation.opened.qsize() == 2


def test_a_lost_shared_microphone_is_reported_to_both_and_closed_first() -> None:
    simulation = Simulation()
    one, two = simulation.lease(), simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.lose()
    assert simulation.losses == 2
    one.close()
    assert microphone.closed
    simulation.lease()
    assert simulation.opened.qsize() == 1
    two.close()
    assert simulation.alarms == []


def test_close_idle_closes_the_microphone_at_once() -> None:
    simulation = Simulation(KeepOpen.ALWAYS)
    microphone = simulation.used()
    simulation.pool.close_idle()
    simulation.pool.close_idle()
    assert microphone.closed


def test_no_microphone_stays_open_while_the_user_is_away() -> None:
    """Not even one whose recording ends after the user has left."""
    simulation = Simulation(KeepOpen.ALWAYS)
    idle = simulation.used()
    simulation.pool.suspend()
    assert idle.closed
    last = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.speak(0.1)
    last.close()
    assert microphone.closed
    simulation.pool.resume()
    assert not simulation.used().closed


def test_a_microphone_that_does_not_open_is_an_error_and_leaves_nothing() -> None:
    simulation = Simulation()
    simulation.microphones.refusal = MicrophoneError(
        "No microphone was found.", "Connect one."
    )
    source = simulation.pool.source(None, simulation.chunks.append, simulation.lost)
    with pytest.raises(MicrophoneError):
        source.open()
    source.close()
    assert simulation.alarms == [] and source.device is DESK


def test_every_change_of_use_is_reported() -> None:
    simulation, reports = Simulation(), list[MicrophoneUse]()
    simulation.pool.on_use = reports.append
    first, second = simulation.lease(), simulation.lease()
    assert reports == [MicrophoneUse.RECORDING]
    first.close()
    assert reports == [MicrophoneUse.RECORDING]  # the other lease is still recording
    second.close()
    assert reports == [MicrophoneUse.RECORDING, MicrophoneUse.IDLE]
    simulation.lease().close()
    assert reports[2:] == [MicrophoneUse.RECORDING, MicrophoneUse.IDLE]
    simulation.alarms[-1][1]()
    assert reports[4:] == [MicrophoneUse.CLOSED]


def test_a_microphone_closed_at_once_is_reported_as_closed() -> None:
    simulation, reports = Simulation(KeepOpen.OFF), list[MicrophoneUse]()
    simulation.pool.on_use = reports.append
    simulation.lease().close()
    assert reports == [MicrophoneUse.RECORDING, MicrophoneUse.CLOSED]
    simulation.pool.keep_open = KeepOpen.ALWAYS
    simulation.lease().close()
    simulation.pool.close_idle()
    assert reports[2:] == [
        MicrophoneUse.RECORDING,
        MicrophoneUse.IDLE,
        MicrophoneUse.CLOSED,
    ]


def test_a_microphone_that_does_not_open_is_not_reported_as_open() -> None:
    simulation, reports = Simulation(), list[MicrophoneUse]()
    simulation.pool.on_use = reports.append
    simulation.microphones.refusal = MicrophoneError("No microphone was found.")
    with pytest.raises(MicrophoneError):
        simulation.lease()
    assert reports == [MicrophoneUse.RECORDING, MicrophoneUse.CLOSED]


def test_the_default_keeps_a_microphone_open_for_half_a_minute() -> None:
    assert Settings().keep_microphone_open is KeepOpen.SHORT


def test_the_timer_of_the_pool_goes_off_and_can_be_cancelled() -> None:
    over, never = threading.Event(), threading.Event()
    call_later(60.0, never.set)()
    call_later(0.0, over.set)
    assert over.wait(LIMIT_S)
    assert not never.is_set()
