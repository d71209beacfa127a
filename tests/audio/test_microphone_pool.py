"""Which microphone stays open, for how long, and that nothing of that time is kept."""

import math
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import pytest

from mica.audio.device_selection import Device, WantedDevice
from mica.audio.failover import MicrophoneSource
from mica.audio.microphone_pool import (
    SETTLE_S,
    SHORT_S,
    MicrophonePool,
    MicrophoneUse,
    call_later,
    kept_s,
)
from mica.errors import MicrophoneError
from mica.events import Chunk
from mica.host.sound import Transport
from mica.settings import KeepOpen, Settings
from support.fakes import DESK, LIMIT_S, FakeMicrophone, FakeMicrophones

HEADSET = replace(DESK, name="Headset", transport=Transport.BLUETOOTH)


class Simulation:
    """A warm keeper over fake microphones; its timer goes off when told."""

    def __init__(
        self, warmth: KeepOpen = KeepOpen.SHORT, device: Device = DESK
    ) -> None:
        self.microphones = FakeMicrophones(device)
        self.opened = self.microphones.opened
        self.alarms: list[tuple[float, Callable[[], None]]] = []
        self.cancelled: list[int] = []
        self.invalidated: list[bool] = []
        self.superseded: dict[tuple[WantedDevice, ...], bool] = {}
        self.warm = MicrophonePool(
            warmth,
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
        self, device: Device, wanted: WantedDevice, avoid: Collection[str]
    ) -> bool | None:
        return self.superseded.get((device.name, wanted, *avoid))

    def lost(self) -> None:
        self.losses += 1

    def lease(
        self, wanted: WantedDevice = None, avoid: Collection[str] = ()
    ) -> MicrophoneSource:
        source = self.warm.source(wanted, self.chunks.append, self.lost, avoid)
        source.open()
        return source

    def alarms_and_let_go(self) -> None:
        """All that closes what nobody uses."""
        for _, call in self.alarms:
            call()
        self.warm.let_go()

    def used(self) -> FakeMicrophone:
        """One dictation long ago; its microphone."""
        source = self.lease()
        microphone = self.opened.get(block=False)
        microphone.say(0.1)
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
    microphone.say(0.04)
    assert [chunk.first for chunk in simulation.chunks] == [0, 320]
    assert simulation.cancelled == [0]


@pytest.mark.parametrize(
    ("device", "zeros_s", "kept"),
    [
        (DESK, 0.98, True),
        (DESK, 1.02, False),
        (HEADSET, 2.9, True),
        (HEADSET, 3.1, False),
    ],
)
def test_a_microphone_that_gave_only_zeros_is_opened_anew(
    device: Device, zeros_s: float, kept: bool
) -> None:
    """macOS gives them for ever to one that was opened before it was allowed."""
    simulation = Simulation(KeepOpen.ALWAYS, device)
    source = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.say(zeros_s, level=0.0)
    source.close()
    assert microphone.closed is not kept
    assert simulation.invalidated == ([] if kept else [True])
    simulation.lease()
    assert simulation.opened.empty() is kept


def test_a_microphone_that_falls_silent_later_is_kept() -> None:
    simulation = Simulation()
    source = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.say(0.02)
    microphone.say(2.0, level=0.0)  # a gate between words
    source.close()
    assert not microphone.closed


def test_nobody_shares_a_microphone_that_gives_only_zeros() -> None:
    simulation = Simulation()
    simulation.lease()
    simulation.opened.get(block=False).say(1.1, level=0.0)
    simulation.lease()
    assert not simulation.opened.empty()


def test_after_devices_changed_a_microphone_is_chosen_anew() -> None:
    simulation = Simulation()
    source = simulation.lease()
    before = simulation.opened.get(block=False)
    simulation.warm.choose_anew()
    assert not before.closed  # somebody speaks into it
    other = simulation.lease()
    after = simulation.opened.get(block=False)
    source.close()
    assert before.closed
    other.close()
    assert not after.closed  # it is the new one, and kept warm
    simulation.warm.choose_anew()
    assert after.closed


def test_who_has_one_looks_for_another_where_another_would_be_chosen() -> None:
    simulation = Simulation()
    source = simulation.lease(("Lamp", "Desk"), {"Lamp"})
    microphone = simulation.opened.get(block=False)
    simulation.warm.choose_anew()
    simulation.warm.choose_anew()  # told of by and by
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


def test_one_that_is_still_the_choice_is_shared_and_kept_again() -> None:
    simulation = Simulation()
    source = simulation.lease()
    microphone = simulation.opened.get(block=False)
    simulation.warm.choose_anew()
    simulation.superseded["Desk", None] = False
    simulation.alarms[-1][1]()
    other = simulation.lease()
    assert simulation.opened.empty() and simulation.losses == 0
    for one in (source, other):
        one.close()
    assert not microphone.closed


def test_one_that_suits_another_wish_is_that_wishs_from_then_on() -> None:
    simulation = Simulation()
    source = simulation.lease()
    assert not source.matches("Lamp") and source.matches("Desk")
    other = simulation.lease("Desk")
    assert simulation.opened.qsize() == 1
    simulation.superseded["Desk", None] = True  # a headset became the system's choice
    simulation.warm.choose_anew()
    simulation.alarms[-1][1]()
    assert simulation.losses == 0
    source.close()
    other.close()


def test_what_is_said_while_it_is_only_warm_is_dropped() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    microphone.say(1.0)
    assert simulation.chunks == []


def test_it_closes_when_its_time_is_over() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    [(delay_s, over)] = simulation.alarms
    assert delay_s == SHORT_S
    over()
    assert microphone.closed
    simulation.lease()
    assert simulation.opened.qsize() == 1


def test_an_alarm_that_comes_late_closes_nothing_in_use() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    simulation.lease()
    simulation.alarms[0][1]()
    assert not microphone.closed


@pytest.mark.parametrize(
    ("warmth", "device", "stays_s"),
    [
        (KeepOpen.OFF, DESK, 0),
        (KeepOpen.SHORT, DESK, SHORT_S),
        (KeepOpen.SHORT, HEADSET, 0),
        (KeepOpen.ALWAYS, DESK, math.inf),
        (KeepOpen.ALWAYS, HEADSET, math.inf),
        (KeepOpen.OFF, HEADSET, 0),
    ],
)
def test_how_long_it_stays_open(
    warmth: KeepOpen, device: Device, stays_s: float
) -> None:
    assert kept_s(warmth, device.transport) == stays_s
    simulation = Simulation(warmth, device)
    assert simulation.used().closed == (stays_s == 0)
    assert [delay for delay, _ in simulation.alarms] == [SHORT_S] * (stays_s == SHORT_S)


def test_another_wish_closes_it_before_the_other_one_opens() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    simulation.lease("Desk")
    assert microphone.closed and simulation.opened.qsize() == 1


def test_one_that_is_to_be_avoided_is_not_taken_over() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    simulation.lease(None, {"Desk"})
    assert microphone.closed and simulation.opened.qsize() == 1


def test_one_that_vanished_while_warm_is_not_used() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    microphone.lose()
    assert microphone.closed and simulation.losses == 0
    simulation.lease()
    assert simulation.opened.qsize() == 1


def test_one_that_vanishes_in_use_is_told_and_not_kept() -> None:
    simulation = Simulation()
    source = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.lose()
    source.close()
    source.close()
    assert simulation.losses == 1 and microphone.closed and simulation.alarms == []


def test_one_that_vanishes_while_it_is_taken_over_is_told() -> None:
    simulation = Simulation()
    microphone = simulation.used()
    source = simulation.warm.source(None, simulation.chunks.append, simulation.lost)
    taken = simulation.warm.taken

    def lost_meanwhile(*given: Any) -> object:
        stream = taken(*given)
        stream.leases = ()  # it was lost when this lease was not there yet
        microphone.lose()
        return stream

    simulation.warm.taken = lost_meanwhile  # type: ignore[method-assign, assignment]
    source.open()
    assert simulation.losses == 1


def test_two_at_once_hear_one_microphone_each_from_its_own_beginning() -> None:
    simulation = Simulation()
    captions = simulation.lease()
    microphone = simulation.opened.get(block=False)
    microphone.say(0.02)
    mine: list[Chunk] = []
    dictation = simulation.warm.source(None, mine.append, simulation.lost)
    dictation.open()
    assert simulation.opened.empty() and dictation.rate_hz == captions.rate_hz
    assert dictation.device == captions.device
    microphone.say(0.02)
    assert [chunk.first for chunk in mine] == [0]
    assert [chunk.first for chunk in simulation.chunks] == [0, 320]


@pytest.mark.parametrize("warmth", KeepOpen)
@pytest.mark.parametrize("first", [0, 1])
def test_whichever_ends_first_the_other_goes_on(warmth: KeepOpen, first: int) -> None:
    simulation = Simulation(warmth)
    sources = [simulation.lease(), simulation.lease()]
    microphone = simulation.opened.get(block=False)
    sources[first].close()
    sources[first].close()
    assert not microphone.closed and simulation.alarms == []
    simulation.alarms_and_let_go()
    microphone.say(0.02)
    assert len(simulation.chunks) == 1
    sources[1 - first].close()
    assert microphone.closed is (warmth is KeepOpen.OFF)


def test_two_wishes_are_two_microphones() -> None:
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


def test_of_two_only_the_newest_is_kept_warm() -> None:
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


def test_who_looks_for_another_microphone_does_not_get_the_one_in_use() -> None:
    simulation = Simulation()
    simulation.lease()
    simulation.lease(None, {"Desk"})
    assert simulation.opened.qsize() == 2


def test_one_that_vanishes_is_told_to_both_and_closed_before_another_opens() -> None:
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


def test_letting_go_closes_it_at_once() -> None:
    simulation = Simulation(KeepOpen.ALWAYS)
    microphone = simulation.used()
    simulation.warm.let_go()
    simulation.warm.let_go()
    assert microphone.closed


def test_one_that_cannot_be_opened_is_an_error_and_nothing_stays() -> None:
    simulation = Simulation()
    simulation.microphones.refusal = MicrophoneError(
        "No microphone was found.", "Connect one."
    )
    source = simulation.warm.source(None, simulation.chunks.append, simulation.lost)
    with pytest.raises(MicrophoneError):
        source.open()
    source.close()
    assert simulation.alarms == [] and source.device is DESK


def test_what_is_open_is_always_told() -> None:
    simulation, told = Simulation(), list[MicrophoneUse]()
    simulation.warm.on_opened = told.append
    first, second = simulation.lease(), simulation.lease()
    assert told == [MicrophoneUse.HEARD]
    first.close()
    assert told == [MicrophoneUse.HEARD]  # the other one hears it still
    second.close()
    assert told == [MicrophoneUse.HEARD, MicrophoneUse.WARM]
    simulation.lease().close()
    assert told[2:] == [MicrophoneUse.HEARD, MicrophoneUse.WARM]
    simulation.alarms[-1][1]()
    assert told[4:] == [MicrophoneUse.CLOSED]


def test_one_that_is_closed_at_once_or_let_go_is_told_as_closed() -> None:
    simulation, told = Simulation(KeepOpen.OFF), list[MicrophoneUse]()
    simulation.warm.on_opened = told.append
    simulation.lease().close()
    assert told == [MicrophoneUse.HEARD, MicrophoneUse.CLOSED]
    simulation.warm.warmth = KeepOpen.ALWAYS
    simulation.lease().close()
    simulation.warm.let_go()
    assert told[2:] == [MicrophoneUse.HEARD, MicrophoneUse.WARM, MicrophoneUse.CLOSED]


def test_one_that_does_not_open_is_not_told_as_open() -> None:
    simulation, told = Simulation(), list[MicrophoneUse]()
    simulation.warm.on_opened = told.append
    simulation.microphones.refusal = MicrophoneError("No microphone was found.")
    with pytest.raises(MicrophoneError):
        simulation.lease()
    assert told == [MicrophoneUse.HEARD, MicrophoneUse.CLOSED]


def test_without_a_choice_it_stays_half_a_minute() -> None:
    assert Settings().warm_microphone is KeepOpen.SHORT


def test_its_own_timer_goes_off_and_can_be_cancelled() -> None:
    over, never = threading.Event(), threading.Event()
    call_later(60.0, never.set)()
    call_later(0.0, over.set)
    assert over.wait(LIMIT_S)
    assert not never.is_set()
